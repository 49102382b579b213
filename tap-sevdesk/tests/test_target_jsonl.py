"""A loader that is not ours, target-jsonl in an environment of its own, takes plain and typed messages."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sevdesk_sandbox import Sandbox
from tap_running import NOON

BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return target-jsonl, installed from the package registry."""
    venv = tmp_path_factory.mktemp("target-jsonl") / "venv"
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "--quiet", "--python", sys.executable, venv], check=True)
    python = str(venv / "bin" / "python")
    package = ["pip", "install", "--quiet", "--python", python, "target-jsonl==0.1.4"]
    subprocess.run([*uv, *package], check=True)
    return venv / "bin" / "target-jsonl"


@pytest.mark.parametrize(("typed", "net"), [(False, "100.5"), (True, 100.5)])
def test_each_field_arrives(target: Path, tmp_path: Path, *, typed: bool, net: Any) -> None:
    with Sandbox(firm=False, now=NOON) as sandbox:
        sandbox.books.put("SevUser", {"id": "1"})
        sent = {"sumNet": "100.5", "invoiceDate": "2026-06-01T00:00:00+02:00", "unheardOf": {"a": ["ü", 1]}}
        sandbox.books.put("Invoice", {"id": "7", "header": 'x "y" ä', **sent})
        settings = {"api_url": sandbox.url, "api_token": sandbox.token, "typed": typed}
        (tmp_path / "tap.json").write_text(json.dumps(settings | {"requests_per_second": 0}))
        (tmp_path / "target.json").write_text(json.dumps({"destination_path": str(tmp_path)}))
        piped = f"{BIN / 'tap-sevdesk'} --config tap.json | {target} --config target.json"
        command = ["bash", "-o", "pipefail", "-c", piped]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (file,) = tmp_path.glob("invoices-*.jsonl")
    (row,) = map(json.loads, file.read_text("utf-8").splitlines())
    assert (row["id"], row["sumNet"], row["header"]) == ("7", net, 'x "y" ä')
    assert row["invoiceDate"].startswith("2026-06-01")
    assert row["additional_fields"] == {"unheardOf": {"a": ["ü", 1]}}
