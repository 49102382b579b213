"""Snowflake holds what DuckDB holds, and what an hour costs there.

The comparison is `make verify-snowflake`, the same command that a person with an account runs, pointed at the
stand-in (snowflake_stand_in/README.md says what that proves and what it cannot). Then: what it leaves behind.
"""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml
from sevdesk_sandbox import Sandbox

from orchestration.run import TABLES_AND_RULES
from orchestration.warehouse import CHECKED_UNTIL
from tests.helpers.both_warehouses import STATE_TOO, verdict
from tests.helpers.snowflake_stand_in.account import StandIn, stand_in
from tests.helpers.snowflake_stand_in.deployment import BIN, Deployment, project
from tests.helpers.snowflake_stand_in.install import PROJECT, install
from tests.helpers.until import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

COMPUTES = re.compile(
    r"merge |insert |delete |update |copy |with |select (?!current_)|create or replace .*table .+ as"
)

README = (PROJECT / "snowflake" / "README.md").read_text()
REPORT = 1  # one query: orchestration/page.py
START_UP, EACH, THREADS, SUSPEND = 10, 0.5, 4, 60  # seconds and dbt's threads, as snowflake/README.md assumes


@pytest.fixture
def account(tmp_path: Path) -> Iterator[StandIn]:
    with stand_in(install(), tmp_path / "statements.jsonl") as account:
        yield account


def verify(account: StandIn, tmp_path: Path, **settings: str) -> subprocess.Popen[str]:
    """Start the recipe of `make verify-snowflake`, as somebody with nothing but an account has it."""
    env = account.environment | {"PATH": str(BIN), "HOME": str(tmp_path), "TMPDIR": str(tmp_path)} | settings
    return subprocess.Popen(
        [sys.executable, "-m", "tests.snowflake.verify"],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def left_behind(account: StandIn) -> list[str]:
    """Return the throw-away databases that are still there, after making sure that there was one."""
    assert any(sql.startswith("create database SEVDESK_VERIFY_") for sql in account.statements())
    names = [row["name"] for row in account.rows("show databases")]
    return [name for name in names if name.startswith("SEVDESK_VERIFY_")]


def test_both_warehouses_hold_the_same_rows_through_changes_a_new_column_and_deletes(
    account: StandIn, tmp_path: Path
) -> None:
    process = verify(account, tmp_path)
    printed, _ = process.communicate()
    different = [line for line in printed.splitlines() if not line.startswith("same ")]
    assert process.returncode == 0, "\n".join(different)[-5000:]
    assert "Verified: all the same." in printed
    for relation, times in (
        ("raw.invoices", 3),
        ("staging.invoices_stg", 2),
        ("analytics.invoices_amount_by_city", 2),
        ("staging.report_rows", 2),
    ):
        compared = re.findall(rf"^same +{relation} +(\d+) rows$", printed, re.MULTILINE)
        assert len(compared) == times
        assert all(int(rows) > 0 for rows in compared)
    assert left_behind(account) == []
    # no role may create a schema, and no part of the pipeline has to
    created = [
        sql for sql in account.statements() if re.match(r"create (schema|database)", sql, re.IGNORECASE)
    ]
    assert len(created) == 1 + 3


def test_a_difference_of_a_cent_is_shown() -> None:
    told = str(verdict("analytics.t", [{"net": "1.10"}], [{"net": "1.11"}]))
    assert told.startswith("DIFFERS analytics.t")
    assert '-{"net": "1.10"}' in told
    assert '+{"net": "1.11"}' in told


def test_what_is_refused_half_way_is_reported_and_the_database_dropped(
    account: StandIn, tmp_path: Path
) -> None:
    words = "SQL access control error:\nInsufficient privileges to operate on table 'CONTACTS'."
    account.refuse({"at": "merge into .*contacts", "code": "3001", "state": "42501", "message": words})
    process = verify(account, tmp_path)
    printed, _ = process.communicate()
    assert process.returncode == 1
    assert "Not verified. The role in SNOWFLAKE_VERIFY_ROLE lacks a grant on table 'CONTACTS'" in printed
    assert left_behind(account) == []


@pytest.mark.parametrize(("how", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_who_is_stopped_half_way_drops_the_database(
    account: StandIn, tmp_path: Path, how: signal.Signals, code: int
) -> None:
    process = verify(account, tmp_path)
    # the loader is at work: before, the signal could meet the fork that starts it, where Python may lose it
    until(lambda: "create table" in account.log.read_text().lower() or process.poll(), "the first load")
    process.send_signal(how)
    printed, _ = process.communicate()
    assert "first load" in printed
    assert "is dropped." in printed
    assert process.returncode == code
    assert left_behind(account) == []


def test_without_an_account_it_says_what_is_missing(account: StandIn, tmp_path: Path) -> None:
    process = verify(account, tmp_path, SNOWFLAKE_ACCOUNT="", SNOWFLAKE_PRIVATE_KEY="")
    printed, _ = process.communicate()
    assert process.returncode == 1
    assert "SNOWFLAKE_ACCOUNT is missing" in printed
    assert "SNOWFLAKE_PRIVATE_KEY or SNOWFLAKE_PASSWORD is missing" in printed
    assert "SEVDESK_API_KEY" not in printed


def test_what_an_hour_costs(account: StandIn, tmp_path: Path) -> None:
    """The numbers in snowflake/README.md, counted: statements for which Snowflake wakes a warehouse."""
    for schema in ("raw", "staging", "analytics"):  # as snowflake/setup.sql does
        account.rows(f"create schema if not exists sevdesk.{schema}")
    folder = project(tmp_path / "prod", install())
    prod = Deployment("prod", "target-snowflake", folder, account.environment | STATE_TOO)
    nothing_new = CHECKED_UNTIL.format(schema="SEVDESK.STAGING", instant="2025-01-10T10:00:00+00:00")
    with Sandbox(seed=1, now="2025-01-10T09:00:00+00:00") as sandbox:
        prod.load(sandbox)
        prod.build()
        quiet = [
            woken(account, step) for step in (lambda: prod.load(sandbox), lambda: account.rows(nothing_new))
        ]
        quiet += [0, 0]
        sandbox.clock.advance(hours=5)
        busy = [woken(account, lambda: prod.load(sandbox)), 0]
        busy += [woken(account, lambda: prod.build(tests=True, only=TABLES_AND_RULES)), REPORT]
    counted = [[str(number) for number in pair] for pair in zip(quiet, busy, strict=True)]
    assert in_readme() == [*counted, [str(sum(quiet)), str(sum(busy))]]


def in_readme() -> list[list[str]]:
    """Return the two columns of numbers of the table in snowflake/README.md, row by row."""
    return [list(row) for row in re.findall(r"^\| .* \| (\d+) \| (\d+) \|$", README, re.MULTILINE)]


def test_what_that_costs_is_computed_as_the_readme_says() -> None:
    quiet, busy = (
        START_UP + (load + asked + built / THREADS + report) * EACH
        for load, asked, built, report, _ in (map(int, column) for column in zip(*in_readme(), strict=True))
    )
    assert f"busy for {quiet:.0f} seconds or {busy:.0f}," in README
    most = [(seconds + SUSPEND) * hours / 3600 for seconds, hours in ((quiet, 730), (busy, 730), (busy, 283))]
    assert f"that is {most[0]:.0f} credits a month if nothing ever changed and {most[1]:.0f} if" in README
    assert f"* * 1-5` and `WATCH_SECONDS=0` make it {most[2]:.0f} credits a month" in README


def test_what_the_watch_may_add_to_that_is_in_the_readme_too() -> None:
    (_, prod) = yaml.safe_load((PROJECT / "meltano.yml").read_text())["environments"]
    runs = 21 * 8 * 60 / int(prod["env"]["WATCH_MIN_MINUTES"])
    with_news = sum(map(int, list(zip(*in_readme(), strict=True))[1][:-1]))
    built = int(in_readme()[2][1])
    seconds = START_UP + (with_news - built + built / THREADS) * EACH + SUSPEND
    assert f"in which something changes all the time: {seconds * runs / 3600:.0f} credits more" in README


def woken(account: StandIn, run: Callable[[], object]) -> int:
    """Count the statements of `run` that compute; the rest are answered from metadata alone."""
    before = len(account.statements())
    run()
    sent = [
        " ".join(re.sub(r"/\*.*?\*/", "", sql, flags=re.DOTALL).lower().split())
        for sql in account.statements()
    ]
    return sum(bool(COMPUTES.match(sql)) for sql in sent[before:])
