"""Lists that an account does not have, and streams without which a run is good all the same."""

from collections.abc import Iterator
from typing import Any

import pytest
from sevdesk_sandbox import Sandbox
from tap_running import NOON, run_tap

from tap_sevdesk.reader import StreamReader
from tap_sevdesk.tap import TapSevDesk


@pytest.fixture
def books(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """Serve a user, a contact and thirty tags."""
    monkeypatch.setattr("tap_sevdesk.client.sleep", lambda _: None)
    with Sandbox(firm=False, now=NOON) as sandbox:
        sandbox.books.put("SevUser", {"id": "1"})
        sandbox.books.put("Contact", {"id": "1"})
        for i in range(30):
            sandbox.books.put("Tag", {"id": str(i + 1)})
        yield sandbox


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_list_that_an_account_does_not_offer_ends_its_stream_with_one_remark(
    books: Sandbox, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    books.fail(path="/Contact", status=status, times=0)
    run = run_tap(books)
    assert run.error is None
    assert len(run.ids("tags")) == 30
    audit = run.audit("contacts")
    assert (audit["complete"], audit["incomplete_because"], audit["requests"]) == (False, "not offered", 1)
    assert sum("does not offer the list" in message for message in caplog.messages) == 1
    assert run.bookmark("contacts") is None


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_list_that_was_read_before_and_is_refused_now_fails(books: Sandbox, status: int) -> None:
    before = run_tap(books)
    books.fail(path="/Contact", status=status, times=0)
    run = run_tap(books, state=before.state)
    assert "contacts failed" in str(run.error)
    assert run.audit("contacts")["incomplete_because"] == "failed"


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_list_that_is_required_by_name_must_be_offered(books: Sandbox, status: int) -> None:
    books.fail(path="/Contact", status=status, times=0)
    run = run_tap(books, required_streams="contacts")
    assert "contacts failed" in str(run.error)
    assert run.audit("contacts")["incomplete_because"] == "not offered"


def test_a_token_that_is_refused_ends_the_run_whatever_is_required(books: Sandbox) -> None:
    books.fail(path="/Tag", status=401, times=0)
    run = run_tap(books, required_streams="contacts")
    assert "tags failed" in str(run.error)
    assert run.audit("tags")["incomplete_because"] == "failed"


FAILURES: dict[str, dict[str, Any]] = {
    "500": {"status": 500},
    "422": {"status": 422},
    "an error under 200": {"kind": "envelope"},
    "a page of HTML": {"kind": "html", "status": 200},
    "400 after some pages": {"status": 400, "nth": 2},
}


@pytest.mark.parametrize("kind", FAILURES)
@pytest.mark.parametrize("required", ["contacts, invoices", '["contacts"]', ["contacts"]])
def test_a_stream_that_is_not_required_may_fail(
    books: Sandbox, caplog: pytest.LogCaptureFixture, required: object, kind: str
) -> None:
    books.fail(path="/Tag", times=0, **FAILURES[kind])
    run = run_tap(books, page_size=10, required_streams=required)
    assert run.error is None
    assert run.audit("tags")["incomplete_because"] == "failed"
    assert run.audit("contacts")["complete"] is True
    assert "not in required_streams: the run goes on without it" in caplog.text
    assert "required" not in str(run_tap(books, page_size=10).error)
    assert "tags failed" in str(run_tap(books, page_size=10, required_streams="tags").error)


def test_a_mistake_in_a_stream_that_is_not_required_does_not_fail_the_run(books: Sandbox) -> None:
    maps = {"tags": {"name": "int(name)"}}
    books.books.put("Tag", {"id": "1", "name": "not a number"})
    assert "tags failed" in str(run_tap(books, "tags", stream_maps=maps).error)
    assert run_tap(books, "tags", stream_maps=maps, required_streams="contacts").error is None


@pytest.mark.parametrize("none", [[], ","], ids=repr)
def test_required_streams_that_name_none_mean_all(
    books: Sandbox, none: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(StreamReader, "see", None)  # a mistake that nobody expected
    assert "tags failed" in str(run_tap(books, "tags", required_streams=none).error)


def test_an_account_without_a_single_row_is_doubtful_and_not_complete(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with Sandbox(firm=False, now=NOON) as empty:
        run = run_tap(empty)
        rows = run.records("extractions")
        assert {(row["complete"], row["incomplete_because"]) for row in rows} == {(False, "nothing came")}
        assert run.error is None
        assert "no account is so empty" in caplog.text
        empty.books.put("StaticCountry", {"id": "1"})
        assert all(row["complete"] for row in run_tap(empty).records("extractions"))


def test_required_streams_that_do_not_exist_are_refused() -> None:
    with pytest.raises(Exception, match="not usable") as caught:
        TapSevDesk(config={"api_token": "0" * 32, "required_streams": "invoices,kontakte"})
    assert "names a stream 'kontakte' that does not exist" in str(caught.value.errors)  # type: ignore[attr-defined]
