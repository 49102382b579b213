"""dbt: the manifest, `dbt build` event by event, and rows read back through dbt's own connection.

dbt runs as a child of ours, not through DbtCliResource: that one runs `dbt --version` first, which asks
PyPI over the network at every run, opens a second adapter, and leaves a folder behind each time.
"""

import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from orchestration.dbt.events import DbtLog, Event
from orchestration.environment import ROOT, World, child_environment, program
from orchestration.meltano.child import child

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


class DbtError(Exception):
    """dbt failed; the message is one or two plain sentences, `public` the same without words of the data."""

    def __init__(self, reason: str, public: str = "") -> None:
        super().__init__(reason)
        self.public = public or reason


def manifest_path(world: World, project: Path = PROJECT) -> Path:
    """Return where the manifest of `world` lies; each world has its own, as table names differ."""
    return project / "target" / world.name / "dagster" / "manifest.json"


def prepare(world: World, project: Path = PROJECT) -> Path:
    """Make the manifest unless it is newer than all it is made from; return its path. Raises DbtError."""
    path = manifest_path(world, project)
    if not path.exists() or path.stat().st_mtime < _newest_source(project):
        # all of it: parsing only what changed, dbt misses what a changed macro now refers to in a hook
        for _ in dbt(world, ["parse", "--no-partial-parse"], timeout=PARSE_TIMEOUT, project=project):
            pass
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        shutil.copyfile(path.parents[1] / "manifest.json", fresh)
        fresh.replace(path)  # never seen half-written
    return path


def _sources(project: Path) -> list[Path]:
    """Return the files and folders that dbt parses."""
    roots = [project / name for name in PARSED_FROM]
    return sorted(path for root in roots if root.exists() for path in (root, *root.rglob("*")))


def _newest_source(project: Path) -> float:
    """Return the latest modification time, in Unix seconds; a folder's own tells of deleted files."""
    return max(path.stat().st_mtime for path in _sources(project))


def _version(project: Path) -> str:
    """Return a checksum of all that dbt parses, for dbt to see that the models are other ones."""
    found = hashlib.sha256()
    for path in _sources(project):
        if path.is_file():
            found.update(f"{path.relative_to(project)}\0".encode() + path.read_bytes() + b"\0")
    return found.hexdigest()


def rows(world: World, query: str, project: Path = PROJECT) -> list[dict[str, Any]]:
    """Return the rows of `query`, SQL with dbt's `ref`. Cast amounts to text in it: they come as floats."""
    arguments = ["show", "--inline", query, "--output", "json", "--limit", "-1"]
    found: list[dict[str, Any]] = []
    for event in dbt(world, arguments, timeout=SHOW_TIMEOUT, project=project):
        if event["info"]["name"] == "ShowNode":
            found = json.loads(event["data"]["preview"])
    return found


def dbt(
    world: World,
    arguments: Sequence[str],
    *,
    timeout: float,
    log: DbtLog | None = None,
    project: Path = PROJECT,
) -> Iterator[Event]:
    """Run dbt in `world`; yield the events of its log. Raises DbtError at the end unless it succeeded.

    Rules about the reading do not count: nothing is wrong with the models then, and the report shows it.

    `timeout` is in seconds. `log` follows the events, for those who want to know more than their order.
    All that dbt says is in `logs/dbt.log`.
    """
    log = log or DbtLog()
    env = child_environment(
        world,
        DBT_LOG_FORMAT="json",
        DBT_LOG_PATH=str(project.parent / "logs"),
        DBT_TARGET_PATH=str(project / "target" / world.name),
        DBT_PROFILES_DIR=str(project),
        DBT_SEND_ANONYMOUS_USAGE_STATS="false",
        DBT_USE_COLORS="false",
        MODELS_VERSION=_version(project),
    )
    with child([program("dbt"), *arguments], cwd=project, env=env, timeout=timeout) as running:
        for line in running.lines():
            try:
                event: Event = json.loads(line)
                log.follow(event)
            except (ValueError, TypeError, KeyError):  # no event: the last words of Python, or a library's
                log.errors.append(line)
                continue
            yield event
        code = running.exit_code()
    if running.timed_out.is_set():
        raise DbtError(f"dbt was stopped after {timeout / 60:.0f} minutes, its limit.")
    if code and not log.only_the_reading_failed(code):
        raise DbtError(log.reason(code), log.public_reason(code))
