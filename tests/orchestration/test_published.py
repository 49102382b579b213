"""The warehouse file for people: a copy that is replaced in one step, whoever has the old one open."""

from __future__ import annotations

import errno
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from orchestration import published
from orchestration.environment import Environment
from orchestration.errors import PublicError

if TYPE_CHECKING:
    from collections.abc import Iterator

LOCAL = Environment("local", "target-duckdb")
PROD = Environment("prod", "target-snowflake")
WRITER = """
import duckdb, sys
with duckdb.connect(sys.argv[1]) as file:
    file.execute("set checkpoint_threshold = '1GB'")
    file.execute(sys.argv[2])
    print("open", flush=True)
    sys.stdin.read()
"""


@dataclass
class Files:
    """The pipeline's own file and the one that people open."""

    own: Path
    copy: Path


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    found = Files(tmp_path / ".pipeline" / "warehouse.duckdb", tmp_path / "warehouse.duckdb")
    monkeypatch.setattr(published, "WAREHOUSE", found.own)
    monkeypatch.setattr(published, "PUBLISHED", found.copy)
    return found


def write(file: Path, number: int) -> None:
    """Make a warehouse with a view, as the marts are, that shows `number`."""
    file.parent.mkdir(exist_ok=True)
    with duckdb.connect(str(file)) as db:
        db.execute(f"create or replace table figures as select {number} as figure")
        db.execute('create or replace view mart as select figure from "warehouse"."main".figures')


def shown(file: Path) -> Any:
    with duckdb.connect(str(file), read_only=True) as db:
        return db.execute("from mart").fetchall()[0][0]


@contextmanager
def writer(file: Path, statement: str) -> Iterator[subprocess.Popen[str]]:
    """Have `file` open for writing in another program, with `statement` done and not yet in the file."""
    command = [sys.executable, "-c", WRITER, str(file), statement]
    with subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        yield process


def test_people_open_a_copy_with_its_views(files: Files, tmp_path: Path) -> None:
    write(files.own, 1)
    published.publish(LOCAL)
    assert shown(files.copy) == 1
    assert [each.name for each in tmp_path.rglob("*") if each.is_file()] == ["warehouse.duckdb"] * 2


def test_who_has_it_open_stops_nothing_and_leaves_nothing_behind(files: Files) -> None:
    write(files.own, 1)
    published.publish(LOCAL)
    write(files.own, 2)
    with writer(files.copy, "update figures set figure = 99") as process:
        assert files.copy.with_name("warehouse.duckdb.wal").exists()
        published.publish(LOCAL)
        assert shown(files.copy) == 2
        process.communicate()
    assert shown(files.copy) == 2


def test_a_copy_that_cannot_be_written_leaves_the_old_one(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(source: Path, target: Path) -> None:
        target.write_bytes(source.read_bytes()[:100])
        raise OSError(errno.ENOSPC, "No space left on device")

    write(files.own, 1)
    published.publish(LOCAL)
    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(PublicError, match="No space left on device"):
        published.publish(LOCAL)
    assert shown(files.copy) == 1
    assert list(tmp_path.rglob("*.copy")) == []


def test_half_a_copy_of_a_run_that_was_killed_is_removed(files: Files, tmp_path: Path) -> None:
    write(files.own, 1)
    (tmp_path / ".pipeline" / "4711.copy").write_bytes(b"half")
    published.publish(LOCAL)
    assert list(tmp_path.rglob("*.copy")) == []


def test_the_pipelines_own_file_open_elsewhere_is_named_with_its_holder(files: Files) -> None:
    write(files.own, 1)
    with writer(files.own, "select 1") as process:
        with pytest.raises(PublicError, match=rf"\(PID {process.pid}\)"):
            published.publish(LOCAL)
        process.communicate()


class TestTheFileOfAnEarlierVersion:
    def test_becomes_the_pipelines_own_and_stays_the_same_file(self, files: Files) -> None:
        write(files.copy, 1)
        was = files.copy.stat().st_ino
        published.take_over(LOCAL)
        assert (files.own.stat().st_ino, shown(files.own)) == (was, 1)
        assert published.is_missing(LOCAL), "so the next run publishes"

    def test_with_what_a_killed_writer_left_beside_it(self, files: Files) -> None:
        write(files.copy, 1)
        with writer(files.copy, "update figures set figure = 2") as process:
            process.kill()
        published.take_over(LOCAL)
        assert shown(files.own) == 2

    def test_but_a_copy_beside_the_pipelines_own_is_left_alone(self, files: Files) -> None:
        write(files.own, 2)
        write(files.copy, 1)
        published.take_over(LOCAL)
        assert (shown(files.own), shown(files.copy)) == (2, 1)


def test_with_snowflake_there_is_no_file(tmp_path: Path) -> None:
    published.take_over(PROD)
    published.publish(PROD)
    assert not published.is_missing(PROD)
    assert list(tmp_path.iterdir()) == []
