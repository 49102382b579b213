"""What goes wrong on the way, through the whole tap: what arrives, what is reported, and where it goes on."""

from collections.abc import Iterator
from typing import Any

import pytest
from sevdesk_sandbox import Sandbox
from tap_running import NOON, Outcome, run_tap

from tap_sevdesk.client import ATTEMPTS, PATIENCE
from tap_sevdesk.reader import StreamReader
from tap_sevdesk.streams import SOURCES

pytestmark = pytest.mark.usefixtures("slept")


@pytest.fixture
def books() -> Iterator[Sandbox]:
    """Serve forty contacts, three tags and two parts."""
    with Sandbox(firm=False, now=NOON) as sandbox:
        for i in range(40):
            sandbox.books.put("Contact", {"id": str(i + 1), "name": f"Firma {i}"})
            sandbox.clock.advance(minutes=1)
        for i in range(3):
            sandbox.books.put("Tag", {"id": str(i + 1)})
        for i in range(2):
            sandbox.books.put("Part", {"id": str(i + 1)})
        yield sandbox


PASSING: dict[str, dict[str, Any]] = {
    "429": {"status": 429},
    "429 with seconds": {"status": 429, "retry_after": 3},
    "429 with a date": {"status": 429, "retry_after": 3, "as_date": True},
    "500": {"status": 500},
    "an HTML page with 502": {"kind": "html"},
    "an HTML page with 200": {"kind": "html", "status": 200},
    "JSON that breaks off": {"kind": "invalid"},
    "no body": {"kind": "empty"},
    "half a body": {"kind": "truncated"},
    "a connection that is reset": {"kind": "reset"},
}


@pytest.mark.parametrize("read_ahead", [1, 4])
@pytest.mark.parametrize("kind", PASSING)
def test_a_fault_that_passes_costs_a_repetition_and_no_record(
    books: Sandbox, slept: list[float], kind: str, read_ahead: int
) -> None:
    books.fail(path="/Contact", nth=3, times=2, **PASSING[kind])
    run = run_tap(books, "contacts", page_size=10, read_ahead=read_ahead)
    assert run.error is None
    assert sorted(run.ids("contacts"), key=int) == [str(i + 1) for i in range(40)]
    assert run.audit("contacts")["retries"] == 2
    assert run.audit("contacts")["complete"] is True
    if "retry_after" in PASSING[kind]:
        assert slept == [3, 3]


def is_later(run: Outcome, before: Outcome, stream: str) -> bool:
    """Tell whether a run has read a stream completely, after an earlier run."""
    now, then = (each.state["bookmarks"][stream].get("checked_until", "") for each in (run, before))
    return bool(now > then)


@pytest.mark.parametrize("kind", [*PASSING, "a refused request", "an error with 200", "a redirect"])
def test_a_stream_that_fails_keeps_its_bookmark_and_does_not_stop_the_others(
    books: Sandbox, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    faults = {
        **PASSING,
        "a refused request": {"status": 422},
        "an error with 200": {"kind": "envelope"},
        "a redirect": {"kind": "redirect"},
    }
    before = run_tap(books, page_size=10)
    books.clock.advance(days=1)
    for resource in ("Contact", "Part"):
        books.books.put(resource, {"id": "1"})
    books.fail(path="/Contact", times=0, **faults[kind])
    run = run_tap(books, state=before.state, page_size=10)
    assert "contacts failed" in str(run.error)
    assert run.ids("contacts") == []
    assert run.bookmark("contacts") == before.bookmark("contacts")
    assert run.audit("contacts")["complete"] is False
    assert "1" in run.ids("parts")
    assert run.bookmark("parts") != before.bookmark("parts")
    assert {source.name for source in SOURCES if is_later(run, before, source.name)} == {
        source.name for source in SOURCES if source.name != "contacts"
    }
    assert all("Traceback" not in record.getMessage() and not record.exc_info for record in caplog.records)
    books.script.clear()
    assert run_tap(books, state=run.state, page_size=10).ids("contacts").count("1") == 1


def test_a_fault_in_the_middle_of_a_list_keeps_what_came_but_not_the_bookmark(books: Sandbox) -> None:
    books.fail(path="/Contact", nth=3, times=0, status=500)
    run = run_tap(books, "contacts", page_size=10)
    assert len(run.ids("contacts")) == 25
    assert run.bookmark("contacts") is None
    audit = run.audit("contacts")
    assert (audit["records"], audit["complete"], audit["requests"]) == (25, False, 3 + ATTEMPTS)


@pytest.mark.parametrize("read_ahead", [1, 4])
@pytest.mark.parametrize("status", [401, 403])
def test_a_token_that_is_refused_half_way_ends_all_requests(
    books: Sandbox, status: int, read_ahead: int
) -> None:
    books.fail(path="/Contact", nth=2, times=0, status=status)
    run = run_tap(books, page_size=10, read_ahead=read_ahead)
    refused = [i for i, request in enumerate(books.log) if request.status == status]
    assert len(books.log) - refused[0] <= read_ahead
    assert all(
        request.path in ("/SevUser", "/Invoice", "/InvoicePos", "/CreditNote", "/CreditNotePos", "/Contact")
        for request in books.log
    )
    assert "contacts failed" in str(run.error)
    assert run.audit("contacts")["complete"] is False
    assert "parts" not in {row["stream"] for row in run.records("extractions")}


GONE = [(kind, None) for kind in (*PASSING, "503 with two minutes")]


@pytest.mark.parametrize(("kind", "required"), [*GONE, ("500", "contacts")])
def test_when_sevdesk_goes_away_in_a_run_the_other_streams_fail_at_once(
    books: Sandbox, slept: list[float], caplog: pytest.LogCaptureFixture, kind: str, required: str | None
) -> None:
    faults = {**PASSING, "503 with two minutes": {"status": 503, "retry_after": 120}}
    before = run_tap(books)
    books.log.clear()
    books.clock.advance(days=1)
    for resource in ("Contact", "Part"):
        books.books.put(resource, {"id": "1"})
    books.on_request(
        lambda request: request.path == "/ContactAddress" and books.fail(times=0, **faults[kind])
    )
    settings: dict[str, Any] = {"required_streams": required} if required else {}
    run = run_tap(books, state=before.state, **settings)
    asked = [request.path for request in books.log]
    gone = asked.index("/ContactAddress")
    assert len(asked) - gone <= ATTEMPTS + 1
    assert set(asked[gone:]) == {"/ContactAddress", "/Contact"}
    assert sum(slept) <= PATIENCE / 2
    assert "1" in run.ids("contacts")
    assert "sevDesk has stopped answering: nothing more is asked for in this run." in caplog.text
    assert "/Part: not asked for, because sevDesk has stopped answering." in caplog.text
    if required:
        assert run.error is None
    else:
        assert "Not everything was read: contact_addresses, " in str(run.error)
        assert "parts" in str(run.error)
    audit = run.audit("parts")
    assert (audit["complete"], audit["incomplete_because"], audit["requests"]) == (False, "failed", 0)
    assert run.bookmark("parts") == before.bookmark("parts")
    assert "checked_until" in run.state["bookmarks"]["parts"]
    books.script.clear()
    books._callbacks.clear()
    healed = run_tap(books, state=run.state)
    assert (healed.error, healed.ids("parts")) == (None, ["1"])
    assert healed.audit("parts")["complete"] is True


@pytest.mark.parametrize("kind", PASSING)
def test_lists_that_are_broken_by_themselves_stop_no_others_however_many_they_are(
    books: Sandbox, kind: str
) -> None:
    broken = ("/CreditNote", "/CreditNotePos", "/ContactAddress", "/CommunicationWay", "/Category", "/Unity")
    for path in broken:
        books.fail(path=path, times=0, **PASSING[kind])
    run = run_tap(books)
    failed = {source.name for source in SOURCES if source.path in broken}
    assert {row["stream"] for row in run.records("extractions") if not row["complete"]} == failed
    assert len(run.ids("contacts")) == 40
    assert run.ids("parts") == ["2", "1"]


@pytest.mark.parametrize("body", ["error", "status", "html", "empty"])
def test_a_wrong_token_is_reported_in_one_sentence_and_sent_once(books: Sandbox, body: str) -> None:
    books.switches.set(body_401=body)
    wrong = "f" * 32
    run = run_tap(books, api_token=wrong)
    assert len(books.log) == 1
    assert str(run.error).startswith("sevDesk refused the API token (401). Check api_token")
    assert run.messages == []


def test_a_wrong_token_is_called_as_the_variable_that_the_user_has_it_in(
    books: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TAP_SEVDESK_API_TOKEN", "MELTANO_EXTRACT_API_TOKEN", "COLOUR", "SEVDESK_API_KEY"):
        monkeypatch.setenv(name, "f" * 32)
    message = str(run_tap(books, api_token="f" * 32).error)
    assert message.startswith("sevDesk refused the API token (401). Check SEVDESK_API_KEY")


def test_an_error_nobody_expected_fails_one_stream_and_is_reported_without_data(
    books: Sandbox, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(reader: StreamReader, _: object) -> None:
        if reader.extraction.stream == "contacts":
            raise KeyError("Firma Geheim")

    monkeypatch.setattr(StreamReader, "see", broken)
    run = run_tap(books, "contacts", "tags")
    assert "contacts failed" in str(run.error)
    assert run.ids("tags") != []
    assert "Geheim" not in caplog.text
    assert run.audit("contacts")["complete"] is False


def test_a_list_that_seems_cut_is_reported_and_its_bookmark_stays(
    books: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    books.switches.set(offset="ignored")
    run = run_tap(books, "contacts", page_size=10)
    assert run.error is None
    assert run.audit("contacts")["complete"] is False
    assert run.bookmark("contacts") is None
    assert "May be incomplete" in caplog.text


@pytest.mark.parametrize("order", ["create-desc", "create-asc", "id-asc", "update-desc", "update-asc"])
@pytest.mark.parametrize("drift", ["none", "insert", "update", "delete", "all"])
def test_lists_in_any_order_that_move_while_they_are_read_lose_nothing(
    books: Sandbox, order: str, drift: str
) -> None:
    books.switches.set(order=order, drift=drift)
    books.on_request(lambda _: books.clock.advance(seconds=2))
    there = {row["id"] for row in books.books.rows("Contact")}
    run = run_tap(books, "contacts", page_size=8, read_ahead=2)
    still = {row["id"] for row in books.books.rows("Contact")}
    assert there & still <= set(run.ids("contacts"))
    assert run.audit("contacts")["complete"] is True


@pytest.mark.parametrize("total", ["string", "int", "absent"])
def test_the_count_may_come_in_any_form_or_not_at_all(books: Sandbox, total: str) -> None:
    books.switches.set(total=total)
    run = run_tap(books, "contacts", page_size=10)
    assert len(run.ids("contacts")) == 40
    assert run.audit("contacts")["total_after"] == (None if total == "absent" else 40)
    assert run.audit("contacts")["complete"] is True


def test_what_changes_while_a_list_is_read_arrives_wherever_it_stood(books: Sandbox) -> None:
    """The bookmark ends at the server's time when the list was begun, not at what its last page shows."""
    books.switches.set(order="id-asc")
    began = books.clock.now.isoformat()

    def change(_: object) -> None:
        if len(books.log) == 3:
            books.clock.advance(hours=5)
            books.books.put("Contact", {"id": "2", "name": "changed"})  # on a page that has been read
            books.clock.advance(hours=5)
            books.books.put("Contact", {"id": "39", "name": "changed"})  # on a page that has not

    books.on_request(change)
    first = run_tap(books, "contacts", page_size=10)
    second = run_tap(books, "contacts", page_size=10, state=first.state, lookback_seconds=0)
    versions = {(row["id"], row["name"]) for run in (first, second) for row in run.records("contacts")}
    assert {("2", "changed"), ("39", "changed")} <= versions
    reached = first.bookmark("contacts")
    assert reached is not None
    assert reached <= began
