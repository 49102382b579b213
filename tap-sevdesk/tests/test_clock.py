"""Times are sevDesk's. A machine whose clock is wrong must not mark rows as deleted or hide changes."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sevdesk_sandbox import Sandbox
from tap_running import NOON, config_for, run_tap

from tap_sevdesk.bookmark import format_time, parse_time
from tap_sevdesk.clock import Clock, refuse_wrong_clock
from tap_sevdesk.errors import RunError
from tap_sevdesk.tap import TapSevDesk


@pytest.fixture
def books() -> Iterator[Sandbox]:
    """Serve three contacts by a clock that stands still."""
    with Sandbox(firm=False, now=NOON) as sandbox:
        for i in ("1", "2", "3"):
            sandbox.books.put("Contact", {"id": i})
        yield sandbox


def moments(run: Any) -> list[datetime]:
    """Return all times a run emitted, sorted as it wrote them: start, records, end."""
    extracted = [m["time_extracted"] for m in run.messages if m.get("stream") == "contacts" and "record" in m]
    audit = run.audit("contacts")
    found = [parse_time(text) for text in (audit["started_at"], *extracted, audit["finished_at"])]
    return [moment for moment in found if moment is not None]


def test_every_emitted_time_is_sevdesks(monkeypatch: pytest.MonkeyPatch) -> None:
    behind = timedelta(minutes=4)
    monkeypatch.setattr(Clock, "_now", lambda _: datetime.now(timezone.utc) - behind)
    with Sandbox(firm=False) as sandbox:
        for i in ("1", "2", "3"):
            sandbox.books.put("Contact", {"id": i})
        found = moments(run_tap(sandbox, "contacts"))
    assert len(found) == 5
    assert all(abs(moment - datetime.now(timezone.utc)) < timedelta(minutes=1) for moment in found)
    assert found == sorted(found)


def test_a_simulation_at_another_date_has_the_times_of_this_machine(books: Sandbox) -> None:
    """Its books are of then, but a loader's clock and the rows it has loaded are of now."""
    found = moments(run_tap(books, "contacts"))
    assert all(abs(moment - datetime.now(timezone.utc)) < timedelta(minutes=1) for moment in found)


def test_times_never_go_back_within_a_run_although_sevdesks_clock_does() -> None:
    local = datetime(2026, 6, 30, 12, tzinfo=timezone.utc)
    clock = Clock(local=lambda: local, ticks=lambda: 0.0)
    shown = []
    for seconds in (0, 7, -90, -80, 9):
        clock.show(local + timedelta(seconds=seconds))
        shown.append(int((clock.now() - local).total_seconds()))
    assert shown == [0, 7, 7, 7, 9]


@pytest.mark.parametrize(("hours", "side"), [(2, "ahead of"), (-2, "behind")])
def test_a_clock_that_is_wrong_is_refused_before_anything_is_emitted(hours: int, side: str) -> None:
    with Sandbox(firm=False) as sandbox:
        sandbox.books.put("Contact", {"id": "1"})
        right, wrong = Clock(), Clock(local=lambda: datetime.now(timezone.utc) + timedelta(hours=hours))
        for clock in (right, wrong):
            clock.show(datetime.now(timezone.utc))
        refuse_wrong_clock(right.difference())
        with pytest.raises(RunError, match=f"clock is (2:00:00|1:59:59) {side} sevDesk's. Nothing was read"):
            refuse_wrong_clock(wrong.difference())


def test_the_whole_tap_refuses_a_wrong_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tap_sevdesk.clock.Clock._now", lambda _: datetime(2031, 1, 1, tzinfo=timezone.utc))
    with Sandbox(firm=False) as sandbox:
        sandbox.books.put("Contact", {"id": "1"})
        run = run_tap(sandbox)
        assert "ahead of sevDesk's. Nothing was read" in str(run.error)
        assert run.messages == []


def test_a_token_is_not_called_good_by_a_wrong_clock(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    monkeypatch.setattr("tap_sevdesk.clock.Clock._now", lambda _: datetime(2031, 1, 1, tzinfo=timezone.utc))
    config = tmp_path / "config.json"
    with Sandbox(firm=False) as sandbox:
        config.write_text(json.dumps(config_for(sandbox)))
        tested = CliRunner().invoke(TapSevDesk.cli, ["--config", str(config), "--test"])
    assert tested.exit_code == 1
    assert "ahead of sevDesk's. Nothing was read" in caplog.text


def test_without_a_date_the_local_clock_has_to_do() -> None:
    clock = Clock(local=lambda: datetime(2026, 6, 30, 12, 0, 7, 900, tzinfo=timezone.utc))
    clock.show(None)
    assert clock.now() == datetime(2026, 6, 30, 12, 0, 7, tzinfo=timezone.utc)
    assert clock.difference() == timedelta()


@pytest.mark.parametrize("jump", [timedelta(days=2), timedelta(minutes=6)])
def test_a_bookmark_beyond_sevdesks_time_hides_nothing(books: Sandbox, jump: timedelta) -> None:
    noon = parse_time(NOON)
    assert noon is not None
    before = run_tap(books, "contacts")
    before.state["bookmarks"]["contacts"]["replication_key_value"] = format_time(noon + jump)
    run = run_tap(books, "contacts", state=before.state)
    assert sorted(run.ids("contacts")) == ["1", "2", "3"]
    reached = parse_time(run.bookmark("contacts"))
    assert reached is not None
    assert reached <= noon


def test_a_run_after_one_by_a_wrong_clock_of_sevdesk_heals(books: Sandbox) -> None:
    books.clock.advance(days=2)
    ahead = run_tap(books, "contacts")
    books.clock.advance(days=-2)
    books.books.put("Contact", {"id": "4"})
    assert "4" in run_tap(books, "contacts", state=ahead.state).ids("contacts")
