"""Accounts that differ: what a token may see, what an account offers, and records as they were described."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
import requests

from sevdesk_sandbox import Sandbox
from sevdesk_sandbox.records import BLANKS, LEFT_OUT
from sevdesk_sandbox.switches import AS_DESCRIBED, SPOILT, SWITCHES

Ask = Callable[..., requests.Response]


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


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_list_can_be_refused(empty: Sandbox, ask: Ask, status: int) -> None:
    empty.switches.set(refused=f"Tag={status}, Part=403")
    assert ask(empty, "/Tag").status_code == status
    assert ask(empty, "/Part/1").status_code == 403
    assert ask(empty, "/Invoice").status_code == 200


def test_an_error_can_come_inside_a_good_status(empty: Sandbox, ask: Ask) -> None:
    empty.switches.set(refused="Invoice=200")
    answer = ask(empty, "/Invoice")
    assert answer.status_code == 200
    assert (answer.json()["objects"], answer.json()["error"]["code"]) == (None, 390)


def test_a_list_can_be_empty_for_a_moment(switched: Callable[..., Sandbox], ask: Ask) -> None:
    sandbox = switched(emptied="Invoice")
    assert ask(sandbox, "/Invoice", countAll="true").json() == {"total": "0", "objects": []}
    assert ids(ask(sandbox, "/Contact"))


def test_a_restricted_token_sees_half_of_a_list_and_a_total_that_matches(
    switched: Callable[..., Sandbox], ask: Ask
) -> None:
    whole = int(ask(switched(), "/Contact", depth=1, countAll="true").json()["total"])
    answer = ask(switched(restricted="Contact"), "/Contact", depth=1, countAll="true", limit=1000).json()
    assert int(answer["total"]) == len(answer["objects"])
    assert 0.3 * whole < len(answer["objects"]) < 0.7 * whole


def test_an_account_can_be_another_ones(switched: Callable[..., Sandbox]) -> None:
    assert switched().books.rows("Invoice")[0]["sevClient"]["id"] == "1"
    switched(account="2000002")
    rows = [row for name in BLANKS for row in switched().books.rows(name) if "sevClient" in row]
    assert {row["sevClient"]["id"] for row in rows} == {"2000002"}


@pytest.mark.parametrize("kind", SPOILT)
def test_one_row_of_a_list_can_be_one_that_no_reader_takes(empty: Sandbox, ask: Ask, kind: str) -> None:
    for count in range(5):
        empty.books.put("Tag", {"name": str(count)})
    empty.switches.set(undecodable=f"Tag={kind}")
    body = ask(empty, "/Tag").content
    if kind == "utf8":
        with pytest.raises(UnicodeDecodeError):
            body.decode()
        return
    if kind == "deep":
        assert b"[" * 1000 in body
        return
    rows = json.loads(body, parse_constant=lambda name: f"constant {name}")["objects"]
    assert len(rows) == 5
    (odd,) = [row for row in rows if not isinstance(row, dict) or set(row) != set(rows[0])]
    assert rows.index(odd) == 2
    wanted = {"null": odd is None, "scalar": odd == "3", "no-id": "id" not in (odd or {})}
    assert wanted.get(kind, isinstance(odd, dict) and odd.get("spoilt") == "constant NaN")


def test_a_row_can_be_spoilt_by_hand(empty: Sandbox, ask: Ask) -> None:
    key = empty.books.put("Tag", {})["id"]
    empty.books.spoil("Tag", key, b"\xff")
    assert ask(empty, "/Tag").content == b'{"objects":[\xff]}'
    second = empty.books.put("Tag", {})["id"]
    url = empty.url.removesuffix("/api/v1") + f"/_sandbox/books/Tag/{second}"
    requests.put(url, data=b"12", timeout=5).raise_for_status()
    assert ask(empty, "/Tag").content == b'{"objects":[12,\xff]}'


def test_a_list_that_the_sandbox_does_not_know_is_empty_or_refused(empty: Sandbox, ask: Ask) -> None:
    assert ask(empty, "/Sandwich", countAll="true").json() == {"total": "0", "objects": []}
    empty.switches.set(unknown_lists="refused")
    assert ask(empty, "/Sandwich").status_code == 404


def test_the_date_of_an_answer_can_be_absent_unreadable_or_wrong(empty: Sandbox, ask: Ask) -> None:
    empty.switches.set(clock_skew_s=-7200)
    assert ask(empty, "/Tag").headers["Date"] == "Tue, 30 Jun 2026 10:00:00 GMT"
    empty.switches.set(date="unreadable")
    assert ask(empty, "/Tag").headers["Date"] == "yesterday"
    empty.switches.set(date="absent")
    assert "Date" not in ask(empty, "/Tag").headers


def test_a_deleted_bank_line_leaves_the_list_and_says_so_by_its_id(empty: Sandbox, ask: Ask) -> None:
    key = empty.books.put("CheckAccountTransaction", {"amount": "5"})["id"]
    empty.clock.advance(hours=1)
    empty.books.delete("CheckAccountTransaction", key)
    assert ids(ask(empty, "/CheckAccountTransaction")) == []
    (gone,) = ask(empty, f"/CheckAccountTransaction/{key}").json()["objects"]
    assert gone["deletedAt"] == gone["update"] == "2026-06-30T15:00:00+02:00"
    empty.books.restore(key)
    (back,) = ask(empty, "/CheckAccountTransaction").json()["objects"]
    assert (back["id"], back["deletedAt"], bool(back["restoredAt"])) == (key, None, True)
    empty.books.delete("CheckAccountTransaction", key)
    empty.switches.set(bank_deletes="hard")
    assert ask(empty, f"/CheckAccountTransaction/{key}").status_code == 404


def test_three_countries_have_the_code_gb_and_one_has_du(switched: Callable[..., Sandbox]) -> None:
    codes = Counter(row["code"] for row in switched().books.rows("StaticCountry"))
    assert (codes["gb"], codes["du"]) == (3, 1)
    switched(country_codes="clean")
    assert max(Counter(row["code"] for row in switched().books.rows("StaticCountry")).values()) == 1


def test_names_are_escaped_or_plain(switched: Callable[..., Sandbox]) -> None:
    def names() -> str:
        return " ".join(str(row["name"]) for row in switched().books.rows("Contact"))

    assert "GmbH &amp; Co. KG" in names()
    switched(escaped_text="plain")
    assert "GmbH & Co. KG" in names()


def test_unset_references_are_absent_or_null(switched: Callable[..., Sandbox]) -> None:
    assert any("origin" not in row for row in switched().books.rows("Invoice"))
    switched(unset_references="null")
    assert {"origin", "costCentre"} <= set.intersection(*map(set, switched().books.rows("Invoice")))


def test_everything_can_be_as_the_description_has_it(switched: Callable[..., Sandbox], ask: Ask) -> None:
    sandbox = switched(**AS_DESCRIBED)
    for name in BLANKS:
        for row in sandbox.books.rows(name):
            assert not LEFT_OUT.get(name, frozenset()) & row.keys()
    line = sandbox.books.rows("InvoicePos")[0]
    assert all(isinstance(line[name], str) for name in ("quantity", "priceGross", "sumNet", "taxRate"))
    assert all("T00:00:00" in row["creditNoteDate"] for row in sandbox.books.rows("CreditNote"))
    cancelled = [row for row in sandbox.books.rows("Invoice") if row["invoiceType"] == "SR"]
    assert all(row["payDate"] for row in cancelled)
    assert all(row["sumNet"] == row["sumNetAccounting"] for row in sandbox.books.rows("Invoice"))
    address = sandbox.books.rows("ContactAddress")[0]
    assert ids(ask(sandbox, f"/ContactAddress/{address['id']}")) == [address["id"]]


def test_rough_records_mean_the_same_in_other_types_and_orders(switched: Callable[..., Sandbox]) -> None:
    def worth(rows: list[dict[str, Any]]) -> dict[str, Decimal]:
        return {row["id"]: Decimal(str(row["sumGross"])) for row in rows}

    plain = worth(switched().books.rows("Invoice"))
    rough = switched(rough="on").books.rows("Invoice")
    assert worth(rough) == plain
    assert len({tuple(row) for row in rough[:50]}) > 40
    kinds = {type(row["sumGross"]) for row in rough}
    assert kinds >= {str, int, float}
    assert any(row.get("origin") == "" for row in rough)
    assert any("name" in (row.get("contact") or {}) for row in rough)


def test_many_invoices_are_written_as_the_switches_say(ask: Ask) -> None:
    with Sandbox(now="2025-12-31T00:00:00+00:00", size=300) as sandbox:
        for values in ({}, AS_DESCRIBED, {"rough": "on"}):
            sandbox.switches.set(**{name: switch.default for name, switch in SWITCHES.items()} | values)
            rows = [
                row for row in ask(sandbox, "/Invoice", limit=1000).json()["objects"] if len(row["id"]) == 8
            ]
            assert len(rows) > 100
            assert len({tuple(row) for row in rows}) > 50
            assert ("einvoiceReference" in rows[0]) == (values is not AS_DESCRIBED)
            assert all(Decimal(str(row["sumGross"])) > 0 for row in rows)
