"""How the sandbox answers: the rules a client relies on."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from sevdesk_sandbox import Sandbox
from sevdesk_sandbox.clock import epoch_of
from sevdesk_sandbox.records import BLANKS

Ask = Callable[..., requests.Response]


def objects(answer: requests.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["objects"]
    return found


def _key(row: dict[str, Any]) -> str:
    key: str = row["id"]
    return key


def ids(answer: requests.Response) -> list[str]:
    return [row["id"] for row in objects(answer)]


def test_the_bare_token_is_wanted_in_the_header(firm: Sandbox) -> None:
    url = f"{firm.url}/Tools/bookkeepingSystemVersion"
    assert requests.get(url, headers={"Authorization": firm.token}, timeout=5).status_code == 200
    assert requests.get(url, timeout=5).status_code == 401
    assert requests.get(url, {"token": firm.token}, timeout=5).status_code == 401
    assert requests.get(url, headers={"Authorization": f"Bearer {firm.token}"}, timeout=5).status_code == 401
    assert len(firm.token) == 32


def test_the_bookkeeping_system_is_an_object(firm: Sandbox, ask: Ask) -> None:
    assert ask(firm, "/Tools/bookkeepingSystemVersion").json() == {"objects": {"version": "2.0"}}


@pytest.mark.parametrize("name", BLANKS)
def test_every_endpoint_lists_exactly_what_is_in_the_books(firm: Sandbox, ask: Ask, name: str) -> None:
    listed: list[dict[str, Any]] = []
    while page := objects(ask(firm, f"/{name}", limit=1000, offset=len(listed), showAll="true", depth=1)):
        listed += page
    assert sorted(listed, key=_key) == sorted(firm.books.rows(name), key=_key)


def test_a_list_counts_on_request_and_says_so_in_text(firm: Sandbox, ask: Ask) -> None:
    answer = ask(firm, "/Invoice", showAll="true", countAll="true", limit=1).json()
    assert answer["total"] == str(len(firm.books.rows("Invoice")))
    assert list(ask(firm, "/Invoice", limit=1).json()) == ["objects"]


def test_a_page_has_100_records_unless_asked_otherwise_and_pages_do_not_overlap(
    firm: Sandbox, ask: Ask
) -> None:
    first, second = ids(ask(firm, "/Invoice")), ids(ask(firm, "/Invoice", offset=100))
    assert len(first) == len(second) == 100
    assert not set(first) & set(second)
    assert ids(ask(firm, "/Invoice", limit=3, offset=99)) == [first[99], *second[:2]]


@pytest.mark.parametrize("limit", ["0", "1001", "none", "abc", "-1", "", "1.5"])
def test_a_limit_outside_1_to_1000_is_refused(firm: Sandbox, ask: Ask, limit: str) -> None:
    answer = ask(firm, "/Contact", limit=limit)
    assert answer.status_code == 400
    wanted = "Invalid 'limit' parameter. Please provide an integer value between 1 and 1000."
    assert answer.json()["error"]["message"] == wanted


def test_past_the_end_there_is_an_empty_list(firm: Sandbox, ask: Ask) -> None:
    assert objects(ask(firm, "/Invoice", offset=100_000)) == []


@pytest.mark.parametrize(
    ("name", "field", "newest_first"),
    [
        ("Invoice", "create", True),
        ("Contact", "create", True),
        ("Voucher", "create", False),
        ("CheckAccountTransaction", "valueDate", True),
    ],
)
def test_each_list_has_its_own_order(
    firm: Sandbox, ask: Ask, name: str, field: str, newest_first: bool
) -> None:
    times = [epoch_of(row[field]) or 0 for row in objects(ask(firm, f"/{name}", limit=1000))]
    assert times == sorted(times, reverse=newest_first)
    assert len(set(times)) > 100


def test_unknown_parameters_are_ignored(firm: Sandbox, ask: Ask) -> None:
    assert ids(ask(firm, "/Invoice", sandwich="ham", emptyState="true")) == ids(ask(firm, "/Invoice"))


def test_reminders_and_templates_are_listed_only_on_request(firm: Sandbox, ask: Ask) -> None:
    def kinds(**params: str) -> set[str]:
        return {row["invoiceType"] for row in objects(ask(firm, "/Invoice", limit=1000, **params))}

    assert kinds() == {"RE", "TR", "AR", "ER", "SR"}
    assert kinds(showMa="all") == {"MA"}
    assert kinds(showWkr="all") == {"WKR"}
    assert kinds(invoiceType="WKR") == {"WKR"}
    total = int(ask(firm, "/Invoice", showAll="true", countAll="true", limit=1).json()["total"])
    assert total == len(firm.books.rows("Invoice"))


def test_contacts_are_organisations_unless_depth_is_1(firm: Sandbox, ask: Ask) -> None:
    assert all(row["name"] for row in objects(ask(firm, "/Contact", limit=1000)))
    assert len(ids(ask(firm, "/Contact", limit=1000, depth=1))) == len(firm.books.rows("Contact"))


@pytest.mark.parametrize(
    ("path", "field", "filters"),
    [
        ("/Invoice", "status", {"status": "750"}),
        ("/CreditNote", "status", {"status": "200"}),
        ("/Order", "orderType", {"orderType": "AB"}),
        ("/Voucher", "creditDebit", {"creditDebit": "D"}),
    ],
)
def test_lists_can_be_filtered_by_a_field(
    firm: Sandbox, ask: Ask, path: str, field: str, filters: dict[str, str]
) -> None:
    found = {row[field] for row in objects(ask(firm, path, filters))}
    assert found == set(filters.values())


@pytest.mark.parametrize(
    ("path", "parent"), [("Invoice", "invoice"), ("CreditNote", "creditNote"), ("Order", "order")]
)
def test_positions_are_listed_flat_or_by_their_document(
    firm: Sandbox, ask: Ask, path: str, parent: str
) -> None:
    key = firm.books.rows(f"{path}Pos")[0][parent]["id"]
    truth = [row["id"] for row in firm.books.rows(f"{path}Pos") if row[parent]["id"] == key]
    assert ids(ask(firm, f"/{path}Pos", {f"{parent}[id]": key, f"{parent}[objectName]": path})) == truth
    assert ids(ask(firm, f"/{path}Pos", {f"{parent}[id]": key, f"{parent}[objectName]": "Other"})) == []
    if path != "CreditNote":
        assert ids(ask(firm, f"/{path}/{key}/getPositions")) == truth


@pytest.mark.parametrize("name", ["Invoice", "Contact", "Order", "Voucher"])
@pytest.mark.parametrize("field", ["create", "update"])
def test_documented_time_filters_take_unix_seconds(firm: Sandbox, ask: Ask, name: str, field: str) -> None:
    rows = firm.books.rows(name)
    bound = sorted(epoch_of(row[field]) or 0 for row in rows)[-20]
    everything = {"showAll": "true", "depth": 1, "limit": 1000}
    after = set(ids(ask(firm, f"/{name}", {f"{field}After": bound}, **everything)))
    assert after == {row["id"] for row in rows if (epoch_of(row[field]) or 0) >= bound}
    both = set(ids(ask(firm, f"/{name}", {f"{field}After": bound, f"{field}Before": bound}, **everything)))
    assert both == {row["id"] for row in rows if epoch_of(row[field]) == bound}


@pytest.mark.parametrize(
    "name", ["CreditNote", "Part", "ContactAddress", "InvoicePos", "CheckAccountTransaction"]
)
def test_undocumented_time_filters_are_silently_ignored(firm: Sandbox, ask: Ask, name: str) -> None:
    assert ids(ask(firm, f"/{name}", updateAfter=4_000_000_000)) == ids(ask(firm, f"/{name}"))


def test_a_period_looks_at_the_business_date(firm: Sandbox, ask: Ask) -> None:
    start, end = epoch_of("2026-03-01T00:00:00+01:00"), epoch_of("2026-03-31T00:00:00+02:00")
    found = objects(ask(firm, "/Invoice", startDate=start, endDate=end, showAll="true", limit=1000))
    truth = [row["id"] for row in firm.books.rows("Invoice") if row["invoiceDate"].startswith("2026-03")]
    assert [row["id"] for row in found] == truth
    bank = objects(ask(firm, "/CheckAccountTransaction", startDate="2026-03-01T00:00:00+01:00", limit=1000))
    assert min(row["entryDate"] for row in bank) >= "2026-03-01"


def test_lists_can_be_sorted(firm: Sandbox, ask: Ask) -> None:
    sort = {"orderBy[0][field]": "update", "orderBy[0][arrangement]": "asc"}
    updates = [epoch_of(row["update"]) or 0 for row in objects(ask(firm, "/Invoice", sort, limit=1000))]
    assert updates == sorted(updates)
    numbers = [
        row["invoiceNumber"] or "" for row in objects(ask(firm, "/Invoice", orderByInvoiceNumber="DESC"))
    ]
    assert numbers == sorted(numbers, reverse=True)


def test_references_are_embedded_on_request_and_unknown_ones_ignored(firm: Sandbox, ask: Ask) -> None:
    rows = objects(ask(firm, "/Invoice", embed="contact,addressCountry,contact.category,nonsense", limit=50))
    assert {row["addressCountry"]["code"] for row in rows} >= {"de"}
    assert any(row["contact"]["category"]["name"] == "Kunde" for row in rows if "contact" in row)
    contacts = objects(ask(firm, "/Contact", embed="addresses.country", limit=20))
    addresses = [address for contact in contacts for address in contact["addresses"]]
    assert all(address["country"]["nameEn"] for address in addresses)
    assert addresses


def test_a_single_record_is_an_array_of_one(firm: Sandbox, ask: Ask) -> None:
    row = firm.books.rows("Invoice")[5]
    assert objects(ask(firm, f"/Invoice/{row['id']}")) == [row]


@pytest.mark.parametrize("name", ["ContactAddress", "CommunicationWay"])
def test_a_single_address_or_communication_way_is_an_object(firm: Sandbox, ask: Ask, name: str) -> None:
    row = firm.books.rows(name)[5]
    assert ask(firm, f"/{name}/{row['id']}").json() == {"objects": row}


def test_an_unknown_id_is_not_found_in_many_words(firm: Sandbox, ask: Ask) -> None:
    answer = ask(firm, "/Invoice/1")
    assert answer.status_code == 404
    assert answer.json()["objects"] is None
    said = answer.json()["error"]
    assert (said["code"], said["responseCode"], said["errorCode"], said["data"]) == (151, 404, 0, [])
    assert said["message"] == "No Model_Invoice with the id 1 was found"
    assert ask(firm, "/Invoice/1/getPositions").status_code == 404
    contact = ask(firm, "/Contact/1")
    assert (contact.status_code, contact.json()["error"]["code"]) == (400, "NOT_FOUND")


@pytest.mark.parametrize(
    "path",
    ["/invoices", "/Invoice/1/2/3", "/Invoice/1/delete", "/Contact/1/getPositions", "/Export", "/Tools"],
)
def test_an_unknown_path_is_not_found(firm: Sandbox, ask: Ask, path: str) -> None:
    assert ask(firm, path).status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_but_get_is_allowed(firm: Sandbox, method: str) -> None:
    headers = {"Authorization": firm.token}
    answer = requests.request(method, f"{firm.url}/Invoice", headers=headers, json={"a": 1}, timeout=5)
    assert answer.status_code == 405


def test_the_date_of_an_answer_is_the_sandbox_clock(empty: Sandbox, ask: Ask) -> None:
    assert ask(empty, "/Invoice").headers["Date"] == "Tue, 30 Jun 2026 12:00:00 GMT"
    empty.clock.advance(hours=1)
    assert ask(empty, "/Invoice").headers["Date"] == "Tue, 30 Jun 2026 13:00:00 GMT"


def test_a_connection_is_kept_alive(empty: Sandbox) -> None:
    connection = http.client.HTTPConnection(urlsplit(empty.url).netloc, timeout=5)
    for _ in range(2):
        connection.request("GET", "/api/v1/Invoice", headers={"Authorization": empty.token})
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (200, b'{"objects":[]}')
        assert not answer.will_close


def test_the_log_tells_what_was_asked_and_sent_but_not_the_token(empty: Sandbox, ask: Ask) -> None:
    record = empty.books.put("Invoice", {})
    ask(empty, "/Invoice", limit=5, showAll="true")
    entry = empty.log[-1]
    assert (entry.method, entry.path, entry.status, entry.ids) == ("GET", "/Invoice", 200, [record["id"]])
    assert ("limit", "5") in entry.params
    assert entry.authorized
    assert "Authorization" not in entry.headers
    assert empty.token not in str(entry)
