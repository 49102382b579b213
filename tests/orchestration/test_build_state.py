"""What is loaded and not built: kept so that no crash loses it, and what follows for reading and building."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from orchestration import build_state, page, warehouse
from orchestration.build_state import BuildState, load, must_read_in_full, save, why_build
from orchestration.environment import Environment

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def row(part: str, **content: str | None) -> dict[str, str]:
    return {"part": part, "content": json.dumps(content)}


TEN, HALF_PAST_ELEVEN = "2026-06-01 10:00:00+00", "2026-06-01 11:30:00+00"
BUILT = BuildState(pending=False, warehouse="w", code="c", day="2026-06-01", checked_until=NOON)


class TestTheFile:
    def test_what_is_saved_is_loaded(self, tmp_path: Path) -> None:
        save(tmp_path / "state.json", BUILT)
        assert load(tmp_path / "state.json") == BUILT
        assert [path.name for path in tmp_path.iterdir()] == ["state.json"]

    @pytest.mark.parametrize(
        "content",
        [
            *(None, "", "{", "[]", "null"),
            *('{"pending": false, "account": 1}', '{"pending": false, "checked_until": "2026-06-01"}'),
        ],
    )
    def test_one_that_is_missing_or_broken_means_that_everything_is_pending(
        self, tmp_path: Path, content: str | None
    ) -> None:
        if content is not None:
            (tmp_path / "state.json").write_text(content)
        assert load(tmp_path / "state.json").pending

    def test_one_with_a_field_of_a_later_version_is_still_read(self, tmp_path: Path) -> None:
        save(tmp_path / "state.json", BUILT)
        later = json.loads((tmp_path / "state.json").read_text()) | {"new": 1}
        (tmp_path / "state.json").write_text(json.dumps(later))
        assert load(tmp_path / "state.json") == BUILT


class TestWhetherToBuild:
    def test_not_when_nothing_is_new(self) -> None:
        assert why_build(BUILT, 0, "c", NOON) == ""

    @pytest.mark.parametrize(
        ("state", "news", "code", "now"),
        [
            (BUILT, 1, "c", NOON),
            (replace(BUILT, pending=True), 0, "c", NOON),
            (BUILT, 0, "other code", NOON),
            (BUILT, 0, "c", datetime(2026, 6, 1, 22, tzinfo=UTC)),  # midnight in Berlin
            (BuildState(), 0, "c", NOON),
        ],
    )
    def test_when_anything_else_would_come_of_it(
        self, state: BuildState, news: int, code: str, now: datetime
    ) -> None:
        assert why_build(state, news, code, now)


class TestWhetherToReadEverything:
    def test_not_when_the_warehouse_is_the_one_that_was_loaded(self) -> None:
        assert not must_read_in_full(BUILT, "w")

    def test_not_when_an_earlier_version_kept_no_state(self) -> None:
        assert not must_read_in_full(BuildState(), "w")

    @pytest.mark.parametrize("present", [None, "another"])
    def test_when_it_is_gone_or_another(self, present: str | None) -> None:
        assert must_read_in_full(BUILT, present)

    def test_until_a_full_read_has_come_to_its_end(self) -> None:
        assert must_read_in_full(replace(BUILT, full_read_due=True), "w")


def test_a_warehouse_file_that_was_made_anew_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warehouse, "WAREHOUSE", tmp_path / "output" / "warehouse.duckdb")
    local = Environment("local", "target-duckdb")
    assert warehouse.identity(local, {}) is None
    file = tmp_path / "output" / "warehouse.duckdb"
    file.parent.mkdir()
    file.write_bytes(b"old")
    old = warehouse.identity(local, {})
    file.write_bytes(b"loaded once more")
    assert warehouse.identity(local, {}) == old
    file.rename(tmp_path / "away")
    file.write_bytes(b"new")
    assert warehouse.identity(local, {}) != old
    file.write_bytes(b"")
    assert warehouse.identity(local, {}) is None, "DuckDB begins anew in an empty file"


class TestRowsOfThePage:
    LATER = datetime(2026, 6, 1, 11, tzinfo=UTC)

    def test_they_hold_up_to_the_read_that_found_nothing_new(self) -> None:
        for part in ("report_status", "report_streams"):
            (found,) = page.move_on([row(part, data_as_of=TEN)], self.LATER)
            assert json.loads(found["content"]) == {"data_as_of": "2026-06-01T11:00:00+00:00"}

    @pytest.mark.parametrize(
        "unmoved",
        [
            row("report_streams", data_as_of=TEN, last_read_is_complete="false"),
            row("report_streams", data_as_of=HALF_PAST_ELEVEN, last_read_is_complete="true"),
            row("report_status", data_as_of=None),
            row("report_documents", number="RE-1"),
        ],
    )
    def test_but_not_a_list_in_doubt_nor_a_later_one_nor_what_has_no_age(
        self, unmoved: dict[str, str]
    ) -> None:
        assert page.move_on([unmoved], self.LATER) == [unmoved]

    def test_they_are_kept_beside_the_state(self, tmp_path: Path) -> None:
        path = tmp_path / "build_state.local.json"
        assert build_state.load_rows(path) == []
        for damaged in (
            '["part", "content"]',
            '{"part": "report_status"}',
            "[1]",
            '[{"part": "report_status"}]',
        ):
            (tmp_path / "page_rows.local.json").write_text(damaged)
            assert build_state.load_rows(path) == [], "a build makes them anew"
        build_state.save_rows(path, [row("report_status", data_as_of=TEN)])
        assert build_state.load_rows(path) == [row("report_status", data_as_of=TEN)]
