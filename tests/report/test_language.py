"""The languages: each word in both, and numbers and dates as their readers expect them."""

import importlib
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import sevdesk_report
import yaml
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from sevdesk_report import english, language
from sevdesk_report.outside import REASON_CODES, REASONS

from tests.helpers.report_by_hand import books, page_of, text

PACKAGE = Path(sevdesk_report.__file__).parent
MODELS = Path(__file__).parents[2] / "transform" / "models" / "intermediate"
TABLES = {
    "outside": ("REASONS", "REASON_CODES"),
    "pack": ("KINDS", "STATUSES", "BUCKETS"),
    "reconciliation": ("TYPES", "STATUSES"),
    "problems": ("TITLES",),
}
KEYWORDS = {"_": None, "text": None, "plural": (1, 2)}
GERMAN = language("de")
METHODS = [("**.py", "python"), ("**.j2", "jinja2")]


def messages() -> Iterator[str]:
    """Yield what code and template say, in English, and the words of their tables."""
    for _, _, message, _, _ in extract_from_dir(str(PACKAGE), METHODS, keywords=KEYWORDS):
        yield message if isinstance(message, str) else message[0]
    for module, names in TABLES.items():
        for name in names:
            table = getattr(importlib.import_module(f"sevdesk_report.{module}"), name)
            yield from filter(None, table.values() if isinstance(table, dict) else table)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    with (PACKAGE / "locale" / "de.po").open("rb") as file:
        return read_po(file, locale="de")


def test_every_message_has_a_translation_and_no_translation_is_left_over(catalog: Catalog) -> None:
    known = {entry.id if isinstance(entry.id, str) else entry.id[0]: entry for entry in catalog if entry.id}
    assert set(known) == set(messages())
    assert not [key for key, entry in known.items() if not entry.string or entry.fuzzy]


def test_every_reason_of_the_models_for_not_counting_is_known() -> None:
    (column,) = (
        each
        for file in MODELS.glob("*.yml")
        for model in yaml.safe_load(file.read_text(encoding="utf-8")).get("models", [])
        for each in model["columns"]
        if model["name"] == "int_documents" and each["name"] == "exclusion_reason"
    )
    (accepted,) = (each["accepted_values"] for each in column["data_tests"])
    assert set(accepted["arguments"]["values"]) == set(REASONS)


def test_every_reason_for_being_in_question_has_a_translation() -> None:
    mart = yaml.safe_load((MODELS.parent / "analytics/documents_in_question.yml").read_text(encoding="utf-8"))
    (said,) = (each["description"] for each in mart["models"][0]["columns"] if each["name"] == "reason_code")
    assert set(re.findall(r"[a-z]+(?:_[a-z]+)+", said)) == set(REASON_CODES)


def test_translations_keep_the_places_of_values(catalog: Catalog) -> None:
    for entry in catalog:
        if isinstance(entry.id, str) and entry.id:
            places = [sorted(re.findall(r"%\(\w+\)s", str(each))) for each in (entry.id, entry.string)]
            assert places[0] == places[1], entry.id


def test_no_page_is_half_in_one_language() -> None:
    # the headings of both pages have no word in common but names and terms that are the same in both
    german_page, english_page = (
        set(headings(page_of(books(50), language_code=code))) for code in ("de", "en")
    )
    assert german_page & english_page <= {"Status"}


def headings(page: str) -> list[str]:
    found = re.findall(r"<(?:h1|h2|th|dt|caption|summary)[^>]*>(?:<span>)?([^<]+)", page)
    return [
        each.strip()
        for each in found
        if re.search(r"[a-z]{3}", each) and not re.search(r"\d|GmbH", each) and each.strip() not in CITY_NAMES
    ]


CITY_NAMES = {"München", "Köln", "Frankfurt am Main", "Wien", "Zürich"}


def test_english_has_english_numbers_and_german_german_ones() -> None:
    assert (GERMAN.euro(Decimal("-1234.5")), english.euro(Decimal("-1234.5"))) == (
        "−1.234,50\u00a0€",
        "−€1,234.50",
    )
    assert (GERMAN.count(12345), english.count(12345)) == ("12.345", "12,345")
    assert (GERMAN.day(date(2026, 3, 1)), english.day(date(2026, 3, 1))) == ("01.03.2026", "1 Mar 2026")
    assert GERMAN.moment(datetime(2026, 6, 30, 12, tzinfo=UTC)) == "30.06.2026, 14:00"
    assert (GERMAN.short(Decimal(2500000)), english.short(Decimal(2500000))) == ("2,5\u00a0Mio.", "2.5m")
    assert (GERMAN.short(Decimal(-4000000000)), english.short(Decimal(4000000000))) == ("−4\u00a0Mrd.", "4bn")
    assert (GERMAN.short(Decimal(20 * 10**12)), english.short(Decimal(10**12))) == ("20\u00a0Bio.", "1tn")
    assert (GERMAN.percent(Decimal("12.34")), english.percent(Decimal("12.34"))) == ("12,3\u00a0%", "12.3%")


def test_an_amount_of_any_size_is_exact() -> None:
    assert GERMAN.amount(Decimal("12345678901234567.89")) == "12.345.678.901.234.567,89"


def test_another_language_is_refused() -> None:
    with pytest.raises(ValueError, match="de or en, not in 'fr'"):
        page_of(books(5), language_code="fr")


def test_terms_are_those_of_german_finance() -> None:
    shown = text(page_of(books(50)))
    for term in ("Rechnungsbetrag netto", "Offene Posten nach Kunde", "überfällig", "Gutschriften"):
        assert term in shown
