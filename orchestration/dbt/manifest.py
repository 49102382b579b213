"""dbt's manifest, which the code location is made of, and what it says of the project."""

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from math import inf
from pathlib import Path
from typing import Any

import sevdesk_report

from orchestration.environment import ROOT, Environment, child_environment, program
from orchestration.errors import in_one_line
from orchestration.meltano.child import child
from orchestration.meltano.lock import only_one

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
    """Make the manifest unless it is of these very sources; return its path. Raises ManifestError.

    Processes that start together, as after a deployment, parse one at a time: dbt writes into one folder.
    """
    path = manifest_path(environment, project)
    made_of = path.with_suffix(".sha256")
    with only_one(path.with_suffix(".lock"), patience=inf):
        sources = checksum({}, project)
        if not path.exists() or not made_of.exists() or made_of.read_text(encoding="utf-8") != sources:
            _parse(environment, project)
            sevdesk_report.publish((path.parents[1] / "manifest.json").read_bytes(), path)
            sevdesk_report.publish(sources, made_of)
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
    env = child_environment(environment, SEVDESK_API_KEY="")
    # all of it: what dbt kept of an earlier parse may belong to another version of it
    parse = ["--quiet", "parse", "--no-partial-parse", *options(environment, project)]
    with child([program("dbt"), *parse], cwd=project, env=env, timeout=PARSE_TIMEOUT) as running:
        said = in_one_line("\n".join(running.lines())) or "dbt said nothing."
        if running.timed_out:
            said = f"dbt was stopped after {PARSE_TIMEOUT / 60:.0f} minutes, its limit."
        if running.exit_code():
            raise ManifestError(f"The dbt project in transform/ does not parse: {said}")


def options(environment: Environment, project: Path) -> list[str]:
    """Return the options of each command of dbt."""
    return [
        *("--project-dir", str(project), "--profiles-dir", str(project), "--target", environment.name),
        *("--target-path", str(project / "target" / environment.name)),
        *("--log-path", str(project.parent / "logs"), "--no-use-colors", "--no-send-anonymous-usage-stats"),
    ]


def needed_streams(manifest: Mapping[str, Any]) -> set[str]:
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


def required_streams(manifest: Mapping[str, Any]) -> set[str]:
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
    roots = [project / name for name in PARSED_FROM]
    for path in sorted(path for root in roots for path in (root, *root.rglob("*")) if path.is_file()):
        found.update(f"{path.relative_to(project)}\0".encode() + path.read_bytes() + b"\0")
    return found.hexdigest()
