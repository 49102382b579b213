"""dbt's manifest, which the code location is made of, and what it says of the project."""

import fcntl
import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import sevdesk_report

from orchestration.environment import ROOT, Environment, child_environment, program
from orchestration.meltano.child import child

PROJECT = ROOT / "transform"
FOLDERS = ("models", "macros", "tests", "seeds", "snapshots", "analyses")
PARSED_FROM = (*FOLDERS, "dbt_project.yml", "profiles.yml")
SETTINGS_IN_MODELS = ("SEVDESK_START_DATE",)  # env_var() in models and macros, beside the refusals'
PARSE_TIMEOUT = 300.0
MARTS = "analytics"
READ = {"nodes", "sources", "parent_map"}  # the parts of a manifest that are needed here
AUDIT = "extractions"  # written by the tap about its reads, not a list of sevDesk


class ManifestError(Exception):
    """The dbt project cannot be parsed; the message says why."""


def manifest_path(environment: Environment, project: Path = PROJECT) -> Path:
    """Return where the manifest of `environment` lies; each has its own, as table names differ."""
    return project / "target" / environment.name / "dagster" / "manifest.json"


def prepare(environment: Environment, project: Path = PROJECT) -> Path:
    """Make the manifest unless it is newer than its sources; return its path. Raises ManifestError.

    Processes that start together, as after a deployment, parse one at a time: dbt writes into one folder.
    """
    path = manifest_path(environment, project)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists() or path.stat().st_mtime < _newest_source(project):
            _parse(environment, project)
            sevdesk_report.publish((path.parents[1] / "manifest.json").read_bytes(), path)
    return path


def read(environment: Environment, project: Path = PROJECT) -> dict[str, Any]:
    """Return the manifest of `environment`, made first where it has to be. Raises ManifestError.

    A file that was damaged is made anew: it follows from the project.
    """
    for _ in range(2):
        path = prepare(environment, project)
        with suppress(ValueError):
            manifest = json.loads(path.read_text(encoding="utf-8"))
            if isinstance(manifest, dict) and manifest.keys() >= READ:
                return manifest
        path.unlink(missing_ok=True)
    raise ManifestError(f"dbt's manifest, {path}, cannot be read. Remove transform/target and run again.")


def _parse(environment: Environment, project: Path) -> None:
    """Parse in a process of its own: a code server that only shows the manifest keeps no dbt in memory."""
    env = child_environment(
        environment,
        SEVDESK_API_KEY="",
        DBT_LOG_PATH=str(project.parent / "logs"),
        DBT_TARGET_PATH=str(project / "target" / environment.name),
        DBT_PROFILES_DIR=str(project),
        DBT_SEND_ANONYMOUS_USAGE_STATS="false",
        DBT_USE_COLORS="false",
    )
    # all of it: what dbt kept of an earlier parse may belong to another version of it
    command: list[str | Path] = [program("dbt"), "--quiet", "parse", "--no-partial-parse"]
    with child(command, cwd=project, env=env, timeout=PARSE_TIMEOUT) as running:
        said = [line.strip() for line in running.lines() if line.strip()]
        if running.exit_code():
            crashed = any("Traceback" in line for line in said)
            reason = said[-1] if crashed else " ".join(said)
            raise ManifestError(
                f"The dbt project in transform/ does not parse: {reason or 'dbt said nothing.'}"
            )


def needed_streams(manifest: dict[str, Any]) -> set[str]:
    """Return the lists of sevDesk that some mart is made from, by dbt's lineage."""
    todo = [key for key, node in manifest["nodes"].items() if str(node.get("schema")).lower() == MARTS]
    seen: set[str] = set()
    while todo:
        key = todo.pop()
        if key not in seen:
            seen.add(key)
            todo += manifest["parent_map"].get(key, [])
    sources = (manifest["sources"][key] for key in seen if key in manifest["sources"])
    return {node["name"] for node in sources if node["source_name"] == "sevdesk"} - {AUDIT}


def required_streams(manifest: dict[str, Any]) -> set[str]:
    """Return those without which a run fails; a source whose meta says `needed: false` is in no total."""
    sources = {node["name"]: node for node in manifest["sources"].values()}
    return {
        name
        for name in needed_streams(manifest)
        if sources[name].get("config", {}).get("meta", {}).get("needed", True)
    }


def checksum(env: Mapping[str, str], project: Path = PROJECT) -> str:
    """Return a checksum of all that models are made of: another one means that they are other ones.

    That is what dbt parses, and the settings in `env` that become part of a model.
    """
    found = hashlib.sha256("\0".join(env.get(name, "") for name in SETTINGS_IN_MODELS).encode())
    for path in _sources(project):
        if path.is_file():
            found.update(f"{path.relative_to(project)}\0".encode() + path.read_bytes() + b"\0")
    return found.hexdigest()


def _sources(project: Path) -> list[Path]:
    """Return the files and folders that dbt parses."""
    roots = [project / name for name in PARSED_FROM]
    return sorted(path for root in roots if root.exists() for path in (root, *root.rglob("*")))


def _newest_source(project: Path) -> float:
    """Return the latest modification time, in Unix seconds; that of a folder shows deleted files."""
    return max(path.stat().st_mtime for path in _sources(project))
