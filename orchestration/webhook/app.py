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
import time
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from orchestration.environment import OUTPUT
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
        self.began, self.alive = float("-inf"), False  # of the latest write that went well

    async def record(self) -> bool:
        """Return what `webhook_events.record` does, of a write that began after this was called."""
        came = time.monotonic()
        async with self.lock:
            if self.began <= came:
                began = time.monotonic()
                self.alive = await run_in_threadpool(webhook_events.record)
                self.began = began
            return self.alive


async def health(_request: Request) -> Response:
    """Answer GET /health, for everybody."""
    return JSONResponse({"status": "ok"})


def _routes(webhook: Webhook) -> list[Route]:
    """Return POST /webhook and POST /webhook/<secret>."""
    secret = webhook.secret.encode()
    calls, mistakes = RateLimit(CALLS_A_MINUTE), RateLimit(MISTAKES_A_MINUTE)
    recorder = Recorder()

    async def receive(request: Request) -> Response:
        given = request.path_params.get("secret") or _secret_in_header(request)
        if not hmac.compare_digest(given.encode(), secret):
            return refuse(401, WRONG) if mistakes.take() else later(429, "Too many errors.")
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

    return [Route(path, receive, methods=["POST"]) for path in ("/webhook", "/webhook/{secret}")]


def _secret_in_header(request: Request) -> str:
    bearer = request.headers.get("authorization", "")
    return request.headers.get("x-webhook-secret") or re.sub("^bearer +", "", bearer, flags=re.IGNORECASE)


def config(web: Web, webhook: Webhook | None, output: Path = OUTPUT) -> uvicorn.Config:
    """Return how to serve health, the dashboard's files in `output`, and the webhook if there is one.

    No request is logged: its address may bear the secret.
    """
    return uvicorn.Config(
        Starlette(
            routes=[
                Route("/health", health, methods=["GET"]),
                *dashboard.routes(output, web.url),
                *(_routes(webhook) if webhook else []),
            ]
        ),
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
