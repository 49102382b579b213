"""A request in, an answer out: authentication, lists, single records, errors. Knows nothing of sockets."""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sevdesk_sandbox.embedding import embed
from sevdesk_sandbox.lists import LimitError, may_see, select, window
from sevdesk_sandbox.resources import RESOURCES, Resource
from sevdesk_sandbox.switches import pairs

if TYPE_CHECKING:
    from sevdesk_sandbox.books import Books
    from sevdesk_sandbox.ledger import Row
    from sevdesk_sandbox.switches import Switches

JSON = "application/json"
OK, NOT_FOUND, NO_SUCH_MODEL = 200, 404, 151
_NO_LISTS = {"Tools", "Export", "ExportJob", "Progress", "Report", "DocServer", "ReceiptGuidance"}
_LIST_NAME = re.compile(r"[A-Z][A-Za-z]+")
LIMIT_MESSAGE = "Invalid 'limit' parameter. Please provide an integer value between 1 and 1000."


@dataclass
class Answer:
    """What is sent back; `ids` are those of the records in it."""

    status: int = 200
    body: bytes = b""
    content_type: str = JSON
    headers: list[tuple[str, str]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)


def error(status: int, message: str, code: object = None) -> Answer:
    """Return an error in sevDesk's envelope."""
    details: dict[str, object] = {"message": message}
    if code is not None:
        details["code"] = code
    details["exceptionUUID"] = str(uuid.uuid5(uuid.NAMESPACE_URL, message))
    if isinstance(code, int):
        details |= {"errorCode": 0, "data": [], "responseCode": status}
    envelope: dict[str, object] = {"error": details} if code is None else {"objects": None, "error": details}
    return Answer(status, json.dumps(envelope).encode())


def failure(status: int) -> Answer:
    """Return an error of which only the status is asked for; under a good status it has the code 390."""
    return error(status, "The request could not be processed.", 390 if status == OK else status)


def unauthorized(shape: str) -> Answer:
    """Return a 401; the shape of its body is not known, so there are several."""
    message = "Authentication required"
    if shape == "html":
        return Answer(401, f"<html><body><h1>{message}</h1></body></html>".encode(), "text/html")
    if shape == "empty":
        return Answer(401)
    if shape == "status":
        return Answer(401, json.dumps({"status": 401, "message": message}).encode())
    return error(401, message)


def respond(
    books: Books, switches: Switches, method: str, path: str, params: list[tuple[str, str]]
) -> Answer:
    """Answer an authenticated request; `path` begins after `/api/v1`."""
    if method != "GET":
        return error(405, "The sandbox only reads, as everybody who extracts data should.")
    name, *rest = path.strip("/").split("/")
    resource = RESOURCES.get(name)
    query = dict(params)
    if status := pairs(switches.refused).get(name):
        return failure(int(status))
    if name == "Tools" and rest == ["bookkeepingSystemVersion"]:
        return Answer(body=json.dumps({"objects": {"version": switches.system}}).encode())
    if resource:
        return _known(books, switches, resource, rest, query)
    if (
        not rest
        and switches.unknown_lists == "empty"
        and _LIST_NAME.fullmatch(name)
        and name not in _NO_LISTS
    ):
        return _page(switches, name, query, [])
    return error(NOT_FOUND, f"There is no endpoint {path}.")


def _known(
    books: Books, switches: Switches, resource: Resource, rest: list[str], query: dict[str, str]
) -> Answer:
    match rest:
        case []:
            return _list(books, switches, resource.name, query)
        case [key]:
            return _single(books, switches, resource.name, key, query)
        case [key, "getPositions"] if resource.positions:
            return _single(books, switches, resource.name, key, query, positions=resource.positions)
    return error(NOT_FOUND, f"There is no endpoint /{resource.name}/{'/'.join(rest)}.")


def _single(
    books: Books, switches: Switches, resource: str, key: str, query: dict[str, str], *, positions: str = ""
) -> Answer:
    row = books.find(resource, key)
    if row is None or not may_see(switches, resource, row):
        if switches.unknown_id == "400" or resource == "Contact":
            return error(400, f"{resource} {key} not found", "NOT_FOUND")
        return error(NOT_FOUND, f"No Model_{resource} with the id {key} was found", NO_SUCH_MODEL)
    if positions:
        parent = f"{resource[0].lower()}{resource[1:]}[id]"
        return _list(books, switches, positions, {**query, parent: key})
    text = b"".join(_encode(books, [row], query))
    if not (RESOURCES[resource].one and switches.by_id == "mixed"):
        text = b"[" + text + b"]"
    return Answer(body=b'{"objects":' + text + b"}", ids=[row.id])


def _list(books: Books, switches: Switches, resource: str, query: dict[str, str]) -> Answer:
    try:
        page = window(query, switches)
    except LimitError:
        return error(400, LIMIT_MESSAGE)
    rows = select(books, switches, resource, query)
    wanted = rows[page]
    answer = _page(switches, resource, query, _encode(books, wanted, query), len(rows))
    answer.ids = [row.id for row in wanted]
    return answer


def _page(
    switches: Switches, resource: str, query: dict[str, str], texts: list[bytes], count: int = 0
) -> Answer:
    total = ""
    if query.get("countAll") in {"true", "1"} and switches.total != "absent":
        count += switches.miscounts(resource)
        total = f'"total":"{count}",' if switches.total == "string" else f'"total":{count},'
    return Answer(body=b"{" + total.encode() + b'"objects":[' + b",".join(texts) + b"]}")


def _encode(books: Books, rows: list[Row], query: dict[str, str]) -> list[bytes]:
    names = [name for name in query.get("embed", "").split(",") if name]
    if not names:
        return [books.encode(row) for row in rows]
    return [json.dumps(embed(books, row.record, names), separators=(",", ":")).encode() for row in rows]
