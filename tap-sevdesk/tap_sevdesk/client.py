"""The one way to sevDesk: GET requests to one address, at a pace, repeated when that may help.

What is repeated and what is not follows what sevDesk says of itself: requests that keep failing may get the
token blocked, so a refused request is never sent again (BEHAVIOR.md 36).
"""

import email.utils
import random
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLate
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from http import HTTPStatus
from time import monotonic, sleep

import msgspec
import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError, NewConnectionError, ReadTimeoutError

from tap_sevdesk.answer import Answer, RetryableError, SpoiltError, error_code, read_answer
from tap_sevdesk.clock import SIMULATED, Clock
from tap_sevdesk.errors import GoneError, RefusedError, RunError, StreamError, TapError

Params = Sequence[tuple[str, str]]

ATTEMPTS = 6
"""How often a request is sent at most."""
PATIENCE = 300.0
"""Seconds that requests which are given up may cost a run; each has half of what is left."""
LARGEST = 500_000_000
"""Bytes of an answer, unpacked, that are read at most: a thousand rows have some millions."""
SPOILT_TWICE = 2
"""The attempt after which a page that comes whole but spoilt is asked for in parts: once may be chance."""
MOST_PARTS = 64
"""Into how many requests a page is split at most to find the row that spoils it: three rows of a thousand."""

_UNAUTHORIZED = (
    "sevDesk refused the API token (401). Check {token}: sevDesk shows it with the user, in its settings."
)
_FORBIDDEN = (
    "sevDesk forbids the request (403). "
    "The API needs a tariff that includes it, and the token of an administrator."
)
_LATER = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS)
"""Refusals that say by themselves that the same request may be sent again; 408 is often a proxy's."""
_GONE_CODES = ("NOT_FOUND", "151")
"""What sevDesk writes into the body of a 400 or 404 for what it does not know (BEHAVIOR.md 41)."""


@dataclass
class Tally:
    """How many requests were sent, repetitions included, and how many of them were repetitions."""

    requests: int = 0
    retries: int = 0


class _Token(AuthBase):
    """Sets the header itself: a plain header would give way to a .netrc entry for the host."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self._token
        return request


@dataclass
class Client:
    """All requests of a run: one connection pool, one pace, one token. Safe to use from several threads."""

    api_url: str
    token: str = field(repr=False)
    user_agent: str
    timeout: float = 60.0
    requests_per_second: float = 4.0
    attempts: int = ATTEMPTS
    token_name: str = "api_token"  # noqa: S105
    """What the user calls the token, for messages."""

    def __post_init__(self) -> None:
        self._session = requests.Session()
        self._session.auth = _Token(self.token)
        self._session.headers.update({"Accept": "application/json", "User-Agent": self.user_agent})
        self._lock = threading.Lock()
        self._next_slot = 0.0
        self._answered: dict[str, None] = {}  # a set that keeps its order
        self._broken: set[str] = set()  # the paths that were given up
        self._patience = PATIENCE
        self._away = False
        self._stopped: RunError | None = None
        self.clock = Clock()

    def get(self, path: str, params: Params, tally: Tally) -> Answer:
        """Send one GET request and return sevDesk's answer, repeating it while that may help.

        Raises `RunError` when nothing can be had at all (token refused, no good answer since the run began),
        `RefusedError` when this path alone is refused, `GoneError` when what was asked for does not exist,
        `StreamError` for anything else that is final. Once sevDesk counts as away, nothing more is sent.
        """
        lost, allowed = 0.0, self._patience / 2
        for attempt in range(1, self.attempts + 1):
            if self._away:
                raise StreamError(f"{path}: not asked for, because sevDesk has stopped answering.")
            began = monotonic()
            try:
                answer = self._once(path, params, tally)
            except RetryableError as failure:
                spoilt = isinstance(failure, SpoiltError) and attempt == SPOILT_TWICE
                if spoilt and (page := self._in_parts(path, params, tally)):
                    return page
                lost += monotonic() - began
                wait = failure.wait
                if wait is None:
                    wait = 2.0 ** (attempt - 2) * random.uniform(0.75, 1.25)  # noqa: S311
                if attempt == self.attempts or lost + wait > allowed:
                    with self._lock:
                        self._patience = max(0.0, self._patience - lost)
                    times = f", {attempt} times" if attempt > 1 else ""
                    raise self._give_up(path, f"{path}: {failure}{times}.", tally, failure) from None
                with self._lock:
                    tally.retries += 1
                lost += wait
                sleep(wait)
            else:
                self._answered[path] = None
                return answer
        raise AssertionError  # the loop returns or raises

    def _give_up(self, path: str, what: str, tally: Tally, failure: RetryableError) -> TapError:
        """Return the error of a path that was asked for in vain, and find out whether sevDesk is away.

        Some lists may be broken while others answer. So a list that has answered is asked once more before
        everything is given up (BEHAVIOR.md 50).
        """
        if not self._answered:
            return self._nothing_yet(what, others_may_answer=failure.came_through)
        self._broken.add(path)
        if self.attempts > 1 and not self._still_answers(tally):  # who repeats nothing stops here
            self._away = True
            what = f"{what} sevDesk has stopped answering: nothing more is asked for in this run."
        return StreamError(what)

    def _still_answers(self, tally: Tally) -> bool:
        """Ask once for a row of a list that has answered and was never given up."""
        others = [path for path in list(self._answered) if path not in self._broken]
        try:
            if others:
                self._once(others[-1], (("limit", "1"),), tally)
        except SpoiltError:
            return True
        except RetryableError:
            return False
        except StreamError:  # refused, for example: somebody is there
            return True
        return bool(others)

    def _in_parts(self, path: str, params: Params, tally: Tally) -> Answer | None:
        """Ask for a page in ever smaller parts, until the bad part is one row; `None` if it fails."""
        place = dict(params)
        if not place.keys() >= {"limit", "offset"}:
            return None
        parts: list[Answer] = []
        left = MOST_PARTS

        def ask(offset: int, limit: int) -> None:
            nonlocal left
            if not left:
                raise RetryableError("too many rows are spoilt")
            left -= 1
            own = place | {"limit": str(limit), "offset": str(offset)}
            try:
                parts.append(self._once(path, [(name, own[name]) for name, _ in params], tally))
            except SpoiltError as failure:
                if limit == 1:
                    parts.append(Answer([msgspec.Raw(failure.row)], None, self.clock.now()))
                else:
                    ask(offset, limit // 2)
                    ask(offset + limit // 2, limit - limit // 2)

        try:
            ask(int(place["offset"]), int(place["limit"]))
        except RetryableError:
            return None
        counted = next((part for part in parts if part.total is not None), parts[0])
        objects = [row for part in parts for row in part.objects if isinstance(row, msgspec.Raw)]
        return replace(counted, objects=objects, as_of=min(part.as_of for part in parts))

    def _nothing_yet(
        self, what: str, status: int | None = None, *, others_may_answer: bool = True
    ) -> RunError:
        why = f"Nothing came from {self.api_url} yet: is api_url right, and does the network reach it?"
        return RunError(f"{what} {why}", status, others_may_answer=others_may_answer)

    def _once(self, path: str, params: Params, tally: Tally) -> Answer:
        self._take_turn(tally)
        began = monotonic()
        try:
            response, body = _within(self.timeout, lambda: self._send(path, params))
        except requests.exceptions.SSLError:
            msg = f"No secure connection to {self.api_url}: its certificate is not valid, or it has none."
            raise RunError(msg) from None
        except (requests.exceptions.Timeout, ReadTimeoutError, TooLate):
            raise RetryableError(f"no complete answer within {self.timeout:g} seconds") from None
        except (requests.exceptions.RequestException, HTTPError, OSError) as error:
            # Only the kind of error: its text can hold the address with what was asked for.
            what = f"the connection failed ({type(error).__name__})"
            raise RetryableError(what, came_through=not _never_began(error)) from None
        elapsed = timedelta(seconds=monotonic() - began)
        date = _parse_http_date(response.headers.get("Date", ""))
        self._check_status(path, response, body)
        # The rows may be as old as the moment of asking: what changed while the server worked is not in them.
        answer = read_answer(path, body, (date or self.clock.now()) - elapsed)
        # Only then: the date of a proxy's page, years ahead perhaps, is not sevDesk's.
        self.clock.show(date, _parse_http_date(response.headers.get(SIMULATED, "")))
        return answer

    def _send(self, path: str, params: Params) -> tuple[requests.Response, bytes]:
        with self._session.get(
            self.api_url + path,
            params=list(params),
            timeout=self.timeout,
            allow_redirects=False,
            stream=True,
        ) as response:
            # In one piece: requests itself reads pieces of 10 kB, at four times the cost (benchmarks).
            body = response.raw.read(LARGEST + 1, decode_content=True)
        if len(body) > LARGEST:
            msg = f"{path}: the answer is larger than {LARGEST / 1e6:g} MB, which no list of rows is."
            raise StreamError(msg)
        return response, body

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
        if status == HTTPStatus.UNAUTHORIZED:
            raise self._stop(_UNAUTHORIZED.format(token=self.token_name))
        if status == HTTPStatus.FORBIDDEN and path in self._answered:
            raise self._stop(_FORBIDDEN)
        if status in _LATER or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise RetryableError(f"the server answered {status}", _retry_after(response))
        if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
            what = f"{path}: the server redirects elsewhere ({status}), which is not followed."
            raise StreamError(what) if self._answered else self._nothing_yet(what)
        code = error_code(body)
        if status == HTTPStatus.FORBIDDEN and not self._answered:
            raise RunError(_FORBIDDEN, status, others_may_answer=True)
        gone = status == HTTPStatus.NOT_FOUND or (status == HTTPStatus.BAD_REQUEST and code in _GONE_CODES)
        said = f" with code {code}" if code else ""
        what = (
            f"{path}: the server does not know it ({status}{said})."
            if gone
            else f"{path}: the server refused the request ({status}{said}). It is not sent again."
        )
        if not self._answered:
            raise self._nothing_yet(what, status)
        raise GoneError(what, status) if gone else RefusedError(what, status)

    def _stop(self, why: str) -> RunError:
        """Send nothing more: whoever asks again gets the same answer from here."""
        with self._lock:
            self._stopped = RunError(why)
            return self._stopped


def _within(
    seconds: float, work: Callable[[], tuple[requests.Response, bytes]]
) -> tuple[requests.Response, bytes]:
    """Do something for so long at most, or raise `TooLate`: a socket's timeout begins anew with each byte."""
    future: Future[tuple[requests.Response, bytes]] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # handed on to whoever waits
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future.result(seconds)


def _never_began(error: Exception) -> bool:
    """Tell whether there was no connection at all: no such host, or nobody listens there."""
    cause = error.args[0] if error.args else None
    return isinstance(getattr(cause, "reason", None), NewConnectionError)


def _parse_http_date(text: str) -> datetime | None:
    try:
        moment = email.utils.parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).astimezone(timezone.utc)
    except (TypeError, ValueError, OverflowError):
        return None


def _retry_after(response: requests.Response) -> float | None:
    """Seconds to wait by the `Retry-After` header, in either of its forms; `None` without a usable one."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    moment = _parse_http_date(text) if text else None
    if moment is None:
        return None
    # Both times are the server's, so that a wrong clock here does not matter.
    now = _parse_http_date(response.headers.get("Date", "")) or datetime.now(timezone.utc)
    return max(0.0, (moment - now).total_seconds())
