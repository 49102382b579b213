"""The audit trail: each figure is compared with what the server saw."""

import collections
from typing import Any

import pytest
from sevdesk_sandbox import Sandbox
from tap_running import A_YEAR_IN, NOON, Outcome, asked_by_streams, run_tap

from tap_sevdesk.bookmark import parse_time
from tap_sevdesk.inputs import SETTINGS
from tap_sevdesk.streams import SOURCES, load_schema

PATHS = {source.path: source.name for source in SOURCES}


def requests_by_stream(sandbox: Sandbox) -> dict[str, int]:
    return dict(collections.Counter(PATHS[request.path] for request in asked_by_streams(sandbox)))


def rows(run: Outcome) -> dict[str, dict[str, Any]]:
    return {row["stream"]: row for row in run.records("extractions")}


def test_two_runs_over_a_whole_firm_are_accounted_for_to_the_last_request_and_row() -> None:
    with Sandbox(now=A_YEAR_IN) as sandbox:
        full = run_tap(sandbox)
        audit = rows(full)
        assert list(audit) == [source.name for source in SOURCES]
        assert {name: row["requests"] for name, row in audit.items()} == requests_by_stream(sandbox)
        for source in SOURCES:
            row, there = audit[source.name], len(sandbox.books.rows(source.path.strip("/")))
            assert len(full.records(source.name)) == len(set(full.ids(source.name))) == there
            assert (row["records"], row["distinct_records"]) == (there, there)
            assert (row["total_before"], row["total_after"]) == (there, there)
            assert (row["mode"], row["since"], row["complete"], row["retries"]) == ("full", None, True, 0)
            assert row["id"] == f"{row['run_id']}:{source.name}"
            assert row["started_at"] <= row["finished_at"]

        sandbox.clock.advance(hours=5)
        sandbox.log.clear()
        changes = run_tap(sandbox, state=full.state, lookback_seconds=600)
        audit = rows(changes)
        sent = requests_by_stream(sandbox)
        assert audit.keys() == {m["stream"] for m in changes.messages if m["type"] == "RECORD"} - {
            "extractions"
        }
        assert {name: row["requests"] for name, row in audit.items()} == {name: sent[name] for name in audit}
        assert "invoices" in audit
        page_size = SETTINGS["properties"]["page_size"]["default"]
        long_logs = {it.name for it in SOURCES if it.history and len(full.ids(it.name)) > page_size}
        assert "invoice_logs" in long_logs & audit.keys()
        for name, row in audit.items():
            bookmark = full.bookmark(name)
            assert row["records"] == len(changes.records(name))
            assert row["complete"] is True
            assert row["mode"] == ("full" if bookmark is None and name not in long_logs else "incremental")
            if name in long_logs:
                assert row["since"] == full.state["bookmarks"][name]["checked_until"]
            elif bookmark is not None:
                since, then = parse_time(row["since"]), parse_time(bookmark)
                assert since is not None
                assert then is not None
                assert (then - since).total_seconds() == 600


def test_retries_are_counted_and_are_part_of_the_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tap_sevdesk.client.sleep", lambda _: None)
    with Sandbox(firm=False, now=NOON) as sandbox:
        sandbox.books.put("Contact", {"id": "1"})
        sandbox.fail(path="/Contact", status=503, times=3)
        row = run_tap(sandbox, "contacts").audit("contacts")
        assert (row["requests"], row["retries"], row["records"]) == (4, 3, 1)
        assert row["requests"] == len(asked_by_streams(sandbox))


def test_counts_of_a_list_that_shrinks_while_it_is_read() -> None:
    with Sandbox(firm=False, now=NOON) as sandbox:
        for i in range(30):
            sandbox.books.put("Tag", {"id": str(i + 1)})
        sandbox.on_request(lambda _: sandbox.books.delete("Tag", str(len(sandbox.log) - 1)))
        run = run_tap(sandbox, "tags", page_size=10)
        row = run.audit("tags")
        assert (row["total_before"], row["total_after"]) == (29, 30 - row["requests"])
        assert row["distinct_records"] == len(set(run.ids("tags")))
        assert row["complete"] is True


def test_rows_of_one_run_share_a_run_and_two_runs_do_not() -> None:
    with Sandbox(firm=False, now=NOON) as sandbox:
        first, second = run_tap(sandbox), run_tap(sandbox)
        runs = [{row["run_id"] for row in run.records("extractions")} for run in (first, second)]
        assert len(runs[0]) == len(runs[1]) == 1
        assert runs[0] != runs[1]


def test_no_record_was_extracted_before_its_stream_started() -> None:
    """A warehouse takes a row extracted before the start of the latest complete full read for deleted."""
    with Sandbox(firm=False, now=NOON) as sandbox:
        sandbox.books.put("Tag", {"id": "1"})
        run = run_tap(sandbox, "tags")
        extracted = [m["time_extracted"] for m in run.messages if m.get("stream") == "tags" and "record" in m]
        moment, started = parse_time(extracted[0][:19] + "Z"), parse_time(run.audit("tags")["started_at"])
        assert moment is not None
        assert started is not None
        assert moment >= started


def test_it_comes_last_and_holds_its_columns_and_nothing_else() -> None:
    with Sandbox(firm=False, now=NOON) as sandbox:
        run = run_tap(sandbox)
        order = [message["stream"] for message in run.messages if message["type"] == "SCHEMA"]
        assert order == [*(source.name for source in SOURCES), "extractions"]
        assert list(run.records("extractions")[0]) == list(load_schema("extractions")["properties"])


def test_deselected_streams_have_no_row_and_deselected_it_is_not_written() -> None:
    with Sandbox(firm=False, now=NOON) as sandbox:
        assert [row["stream"] for row in run_tap(sandbox, "tags").records("extractions")] == ["tags"]


def streams_reported(run: Outcome) -> dict[str, bool]:
    return {row["stream"]: row["complete"] for row in run.records("extractions")}


@pytest.mark.parametrize(
    ("path", "stream", "emitted"),
    [("/Contact", "contacts", []), ("/Tag", "tags", ["1"]), ("/Part", "parts", [])],
)
def test_the_first_complete_read_after_one_that_was_not_has_a_row_although_nothing_is_news(
    path: str, stream: str, emitted: list[str]
) -> None:
    """Or the warehouse would hold the stream for incomplete until something in it changes.

    Tags are read in full: without their records all that was loaded before would count as deleted.
    """
    with Sandbox(firm=False, now=NOON) as sandbox:
        for resource in ("Contact", "Tag"):
            sandbox.books.put(resource, {"id": "1"})
        before = run_tap(sandbox, "contacts", "tags", "parts")
        sandbox.clock.advance(hours=1)
        sandbox.fail(path=path, status=422)
        failed = run_tap(sandbox, "contacts", "tags", "parts", state=before.state)
        assert streams_reported(failed) == {stream: False}
        sandbox.clock.advance(hours=1)
        healed = run_tap(sandbox, "contacts", "tags", "parts", state=failed.state)
        assert (streams_reported(healed), healed.ids(stream)) == ({stream: True}, emitted)
        sandbox.clock.advance(hours=1)
        assert streams_reported(run_tap(sandbox, "contacts", "tags", "parts", state=healed.state)) == {}


def test_a_run_that_died_before_its_rows_leaves_them_to_the_next_one() -> None:
    """A stream's own STATE comes before the audit trail: the row is due until it has been written."""
    with Sandbox(firm=False, now=NOON) as sandbox:
        sandbox.books.put("Contact", {"id": "1"})
        before = run_tap(sandbox, "contacts", "tags")
        sandbox.clock.advance(hours=1)
        sandbox.fail(path="/Tag", status=422)
        failed = run_tap(sandbox, "contacts", "tags", state=before.state)
        sandbox.books.put("Contact", {"id": "2"})
        died = run_tap(sandbox, "contacts", "tags", state=failed.state)
        assert streams_reported(died) == {"contacts": True, "tags": True}
        audit = next(i for i, m in enumerate(died.messages) if m.get("stream") == "extractions")
        died.messages[audit:] = []
        again = run_tap(sandbox, "contacts", "tags", state=died.state)
        assert (streams_reported(again), again.ids("contacts")) == ({"contacts": True, "tags": True}, [])
        assert streams_reported(run_tap(sandbox, "contacts", "tags", state=again.state)) == {}


def test_without_the_audit_trail_no_row_is_due_and_a_list_that_is_read_whole_is_silent() -> None:
    with Sandbox(firm=False, now=NOON) as sandbox:
        sandbox.books.put("Tag", {"id": "1"})
        before = run_tap(sandbox, "tags", audited=False)
        again = run_tap(sandbox, "tags", audited=False, state=before.state)
        assert (before.ids("tags"), again.kinds) == (["1"], {"STATE"})
        audited = run_tap(sandbox, "tags", state=again.state)
        assert (streams_reported(audited), audited.ids("tags")) == ({"tags": True}, ["1"])


def test_an_account_that_sent_nothing_at_all_is_believed_again_when_it_sends_what_is_known() -> None:
    with Sandbox(firm=False, now=NOON) as sandbox:
        empty = run_tap(sandbox)
        assert set(streams_reported(empty).values()) == {False}
        sandbox.books.put("SevUser", {"id": "1"})
        healed = run_tap(sandbox, state=empty.state)
        assert streams_reported(healed) == {source.name: True for source in SOURCES}
