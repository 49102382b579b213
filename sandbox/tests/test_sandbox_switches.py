"""Each switch, both ways."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests

from sevdesk_sandbox import Sandbox
from sevdesk_sandbox.faults import FAULTS
from sevdesk_sandbox.switches import SWITCHES

Ask = Callable[..., requests.Response]
README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def year() -> Iterator[Sandbox]:
    """Serve the firm after its first months."""
    with Sandbox(now="2025-06-30T12:00:00+00:00") as sandbox:
        yield sandbox


@pytest.fixture
def switched(year: Sandbox) -> Iterator[Callable[..., Sandbox]]:
    """Move switches of that firm for the length of a test."""

    def move(**values: object) -> Sandbox:
        year.switches.set(**values)
        return year

    yield move
    year.switches.set(**{name: switch.default for name, switch in SWITCHES.items()})


def ids(answer: requests.Response) -> list[str]:
    return [row["id"] for row in answer.json()["objects"]]


def test_the_readme_lists_every_switch_with_its_values_default_first() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \|$", README, re.MULTILINE)
    documented = {name: (values.replace("`", "").split(" · "), meaning) for name, values, meaning in rows}
    assert documented == {name: (list(switch.values), switch.meaning) for name, switch in SWITCHES.items()}


def test_the_readme_lists_every_fault() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \|$", README, re.MULTILINE)
    assert dict(rows) == {kind: meaning for kind, (_, meaning) in FAULTS.items()}


def test_a_filter_can_be_ignored_on_one_endpoint(switched: Callable[..., Sandbox], ask: Ask) -> None:
    sandbox = switched(ignore="Invoice.updateAfter, Contact.*")
    assert ids(ask(sandbox, "/Invoice", updateAfter=4_000_000_000))
    assert ids(ask(sandbox, "/Contact", createAfter=4_000_000_000))
    assert ids(ask(sandbox, "/Invoice", createAfter=4_000_000_000)) == []
    assert ids(ask(sandbox, "/Voucher", updateAfter=4_000_000_000)) == []


def test_a_filter_can_be_honoured_where_none_is_documented(
    switched: Callable[..., Sandbox], ask: Ask
) -> None:
    sandbox = switched(honour="CreditNote.updateAfter,*.createAfter")
    assert ids(ask(sandbox, "/CreditNote", updateAfter=4_000_000_000)) == []
    assert ids(ask(sandbox, "/Part", createAfter=4_000_000_000)) == []
    assert ids(ask(sandbox, "/Part", updateAfter=4_000_000_000))


@pytest.mark.parametrize(("bounds", "found"), [("inclusive", ["1"]), ("exclusive", [])])
def test_a_bound_is_inclusive_or_exclusive(empty: Sandbox, ask: Ask, bounds: str, found: list[str]) -> None:
    empty.switches.set(bounds=bounds)
    empty.books.put("Invoice", {})
    second = int(empty.clock.now.timestamp())
    for name in ("createAfter", "createBefore", "updateAfter", "updateBefore"):
        assert ids(ask(empty, "/Invoice", {name: second})) == found


@pytest.mark.parametrize("switch", ["ignored", "accepted"])
def test_iso_times_are_ignored_or_accepted(empty: Sandbox, ask: Ask, switch: str) -> None:
    empty.switches.set(iso_filters=switch)
    empty.books.put("Invoice", {})
    found = ids(ask(empty, "/Invoice", updateAfter="2026-07-01T00:00:00+02:00"))
    assert found == ([] if switch == "accepted" else ["1"])


@pytest.mark.parametrize("order", SWITCHES["order"].values)
def test_lists_come_in_the_order_of_the_switch(
    switched: Callable[..., Sandbox], ask: Ask, order: str
) -> None:
    sandbox = switched(order=order)
    first, second = (ask(sandbox, "/Invoice", limit=1000).json()["objects"] for _ in "12")
    assert len({row["id"] for row in first}) == 1000
    if order == "by-list":
        assert first == ask(switched(order="create-desc"), "/Invoice", limit=1000).json()["objects"]
        return
    if order == "shuffled":
        assert first != second
        return
    assert first == second
    field, direction = order.split("-")
    keys = [int(row[field]) if field == "id" else _seconds(row[field]) for row in first]
    assert keys == sorted(keys, reverse=direction == "desc")


def _seconds(text: str) -> float:
    from datetime import datetime  # noqa: PLC0415

    return datetime.fromisoformat(text).timestamp()


def test_sort_parameters_can_be_ignored(switched: Callable[..., Sandbox], ask: Ask) -> None:
    sort = {"orderBy[0][field]": "id", "orderBy[0][arrangement]": "asc"}
    plain = ids(ask(switched(), "/Invoice"))
    assert ids(ask(switched(), "/Invoice", sort)) != plain
    assert ids(ask(switched(order_by="ignored"), "/Invoice", sort)) == plain


def test_offset_can_be_ignored(switched: Callable[..., Sandbox], ask: Ask) -> None:
    sandbox = switched(offset="ignored")
    assert ids(ask(sandbox, "/Invoice", offset=100)) == ids(ask(sandbox, "/Invoice"))


@pytest.mark.parametrize(
    ("total", "sent"), [("string", {"total": "0"}), ("int", {"total": 0}), ("absent", {})]
)
def test_the_total_is_text_a_number_or_absent(
    empty: Sandbox, ask: Ask, total: str, sent: dict[str, Any]
) -> None:
    empty.switches.set(total=total)
    assert ask(empty, "/Invoice", countAll="true").json() == {**sent, "objects": []}


def test_the_total_of_a_list_can_be_one_too_many(empty: Sandbox, ask: Ask) -> None:
    empty.switches.set(miscounted="Invoice, Contact")
    assert ask(empty, "/Invoice", countAll="true").json() == {"total": "1", "objects": []}
    assert ask(empty, "/Tag", countAll="true").json() == {"total": "0", "objects": []}


@pytest.mark.parametrize(("drift", "growth"), [("insert", 1), ("update", 0), ("delete", -1), ("all", 0)])
def test_records_drift_after_each_page(empty: Sandbox, ask: Ask, drift: str, growth: int) -> None:
    for _ in range(5):
        empty.books.put("Tag", {})
    empty.clock.advance(hours=1)
    empty.switches.set(drift=drift)
    before = empty.books.rows("Tag")
    assert ask(empty, "/Tag").json()["objects"] == before
    after = empty.books.rows("Tag")
    assert len(after) == len(before) + growth
    assert (after != before) == (drift != "update")  # tags bear no update
    if drift == "update":
        empty.books.put("Part", {})
        empty.books.put("Part", {})
        empty.clock.advance(hours=1)
        parts = empty.books.rows("Part")
        ask(empty, "/Part")
        assert (
            sum(a["update"] != b["update"] for a, b in zip(parts, empty.books.rows("Part"), strict=True)) == 1
        )


@pytest.mark.parametrize("sign", ["negative", "positive"])
@pytest.mark.parametrize("resource", ["Invoice", "CreditNote"])
def test_reversals_have_either_sign(switched: Callable[..., Sandbox], sign: str, resource: str) -> None:
    sandbox = switched(sr_sign=sign, credit_note_sign=sign)
    rows = [row for row in sandbox.books.rows(resource) if row.get("invoiceType") in {None, "SR"}]
    assert rows
    assert all((Decimal(row["sumGross"]) < 0) == (sign == "negative") for row in rows)
    assert all(Decimal(row["sumNet"]) + Decimal(row["sumTax"]) == Decimal(row["sumGross"]) for row in rows)


def test_final_invoices_bill_what_is_left_or_the_whole_chain(switched: Callable[..., Sandbox]) -> None:
    def finals() -> dict[str, Decimal]:
        rows = switched().books.rows("Invoice")
        return {row["id"]: Decimal(row["sumNet"]) for row in rows if row["invoiceType"] == "ER"}

    left = finals()
    switched(final_sums="cumulative")
    whole = finals()
    assert left
    assert all(whole[key] > left[key] for key in left)


def test_the_city_can_be_missing_everywhere(switched: Callable[..., Sandbox]) -> None:
    assert any(row["addressCity"] for row in switched().books.rows("Invoice"))
    switched(city="missing")
    rows = switched().books.rows("Invoice") + switched().books.rows("CreditNote")
    assert {row["addressCity"] for row in rows} == {None}


def test_records_can_have_fields_that_nobody_has_documented(
    switched: Callable[..., Sandbox], ask: Ask
) -> None:
    before = ask(switched(), "/Contact", limit=1).json()["objects"][0]
    after = ask(switched(unknown_fields="on"), "/Contact", limit=1).json()["objects"][0]
    assert set(after) - set(before) == {"sandboxNote", "sandboxOwner", "sandboxList"}


def test_documents_can_have_a_status_that_is_not_listed(switched: Callable[..., Sandbox]) -> None:
    assert "900" not in {row["status"] for row in switched().books.rows("Invoice")}
    strange = [row for row in switched(unlisted_status="on").books.rows("Invoice") if row["status"] == "900"]
    assert strange
    assert all(row["id"].endswith("8") for row in strange)


def test_prices_of_parts_are_text_or_numbers(switched: Callable[..., Sandbox], ask: Ask) -> None:
    assert isinstance(ask(switched(), "/Part").json()["objects"][0]["price"], str)
    assert isinstance(
        ask(switched(part_numbers="number"), "/Part").json()["objects"][0]["price"], float | int
    )


def test_an_account_has_either_bookkeeping_system(switched: Callable[..., Sandbox], ask: Ask) -> None:
    sandbox = switched(system="1.0")
    assert ask(sandbox, "/Tools/bookkeepingSystemVersion").json() == {"objects": {"version": "1.0"}}
    rows = sandbox.books.rows("Invoice")
    assert not any("taxRule" in row for row in rows)
    assert all(row["taxType"] for row in rows)


@pytest.mark.parametrize("shape", SWITCHES["body_401"].values)
def test_a_401_has_one_of_several_bodies(empty: Sandbox, shape: str) -> None:
    empty.switches.set(body_401=shape)
    answer = requests.get(f"{empty.url}/Invoice", timeout=5)
    assert answer.status_code == 401
    kinds = {"error": '{"error"', "status": '{"status"', "html": "<html>", "empty": ""}
    assert answer.text.startswith(kinds[shape])
    assert bool(answer.text) == (shape != "empty")


def test_an_unknown_id_can_be_a_bad_request(empty: Sandbox, ask: Ask) -> None:
    empty.switches.set(unknown_id=400)
    answer = ask(empty, "/Invoice/1")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "NOT_FOUND")


def test_answers_can_be_late_and_requests_wait_beside_each_other(empty: Sandbox, ask: Ask) -> None:
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

    empty.switches.set(latency_ms=300)
    start = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: ask(empty, "/Invoice"), range(8)))
    elapsed = time.monotonic() - start
    assert {answer.status_code for answer in answers} == {200}
    assert 0.3 <= elapsed < 8 * 0.3


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"sandwich": "ham"}, "there is no switch sandwich: there are ignore, "),
        ({"miscounted": "Bill"}, "Bill is no value of switch miscounted: it takes names of lists such as"),
        ({"bounds": "wide"}, "wide is no value of switch bounds: it takes inclusive, exclusive"),
        ({"latency_ms": "soon"}, "it takes a whole number of milliseconds"),
        ({"ignore": "Invoices.updateAfter"}, "it takes filters such as Invoice.updateAfter"),
    ],
)
def test_a_bad_switch_is_refused_with_a_sentence(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        Sandbox(firm=False, **values)
