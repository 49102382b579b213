"""A loader that is not ours, target-jsonl, takes plain and typed messages."""

import json
from pathlib import Path
from typing import Any

import pytest
from loaders import installed, load
from sevdesk_sandbox import Sandbox
from tap_running import NOON


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed(tmp_path_factory.mktemp("jsonl") / "venv", "target-jsonl==0.1.4") / "target-jsonl"


@pytest.mark.parametrize(("typed", "net"), [(False, "100.5"), (True, 100.5)])
def test_each_field_arrives(target: Path, tmp_path: Path, *, typed: bool, net: Any) -> None:
    with Sandbox(firm=False, now=NOON) as sandbox:
        sandbox.books.put("SevUser", {"id": "1"})
        sent = {"sumNet": "100.5", "invoiceDate": "2026-06-01T00:00:00+02:00", "unheardOf": {"a": ["ü", 1]}}
        sandbox.books.put("Invoice", {"id": "7", "header": 'x "y" ä', **sent})
        load(sandbox, tmp_path, target, {"destination_path": str(tmp_path)}, "invoices", typed=typed)
    (file,) = tmp_path.glob("invoices-*.jsonl")
    (row,) = map(json.loads, file.read_text("utf-8").splitlines())
    assert (row["id"], row["sumNet"], row["header"]) == ("7", net, 'x "y" ä')
    assert row["invoiceDate"].startswith("2026-06-01")
    assert row["additional_fields"] == {"unheardOf": {"a": ["ü", 1]}}
