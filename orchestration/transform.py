"""dbt: the manifest, `dbt build` event by event, and rows read back through dbt's own connection.

dbt runs as a child of ours, not through DbtCliResource: that one runs `dbt --version` first, which asks
PyPI over the network at every run, opens a second adapter, and leaves a folder behind each time.
"""

import json
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orchestration.child import child
from orchestration.worlds import ROOT, World, child_environment, program

PROJECT = ROOT / "transform"
PARSED_FROM = (
    "models",
    "macros",
    "tests",
    "seeds",
    "snapshots",
    "analyses",
    "dbt_project.yml",
    "profiles.yml",
)
PARSE_TIMEOUT = 300.0
SHOW_TIMEOUT = 600.0

Event = dict[str, Any]


class DbtError(Exception):
    """dbt failed; the message is one or two plain sentences."""


def manifest_path(world: World, project: Path = PROJECT) -> Path:
    """Return where the manifest of `world` lies; each world has its own, as table names differ."""
    return project / "target" / world.name / "dagster" / "manifest.json"


def prepare(world: World, project: Path = PROJECT) -> Path:
    """Make the manifest unless it is newer than all it is made from; return its path. Raises DbtError."""
    path = manifest_path(world, project)
    if not path.exists() or path.stat().st_mtime < _newest_source(project):
        for _ in dbt(world, ["parse"], timeout=PARSE_TIMEOUT, project=project):
            pass
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        shutil.copyfile(path.parents[1] / "manifest.json", fresh)
        fresh.replace(path)  # never seen half-written
    return path


def _newest_source(project: Path) -> float:
    """Return the latest modification time, in Unix seconds; a folder's own tells of deleted files."""
    roots = [project / name for name in PARSED_FROM]
    return max(path.stat().st_mtime for root in roots if root.exists() for path in (root, *root.rglob("*")))


def rows(world: World, query: str, project: Path = PROJECT) -> list[dict[str, Any]]:
    """Return the rows of `query`, SQL with dbt's `ref`. Cast amounts to text in it: they come as floats."""
    arguments = ["show", "--inline", query, "--output", "json", "--limit", "-1"]
    for event in dbt(world, arguments, timeout=SHOW_TIMEOUT, project=project):
        if event["info"]["name"] == "ShowNode":
            return list(json.loads(event["data"]["preview"]))
    return []


def finished(event: Event) -> str | None:
    """Return the kind of node whose end `event` tells (`model`, `test`, ...), else None."""
    ends = {"LogModelResult", "LogSeedResult", "LogSnapshotResult", "LogTestResult"}
    return event["data"]["node_info"]["resource_type"] if event["info"]["name"] in ends else None


@dataclass
class Failures:
    """What went wrong in one dbt run: rules (tests) that do not hold, models not built, the rest."""

    rules: list[str] = field(default_factory=list)
    models: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)

    def note(self, event: Event) -> None:
        """Take in one event of dbt's log."""
        name, node = event["info"]["name"], event["data"].get("node_info", {})
        status = node.get("node_status")
        if name == "LogTestResult" and status in {"fail", "error"}:
            count = event["data"].get("num_failures")
            self.rules.append(node["node_name"] + (f" ({count} rows)" if status == "fail" and count else ""))
        elif name in {"LogModelResult", "LogSeedResult", "LogSnapshotResult"} and status == "error":
            self.models.append(node["node_name"])
        elif event["info"]["level"] == "error":
            self.other.append(event["info"]["msg"].strip())

    def reason(self, exit_code: int) -> str:
        """Return the failure in one plain sentence."""
        everything = "\n".join(self.other)
        if "Could not set lock on file" in everything:
            holder = re.search(r"\(PID (\d+)\)", everything)
            who = f"process {holder[1]}" if holder else "another program"
            return f"The warehouse file is open in {who}. Close it there, then run again."
        if self.models:
            return f"dbt could not build {_names(self.models)}: {_last_line(self.other)}"
        if self.rules:
            return f"The figures break {_many(self.rules, 'rule')}: {_names(self.rules)}."
        return f"dbt ended with exit code {exit_code}: {_last_line(self.other)}"


def dbt(
    world: World,
    arguments: Sequence[str],
    *,
    timeout: float,
    project: Path = PROJECT,
) -> Iterator[Event]:
    """Run dbt in `world`; yield the events of its log. Raises DbtError at the end unless it succeeded.

    `timeout` is in seconds. The complete log is in `logs/dbt.log`.
    """
    env = child_environment(
        world,
        DBT_LOG_FORMAT="json",
        DBT_LOG_PATH=str(project.parent / "logs"),
        DBT_TARGET_PATH=str(project / "target" / world.name),
        DBT_PROFILES_DIR=str(project),
        DBT_SEND_ANONYMOUS_USAGE_STATS="false",
        DBT_USE_COLORS="false",
    )
    failures = Failures()
    with child([program("dbt"), *arguments], cwd=project, env=env, timeout=timeout) as running:
        for line in running.lines():
            try:
                event: Event = json.loads(line)
                failures.note(event)
            except (ValueError, TypeError, KeyError):  # not an event: a warning of some library
                failures.other.append(line)
                continue
            yield event
        code = running.exit_code()
    if running.timed_out.is_set():
        raise DbtError(f"dbt was stopped after {timeout / 60:.0f} minutes, its limit.")
    if code:
        raise DbtError(failures.reason(code))


def _many(things: list[str], name: str) -> str:
    return f"{len(things)} {name}{'s' if len(things) > 1 else ''}"


def _names(things: list[str], shown: int = 3) -> str:
    rest = len(things) - shown
    return ", ".join(things[:shown]) + (f" and {rest} more" if rest > 0 else "")


def _last_line(texts: list[str]) -> str:
    lines = [line.strip() for text in texts for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing; see logs/dbt.log"
