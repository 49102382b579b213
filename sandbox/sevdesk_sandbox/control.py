"""Steering a sandbox from another process, under /_sandbox/ (beside the API, without a token)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sevdesk_sandbox.api import Answer

if TYPE_CHECKING:
    from sevdesk_sandbox.sandbox import Sandbox


def control(sandbox: Sandbox, method: str, path: str, body: bytes) -> Answer:
    """Carry out `METHOD /_sandbox/<path>`; answers JSON, or 400 with a sentence.

    clock: GET, PUT {"now": ISO or null} or {"advance": {"hours": 1}} · switches: GET, PUT {name: value} ·
    faults: GET, POST {kind, path, nth, ...}, DELETE · log: GET, DELETE · books/<Resource>: GET, POST {...} ·
    books/<Resource>/<id>: DELETE, PUT (a body of any bytes, which is what arrives in place of the record).
    """
    name, *rest = path.strip("/").split("/")
    try:
        if name == "books" and method == "PUT" and len(rest) == 2:  # noqa: PLR2004 - resource and id
            resource, key = rest
            sandbox.books.spoil(resource, key, body)
            return Answer(body=b"null")
        data = json.loads(body) if body else {}
        actions = _books(sandbox, data, *rest) if name == "books" else _actions(sandbox, data)
        if action := actions.get((method, name)):
            return Answer(body=json.dumps(action()).encode())
        said = f"there is no {method} /_sandbox/{path}"
    except (ValueError, TypeError, LookupError) as problem:
        said = str(problem)
    return Answer(400, json.dumps({"error": said}).encode())


def _actions(sandbox: Sandbox, data: dict[str, Any]) -> dict[tuple[str, str], Callable[[], object]]:
    move = sandbox.clock.advance if "advance" in data else sandbox.clock.set
    moved = data.get("advance", data)
    return {
        ("GET", "clock"): lambda: {"now": sandbox.clock.now.isoformat()},
        ("PUT", "clock"): lambda: move(**moved),
        ("GET", "switches"): sandbox.switches.all,
        ("PUT", "switches"): lambda: sandbox.switches.set(**data),
        ("GET", "faults"): lambda: [asdict(fault) for fault in sandbox.script.faults],
        ("POST", "faults"): lambda: asdict(sandbox.fail(**data)),
        ("DELETE", "faults"): sandbox.script.clear,
        ("GET", "log"): lambda: [asdict(request) for request in list(sandbox.log)],
        ("DELETE", "log"): sandbox.log.clear,
    }


def _books(
    sandbox: Sandbox, data: dict[str, Any], resource: str, *keys: str
) -> dict[tuple[str, str], Callable[[], object]]:
    if keys:
        return {("DELETE", "books"): lambda: sandbox.books.delete(resource, keys[0])}
    return {
        ("GET", "books"): lambda: sandbox.books.rows(resource),
        ("POST", "books"): lambda: sandbox.books.put(resource, data),
    }
