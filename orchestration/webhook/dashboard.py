"""The dashboard for people: page and spreadsheet, read-only, for a proxy with a login to stand before.

Two files by their names, no listing. A browser that a foreign web page has led here by another name (DNS
rebinding) gets nothing: the host must be this machine, or the one of DASHBOARD_URL.
"""

from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from orchestration.variables import LOOPBACK

FILES = {"/": "report.html", "/report.html": "report.html", "/invoices.xlsx": "invoices.xlsx"}
HEADERS = {
    "Cache-Control": "no-cache",  # asked for each time, sent again only if it has changed
    "Content-Security-Policy": "frame-ancestors 'none'",  # the page itself has a stricter one
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
NOT_YET = "There is no dashboard yet: the first update has not come through."
OTHER_NAME = "This dashboard is not known by that name. Set DASHBOARD_URL to the address people use."


def routes(output: Path, dashboard_url: str) -> list[Route]:
    """Return the routes of FILES, which lie in the folder `output`. Each request looks for them again."""
    names = {*LOOPBACK, urlsplit(dashboard_url).hostname}

    async def answer(file: Path, request: Request) -> Response:
        if request.url.hostname not in names:
            return PlainTextResponse(OTHER_NAME, 421, headers=HEADERS)
        if not file.is_file():
            return PlainTextResponse(NOT_YET, 404, headers=HEADERS)
        saved_as = file.name if file.suffix == ".xlsx" else None
        return FileResponse(file, headers=HEADERS, filename=saved_as)

    return [Route(path, partial(answer, output / name), methods=["GET"]) for path, name in FILES.items()]
