"""Whose books are read: one account for a run, its state and its warehouse; another one is refused."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from msgspec import Raw
from sevdesk_sandbox import Sandbox
from tap_running import NOON, run_tap

from tap_sevdesk.account import owner_of
from tap_sevdesk.client import ATTEMPTS
from tap_sevdesk.messages import RecordEncoder
from tap_sevdesk.records import Conformer
from tap_sevdesk.rows import with_fields
from tap_sevdesk.streams import load_schema

OURS, THEIRS = ({"id": key, "objectName": "SevClient"} for key in ("1", "2"))


@pytest.fixture
def books() -> Iterator[Sandbox]:
    """Serve the books of account 1: a user, three tags, three contacts, a country without an owner."""
    with Sandbox(firm=False, now=NOON) as sandbox:
        sandbox.books.put("SevUser", {"id": "1", "sevClient": OURS})
        sandbox.books.put("StaticCountry", {"id": "1"})
        for i in ("1", "2", "3"):
            sandbox.books.put("Tag", {"id": i, "sevClient": OURS})
            sandbox.books.put("Contact", {"id": i, "name": "Firma", "sevClient": OURS})
        yield sandbox


def of_somebody_else(books: Sandbox) -> None:
    """Let the token belong to account 2."""
    for resource in ("SevUser", "Tag", "Contact"):
        for row in books.books.rows(resource):
            books.books.put(resource, {"id": row["id"], "sevClient": THEIRS})


def test_the_account_is_part_of_the_state_and_of_the_audit_trail(books: Sandbox) -> None:
    run = run_tap(books, "tags", "static_countries")
    assert run.state["account"] == "1"
    assert {row["account"] for row in run.records("extractions")} == {"1"}


def test_the_token_of_another_account_is_refused_before_anything_is_emitted(books: Sandbox) -> None:
    before = run_tap(books)
    of_somebody_else(books)
    run = run_tap(books, state=before.state)
    assert run.messages == []
    assert "belongs to sevDesk account 2, but the state of the last run is of account 1" in str(run.error)
    assert "make reset" in str(run.error)
    assert "another database" in str(run.error)


def test_a_state_of_the_first_edition_is_accepted_and_gets_the_account(books: Sandbox) -> None:
    before = run_tap(books, "contacts")
    del before.state["account"]
    books.books.put("Contact", {"id": "2", "name": "changed", "sevClient": OURS})
    run = run_tap(books, "contacts", state=before.state)
    assert (run.error, run.state["account"]) == (None, "1")
    assert run.audit("contacts")["mode"] == "incremental"


@pytest.mark.parametrize(("expected", "refused"), [("1", False), ("2", True)])
def test_the_account_can_be_given_as_a_setting(books: Sandbox, expected: str, *, refused: bool) -> None:
    run = run_tap(books, "tags", account=expected)
    assert (run.messages == []) is refused
    assert ("the setting account is of account 2" in str(run.error)) is refused


@pytest.mark.parametrize("key", ["1", "2", "3"])
def test_a_single_row_of_another_account_ends_the_run_and_its_page_is_not_emitted(
    books: Sandbox, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    books.books.put("Contact", {"id": key, "sevClient": THEIRS})
    run = run_tap(books, "contacts", "tags")
    assert run.error is not None
    assert "a row of account 2 while account 1 is read" in caplog.text
    assert (run.ids("contacts"), run.ids("tags")) == ([], [])
    assert run.audit("contacts")["complete"] is False


FORMS: dict[str, Callable[[int], Any]] = {
    "text in an object": lambda key: {"id": str(key)},
    "a number in an object": lambda key: {"id": key},
    "a decimal number in an object": lambda key: {"id": float(key)},
    "in another order": lambda key: {"objectName": "SevClient", "id": str(key)},
    "beside something odd": lambda key: {"id": str(key), "objectName": 5},
    "bare text": str,
    "a bare number": int,
    "a bare decimal number": float,
}


@pytest.mark.parametrize("form", FORMS)
def test_the_account_is_understood_in_every_form_of_a_reference(
    books: Sandbox, form: str, caplog: pytest.LogCaptureFixture
) -> None:
    books.books.put("Tag", {"id": "2", "sevClient": FORMS[form](1)})
    assert run_tap(books, "tags").error is None
    books.books.put("Tag", {"id": "2", "sevClient": FORMS[form](2)})
    run = run_tap(books, "tags")
    assert (run.ids("tags"), run.audit("tags")["complete"]) == ([], False)
    assert "a row of account 2 while account 1 is read" in caplog.text


@pytest.mark.parametrize(
    "nothing", [None, "", "0", 0, [], {}, {"id": None}, {"id": ""}, {"id": "0"}, False], ids=str
)
def test_a_row_that_names_no_account_belongs_to_any(books: Sandbox, nothing: Any) -> None:
    books.books.put("Tag", {"id": "2", "sevClient": nothing})
    assert run_tap(books, "tags").ids("tags") == ["3", "2", "1"]


@pytest.mark.parametrize(("own", "embedded"), [("1", "2"), ("2", "1")])
def test_whose_a_row_is_says_the_row_itself_and_no_object_embedded_in_it(
    books: Sandbox, own: str, embedded: str
) -> None:
    row = {"id": "2", "category": {"sevClient": {"id": embedded}}, "sevClient": {"id": own}}
    books.books.spoil("Tag", "2", json.dumps(row).encode())
    assert run_tap(books, "tags").ids("tags") == (["3", "2", "1"] if own == "1" else [])


@pytest.mark.parametrize("missing", ["empty", "refused"])
def test_without_a_list_of_users_the_first_rows_tell_the_account(
    books: Sandbox, missing: str, caplog: pytest.LogCaptureFixture
) -> None:
    before = run_tap(books, "contacts")
    if missing == "empty":
        books.books.delete("SevUser", "1")
    else:
        books.fail(path="/SevUser", status=403, times=0)
    assert run_tap(books, "tags").state["account"] == "1"
    of_somebody_else(books)
    run = run_tap(books, "contacts", state=before.state)
    assert "account 2" in f"{caplog.text}{run.error}"
    assert run.error is not None
    assert run.records("contacts") == []


BROKEN: dict[str, dict[str, Any]] = {
    "500": {"status": 500},
    "429": {"status": 429},
    "a page of HTML": {"kind": "html", "status": 200},
    "an error under 200": {"kind": "envelope"},
    "half a body": {"kind": "truncated"},
    "a connection that is reset": {"kind": "reset"},
    "a redirect": {"kind": "redirect"},
    "422": {"status": 422},
}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait between attempts."""
    monkeypatch.setattr("tap_sevdesk.client.sleep", lambda _: None)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_list_of_users_stops_no_other_stream(
    books: Sandbox, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    books.fail(path="/SevUser", times=0, **BROKEN[kind])
    run = run_tap(books, "tags")
    assert (run.error, run.ids("tags"), run.state["account"]) == (None, ["3", "2", "1"], "1")
    assert run.audit("tags")["complete"] is True
    assert "whose token" not in caplog.text
    whole = run_tap(books)
    assert "Not everything was read: sev_users failed." in str(whole.error)
    assert whole.ids("tags") == ["3", "2", "1"]


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("kind", BROKEN)
def test_with_a_broken_list_of_users_another_account_is_refused_all_the_same(
    books: Sandbox, kind: str
) -> None:
    before = run_tap(books)
    of_somebody_else(books)
    books.fail(path="/SevUser", times=0, **BROKEN[kind])
    run = run_tap(books, state=before.state)
    assert run.messages == []
    assert "belongs to sevDesk account 2, but the state of the last run is of account 1" in str(run.error)


@pytest.mark.usefixtures("quick")
def test_when_no_list_tells_the_account_it_is_said_and_the_rows_are_checked(
    books: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    before = run_tap(books)
    of_somebody_else(books)
    books.fail(path="/SevUser", times=0, status=500)
    for key in ("1", "2", "3"):
        books.books.delete("Contact", key)
    run = run_tap(books, "tags", state=before.state)
    assert (
        "The list of users (/SevUser) cannot be read, and no other list tells whose token this is. "
        "Each row is checked as it comes."
    ) in caplog.messages
    assert "a row of account 2 while account 1 is read" in caplog.text
    assert (run.ids("tags"), run.state["account"]) == ([], "1")


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("kind", [kind for kind in BROKEN if kind not in ("422", "429")])
def test_a_wrong_token_ends_the_run_although_the_list_of_users_is_broken(books: Sandbox, kind: str) -> None:
    books.fail(path="/SevUser", times=0, **BROKEN[kind])
    for path in ("/CheckAccount", "/Contact", "/Tag"):
        books.fail(path=path, times=0, status=401)
    run = run_tap(books)
    assert str(run.error).startswith("sevDesk refused the API token (401).")
    assert run.messages == []
    assert [request.path for request in books.log if request.status == 401] == ["/CheckAccount"]


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("kind", BROKEN)
def test_when_no_list_answers_the_run_ends_after_a_few_requests(books: Sandbox, kind: str) -> None:
    books.fail(times=0, **BROKEN[kind])
    run = run_tap(books)
    assert str(run.error).startswith("/")
    assert run.messages == []
    assert len(books.log) <= 3 * ATTEMPTS
    assert "/Invoice" not in {request.path for request in books.log}


@pytest.mark.parametrize("state", [{"account": "1"}, {"account": "1", "bookmarks": {}}, {"bookmarks": {}}])
def test_a_state_may_hold_the_account_alone(books: Sandbox, state: dict[str, Any]) -> None:
    assert run_tap(books, "tags", state=state).error is None


@pytest.mark.parametrize(
    ("sent", "owner"),
    [
        ('{"id":"7"}', "7"),
        ('{"id":7}', "7"),
        ('{"id":7.0}', "7"),
        ("7", "7"),
        ('{"id":"0"}', None),
        ('{"id":null}', None),
        ("{}", None),
        ('""', None),
        ("[]", None),
        ("true", None),
    ],
)
def test_an_account_is_understood_however_it_is_written(sent: str, owner: str | None) -> None:
    encoder = RecordEncoder("tags", "", Conformer(load_schema("tags"), lambda _: True))
    row = Raw(f'{{"id":"1","sevClient":{sent}}}'.encode())
    rows = [with_fields(row, ""), *encoder.parse_rows([row, row])]
    assert [each.owner for each in rows] == [owner] * 3
    assert owner_of(row) == owner
