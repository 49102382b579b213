"""The small web service, `python -m orchestration.webhook`: the dashboard's files, and the webhook.

The webhook is there if it has a secret: it listens for "something changed in sevDesk, run now". Nothing of a
call's body is used or kept, only that it came. A call is answered 202 once it is written down; those that
come at the same time are written down as one. The service listens on this machine only, unless
WEBHOOK_HOST says otherwise, without encryption and login: people and callers reach it through a proxy that
has both.
"""

import asyncio
import hmac
import logging
import re
import socket
import sys
from contextlib import suppress
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from orchestration import this_machine
from orchestration.environment import OUTPUT, SettingsError, dagster_home
from orchestration.settings import Settings, read_all
from orchestration.webhook import dashboard
from orchestration.webhook import sensor as webhook_events
from orchestration.webhook.limits import RateLimit, TimedConnection, later, refuse, unread
from orchestration.webhook.settings import Web, Webhook

MOST_CONNECTIONS = 500
CALLS_A_MINUTE = 300
MISTAKES_A_MINUTE = 30

WRONG = "The secret is wrong or missing."
NOT_NOTED = "Not written down: Dagster's storage does not answer. Call again."
AWAY = "Written down, but Dagster's daemon is away. A run will start once it is back."

log = logging.getLogger("webhook")


class Recorder:
    """Records calls, one write at a time: calls that come during a write share the next one."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.next: asyncio.Task[bool] | None = None

    async def record(self) -> bool:
        """Return what `webhook_events.record` does, of a write that began after this was called."""
        if self.next is None:
            self.next = asyncio.create_task(self._write())
        return await asyncio.shield(self.next)

    async def _write(self) -> bool:
        async with self.lock:
            self.next = None
            return await run_in_threadpool(webhook_events.record)


def application(web: Web, webhook: Webhook | None, output: Path = OUTPUT) -> Starlette:
    """Return the ASGI application: GET /health, the dashboard's files in `output`, and the webhook if any."""

    async def health(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    return Starlette(
        routes=[
            Route("/health", health, methods=["GET"]),
            *dashboard.routes(output, web.url),
            *(_routes(webhook) if webhook else []),
        ]
    )


def _routes(webhook: Webhook) -> list[Route]:
    """Return POST /webhook and POST /webhook/<secret>."""
    secret = webhook.secret.encode()
    calls, mistakes = RateLimit(CALLS_A_MINUTE), RateLimit(MISTAKES_A_MINUTE)
    recorder = Recorder()

    async def receive(request: Request) -> Response:
        given = request.path_params.get("secret") or _secret_in_header(request)
        if not hmac.compare_digest(given.encode(), secret):
            allowed = mistakes.take()
            return refuse(401, WRONG) if allowed else later(429, "Too many errors.")
        if not calls.take():
            return later(429, f"More than {CALLS_A_MINUTE} calls a minute.")
        if problem := await unread(request):
            return problem
        try:
            alive = await recorder.record()
        except Exception as error:  # whatever the storage raises: the caller is to come back
            log.error("A call could not be written down: %s", type(error).__name__)  # noqa: TRY400
            return later(503, NOT_NOTED)
        if not alive:
            return later(503, AWAY)
        return JSONResponse({"status": "accepted"}, 202)

    return [
        Route("/webhook", receive, methods=["POST"]),
        Route("/webhook/{secret}", receive, methods=["POST"]),
    ]


def _secret_in_header(request: Request) -> str:
    bearer = request.headers.get("authorization", "")
    return request.headers.get("x-webhook-secret") or re.sub("^bearer +", "", bearer, flags=re.IGNORECASE)


def config(web: Web, webhook: Webhook | None, output: Path = OUTPUT) -> uvicorn.Config:
    """Return how the server is to run. No log of requests: their addresses may bear the secret."""
    return uvicorn.Config(
        application(web, webhook, output),
        host=web.host,
        port=web.port,
        http=TimedConnection,
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="warning",
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=10,
        server_header=False,
    )


def _taken(web: Web) -> str | None:
    """Return why nothing can listen where `web` says, and what to do; None if something can."""
    family = socket.AF_INET6 if ":" in web.host else socket.AF_INET
    try:
        socket.create_server((web.host, web.port), family=family).close()
    except OSError as error:
        why = str(error.strerror).partition(" (")[0]  # Python adds the address
        what = f"Nothing can be served on {web.host}:{web.port} ({why})."
        return f"{what} End what is there, or set WEBHOOK_HOST and WEBHOOK_PORT in .env."
    return None


def main() -> int:
    """Serve until stopped; return the exit code."""
    logging.basicConfig(format="%(name)s: %(message)s", level=logging.INFO)
    try:
        settings: Settings = read_all()[1]
        stopped = this_machine.problem(dagster_home()) or _taken(settings.web)
    except SettingsError as error:
        stopped = str(error)
    if stopped:
        print(f"Error: {stopped}", file=sys.stderr)
        return 1
    here = f"http://{settings.web.host}:{settings.web.port}"
    print(f"The dashboard is at {settings.web.url}/", flush=True)
    print(
        f"The webhook listens on {here}/webhook"
        if settings.webhook
        else "The webhook is off. Set WEBHOOK_SECRET in .env to have it (.env.example says how).",
        flush=True,
    )
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config(settings.web, settings.webhook)).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
