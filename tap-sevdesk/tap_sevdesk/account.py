"""Whose books these are: every row belongs to the account of this run, and the state to the same one.

sevDesk names the account (`sevClient`) on nearly every row. A token of another account would otherwise add
that firm's books to the first one's, without an error (BEHAVIOR.md 61).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from tap_sevdesk.client import Client, Tally
from tap_sevdesk.errors import RunError, StreamError, TapError

_PATHS = ("/SevUser", "/CheckAccount", "/Contact")
"""Lists that no account is without, asked for one row until one of them answers."""


_Id = str | int | float | None


class _Reference(msgspec.Struct):
    id: _Id = None


class _Owned(msgspec.Struct):
    sevClient: _Reference | _Id = None  # noqa: N815  # sevDesk's name


_decode = msgspec.json.Decoder(_Owned).decode


def owner_of(row: msgspec.Raw) -> str | None:
    """Return the id of the account that a row belongs to, `None` where it does not say; 0 is nobody's."""
    try:
        client = _decode(row).sevClient
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    found = client.id if isinstance(client, _Reference) else client
    owner = str(int(found) if isinstance(found, float) and found.is_integer() else found or "")
    return owner if owner not in ("", "0") else None


@dataclass(frozen=True)
class Found:
    """Whose token it is, if sevDesk says so, whether there was any row, and whether a list has failed."""

    account: str | None
    inhabited: bool
    failed: bool


def ask(client: Client, tally: Tally) -> Found:
    """Find out which account the token belongs to, from the first list that answers.

    Raises `RunError` when nothing can be had from sevDesk. A list that is broken or refused is no reason to
    stop: the next one is asked, and one without a row tells nothing.
    """
    failure: TapError | None = None
    answered = False
    for path in _PATHS:
        try:
            answer = client.get(path, (("limit", "1"),), tally)
        except (StreamError, RunError) as error:
            if isinstance(error, RunError) and not error.others_may_answer:
                raise
            failure = failure or error
            continue
        rows = answer.objects if isinstance(answer.objects, list) else []
        if rows or failure is None:
            return Found(owner_of(rows[0]) if rows else None, bool(rows), failure is not None)
        answered = True
    if not answered:
        raise RunError(str(failure))
    return Found(None, inhabited=False, failed=True)


class Account:
    """The account of this run. Its id is `known` from the first row on that tells it."""

    def __init__(self, known: str | None) -> None:
        self.known = known
        self._usual = re.compile(rb'"sevClient"\s*:\s*\{\s*"id"\s*:\s*"?([1-9]\d*)"?\s*[,}]')

    def check(self, path: str, rows: Iterable[msgspec.Raw]) -> None:
        """Raise `RunError` unless all rows that name an account name this one."""
        for row in rows:
            if self._is_plainly_ours(row):
                continue
            owner = owner_of(row)
            if owner is None or owner == self.known:
                continue
            if self.known is not None:
                msg = (
                    f"{path}: sevDesk sent a row of account {owner} while account {self.known} is read. "
                    "Nothing of it is loaded; run again, and ask sevDesk if it happens again."
                )
                raise RunError(msg)
            self.known = owner

    def _is_plainly_ours(self, row: msgspec.Raw) -> bool:
        """Tell, without decoding a row, that it names this account itself, not in an embedded object."""
        found = self._usual.search(row)
        if found is None or found[1].decode() != self.known:
            return False
        before = bytes(row)[: found.start()]
        return before.count(b"{") - before.count(b"}") == 1


def refuse_another(found: str | None, expected: str | None, by: str) -> None:
    """Raise `RunError` when the token belongs to another account than `expected`, which `by` names."""
    if found is not None and expected is not None and found != expected:
        msg = (
            f"The API token belongs to sevDesk account {found}, but {by} is of account {expected}. "
            "Nothing was read. Use the token of the same account; for the other account use another database "
            "and no state (in this project: make reset)."
        )
        raise RunError(msg)
