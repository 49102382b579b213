"""Alerts are in the language of the report: each message has a translation, and none is half English."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import responses
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir, extract_from_file
from babel.messages.pofile import read_po
from sevdesk_report import language as report_language
from sevdesk_report import miscount
from sevdesk_report.rows import Stream
from tap_sevdesk.client import Client, Tally
from tap_sevdesk.errors import TapError

from orchestration import page
from orchestration.alerts import language, messages
from orchestration.alerts.channels import Message, send_mail
from orchestration.alerts.runs import STOPPED
from orchestration.alerts.settings import Mail
from orchestration.dbt.events import DbtLog
from orchestration.failure import UNFORESEEN
from orchestration.meltano.log import RunLog
from orchestration.snowflake import errors as snowflake
from tests.helpers.alert_history import HOUR, REFUSED, History, failure
from tests.helpers.alert_servers import Box, Letters

GERMAN, ENGLISH = language.words("de"), language.words("en")
KEYWORDS = {"text": None, "plural": (1, 2)}
FOLDER = Path(language.__file__).parent
ENGLISH_WORDS = re.compile(
    r"\b(the|is|was|of|and|not|up to date|tries|data|shows?|run|closed?)\b", re.IGNORECASE
)


def in_code() -> Iterator[str]:
    of_alerts = extract_from_dir(
        str(FOLDER), [("settings.py", "ignore"), ("**.py", "python")], keywords=KEYWORDS
    )
    of_page = extract_from_file("python", page.__file__, keywords=KEYWORDS)
    for message in [*(each[2] for each in of_alerts), *(each[1] for each in of_page)]:
        yield message if isinstance(message, str) else message[0]
    yield from (*language.OF_THE_REPORT, *language.PHRASES, language.ELSEWHERE)
    yield from (*messages.STAGES.values(), messages.UNFINISHED)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    with (FOLDER / "locale" / "de.po").open("rb") as file:
        return read_po(file, locale="de")


def test_every_message_has_a_translation(catalog: Catalog) -> None:
    known = {entry.id if isinstance(entry.id, str) else entry.id[0]: entry for entry in catalog if entry.id}
    assert [each for each in in_code() if each not in known and GERMAN.text(each) == each] == []
    assert not [key for key, entry in known.items() if not entry.string or entry.fuzzy]


def test_a_translation_names_no_value_that_the_message_has_not(catalog: Catalog) -> None:
    for entry in catalog:
        if isinstance(entry.id, str) and entry.id:
            places = [set(re.findall(r"%\(\w+\)s", str(each))) for each in (entry.string, entry.id)]
            assert places[0] <= places[1], entry.id


MISCOUNTED = [
    Stream("invoices", needed=True, complete=True, seen=6, expected=7, count_agrees=False),
    Stream("contacts", needed=True, complete=True, seen=1234, expected=1, count_agrees=False),
]


@pytest.mark.parametrize(
    ("said", "in_german"),
    [
        (REFUSED, "sevDesk lehnt den API-Token ab (401)."),
        (
            "/Invoice: the server answered 503, 5 times.",
            "/Invoice: Der Server hat 5-mal mit 503 geantwortet.",
        ),
        (
            "/Invoice: the server refused the request (400 with code 151).",
            "/Invoice: Der Server hat die Abfrage abgelehnt (400 mit Code 151).",
        ),
        (
            "The API token belongs to sevDesk account 2, but the state of the last run is of account 1.",
            "Der API-Token gehört zum sevDesk-Konto 2, die bisherigen Daten aber zum Konto 1.",
        ),
        (
            (
                "9 of 1,234 published documents (1,234.50 of 99,999.00 EUR net) are no longer in sevDesk's "
                "lists: nothing is published."
            ),
            (
                "9 von 1.234 veröffentlichten Belegen (1.234,50 von 99.999,00 EUR netto) stehen nicht mehr "
                "in den Listen von sevDesk: Es wird nichts veröffentlicht."
            ),
        ),
        (
            DbtLog(broken_rules=["a (3 rows)", "b", "c", "d", "e"]).public_reason(1),
            "Die Zahlen verletzen 5 Regeln: a (3 Zeilen), b, c und 2 weitere.",
        ),
        (
            miscount(MISCOUNTED, report_language("en")),
            (
                "Das letzte Lesen hat nicht so viele Datensätze gesehen, wie sevDesk zählt. "
                "Rechnungen: 1 weniger und Kontakte: 1.233 mehr."
            ),
        ),
        ("A sentence that nobody knows.", "Die Einzelheiten stehen in der technischen Ansicht."),
        ("Nothing was read. Fix it yourself.", "Es wurde nichts gelesen."),
    ],
)
def test_a_reason_is_said_in_german_or_left_to_the_engineers(said: str, in_german: str) -> None:
    assert language.reason(said, GERMAN) == in_german
    assert language.reason(said, ENGLISH) == said


@pytest.mark.parametrize(
    "said",
    [
        UNFORESEEN,
        STOPPED,
        *(snowflake.REFUSED, snowflake.FORBIDDEN, snowflake.STOPPED, snowflake.UNREACHED),
        DbtLog().public_reason(2),
        DbtLog(broken_models=["m"]).public_reason(1),
        DbtLog(errors=["Could not set lock on file (PID 7)"]).public_reason(1),
        RunLog(failed={"loaders"}).public_reason(1, "target-duckdb"),
        RunLog(crashed=True).public_reason(1, "target-duckdb"),
        page.without_commands(""),
    ],
)
def test_every_reason_of_ours_is_known_whole(said: str) -> None:
    in_german = language.reason(said, GERMAN)
    assert in_german != GERMAN.text(language.ELSEWHERE)
    assert len(re.findall(r"[.!?](?:\s|$)", in_german)) >= len(re.findall(r"[.!?](?:\s|$)", said))


@pytest.mark.parametrize("answered_before", [False, True])
@pytest.mark.parametrize(
    "answer",
    [
        *({"status": status} for status in (302, 400, 401, 403, 404, 422, 429, 500, 503)),
        {"status": 400, "json": {"error": {"code": 151}}},
        {"status": 422, "json": {"error": {"code": "E7"}}},
        {"status": 200, "body": "<html>"},
        {"status": 200, "json": {"error": {"code": 7}}},
        {"status": 200, "json": {"objects": None}},
        {"body": requests.exceptions.ConnectTimeout()},
        {"body": requests.exceptions.ConnectionError()},
        {"body": requests.exceptions.SSLError()},
    ],
    ids=str,
)
def test_whatever_the_tap_says_of_an_answer_is_known(
    monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any], *, answered_before: bool
) -> None:
    monkeypatch.setattr("tap_sevdesk.client.sleep", lambda _: None)
    url = "https://sevdesk.test/api/v1"
    client = Client(url, "0" * 32, "test", requests_per_second=0)
    with responses.RequestsMock(assert_all_requests_are_fired=False) as server:
        server.get(f"{url}/Tag", json={"objects": []})
        server.get(f"{url}/Invoice", **answer)
        if answered_before:
            client.get("/Tag", (), Tally())
        with pytest.raises(TapError) as failed:
            client.get("/Invoice", (), Tally())
    log = RunLog(failed={"extractors"})
    log.errors["tap-sevdesk"].append(str(failed.value))
    said = language.reason(log.public_reason(1, "target-duckdb"), GERMAN)
    assert said != GERMAN.text(language.ELSEWHERE)


def test_an_outage_in_german_has_no_english_word(history: History, box: Box) -> None:
    history.language = "de"
    history.run()
    history.settle()
    for hours, read in ((1, failure(REFUSED)), (5, None)):
        history.at(hours)
        history.run(read, retries=int(hours == 5))
        history.settle()
    history.at(9)
    history.settle()
    assert [text.split("*")[1].removeprefix("Rechnungsübersicht: ") for text in box.texts] == [
        "nicht aktuell, eine Aktualisierung ist fehlgeschlagen",
        "Daten älter als zugesagt",
        "wieder aktuell",
        "Daten älter als zugesagt",
    ]
    everything = re.sub(r"https?://\S+|:\w+:", "", "\n".join(box.texts))
    assert ENGLISH_WORDS.findall(everything) == []
    assert "21.09.2026, 17:13 (Berlin)" in everything
    assert history.now > HOUR


def test_a_letter_says_in_which_language_it_is(post: tuple[Mail, Letters]) -> None:
    send_mail(post[0], Message("", "Titel", "Text", language="de"))
    assert 'lang="de"' in post[1].letters[-1].content.decode().replace("=3D", "=")


def test_a_cursor_of_the_version_before_is_readable(history: History, box: Box) -> None:
    history.cursor = (
        '{"seen": 0, "watching_since": 1789990000.0, "as_of": 1789999000.0, "retried": "", "failed": null, '
        '"causes": ["sevdesk: old"], "late": false}'
    )
    history.run(failure(REFUSED))
    history.settle()
    assert len(box.texts) == 1


def test_a_cursor_of_a_later_version_that_was_taken_back_is_readable(history: History, box: Box) -> None:
    """`deploy/update` goes back to the commit before where a new one does not run."""
    history.tick()
    history.cursor = json.dumps(json.loads(str(history.cursor)) | {"new": 1})
    history.run(failure(REFUSED))
    history.settle()
    assert len(box.texts) == 1
