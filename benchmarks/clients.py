"""The clients side by side: how each is installed, configured and called. One row of data for each."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.environments import CLIENTS, OURS
from benchmarks.measure import Cost, run
from benchmarks.server import Server

PAGE_SIZE = 1000
Record = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """Where a client works: its environment's programs, an empty folder, the server it reads."""

    programs: Path
    folder: Path
    server: Server

    def write(self, name: str, content: Record) -> str:
        """Put a JSON file into the folder and return its path."""
        path = self.folder / name
        path.write_text(json.dumps(content), "utf-8")
        return str(path)

    @property
    def settings(self) -> Record:
        """Address and token, as a tap's or a source's configuration has them."""
        return {"api_url": self.server.url, "api_token": self.server.token}


@dataclass(frozen=True)
class Client:
    """One way to read /Invoice.

    `command` makes the command that reads and `shown`, for those that write files instead of stdout, the
    one that then prints the records, a JSON object each line. `variables` are added to the environment.
    """

    name: str
    environment: str
    command: Callable[[Place], list[str]]
    shown: Callable[[Place], list[str]] | None = None
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Bench:
    """The folder with the environments, and with a scratch folder beside them."""

    folder: Path

    def place(self, client: Client, server: Server) -> Place:
        """Return where a client works."""
        return Place(self.folder / client.environment / "bin", self.folder / "scratch", server)

    def empty(self) -> None:
        """Leave nothing of the client before."""
        shutil.rmtree(self.folder / "scratch", ignore_errors=True)
        (self.folder / "scratch").mkdir(parents=True)

    def read(self, client: Client, server: Server, stdout: Path | None = None, *, tree: bool = False) -> Cost:
        """Let a client read everything into an empty folder, and say what it cost."""
        self.empty()
        place = self.place(client, server)
        command = client.command(place)
        environment = variables(client, place)
        return run(command, folder=place.folder, environment=environment, stdout=stdout, tree=tree)


def variables(client: Client, place: Place) -> dict[str, str]:
    """Return the environment of a client: nothing of ours, and a home of its own."""
    kept = {name: os.environ[name] for name in ("LANG", "TMPDIR") if name in os.environ}
    home = {"HOME": str(place.folder), "PATH": f"{place.programs}{os.pathsep}{os.defpath}"}
    sevdesk = {"SEVDESK_API_URL": place.server.url, "SEVDESK_API_KEY": place.server.token}
    return {**kept, **home, **sevdesk, **client.variables}


def tap(
    streams: tuple[str, ...] = ("invoices",), *, state: Record | None = None, **settings: object
) -> Callable[[Place], list[str]]:
    """Our tap with only these streams selected, all if there are none named, and more `settings`."""

    def command(place: Place) -> list[str]:
        program = str(place.programs / "tap-sevdesk")
        pace = {"page_size": PAGE_SIZE, "requests_per_second": 0}
        arguments = [program, "--config", place.write("config.json", {**place.settings, **pace, **settings})]
        if streams:
            found = subprocess.run(  # noqa: S603
                [program, "--discover"], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
            catalog = json.loads(found.stdout)
            for stream in catalog["streams"]:
                for entry in stream["metadata"]:
                    if entry["breadcrumb"] == []:
                        entry["metadata"]["selected"] = stream["tap_stream_id"] in streams
            arguments += ["--catalog", place.write("catalog.json", catalog)]
        if state is not None:
            arguments += ["--state", place.write("state.json", state)]
        return arguments

    return command


def _split_pages(place: Place) -> list[str]:
    return [str(place.programs / "python"), str(CLIENTS / "split_pages.py")]


def _plain_tap(place: Place) -> list[str]:
    config = place.write("config.json", place.settings)
    return [str(place.programs / "python"), str(CLIENTS / "plain_tap.py"), "--config", config]


def _rest_api_msdk(place: Place) -> list[str]:
    """Return the one style of pagination that reads a list by offset and all of it.

    The offset begins at 1 by default, which skips a record; columns are those of the first records.
    """
    stream = {
        "name": "invoices",
        "path": "/Invoice",
        "params": {"showAll": "true", "limit": PAGE_SIZE},
        "records_path": "$.objects[*]",
        "primary_keys": ["id"],
        "num_inference_records": PAGE_SIZE,
    }
    config = {
        "api_url": place.server.url,
        "headers": {"Authorization": place.server.token},
        "pagination_request_style": "simple_offset_paginator",
        "pagination_response_style": "offset",
        "pagination_page_size": PAGE_SIZE,
        "pagination_initial_offset": 0,
        "offset_records_jsonpath": "$.objects",
        "streams": [stream],
    }
    return [str(place.programs / "tap-rest-api-msdk"), "--config", place.write("config.json", config)]


def _airbyte(place: Place) -> list[str]:
    stream = {"name": "invoices", "json_schema": {}, "supported_sync_modes": ["full_refresh"]}
    selected = {"stream": stream, "sync_mode": "full_refresh", "destination_sync_mode": "append"}
    config = place.write("config.json", place.settings)
    catalog = place.write("catalog.json", {"streams": [selected]})
    program, manifest = str(place.programs / "source-declarative-manifest"), str(CLIENTS / "airbyte.yaml")
    return [program, "read", "--config", config, "--catalog", catalog, "--manifest-path", manifest]


def dlt(step: str, *resources: str) -> Callable[[Place], list[str]]:
    """Return dlt's command for a step: `extract`, `load` (all three), or `show` what they wrote."""

    def command(place: Place) -> list[str]:
        program = [str(place.programs / "python"), str(CLIENTS / "dlt_rest_api.py")]
        return [*program, step, str(place.folder / "dlt"), *(resources or ["Invoice"])]

    return command


QUIET = {"RUNTIME__DLTHUB_TELEMETRY": "false"}
PLAIN_FILES = {**QUIET, "DATA_WRITER__DISABLE_COMPRESSION": "true"}

FLOOR = Client("requests, pages split only", "requests", _split_pages)
TAP = Client("**tap-sevdesk**", OURS, tap())
TAP_AHEAD = Client("**tap-sevdesk**, read_ahead 4", OURS, tap(read_ahead=4))
DLT_PLAIN = Client("dlt, extract only, uncompressed", "dlt", dlt("extract"), dlt("show"), PLAIN_FILES)
DLT = Client("dlt, extract only", "dlt", dlt("extract"), dlt("show"), QUIET)
PLAIN_TAP = Client("plain singer-sdk tap", "singer-sdk", _plain_tap)
AIRBYTE = Client("Airbyte low-code", "airbyte", _airbyte)
MSDK = Client("tap-rest-api-msdk", "tap-rest-api-msdk", _rest_api_msdk)
DLT_LOAD = Client("dlt to DuckDB", "dlt-parquet", dlt("load"), dlt("show"), PLAIN_FILES)

EXTRACTORS = (FLOOR, TAP, DLT_PLAIN, DLT, AIRBYTE, PLAIN_TAP, MSDK)
