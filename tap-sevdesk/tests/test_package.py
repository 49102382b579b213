"""The package as a stranger gets it: built, installed into an empty environment, run."""

import ast
import json
import re
import subprocess
import sys
import zipfile
from email import message_from_bytes
from email.message import Message
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from tap_sevdesk.streams import SOURCES

PACKAGE = Path(__file__).parents[1]
UV = Path(sys.executable).with_name("uv")


def uv(*arguments: str | Path, cwd: Path) -> None:
    """Run uv on its cache, which `make install` has filled; on the registry where that does not suffice."""
    for source in (["--offline"], []):
        done = subprocess.run(
            [UV, *arguments, "--quiet", *source], cwd=cwd, capture_output=True, text=True, check=False
        )
        if done.returncode == 0:
            return
    pytest.fail(done.stderr)


def tap(*arguments: str, cwd: Path) -> Any:
    """Run the tap installed in `cwd`, without any variable of this process, and decode what it prints."""
    command = cwd / "env" / "bin" / "tap-sevdesk"
    done = subprocess.run([command, *arguments], cwd=cwd, env={}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from the sdist, and that from the sources."""
    out = tmp_path_factory.mktemp("dist")
    uv("build", "--out-dir", out, PACKAGE, cwd=out)
    (sdist,) = out.glob("tap_sevdesk-*.tar.gz")
    (built,) = out.glob("tap_sevdesk-*-py3-none-any.whl")
    assert sdist.stat().st_size < 200_000
    return built


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return message_from_bytes(archive.read(name))


def test_the_wheel_holds_every_module_schema_and_the_type_marker_and_nothing_else(wheel: Path) -> None:
    sources = {
        path.relative_to(PACKAGE).as_posix()
        for path in (PACKAGE / "tap_sevdesk").rglob("*")
        if path.is_file()
    }
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert packed == {name for name in sources if "__pycache__" not in name}
    assert {"tap_sevdesk/py.typed", "tap_sevdesk/schemas/invoices.json"} <= packed


def test_what_is_declared_is_imported_and_what_is_imported_is_declared(metadata: Message) -> None:
    imported = {
        name.split(".")[0]
        for path in (PACKAGE / "tap_sevdesk").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for name in names_imported(node)
    }
    foreign = imported - sys.stdlib_module_names - {"tap_sevdesk"}
    distributions = {packages_distributions()[name][0].lower() for name in foreign}
    assert distributions == {Requirement(text).name for text in metadata.get_all("Requires-Dist", [])}


def names_imported(node: ast.AST) -> list[str]:
    """Name the modules that one statement imports; relative ones are our own."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.level == 0:
        return [node.module or ""]
    return []


def test_every_dependency_has_a_lower_bound(metadata: Message) -> None:
    for text in metadata.get_all("Requires-Dist", []):
        assert {operator.operator for operator in Requirement(text).specifier} & {">=", "~="}, text


def test_the_classifiers_name_the_pythons_from_the_oldest_allowed_on_without_a_gap(metadata: Message) -> None:
    allowed = SpecifierSet(metadata["Requires-Python"])
    named = re.findall(r"Python :: (3\.\d+)", "\n".join(metadata.get_all("Classifier", [])))
    possible = [f"3.{minor}" for minor in range(30) if f"3.{minor}" in allowed]
    assert named
    assert named == possible[: len(named)]


def test_the_changelog_begins_with_the_version_of_the_package(metadata: Message) -> None:
    assert (
        re.findall(r"^## \[(.+?)\]", (PACKAGE / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)[0]
        == metadata["Version"]
    )


def test_the_wheel_installs_and_runs_in_an_empty_environment(
    wheel: Path, metadata: Message, tmp_path: Path
) -> None:
    uv("venv", "--python", sys.executable, "env", cwd=tmp_path)
    uv(
        "pip",
        "install",
        "--python",
        "env",
        "--constraint",
        PACKAGE.parent / "constraints.txt",
        wheel,
        cwd=tmp_path,
    )
    assert tap("--about", "--format=json", cwd=tmp_path)["version"] == metadata["Version"]
    found = [stream["tap_stream_id"] for stream in tap("--discover", cwd=tmp_path)["streams"]]
    assert found == [*(source.name for source in SOURCES), "extractions"]
