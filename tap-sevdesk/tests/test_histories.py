"""A long history is not read whole each time: what was added stands in front of what was there."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sevdesk_sandbox import Sandbox
from tap_running import NOON, SAME_EACH_TIME, Outcome, asked_by_streams, run_tap

PAGE = 150
LONG = 400


def add(sandbox: Sandbox, key: int, **fields: object) -> None:
    invoice = {"id": str(key // 3), "objectName": "Invoice"}
    sandbox.books.put("InvoiceLog", {"id": str(key), "invoice": invoice, "toStatus": "200", **fields})


def edit(sandbox: Sandbox, key: int, **fields: object) -> None:
    (row,) = [dict(row) for row in sandbox.books.rows("InvoiceLog") if row["id"] == str(key)]
    sandbox.books.put("InvoiceLog", {**row, **fields}, exact=True)


def read(sandbox: Sandbox, before: Outcome | None = None, page_size: int = PAGE) -> tuple[Outcome, int]:
    """Run the tap; return the outcome and how many requests it took."""
    asked = len(asked_by_streams(sandbox))
    state = json.loads(json.dumps(before.state)) if before else None
    run = run_tap(sandbox, "invoice_logs", state=state, page_size=page_size)
    return run, len(asked_by_streams(sandbox)) - asked


@pytest.fixture
def long() -> Iterator[Sandbox]:
    """Serve a history of several pages, the newest row first, an hour after its last row."""
    with Sandbox(firm=False, now=NOON) as sandbox:
        for key in range(1, LONG + 1):
            sandbox.clock.advance(seconds=1)
            add(sandbox, key)
        sandbox.clock.advance(hours=1)
        yield sandbox


def test_a_long_history_without_news_costs_one_request(long: Sandbox) -> None:
    before, _ = read(long)
    run, requests = read(long, before)
    assert (run.kinds, requests) == ({"STATE"}, 1)
    assert run.state["bookmarks"]["invoice_logs"]["checked_until"] >= NOON[:13]


def test_what_was_added_to_a_long_history_arrives_alone_and_by_one_request(long: Sandbox) -> None:
    before, _ = read(long)
    add(long, 501)
    add(long, 502)
    run, requests = read(long, before)
    assert (sorted(run.ids("invoice_logs")), requests) == (["501", "502"], 1)
    audit = run.audit("invoice_logs")
    assert (audit["mode"], audit["complete"]) == ("incremental", True)
    assert audit["since"] == before.state["bookmarks"]["invoice_logs"]["checked_until"]
    again, requests = read(long, run)
    assert (again.kinds, requests) == ({"STATE"}, 1)


def test_additions_of_many_runs_leave_the_memory_that_one_full_read_leaves(long: Sandbox) -> None:
    run, _ = read(long)
    for key in range(501, 510):
        add(long, key)
        run, _ = read(long, run)
    assert (
        run.state["bookmarks"]["invoice_logs"]["list"]
        == read(long)[0].state["bookmarks"]["invoice_logs"]["list"]
    )


def deleted(sandbox: Sandbox) -> None:
    sandbox.books.delete("InvoiceLog", "7")


def replaced(sandbox: Sandbox) -> None:
    sandbox.books.delete("InvoiceLog", "7")
    add(sandbox, 501)


def edited(sandbox: Sandbox) -> None:
    edit(sandbox, LONG - 10, toStatus="1000")


def added_to_the_end(sandbox: Sandbox) -> None:
    sandbox.books.put("InvoiceLog", {"id": "501", "create": "2020-01-01T00:00:00+01:00"}, exact=True)


@pytest.mark.parametrize("change", [deleted, replaced, edited, added_to_the_end])
def test_a_history_that_does_not_go_on_as_it_began_is_read_and_emitted_whole(
    long: Sandbox, change: Any
) -> None:
    before, _ = read(long)
    change(long)
    run, requests = read(long, before)
    assert requests > LONG // PAGE
    assert len(set(run.ids("invoice_logs"))) == len(long.books.rows("InvoiceLog"))
    assert run.audit("invoice_logs")["mode"] == "full"


@pytest.mark.parametrize("switch", [{"total": "absent"}, {"order": "id-asc"}, {"order": "shuffled"}])
def test_a_server_that_does_not_show_what_was_added_is_read_whole(
    long: Sandbox, switch: dict[str, str]
) -> None:
    long.switches.set(**switch)
    before, _ = read(long)
    add(long, 501)
    run, _ = read(long, before)
    assert "501" in run.ids("invoice_logs")


def test_a_history_of_one_page_is_compared_whole(long: Sandbox) -> None:
    before, _ = read(long, page_size=LONG)
    edit(long, 1, toStatus="1000")
    run, _ = read(long, before, page_size=LONG)
    assert len(run.ids("invoice_logs")) == LONG


def test_a_full_read_repairs_what_the_front_of_a_history_does_not_show(long: Sandbox) -> None:
    before, _ = read(long)
    edit(long, 1, toStatus="1000")
    assert read(long, before)[0].ids("invoice_logs") == []
    (row,) = [row for row in read(long)[0].records("invoice_logs") if row["id"] == "1"]
    assert row["toStatus"] == "1000"


RUNS = st.lists(
    st.tuples(st.integers(0, 60), st.sets(st.integers(1, LONG), max_size=1), st.none() | st.floats(0, 1)),
    min_size=1,
    max_size=4,
)
"""For each run, how many rows were added before it, which are deleted, and how much arrives if it dies."""


@given(RUNS)
@settings(SAME_EACH_TIME, max_examples=15)
def test_over_any_history_of_additions_deletions_and_crashes_no_row_is_missed(
    runs: list[tuple[int, set[int], float | None]],
) -> None:
    with Sandbox(firm=False, now=NOON) as sandbox:
        for key in range(1, LONG + 1):
            add(sandbox, key)
        arrived, key, state = set[str](), LONG, dict[str, Any]()
        for more, gone, part in [*runs, (0, set[int](), None)]:
            sandbox.clock.advance(seconds=60)
            for _ in range(more):
                key += 1
                add(sandbox, key)
            for old in gone:
                sandbox.books.delete("InvoiceLog", str(old))
            messages = run_tap(sandbox, "invoice_logs", state=state, page_size=PAGE).messages
            messages = messages if part is None else messages[: int(part * len(messages))]
            arrived |= {
                m["record"]["id"] for m in messages if m["type"] == "RECORD" and m["stream"] == "invoice_logs"
            }
            state = next((m["value"] for m in reversed(messages) if m["type"] == "STATE"), state)
        assert arrived >= {str(row["id"]) for row in sandbox.books.rows("InvoiceLog")}
