"""When sevDesk is asked whether anything changed, and when that starts a run."""

from collections.abc import Mapping
from typing import Any

import pytest
from tap_sevdesk.watch import Look, WatchError

from orchestration import settings
from orchestration.watch.sensor import CURSOR, LONGEST_PAUSE, START, Memory, remembered, tick
from orchestration.watch.settings import Watch

WATCH = Watch(seconds=60, min_minutes=10)
NOW = 1_800_000_000.0
TOKEN = "0123456789abcdef0123456789abcdef"


class SevDesk:
    """Says what it is told to, and counts how often it was asked."""

    def __init__(self, *answers: bool | WatchError) -> None:
        self.answers = list(answers)
        self.asked: list[str | None] = []

    def __call__(self, _config: Mapping[str, Any], cursor: str | None) -> Look:
        self.asked.append(cursor)
        answer = self.answers.pop(0)
        if isinstance(answer, WatchError):
            raise answer
        return Look(answer, str(len(self.asked)))


def test_a_change_starts_one_run_and_quiet_minutes_none() -> None:
    sevdesk, memory, started = SevDesk(False, True, False), Memory(), []
    for minute in range(3):
        memory, outcome = tick(memory, WATCH, NOW + 60 * minute, busy=False, ask=sevdesk)
        memory = remembered(CURSOR.dump_json(memory).decode())
        started.append(outcome == START)
    assert started == [False, True, False]
    assert sevdesk.asked == [None, "1", "2"], "each look goes on from the one before"


def test_a_change_soon_after_a_run_waits_and_is_not_forgotten() -> None:
    sevdesk, memory, started = SevDesk(True, True, *[False] * 9), Memory(), []
    for minute in range(11):
        memory, outcome = tick(memory, WATCH, NOW + 60 * minute, busy=False, ask=sevdesk)
        started.append(outcome == START)
    assert [minute for minute, start in enumerate(started) if start] == [0, 10]


def test_beside_a_run_nothing_is_asked() -> None:
    sevdesk = SevDesk()
    memory, outcome = tick(Memory(seen="1"), WATCH, NOW, busy=True, ask=sevdesk)
    assert (outcome != START, memory, sevdesk.asked) == (True, Memory(seen="1"), [])


def test_after_errors_it_asks_less_and_less_often_and_goes_on_when_there_is_an_answer() -> None:
    sevdesk, memory, asked = SevDesk(*[WatchError("No answer.")] * 4, True), Memory(seen="7"), []
    for minute in range(31):
        before = len(sevdesk.asked)
        memory, outcome = tick(memory, WATCH, NOW + 60 * minute, busy=False, ask=sevdesk)
        if len(sevdesk.asked) > before:
            asked.append(minute)
    assert asked == [0, 2, 6, 14, 30]
    assert set(sevdesk.asked) == {"7"}, "nothing that changed meanwhile is missed"
    assert outcome == START
    assert memory.errors == 0


def test_weeks_of_errors_make_no_longer_pause() -> None:
    memory, said = tick(Memory(errors=5000), WATCH, NOW, busy=False, ask=SevDesk(WatchError("No answer.")))
    assert (memory.pause_until, said) == (NOW + LONGEST_PAUSE, "No answer.")


@pytest.mark.parametrize("cursor", [None, "", "{", "[1]", '{"other": 1}', '{"errors": "many"}'])
def test_a_cursor_that_cannot_be_read_begins_anew(cursor: str | None) -> None:
    assert remembered(cursor) == Memory()


def test_a_clock_that_was_ahead_and_is_put_right_stops_nothing() -> None:
    for memory in (Memory(started=NOW + 86_400), Memory(errors=1, pause_until=NOW + 86_400)):
        assert tick(memory, WATCH, NOW, busy=False, ask=SevDesk(True))[1] == START


class TestSettings:
    @staticmethod
    def watch(of_environment: Mapping[str, str] | None = None, **env: str) -> Watch | None:
        problems: list[str] = []
        found = settings.read(env, problems, of_environment)
        assert not problems
        return found.watch

    def test_a_real_sevdesk_is_watched_every_minute(self) -> None:
        found = self.watch(SEVDESK_API_KEY=TOKEN)
        assert found
        assert (found.seconds, found.min_minutes) == (60, 1)
        assert found.config == {"api_token": TOKEN, "request_timeout": "10"}
        assert TOKEN not in repr(found)

    def test_where_a_run_wakes_a_warehouse_it_starts_fewer(self) -> None:
        found = self.watch({"WATCH_MIN_MINUTES": "10"}, SEVDESK_API_KEY=TOKEN)
        assert found
        assert found.min_minutes == 10

    def test_without_a_token_with_a_sandbox_or_when_switched_off_nothing_is_watched(self) -> None:
        assert self.watch() is None
        assert self.watch(SEVDESK_API_KEY=TOKEN, SEVDESK_API_URL="http://127.0.0.1:8765/api/v1") is None
        assert self.watch(SEVDESK_API_KEY=TOKEN, WATCH_SECONDS="0") is None

    def test_a_sandbox_is_watched_when_that_is_asked_for(self) -> None:
        url = "http://127.0.0.1:8765/api/v1"
        found = self.watch(SEVDESK_API_KEY=TOKEN, SEVDESK_API_URL=url, WATCH_SECONDS="5")
        assert found
        assert found.seconds == 5
