"""The front door: `make` starts what it is to start, wherever the project lies."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.environment import ROOT
from orchestration.idle import RUN
from orchestration.meltano.lock import only_one

PACKAGES = ("", "tap-sevdesk", "tap-ecb", "target-duckdb", "sandbox", "report")
PROGRAMS = ("sevdesk-sandbox", "pytest", "ruff", "mypy", "deptry", "zizmor", "python")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project in a folder with a space in its name, whose programs say that they were started."""
    project = tmp_path / "Müllers project"
    for package in PACKAGES:
        (project / package).mkdir(parents=True, exist_ok=True)
        (project / package / "pyproject.toml").touch()
    (project / "constraints.txt").touch()
    (project / ".venv" / "bin").mkdir(parents=True)
    for name in PROGRAMS:
        (project / ".venv" / "bin" / name).write_text(f"#!/bin/sh\necho {name} runs\n")
        (project / ".venv" / "bin" / name).chmod(0o755)
    for extra in ("", "-ui", "-test"):
        (project / ".venv" / f".installed{extra}").touch()
    shutil.copy(ROOT / "Makefile", project)
    return project


@pytest.mark.parametrize(
    ("target", "program"),
    [("run", "sevdesk-sandbox"), ("sandbox", "sevdesk-sandbox"), ("test", "pytest"), ("lint-python", "mypy")],
)
def test_a_folder_with_a_space_in_its_name_is_fine(project: Path, target: str, program: str) -> None:
    made = subprocess.run(["make", target], cwd=project, capture_output=True, text=True, check=False)
    assert (made.returncode, made.stderr) == (0, "")
    assert f"{program} runs" in made.stdout


def test_nothing_is_deleted_below_a_run(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "output").mkdir()
    (tmp_path / ".venv").symlink_to(sys.prefix)
    command = ["make", "reset", f"DAGSTER_HOME={tmp_path / 'home'}"]
    with only_one(tmp_path / "home" / RUN):
        refused = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert refused.stderr.startswith("Error: Another run is still going on in this folder.")
        assert (tmp_path / "output").exists()
    subprocess.run(command, cwd=tmp_path, check=True)
    assert not (tmp_path / "output").exists()
