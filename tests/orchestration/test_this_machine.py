"""A full disk, a folder in the way, a damaged history: a sentence that says what to do."""

import errno
import resource
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration import this_machine

ADVICE = "Check its folder, its disk and permissions, and run again."


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_a_home_that_is_not_there_yet_is_fine(home: Path) -> None:
    assert this_machine.problem(home) is None


def test_a_disk_without_room_is_reported(home: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, hard))
    try:
        said = this_machine.problem(home)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert said == f"{home}: File too large. {ADVICE}"


def test_a_full_disk_is_reported_although_the_system_names_no_file(home: Path) -> None:
    said = this_machine.explain(OSError(errno.ENOSPC, "No space left on device"))
    assert said == f"{home}: No space left on device. {ADVICE}"


def test_a_file_in_the_way_is_reported(home: Path) -> None:
    home.write_text("in the way")
    assert str(this_machine.problem(home)).startswith(f"{home}: File exists.")


@pytest.mark.parametrize("name", ["history/runs.db", "history/runs/index.db", "schedules/schedules.db"])
def test_a_damaged_database_is_reported_with_the_folder_to_move_away(home: Path, name: str) -> None:
    (home / name).parent.mkdir(parents=True)
    (home / name).write_bytes(b"no database" * 100)
    said = str(this_machine.problem(home))
    assert "cannot be used (file is not a database)" in said
    assert f"move the folder `{name.partition('/')[0]}` away" in said
    assert this_machine.explain(sqlite3.DatabaseError("file is not a database")) == said


@pytest.mark.parametrize("module", ["this_machine", "webhook", "ui"])
def test_a_part_that_needs_the_history_says_so_in_one_line(home: Path, module: str) -> None:
    """`this_machine` runs before the daemon and the code server, which are programs of Dagster's."""
    (home / "history").mkdir(parents=True)
    (home / "history" / "runs.db").write_bytes(b"no database" * 100)
    command = [sys.executable, "-m", f"orchestration.{module}"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith(f"Error: Dagster's history of runs in {home} cannot be used (file is not")
    assert ended.stderr.count("\n") == 1


def test_an_error_of_our_own_is_not_explained_away() -> None:
    assert this_machine.explain(KeyError("id")) is None
