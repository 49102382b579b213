"""What the stand-in refuses when a test says so, and how its clients signed in. Runs inside the stand-in."""

from __future__ import annotations

import gzip
import json
import re
from typing import TYPE_CHECKING, Any

from snowflake.connector.errors import ProgrammingError
from starlette.responses import JSONResponse
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from starlette.requests import Request

    Endpoint = Callable[[Request], Awaitable[JSONResponse]]


def refusal(folder: Path, role: str, what: str) -> dict[str, Any] | None:
    """Return the entry of refusals.json whose `at` is found in `what`, and whose role, if any, is `role`."""
    file = folder / "refusals.json"
    for entry in json.loads(file.read_text()) if file.exists() else []:
        if re.search(entry["at"], what, re.IGNORECASE) and entry.get("role", role) == role:
            return dict(entry)
    return None


def refuse(entry: dict[str, Any]) -> None:
    """Answer a statement as Snowflake does: number, state, words."""
    raise ProgrammingError(msg=entry["message"], errno=int(entry["code"]), sqlstate=entry["state"])


def sign_in(folder: Path, vanilla: Endpoint) -> Route:
    """Return the address of sign-ins: each is noted in logins.jsonl, and refused if a test says so."""

    async def login(request: Request) -> JSONResponse:
        body = await request.body()
        if request.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        given = dict(request.query_params) | json.loads(body)["data"]
        with (folder / "logins.jsonl").open("a") as file:
            file.write(json.dumps(given) + "\n")
        entry = refusal(folder, given.get("roleName", ""), "sign in")
        if entry is None:
            return await vanilla(request)
        answer = {"data": {}, "code": entry.get("code"), "message": entry.get("message"), "success": False}
        return JSONResponse(answer, status_code=entry.get("status", 200))

    return Route("/session/v1/login-request", login, methods=["POST"])
