"""The probe tells of an account what is true of it, and nothing that is anybody's business."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sevdesk_sandbox import Sandbox
from tap_running import A_YEAR_IN, NOON, config_for

from tap_sevdesk.client import Client
from tap_sevdesk.errors import RunError
from tap_sevdesk.probe import main, report

Answers = dict[tuple[str, str], str]

# switch | value | subject | question | answer, a regular expression
CLAIMS = """
ignore | Invoice.updateAfter | invoices | updateAfter | ignored
honour | CreditNote.updateAfter,InvoicePos.updateAfter | credit_notes | updateAfter | honoured, inclusive
bounds | inclusive | invoices | updateAfter | honoured, inclusive
bounds | exclusive | invoices | updateAfter | honoured, exclusive
iso_filters | ignored | invoices | updateAfter as ISO text | ignored
iso_filters | accepted | invoices | updateAfter as ISO text | honoured, inclusive
order | create-desc | invoices | order | create descending.*
order | create-asc | invoices | order | create ascending.*
order | id-asc | invoices | order | .*id ascending
order | update-desc | invoices | order | update descending
order | update-asc | invoices | order | update ascending
order | shuffled | invoices | order | another one each time
order_by | honoured | lists | orderBy[0][field]=update | honoured
order_by | ignored | lists | orderBy[0][field]=update | ignored
offset | honoured | lists | offset | honoured
offset | ignored | lists | offset | ignored
total | string | lists | total of countAll | text
total | int | lists | total of countAll | number
total | absent | lists | total of countAll | absent
sr_sign | negative | invoices | sign of cancellations (SR) | negative
sr_sign | positive | invoices | sign of cancellations (SR) | positive
credit_note_sign | negative | credit_notes | sign of sums | negative
credit_note_sign | positive | credit_notes | sign of sums | positive
final_sums | remaining | invoices | sums of final invoices | remaining
final_sums | cumulative | invoices | sums of final invoices | cumulative
city | sent | invoices | addressCity | sent
city | missing | invoices | addressCity | never sent
unknown_fields | on | tags | fields that the schema does not name | .*sandboxNote.*
unlisted_status | off | invoices | statuses that are not listed | none
unlisted_status | on | invoices | statuses that are not listed | 900
part_numbers | string | parts | stock and price are sent as | text
part_numbers | number | parts | stock and price are sent as | numbers
system | 2.0 | account | bookkeeping system | 2\\.0
system | 1.0 | account | bookkeeping system | 1\\.0
cancelled_pay_date | null | invoices | a cancelled invoice | status 1000.*, payDate null
cancelled_pay_date | set | invoices | a cancelled invoice | status 1000.*, payDate set
accounting_sums | differ | invoices | accounting sums | differ from the sums in some rows in EUR
accounting_sums | same | invoices | accounting sums | are the sums in every row in EUR
unset_references | absent | invoices | references that are not set | absent
unset_references | null | invoices | references that are not set | null
position_values | numbers | invoice_positions | quantity is sent as | numbers and true and false
position_values | text | invoice_positions | quantity is sent as | text
reversal_dates | time-of-day | invoices | dates of cancellations and credit notes | bear a time of day
reversal_dates | midnight | invoices | dates of cancellations and credit notes | midnight
escaped_text | escaped | contacts | names | HTML-escaped
escaped_text | plain | contacts | names | plain
country_codes | unclean | static_countries | codes | more than once: gb
country_codes | clean | static_countries | codes | each once
by_id | mixed | contact_addresses | one record by its id | an object
by_id | array | contact_addresses | one record by its id | an array of one
unknown_id | 400 | invoices | an id that does not exist | 400 with code NOT_FOUND
unknown_id | 404 | invoices | an id that does not exist | 404.*
"""
TABLE = [line.split(" | ") for line in CLAIMS.strip().splitlines()]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(now=A_YEAR_IN) as it:
        yield it


@pytest.fixture(scope="module")
def defaults(sandbox: Sandbox) -> dict[str, str]:
    return sandbox.switches.all()


def answers(sandbox: Sandbox) -> Answers:
    client = Client(sandbox.url, sandbox.token, "test", requests_per_second=0)
    return {(subject, question): answer for subject, question, answer in report(client)}


def combinations() -> list[dict[str, str]]:
    """Return settings of all switches, so many that each value in the table stands in one of them."""
    values: dict[str, list[str]] = {}
    for switch, value, *_ in TABLE:
        values.setdefault(switch, []).append(value)
    most = max(map(len, values.values()))
    return [
        {switch: each[(i + n) % len(each)] for n, (switch, each) in enumerate(values.items())}
        for i in range(most)
    ]


def apart(chosen: dict[str, str], switch: str) -> bool:
    """Tell whether another switch hides the answer."""
    hides = {
        "bounds": chosen["ignore"] != "",
        "honour": chosen["bounds"] != "inclusive",
        "iso_filters": chosen["ignore"] != "" or chosen["bounds"] != "inclusive",
        "order_by": chosen["order"] in ("update-asc", "shuffled"),
        "offset": chosen["order"] == "shuffled",
    }
    return not hides.get(switch, False)


@pytest.mark.parametrize("ignore", ["", "Invoice.updateAfter"])
@pytest.mark.parametrize("number", range(len(combinations())))
def test_each_switch_of_the_sandbox_is_reported_rightly_whatever_the_others_are(
    sandbox: Sandbox, defaults: dict[str, str], number: int, ignore: str
) -> None:
    chosen = combinations()[number] | {"ignore": ignore}
    sandbox.switches.set(**{**defaults, **chosen})
    found = answers(sandbox)
    checked = 0
    for switch, value, subject, question, answer in TABLE:
        if chosen[switch] == value and apart(chosen, switch):
            assert re.fullmatch(answer, found[subject, question]), (switch, value, found[subject, question])
            checked += 1
    assert checked > len({row[0] for row in TABLE}) // 2
    sandbox.switches.set(**defaults)


def test_the_report_holds_no_value_of_the_account(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []  # a clock that moves only while the client waits for its turn
    monkeypatch.setattr("tap_sevdesk.client.sleep", slept.append)
    monkeypatch.setattr("tap_sevdesk.client.monotonic", lambda: sum(slept))
    config = tmp_path / "config.json"
    config.write_text(json.dumps(config_for(sandbox)), "utf-8")
    sandbox.log.clear()
    printed = CliRunner().invoke(main, ["--config", str(config)])
    assert printed.exit_code == 0, printed.output
    words = set(re.findall(r"[\w.,@-]+", printed.output))
    for resource in ("Invoice", "Contact", "ContactAddress", "CommunicationWay", "SevUser", "CheckAccount"):
        for row in sandbox.books.rows(resource):
            for name, value in row.items():
                personal = name.startswith(
                    ("sum", "name", "address", "iban", "email", "value", "street", "customer")
                )
                if personal and isinstance(value, str) and len(value) > 4:
                    assert value not in words, (resource, name)
    assert sandbox.token not in printed.output
    assert {request.method for request in sandbox.log} == {"GET"}
    assert sum(slept) >= 0.19 * (len(sandbox.log) - 1)  # at most five requests a second


def test_a_list_that_is_refused_is_reported_and_the_others_are_asked(sandbox: Sandbox) -> None:
    faults = [sandbox.fail(path="/Tag", status=403, times=0), sandbox.fail("envelope", path="/Part", times=0)]
    found = answers(sandbox)
    sandbox.script.clear()
    assert all(fault.hits for fault in faults)
    assert found["tags", "list"] == "refused (403)"
    assert found["parts", "list"] == "an error in place of rows"
    assert found["invoices", "list"] == "offered"


def test_an_account_without_rows_is_reported_as_such() -> None:
    with Sandbox(firm=False, now=NOON) as empty:
        found = answers(empty)
    assert found["invoices", "list"] == "offered, empty"
    assert found["invoices", "sums of final invoices"] == "no final invoice with an order to compare"


def test_a_token_that_is_refused_is_one_sentence(sandbox: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="refused the API token"):
        list(report(Client(sandbox.url, "f" * 32, "test", requests_per_second=0)))
    config = tmp_path / "config.json"
    config.write_text(json.dumps({**config_for(sandbox), "api_token": "f" * 32}), "utf-8")
    printed = CliRunner().invoke(main, ["--config", str(config)])
    assert printed.exit_code == 1
    (said,) = printed.stderr.splitlines()
    assert said.startswith("sevDesk refused the API token (401)")
    assert CliRunner().invoke(main, ["--config", str(tmp_path / "none.json")]).exit_code == 1
