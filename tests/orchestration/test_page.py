"""Making the page: what is written anew, what finance reads there, what is left to the engineers."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sevdesk_report

from orchestration import page
from orchestration.alerts import language
from orchestration.errors import PublicError
from orchestration.settings import read as read_settings


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (
            "9 of 10 documents are no longer listed: nothing is published. If so, run `make accept-deletes`.",
            "9 of 10 documents are no longer listed: nothing is published.",
        ),
        (
            "The token is of account 2. Nothing was read. Use another one (in this project: make reset).",
            "The token is of account 2. Nothing was read.",
        ),
        ("sevDesk does not answer.", "sevDesk does not answer."),
        ("Run `make install`.", "The latest update failed."),
        ("", "The latest update failed."),
    ],
)
def test_a_reason_for_finance_names_no_command(reason: str, told: str) -> None:
    assert page.without_commands(reason) == told


def test_a_list_that_no_total_needs_is_named_once_it_falls_short() -> None:
    streams = [
        sevdesk_report.Stream("tags", needed=False, complete=False),
        sevdesk_report.Stream("units", needed=False, complete=True, count_agrees=False),
        sevdesk_report.Stream("texts", needed=False, complete=True),
        sevdesk_report.Stream("invoices", needed=True, complete=False),
    ]
    found = replace(sevdesk_report.read({}), streams=streams)
    for code, said in (("en", "of Tags and Units. No total"), ("de", "von: Tags und Units. Keine Summe")):
        notices = page.notices(found, datetime(2026, 6, 1, tzinfo=UTC), language.words(code))
        assert list(notices) == ["lists tags, units"]
        assert said in notices["lists tags, units"]


def test_the_spreadsheet_is_left_as_it_is_if_nobody_asks_for_it_and_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = tmp_path / "invoices.xlsx"
    monkeypatch.setattr(page, "SPREADSHEET", book)
    monkeypatch.setattr(page, "PAGE", tmp_path / "report.html")
    written = []
    for spreadsheet in (False, False, True):
        page.make([], datetime(2026, 6, 1, tzinfo=UTC), read_settings({}, []), spreadsheet=spreadsheet)
        written.append(book.stat().st_ino)
    assert written[0] == written[1] != written[2]


@pytest.mark.parametrize("name", ["report.html", "invoices.xlsx"])
def test_the_file_that_cannot_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """On Windows' disk in WSL for instance, while Excel has the spreadsheet open."""
    monkeypatch.setattr(page, "SPREADSHEET", tmp_path / "invoices.xlsx")
    monkeypatch.setattr(page, "PAGE", tmp_path / "report.html")
    (tmp_path / name).mkdir()
    with pytest.raises(PublicError) as failure:
        page.make([], datetime(2026, 6, 1, tzinfo=UTC), read_settings({}, []))
    assert str(failure.value).startswith(f"{tmp_path / name} cannot be written (Is a directory)")
