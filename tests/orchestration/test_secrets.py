"""Which program gets which secret: our meltano.yml with a tap and a loader that write down what they got."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.environment import (
    OF_ALERTS_AND_WEBHOOK,
    OF_DBT,
    OF_SNOWFLAKE,
    ROOT,
    Environment,
    program,
    read_environment,
)
from orchestration.meltano.run import read

PROGRAM = f"""#!{sys.executable}
import json, os, sys
NOTHING = {{"type": "SCHEMA", "stream": "s", "schema": {{"properties": {{}}}}, "key_properties": []}}
json.dump(dict(os.environ), open(os.path.basename(sys.argv[0]) + ".env", "w"))
print(json.dumps(NOTHING)) if "tap" in sys.argv[0] else sys.stdin.read()
"""
ALL = ("SEVDESK_API_KEY", *OF_ALERTS_AND_WEBHOOK, *OF_SNOWFLAKE, *OF_DBT)


def secrets(environment: Path) -> set[str]:
    """Return the secrets in an environment, whatever they are called there."""
    values = set(json.loads(environment.read_text()).values())
    return {name for name in ALL if any(f"the {name}" in value for value in values)}


def a_project(folder: Path) -> None:
    """Put our meltano.yml into `folder`, with the two programs in place of tap and loader."""
    melt = (ROOT / "meltano.yml").read_text()
    melt = re.sub(r"executable: (tap|target)-\w+", r"executable: ./\1", melt)
    (folder / "meltano.yml").write_text(re.sub(r".*(pip_url|capabilities): .*\n", "", melt))
    for name in ("tap", "target"):
        (folder / name).write_text(PROGRAM)
        (folder / name).chmod(0o755)


def write_env_file(folder: Path) -> None:
    (folder / ".env").write_text("".join(f"{name}='the {name}'\n" for name in ALL))


@pytest.mark.parametrize("source", ["environment", ".env"])
def test_a_plugin_gets_its_own_secrets_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    a_project(tmp_path)
    for name in ("MELTANO_ENVIRONMENT", *ALL):  # set first, so that what .env sets is undone
        monkeypatch.setenv(name, f"the {name}" if source == "environment" else "")
        if source == ".env":
            monkeypatch.delenv(name)
    monkeypatch.setenv("MELTANO_ENVIRONMENT", "prod")
    if source == ".env":
        write_env_file(tmp_path)
    chosen: Environment = read_environment(tmp_path)
    read(chosen, lambda _level, _text: None, timeout=300, root=tmp_path)
    assert secrets(tmp_path / "tap.env") == {"SEVDESK_API_KEY"}
    assert secrets(tmp_path / "target.env") == set(OF_SNOWFLAKE)


@pytest.mark.parametrize(
    ("environment", "plugins", "theirs"),
    [
        ("prod", ("tap-sevdesk", "target-snowflake"), ({"SEVDESK_API_KEY"}, set(OF_SNOWFLAKE))),
        ("local", ("tap-ecb", "target-duckdb"), (set(), set())),
    ],
)
def test_so_it_is_when_somebody_starts_meltano_by_hand_which_reads_all_of_env(
    tmp_path: Path, environment: str, plugins: tuple[str, str], theirs: tuple[set[str], set[str]]
) -> None:
    a_project(tmp_path)
    write_env_file(tmp_path)
    subprocess.run(
        [program("meltano"), f"--environment={environment}", "run", *plugins],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if name not in ALL},
        check=True,
        capture_output=True,
    )
    assert (secrets(tmp_path / "tap.env"), secrets(tmp_path / "target.env")) == theirs
