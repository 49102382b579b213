"""City and country of documents: a table of addresses as people write them, with the right answer of each."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.helpers.raw_warehouse import write_raw
from tests.helpers.transform_project import Project

if TYPE_CHECKING:
    from collections.abc import Iterator

CASES = list(csv.DictReader((Path(__file__).parent / "places.tsv").open(encoding="utf-8"), delimiter="\t"))
READ_AT = "2026-06-30T12:00:00+00:00"
PURPOSES = {"Büro": "47", "Rechnungsanschrift": "43", "Lieferanschrift": "44"}
NAMES = {
    "DE": "Deutschland", "AT": "Österreich", "CH": "Schweiz", "LI": "Liechtenstein", "US": "USA",
    "NL": "Niederlande", "SE": "Schweden", "PL": "Polen", "CZ": "Tschechien", "PT": "Portugal",
    "BE": "Belgien", "FR": "Frankreich", "AE": "Vereinigte Arabische Emirate", "DU": "Dubai",
    "gb-1": "Vereinigtes Königreich", "gb-2": "Schottland", "gb-3": "England",
}  # fmt: skip
COUNTRIES = {code: str(number) for number, code in enumerate(NAMES, start=1)}


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, ...]]:
    """Return what the models make of each case: city, country, where both were found, the country's name."""
    project = Project(tmp_path_factory.mktemp("dbt"))
    project.fresh_raw()
    for stream, records in raw().items():
        write_raw(project.warehouse, stream, records, READ_AT)
    selected = ("--select", "+int_document_places", "--exclude-resource-type", "unit_test", "test")
    result = project.dbt("build", *selected)
    assert result.exit_code == 0, result.output
    found = project.rows(
        "select document_id, city, country_code, city_source, country_source, country_name"
        " from staging.int_document_places"
    )
    return {CASES[int(row[0].removeprefix("invoice-"))]["why"]: row[1:] for row in found}


def raw() -> dict[str, list[dict[str, Any]]]:
    """Write the table as sevDesk's records: an invoice, a contact and its addresses for each case."""
    return {
        "static_countries": [
            {"id": number, "code": code[:2].lower(), "name": NAMES[code]}
            for code, number in COUNTRIES.items()
        ],
        "categories": [
            {"id": number, "name": name, "objectType": "ContactAddress"} for name, number in PURPOSES.items()
        ],
        "contacts": [{"id": str(number), "name": case["why"]} for number, case in enumerate(CASES)],
        "contact_addresses": [address for number in range(len(CASES)) for address in addresses(number)],
        "invoices": [invoice(number, case) for number, case in enumerate(CASES)],
    }


def invoice(number: int, case: dict[str, str]) -> dict[str, Any]:
    return {
        "id": str(number),
        "invoiceType": "RE",
        "status": "200",
        "invoiceDate": "2026-06-01T00:00:00+02:00",
        "contact": {"id": str(number), "objectName": "Contact"},
        "addressZip": text(case["field_zip"]),
        "addressCity": text(case["field_city"]),
        "address": text(case["address"]),
        "addressCountry": country(case["country"]),
        "currency": "EUR",
        "sumNet": "100",
        "sumTax": "19",
        "sumGross": "119",
    }


def addresses(number: int) -> Iterator[dict[str, Any]]:
    for place, written in enumerate(filter(None, CASES[number]["contact"].split("|"))):
        purpose, zip_code, city, code = written.split("/")
        yield {
            "id": str(number * 10 + place),
            "contact": {"id": str(number), "objectName": "Contact"},
            "category": {"id": PURPOSES[purpose], "objectName": "Category"},
            "zip": text(zip_code),
            "city": text(city),
            "country": country(code),
        }


def country(code: str) -> dict[str, str] | None:
    return {"id": COUNTRIES.get(code, "999"), "objectName": "StaticCountry"} if code else None


def text(written: str) -> str | None:
    """Read the escapes of the table: line breaks and letters that an editor would not show."""
    for escape, letter in (("\\n", "\n"), ("\\u0308", "\u0308"), ("\\u00a0", "\u00a0")):
        written = written.replace(escape, letter)
    return written or None


def test_the_table_has_at_least_60_cases_each_with_a_name_of_its_own() -> None:
    assert len({case["why"] for case in CASES}) == len(CASES) >= 60


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["why"])
def test_city_and_country_of(case: dict[str, str], places: dict[str, tuple[str, ...]]) -> None:
    answer = (case["city"], case["country_code"], case["city_source"], case["country_source"])
    assert places[case["why"]][:4] == answer


def test_a_country_has_one_name_however_often_it_is_listed(places: dict[str, tuple[str, ...]]) -> None:
    assert {row[4] for row in places.values() if row[1] == "GB"} == {"Vereinigtes Königreich"}
    assert places["du is Dubai"][4] == "Vereinigte Arabische Emirate"
