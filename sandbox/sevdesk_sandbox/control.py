"""Steering a sandbox from another process, under /_sandbox/ (beside the API, without a token)."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sevdesk_sandbox.api import Answer

if TYPE_CHECKING:
    from sevdesk_sandbox.sandbox import Sandbox


def control(sandbox: Sandbox, method: str, path: str, body: bytes) -> Answer:
    """Carry out `METHOD /_sandbox/<path>`; answers JSON, or 400 with a sentence.

    clock: GET, PUT {"now": ISO or null} or {"advance": {"hours": 1}} · switches: GET, PUT {name: value} ·
    faults: GET, POST {kind, path, nth, ...}, DELETE · log: GET, DELETE · books/<Resource>: GET, POST {...};
    books/<Resource>/<id>: DELETE.
    """
    try:
        data = json.loads(body) if body else {}
        return Answer(body=json.dumps(_control(sandbox, method, path.strip("/").split("/"), data)).encode())
    except (ValueError, TypeError, LookupError) as problem:
        return Answer(400, json.dumps({"error": str(problem)}).encode())


def _control(sandbox: Sandbox, method: str, path: list[str], data: dict[str, Any]) -> Any:  # noqa: PLR0911
    match method, *path:
        case "PUT", "clock":
            if "advance" in data:
                sandbox.clock.advance(**data["advance"])
            else:
                sandbox.clock.set(data["now"])
            return {"now": sandbox.clock.now.isoformat()}
        case "GET", "clock":
            return {"now": sandbox.clock.now.isoformat()}
        case "PUT", "switches":
            sandbox.switches.set(**data)
            return sandbox.switches.all()
        case "GET", "switches":
            return sandbox.switches.all()
        case "POST", "faults":
            return asdict(sandbox.fail(**data))
        case "GET", "faults":
            return [asdict(fault) for fault in sandbox.script.faults]
        case "DELETE", "faults":
            sandbox.script.clear()
            return []
        case "GET", "log":
            return [asdict(request) for request in list(sandbox.log)]
        case "DELETE", "log":
            sandbox.log.clear()
            return []
        case "GET", "books", resource:
            return sandbox.books.rows(resource)
        case "POST", "books", resource:
            return sandbox.books.put(resource, data)
        case "DELETE", "books", resource, key:
            sandbox.books.delete(resource, key)
            return {}
    raise LookupError(f"there is no {method} /_sandbox/{'/'.join(path)}")
