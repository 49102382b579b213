"""What the web interface of Dagster answers: requests of its own pages, and no others.

Dagster itself obeys a mutation in a GET, in a form, from a page of another site and under another site's
name. A browser that can reach it would send all of these for any page that is open in it.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

DEFAULT_PORTS = {"http": 80, "https": 443}
GRAPHQL = "/graphql"


class Guard:
    """ASGI middleware; `addresses` are those under which people open the interface, from http:// on.

    Not a proxy in front of the server: the port behind a proxy would be as open as before.
    """

    def __init__(self, app: ASGIApp, addresses: Iterable[str]) -> None:
        self.app = app
        self.origins = {_origin(address) for address in addresses}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a refused request here; pass every other one on."""

        async def send_unframed(message: Message) -> None:
            if message["type"] == "http.response.start":  # no other page lays it under a click
                MutableHeaders(scope=message)["X-Frame-Options"] = "SAMEORIGIN"
            await send(message)

        refusal = self._refusal(HTTPConnection(scope)) if scope["type"] in {"http", "websocket"} else None
        await (refusal or self.app)(scope, receive, send_unframed)

    def _refusal(self, request: HTTPConnection) -> PlainTextResponse | None:
        hosts = [host.lower() for host in request.headers.getlist("host")]
        own = {origin for origin in self.origins if [urlsplit(origin).netloc] == hosts}
        if not own:
            return PlainTextResponse(
                f"Dagster is not known by this name. Open {min(self.origins)}, "
                "or set DAGSTER_URL to the address that you use.\n",
                421,
            )
        if not set(request.headers.getlist("origin")) <= own:
            return PlainTextResponse("Only Dagster's own pages may ask this.\n", 403)
        if request.scope["type"] == "websocket":
            return None
        method = request.scope["method"]
        if request.url.path.rstrip("/") == GRAPHQL and method != "POST":
            return PlainTextResponse("Send GraphQL by POST.\n", 405, headers={"Allow": "POST"})
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if method not in {"GET", "HEAD"} and media_type != "application/json":
            return PlainTextResponse("Send it as application/json.\n", 415)
        return None


def _origin(address: str) -> str:
    """Return the origin of an address as browsers write it: in lower case, without the port by default."""
    parts = urlsplit(address)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = f":{parts.port}" if parts.port and parts.port != DEFAULT_PORTS.get(parts.scheme) else ""
    return f"{parts.scheme}://{host}{port}"
