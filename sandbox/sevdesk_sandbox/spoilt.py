"""Rows that no reader can take as a record, each broken in one way."""

from __future__ import annotations

import json

from sevdesk_sandbox.records import Record

_DEPTH = 1000


def spoilt(record: Record, kind: str) -> bytes:
    """Return what arrives in place of a record, by the kind that switch `undecodable` names."""
    if kind in {"null", "scalar"}:
        return b"null" if kind == "null" else b'"' + record["id"].encode() + b'"'
    if kind == "no-id":
        record = {name: value for name, value in record.items() if name != "id"}
    text = json.dumps(record, separators=(",", ":"))[:-1].encode()
    ends = {"nan": b',"spoilt":NaN}', "deep": b',"spoilt":' + b"[" * _DEPTH + b"]" * _DEPTH + b"}"}
    return text + (ends | {"no-id": b"}", "utf8": b',"spoilt":"\xff\xfe"}'})[kind]
