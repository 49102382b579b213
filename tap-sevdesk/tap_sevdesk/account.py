"""Whose books these are: every row belongs to the account of this run, and the state to the same one.

sevDesk names the account (`sevClient`) on nearly every row. A token of another account would otherwise add
that firm's books to the first one's, without an error (BEHAVIOR.md 61).
"""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from tap_sevdesk.client import Client, Tally
from tap_sevdesk.errors import RunError, StreamError, TapError
from tap_sevdesk.rows import Row, with_fields

_PATHS = ("/SevUser", "/CheckAccount", "/Contact")
"""Lists that no account is without, asked for one row until one of them answers."""


def owner_of(row: msgspec.Raw) -> str | None:
    """Return the id of the account that a row belongs to, `None` where it does not say or cannot be read."""
    try:
        return with_fields(row, "").owner
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        return None


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

    def check(self, path: str, rows: Iterable[Row]) -> None:
        """Raise `RunError` unless all rows that name an account name this one."""
        for row in rows:
            if row.owner is None or row.owner == self.known:
                continue
            if self.known is not None:
                msg = (
                    f"{path}: sevDesk sent a row of account {row.owner} while account {self.known} is read. "
                    "Nothing of it is loaded; run again, and ask sevDesk if it happens again."
                )
                raise RunError(msg)
            self.known = row.owner


def refuse_another(found: str | None, expected: str | None, by: str) -> None:
    """Raise `RunError` when the token belongs to another account than `expected`, which `by` names."""
    if found is not None and expected is not None and found != expected:
        msg = (
            f"The API token belongs to sevDesk account {found}, but {by} is of account {expected}. "
            "Nothing was read. Use the token of the same account; for the other account use another database "
            "and no state (in this project: make reset)."
        )
        raise RunError(msg)
