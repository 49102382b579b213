"""One warehouse file a test, filled through the target and read with plain DuckDB."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from loading import Load, Message, Rows, Run, lines, load_into, read


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "warehouse.duckdb"


@pytest.fixture
def load(path: Path) -> Load:
    return partial(load_into, path)


@pytest.fixture
def rows(path: Path) -> Rows:
    return partial(read, path)


@pytest.fixture
def run(path: Path, tmp_path: Path) -> Run:
    def running(*messages: Message | bytes, **settings: Any) -> subprocess.CompletedProcess[str]:
        config = tmp_path / "config.json"
        config.write_text(json.dumps({"path": str(path), **settings}))
        command = [str(Path(sys.executable).with_name("target-duckdb")), "--config", str(config)]
        return subprocess.run(
            command, input=lines(*messages).decode(), capture_output=True, check=False, timeout=60, text=True
        )

    return running
