"""The warehouse file for people: a copy that is replaced in one step, whoever has the old one open."""

from __future__ import annotations

import errno
import shutil
import subprocess
import sys
from contextlib import contextmanager
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


@pytest.fixture(autouse=True)
def output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(published, "WAREHOUSE", tmp_path / ".pipeline" / "warehouse.duckdb")
    monkeypatch.setattr(published, "PUBLISHED", tmp_path / "warehouse.duckdb")
    return tmp_path


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


def test_people_open_a_copy_with_its_views(output: Path) -> None:
    write(published.WAREHOUSE, 1)
    published.publish(LOCAL)
    assert shown(published.PUBLISHED) == 1
    assert [each.name for each in output.rglob("*") if each.is_file()] == ["warehouse.duckdb"] * 2


def test_who_has_it_open_stops_nothing_and_leaves_nothing_behind() -> None:
    write(published.WAREHOUSE, 1)
    published.publish(LOCAL)
    write(published.WAREHOUSE, 2)
    with writer(published.PUBLISHED, "update figures set figure = 99") as process:
        assert published.PUBLISHED.with_name("warehouse.duckdb.wal").exists()
        published.publish(LOCAL)
        assert shown(published.PUBLISHED) == 2
        process.communicate()
    assert shown(published.PUBLISHED) == 2


def test_a_copy_that_cannot_be_written_leaves_the_old_one(
    output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(source: Path, target: Path) -> None:
        target.write_bytes(source.read_bytes()[:100])
        raise OSError(errno.ENOSPC, "No space left on device")

    write(published.WAREHOUSE, 1)
    published.publish(LOCAL)
    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(PublicError, match="No space left on device"):
        published.publish(LOCAL)
    assert shown(published.PUBLISHED) == 1
    assert list(output.rglob("*.copy")) == []


def test_half_a_copy_of_a_run_that_was_killed_is_removed(output: Path) -> None:
    write(published.WAREHOUSE, 1)
    (output / ".pipeline" / "4711.copy").write_bytes(b"half")
    published.publish(LOCAL)
    assert list(output.rglob("*.copy")) == []


def test_the_pipelines_own_file_open_elsewhere_is_named_with_its_holder() -> None:
    write(published.WAREHOUSE, 1)
    with writer(published.WAREHOUSE, "select 1") as process:
        with pytest.raises(PublicError, match=rf"\(PID {process.pid}\)"):
            published.publish(LOCAL)
        process.communicate()


class TestTheFileOfAnEarlierVersion:
    def test_becomes_the_pipelines_own_and_stays_the_same_file(self) -> None:
        write(published.PUBLISHED, 1)
        was = published.PUBLISHED.stat().st_ino
        published.take_over(LOCAL)
        assert (published.WAREHOUSE.stat().st_ino, shown(published.WAREHOUSE)) == (was, 1)
        assert published.is_missing(LOCAL), "so the next run publishes"

    def test_with_what_a_killed_writer_left_beside_it(self) -> None:
        write(published.PUBLISHED, 1)
        with writer(published.PUBLISHED, "update figures set figure = 2") as process:
            process.kill()
        published.take_over(LOCAL)
        assert shown(published.WAREHOUSE) == 2

    def test_but_a_copy_beside_the_pipelines_own_is_left_alone(self) -> None:
        write(published.WAREHOUSE, 2)
        write(published.PUBLISHED, 1)
        published.take_over(LOCAL)
        assert (shown(published.WAREHOUSE), shown(published.PUBLISHED)) == (2, 1)


def test_with_snowflake_there_is_no_file(output: Path) -> None:
    published.take_over(PROD)
    published.publish(PROD)
    assert not published.is_missing(PROD)
    assert list(output.iterdir()) == []
