"""When the ECB's rates are read, and what happens when they cannot be."""

import logging
import os
import time
from pathlib import Path
from typing import Any

import pytest

from orchestration.environment import Environment
from orchestration.meltano import rates
from orchestration.meltano.log import RunLog
from orchestration.meltano.run import ReadError

LOCAL, PROD = Environment("local", "target-duckdb"), Environment("prod", "target-snowflake")
HOUR = 3600.0


class Reads:
    """Stands in for `meltano run tap-ecb`, and notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, bool]] = []
        self.error: ReadError | None = None

    def __call__(self, environment: Environment, _say: object, *, tap: str, full: bool, **_: Any) -> RunLog:
        self.asked.append((environment.name, tap, full))
        if self.error:
            raise self.error
        log = RunLog(tap)
        log.rows["exchange_rates"] = 31
        return log


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    reads = Reads()
    monkeypatch.setattr(rates, "read", reads)
    return reads


def hour(root: Path, environment: Environment = LOCAL, *, full: bool = False) -> tuple[int | None, list[str]]:
    said: list[str] = []
    number = rates.read_rates(
        environment,
        lambda level, text: said.append(f"{logging.getLevelName(level)} {text}"),
        full=full,
        root=root,
    )
    return number, said


def let_pass(root: Path, hours: float) -> None:
    (read_at,) = (root / "output").glob(".rates-*")
    os.utime(read_at, times=(time.time() - hours * HOUR,) * 2)


def test_the_first_run_reads_all_and_the_next_hours_read_nothing(tmp_path: Path, reads: Reads) -> None:
    assert hour(tmp_path) == (31, [])
    assert hour(tmp_path) == (None, [])
    assert reads.asked == [("local", "tap-ecb", True)]


def test_a_day_later_only_new_rates_are_read(tmp_path: Path, reads: Reads) -> None:
    hour(tmp_path)
    let_pass(tmp_path, hours=21)
    hour(tmp_path)
    assert reads.asked[1:] == [("local", "tap-ecb", False)]


def test_the_nightly_run_reads_all_of_them(tmp_path: Path, reads: Reads) -> None:
    hour(tmp_path)
    hour(tmp_path, full=True)
    assert reads.asked[1:] == [("local", "tap-ecb", True)]


def test_each_environment_has_rates_of_its_own(tmp_path: Path, reads: Reads) -> None:
    hour(tmp_path)
    hour(tmp_path, PROD)
    assert [name for name, _, _ in reads.asked] == ["local", "prod"]


def test_with_the_warehouses_folder_the_mark_is_gone_and_all_are_read_again(
    tmp_path: Path, reads: Reads
) -> None:
    hour(tmp_path)
    for file in (tmp_path / "output").iterdir():
        file.unlink()
    hour(tmp_path)
    assert reads.asked[1:] == [("local", "tap-ecb", True)]


def test_a_mark_from_the_future_proves_nothing(tmp_path: Path, reads: Reads) -> None:
    hour(tmp_path)
    let_pass(tmp_path, hours=-48)
    hour(tmp_path)
    assert len(reads.asked) == 2


def test_a_failure_is_a_warning_while_there_are_rates_and_it_is_tried_again(
    tmp_path: Path, reads: Reads
) -> None:
    hour(tmp_path)
    let_pass(tmp_path, hours=21)
    reads.error = ReadError("The disk is full.", transient=False)
    number, said = hour(tmp_path)
    assert number is None
    assert said == [
        "WARNING The exchange rates could not be renewed; those of before are used. The disk is full."
    ]
    reads.error = None
    assert hour(tmp_path) == (31, [])


def test_without_any_rate_the_run_fails(tmp_path: Path, reads: Reads) -> None:
    reads.error = ReadError("The disk is full.", transient=False)
    with pytest.raises(ReadError, match="The disk is full"):
        hour(tmp_path)
    reads.error = None
    assert hour(tmp_path) == (31, [])
