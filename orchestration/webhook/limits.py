"""What a caller of the web service may take: bytes, seconds, calls a minute; and the answers beyond that."""

import asyncio
import time
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from uvicorn.protocols.http.h11_impl import H11Protocol

MOST_BYTES = 64 * 1024
BODY_SECONDS = 5.0
CONNECTION_SECONDS = 15.0
ANSWER_SECONDS = 600.0


class RateLimit:
    """So many a minute, and as many at once; what is not used does not add up."""

    def __init__(self, a_minute: int) -> None:
        self.most = self.left = float(a_minute)
        self.refilled = time.monotonic()

    def take(self) -> bool:
        """Take one if there is one left."""
        now = time.monotonic()
        self.left = min(self.most, self.left + (now - self.refilled) * self.most / 60)
        self.refilled = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


async def unread(request: Request) -> Response | None:
    """Take in the body and drop it; return an answer if it is too large, too slow, or never ends."""
    too_large = refuse(413, f"More than {MOST_BYTES} bytes.")
    length = request.headers.get("content-length", "0")
    if len(length) > len(str(MOST_BYTES)) or int(length) > MOST_BYTES:
        return too_large
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for part in request.stream():
                size += len(part)
                if size > MOST_BYTES:
                    return too_large
    except TimeoutError:
        return refuse(408, f"The body was not sent within {BODY_SECONDS:.0f} seconds.")
    except ClientDisconnect:
        return refuse(400, "The connection ended within the body.")
    return None


def refuse(status: int, text: str) -> Response:
    """Return an answer that also ends the connection: the caller is wrong."""
    return JSONResponse({"error": text}, status, headers={"Connection": "close"})


def later(status: int, text: str) -> Response:
    """Return an answer that asks the caller to come back after a minute."""
    return JSONResponse({"error": text}, status, headers={"Retry-After": "60"})


class TimedConnection(H11Protocol):
    """A connection with a time limit: uvicorn itself would wait for a request's head without one."""

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401
        """Start the clock."""
        super().connection_made(transport)
        self.loop.call_later(CONNECTION_SECONDS, self._expire)

    def _expire(self) -> None:
        """End it; but an answer on its way may arrive: a large spreadsheet takes a slow line minutes."""
        if self.cycle and self.cycle.response_started and not self.cycle.response_complete:
            self.cycle.keep_alive = False
            self.loop.call_later(ANSWER_SECONDS, self.transport.close)
        else:
            self.transport.close()
