"""Dependencies: wheels for every machine that the README names, and a reason beside each upper bound."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from orchestration.environment import ROOT

DECLARATIONS = [*sorted(ROOT.glob("*/pyproject.toml"), key=str), ROOT / "pyproject.toml"]
LINUX = ["x86_64-manylinux_2_28", "aarch64-manylinux_2_28"]
MACOS = ["x86_64-apple-darwin", "aarch64-apple-darwin"]  # uv takes this as macOS 13


@pytest.mark.parametrize(
    ("machine", "python"),
    [(machine, python) for machine in LINUX for python in ("3.11", "3.14")]
    + [(machine, python) for machine in MACOS for python in ("3.11", "3.13")],
)
def test_every_pinned_version_has_a_wheel(machine: str, python: str) -> None:
    uv = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-header", "--no-annotate"]
    asked = ["--only-binary", ":all:", "--python-platform", machine, "--python-version", python]
    pinned = ["--constraint", "constraints.txt", "--all-extras", *map(str, DECLARATIONS)]
    done = subprocess.run(
        [*uv, *asked, *pinned],
        cwd=ROOT,
        env=os.environ | {"MACOSX_DEPLOYMENT_TARGET": "13.0", "UV_SYSTEM_CERTS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert {"duckdb", "meltano", "snowflake-connector-python"} <= set(
        re.findall(r"^[\w-]+", done.stdout, re.MULTILINE)
    )


@pytest.mark.parametrize("path", DECLARATIONS, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_upper_bound_has_its_reason_beside_it(path: Path) -> None:
    text = path.read_text()
    project = tomllib.loads(text)["project"]
    extras = project.get("optional-dependencies", {}).values()
    declared = [*project["dependencies"], *(each for extra in extras for each in extra)]
    bounds = [each for each in declared if re.search(r"<|~=|==\d", each.split(";")[0])]
    for bound in bounds:
        (line,) = [line for line in text.splitlines() if f'"{bound}"' in line]
        assert "#" in line.split(f'"{bound}"')[1], bound


@pytest.mark.xdist_group("together")
def test_tests_of_one_group_run_in_one_worker(request: pytest.FixtureRequest) -> None:
    """Else each worker builds the models that they share. pytest-xdist 3.8 reads a group off the name."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        assert request.node.nodeid.endswith("@together")
