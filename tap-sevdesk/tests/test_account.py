"""Whose books are read: one account for a run, its state and its warehouse; another one is refused."""

from collections.abc import Iterator
from typing import Any

import pytest
from sevdesk_sandbox import Sandbox
from tap_running import NOON, run_tap

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


@pytest.mark.parametrize("state", [{"account": "1"}, {"account": "1", "bookmarks": {}}, {"bookmarks": {}}])
def test_a_state_may_hold_the_account_alone(books: Sandbox, state: dict[str, Any]) -> None:
    assert run_tap(books, "tags", state=state).error is None
