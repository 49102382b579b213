"""The dashboard for people: page and spreadsheet, read-only, for a proxy with a login to stand before.

Two files by their names, no listing. A browser that a foreign web page has led here by another name (DNS
rebinding) gets nothing: the host must be this machine, or the one of DASHBOARD_URL.
"""

from pathlib import Path
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from orchestration.variables import LOOPBACK

PAGE, SPREADSHEET = "report.html", "invoices.xlsx"
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
    """Return the routes: `/` and `/report.html` are the page, `/invoices.xlsx` is the spreadsheet.

    `output` is the folder of the files. Each request looks for them again.
    """
    names = LOOPBACK | ({urlsplit(dashboard_url).hostname or ""} if dashboard_url else set())

    def serve(name: str) -> Route:
        async def answer(request: Request) -> Response:
            if (request.url.hostname or "") not in names:
                return PlainTextResponse(OTHER_NAME, 421, headers=HEADERS)
            if not (output / name).is_file():
                return PlainTextResponse(NOT_YET, 404, headers=HEADERS)
            return FileResponse(
                output / name, headers=HEADERS, filename=name if name == SPREADSHEET else None
            )

        return Route(f"/{name}", answer, methods=["GET"])

    page = serve(PAGE)
    return [Route("/", page.endpoint, methods=["GET"]), page, serve(SPREADSHEET)]
