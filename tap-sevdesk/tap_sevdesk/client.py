"""The one way to sevDesk: GET requests to one address, at a pace, repeated when that may help.

What is repeated and what is not follows what sevDesk says of itself: requests that keep failing may get the
token blocked, so a refused request is never sent again (BEHAVIOR.md 36).
"""

import email.utils
import random
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from http import HTTPStatus
from time import monotonic, sleep
from typing import Any

import msgspec
import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError, ReadTimeoutError

from tap_sevdesk.errors import GoneError, RunError, StreamError

Params = Sequence[tuple[str, str]]

ATTEMPTS = 6
"""How often a request is sent at most."""
LONGEST_WAIT = 120.0
"""Seconds; a longer `Retry-After` is cut to this."""


Objects = list[msgspec.Raw] | dict[str, Any]
"""Rows, each as the JSON that was sent, or the one object that was asked for."""


class _Body(msgspec.Struct):
    """An answer; rows stay as they were sent until somebody knows what to look for in them."""

    objects: Objects | None = None
    total: Any = None
    error: Any = None


_decode = msgspec.json.Decoder(_Body).decode

_REFUSED: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "sevDesk refused the API token (401). "
    "Check api_token: sevDesk shows it with the user, in its settings.",
    HTTPStatus.FORBIDDEN: "sevDesk forbids the request (403). "
    "The API needs a tariff that includes it, and the token of an administrator.",
}


@dataclass
class Tally:
    """How many requests were sent, repetitions included, and how many of them were repetitions."""

    requests: int = 0
    retries: int = 0


@dataclass(frozen=True)
class Answer:
    """A good answer: the content of `objects`, the server's count of all rows, its time when it was asked."""

    objects: Objects
    total: int | None
    as_of: datetime


class _Token(AuthBase):
    """Sets the header itself: a plain header would give way to a .netrc entry for the host."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self._token
        return request


class _Passing(Exception):  # noqa: N818
    """A failure that may pass, with the seconds the server asks to wait, if it does."""

    def __init__(self, what: str, wait: float | None = None) -> None:
        super().__init__(what)
        self.wait = wait


@dataclass
class Client:
    """All requests of a run: one connection pool, one pace, one token. Safe to use from several threads."""

    api_url: str
    token: str = field(repr=False)
    user_agent: str
    timeout: float = 60.0
    requests_per_second: float = 2.0

    def __post_init__(self) -> None:
        self._session = requests.Session()
        self._session.auth = _Token(self.token)
        self._session.headers.update({"Accept": "application/json", "User-Agent": self.user_agent})
        self._lock = threading.Lock()
        self._next_slot = 0.0
        self._proven = False
        self._stopped: RunError | None = None

    def get(self, path: str, params: Params, tally: Tally) -> Answer:
        """Send one GET request and return sevDesk's answer, repeating it while that may help.

        Raises `RunError` when nothing can be had at all (token refused, no good answer since the run began),
        `GoneError` when the object does not exist, `StreamError` for anything else that is final.
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                answer = self._once(path, params, tally)
            except _Passing as failure:  # noqa: PERF203
                if attempt == ATTEMPTS:
                    raise self._final(f"{path}: {failure}, {ATTEMPTS} times.") from None
                with self._lock:
                    tally.retries += 1
                exponential = 2.0 ** (attempt - 2) * random.uniform(0.75, 1.25)  # noqa: S311
                sleep(min(LONGEST_WAIT, exponential if failure.wait is None else failure.wait))
            else:
                self._proven = True
                return answer
        raise AssertionError  # the loop returns or raises

    def _final(self, what: str) -> StreamError | RunError:
        if self._proven:
            return StreamError(what)
        return RunError(
            f"{what} Nothing came from {self.api_url} yet: is api_url right, and does the network reach it?"
        )

    def _once(self, path: str, params: Params, tally: Tally) -> Answer:
        self._take_turn(tally)
        began = monotonic()
        try:
            with self._session.get(
                self.api_url + path,
                params=list(params),
                timeout=self.timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                # In one piece: requests itself reads pieces of 10 kB, at four times the cost (benchmarks).
                body = response.raw.read(decode_content=True)
        except requests.exceptions.SSLError:
            msg = f"No secure connection to {self.api_url}: its certificate is not valid, or it has none."
            raise RunError(msg) from None
        except (requests.exceptions.Timeout, ReadTimeoutError):
            raise _Passing(f"no answer within {self.timeout:g} seconds") from None
        except (requests.exceptions.RequestException, HTTPError, OSError) as error:
            # Only the kind of error: its text can hold the address with what was asked for.
            raise _Passing(f"the connection failed ({type(error).__name__})") from None
        elapsed = timedelta(seconds=monotonic() - began)
        self._check_status(path, response, body)
        return _read(path, response.headers, body, elapsed)

    def _take_turn(self, tally: Tally) -> None:
        """Wait for the next free slot, so that no second sees more than `requests_per_second`."""
        with self._lock:
            if self._stopped:
                raise self._stopped
            now = monotonic()
            slot = max(now, self._next_slot)
            if self.requests_per_second:
                self._next_slot = slot + 1 / self.requests_per_second
        if slot > now:
            sleep(slot - now)
        with self._lock:
            if self._stopped:
                raise self._stopped
            tally.requests += 1

    def _check_status(self, path: str, response: requests.Response, body: bytes) -> None:
        status = response.status_code
        if status == HTTPStatus.OK:
            return
        if status in _REFUSED:
            with self._lock:
                self._stopped = RunError(_REFUSED[status])
            raise self._stopped
        if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise _Passing(f"the server answered {status}", _retry_after(response))
        if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
            raise self._final(f"{path}: the server redirects elsewhere ({status}), which is not followed.")
        code = _error_code(body)
        if status == HTTPStatus.NOT_FOUND or (status == HTTPStatus.BAD_REQUEST and code == "NOT_FOUND"):
            if self._proven:
                raise GoneError(f"{path}: the server does not know it ({status}).")
            raise self._final(f"{path}: the server does not know it ({status}).")
        said = f" with code {code}" if code else ""
        raise self._final(f"{path}: the server refused the request ({status}{said}). It is not sent again.")


def _read(path: str, headers: Mapping[str, str], sent: bytes, elapsed: timedelta) -> Answer:
    """Take a good answer apart; what is not JSON counts as cut off on its way and is asked for again."""
    try:
        body = _decode(sent)
    except msgspec.ValidationError:
        body = _Body(error=True)
    except msgspec.DecodeError:
        raise _Passing("the answer was not JSON") from None
    if body.error or body.objects is None:
        code = _code_in(body)
        raise StreamError(
            f"{path}: the answer holds no objects but an error{f' with code {code}' if code else ''}."
        )
    date = headers.get("Date")
    now = _parse_http_date(date) if date else None
    total = str(body.total)  # a text in the description, a number elsewhere (BEHAVIOR.md 6)
    return Answer(
        objects=body.objects,
        total=int(total) if total.isdigit() else None,
        # The rows may be as old as the moment of asking: what changed while the server worked is not in them.
        as_of=(now or datetime.now(timezone.utc)) - elapsed,
    )


def _code_in(body: _Body) -> str:
    """Return the error code of an answer if it looks like one: digits or capitals, no text of a customer."""
    code = str(body.error.get("code") if isinstance(body.error, dict) else "")
    return code if re.fullmatch(r"[A-Z0-9_]{1,40}", code) else ""


def _error_code(body: bytes) -> str:
    try:
        return _code_in(_decode(body))
    except msgspec.DecodeError:
        return ""


def _parse_http_date(text: str) -> datetime | None:
    try:
        return email.utils.parsedate_to_datetime(text).astimezone(timezone.utc)
    except (TypeError, ValueError):
        return None


def _retry_after(response: requests.Response) -> float | None:
    """Seconds to wait by the `Retry-After` header, in either of its forms; `None` without a usable one."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isdigit():
        return float(text)
    moment = _parse_http_date(text) if text else None
    if moment is None:
        return None
    # Both times are the server's, so that a wrong clock here does not matter.
    now = _parse_http_date(response.headers.get("Date", "")) or datetime.now(timezone.utc)
    return max(0.0, (moment - now).total_seconds())
