"""A copy of the project in a folder of its own, and its commands as a person types them."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from orchestration.dbt import manifest
from orchestration.environment import Environment

if TYPE_CHECKING:
    from sevdesk_sandbox import Sandbox

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
PARTS = (".dagster/dagster.yaml", "meltano.yml", "orchestration", "transform")
LEFTOVERS = shutil.ignore_patterns("target", "logs", "__pycache__", ".user.yml")
NO_ECB = {"TAP_ECB_URL": "http://127.0.0.1:9/", "TAP_ECB_START_DATE": "2023-01-01"}
"""Nothing listens there, so the rates are those of the package at once."""
LOCAL = Environment("local", "target-duckdb")
PATIENCE = 600  # seconds for one command on a busy machine


def _copy(folder: Path) -> None:
    for part in PARTS:
        source, copy = ROOT / part, folder / part
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, copy, ignore=LEFTOVERS) if source.is_dir() else shutil.copy(source, copy)


@cache
def _parsed() -> Path:
    """Return a project whose dbt part is parsed; it is removed when this process ends."""
    folder = Path(tempfile.mkdtemp(prefix="parsed-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Project.clone_to(folder).parse().folder


@dataclass
class Project:
    """The project as cloned into `folder`; nothing of it touches the checkout the tests run in."""

    folder: Path

    @classmethod
    def clone_to(cls, folder: Path) -> Project:
        """Copy what the pipeline consists of; the programs stay those of the running environment."""
        _copy(folder)
        return cls(folder)

    @classmethod
    def copy_to(cls, folder: Path) -> Project:
        """Clone, with the manifest for Dagster; dbt parses once more, as the path of the warehouse is new."""
        project = cls.clone_to(folder)
        shutil.copytree(_parsed() / "transform" / "target", folder / "transform" / "target")
        return project

    def parse(self) -> Project:
        """Have the dbt project as if run before: to parse it takes a third of a first run.

        That holds as long as the project is in this folder. That a clone parses by itself is for
        tests/pipeline/test_to_production.py.
        """
        manifest.prepare(LOCAL, self.folder / "transform")
        return self

    @property
    def warehouse(self) -> Path:
        """The DuckDB file that the pipeline writes."""
        return self.folder / "output" / ".pipeline" / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        """The copy of it that people open."""
        return self.folder / "output" / "warehouse.duckdb"

    @property
    def report(self) -> Path:
        """The page for people."""
        return self.folder / "output" / "report.html"

    def environment(self, sandbox: Sandbox | None = None, **extra: str) -> dict[str, str]:
        """Return a newcomer's environment: no setting but the address and the key of the sandbox."""
        kept = {k: v for k, v in os.environ.items() if k in {"HOME", "LANG", "SSL_CERT_FILE", "TMPDIR"}}
        given = {} if sandbox is None else {"SEVDESK_API_URL": sandbox.url, "SEVDESK_API_KEY": sandbox.token}
        pace = {"SEVDESK_REQUESTS_PER_SECOND": "0", **NO_ECB}
        return kept | {"PATH": f"{BIN}{os.pathsep}{os.defpath}"} | pace | given | extra

    def start(self, *command: str, **environment: str) -> subprocess.Popen[str]:
        """Start a command in the project."""
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def run(self, *command: str, **environment: str) -> tuple[int, str]:
        """Run a command in the project to its end; return its exit code and all it printed."""
        process = self.start(*command, **environment)
        printed, _ = process.communicate(timeout=PATIENCE)
        return process.returncode, printed

    def job(self, name: str, sandbox: Sandbox | None, **extra: str) -> tuple[int, str]:
        """Run what `make run` (hourly) or `make nightly` runs."""
        return self.run("python", "-m", "orchestration", name, **self.environment(sandbox, **extra))

    def query(self, sql: str, file: Path | None = None) -> list[tuple[Any, ...]]:
        """Ask what people open, or another `file`."""
        with duckdb.connect(str(file or self.published), read_only=True) as db:
            return db.execute(sql).fetchall()
