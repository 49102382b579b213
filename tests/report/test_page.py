"""The page without script: what it says, in which language, and that nothing on it comes from elsewhere."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
import sevdesk_report
from sevdesk_report.page import bare, content_hash

from tests.helpers.report_by_hand import (
    MAX_AGE,
    NEEDED,
    NOW,
    books,
    document,
    final_invoice,
    listed,
    page_of,
    question,
    rows,
    status,
    stream,
    text,
    voucher,
)

SCRIPT_LIMIT = 25_000
PAGE_LIMIT = 3_000_000


class TestTotals:
    def test_it_says_totals_and_when(self) -> None:
        shown = text(page_of(rows(document("1000.50"), document("234.06", open_eur="10.00"))))
        assert "Rechnungsbetrag netto Gesamter Zeitraum, 15.06.2026 – 15.06.2026 1.234,56 €" in shown
        assert "Datenstand 30.06.2026, 14:00" in shown
        assert "letzte geladene Änderung 30.06.2026, 13:40" in shown

    def test_the_long_tail_is_one_line_so_that_the_table_adds_up(self) -> None:
        cities = [document("10.00", city=f"Stadt {number:02}") for number in range(25)]
        shown = text(page_of(rows(*cities)))
        assert "Stadt 19 " in shown
        assert "Stadt 20 " not in shown
        assert "5 weitere 5 50,00" in shown

    def test_a_firm_without_documents_has_a_page_too(self) -> None:
        shown = text(page_of({}))
        assert "noch nicht bekannt" in shown
        assert "Noch nichts vollständig gelesen." in shown

    def test_this_year_is_set_against_the_same_days_of_last_year(self) -> None:
        shown = text(
            page_of(
                rows(
                    document("150.00"),
                    document("100.00", invoice_date="2025-06-30"),
                    document("999.00", invoice_date="2025-07-01"),
                )
            )
        )
        assert "+50,0 % gegenüber dem Vorjahr 01.01.2026 – 30.06.2026: 150,00 €" in shown
        assert "01.01.2025 – 30.06.2025: 100,00 €" in shown

    def test_snowflakes_capital_letters_make_no_difference(self) -> None:
        big = {
            name: [{column.upper(): value for column, value in row.items()} for row in table]
            for name, table in books(50).items()
        }
        assert page_of(big) == page_of(books(50))

    def test_an_amount_that_is_a_float_is_refused(self) -> None:
        with pytest.raises(TypeError, match="float"):
            page_of(rows(document() | {"net_eur": 0.1}))


class TestOutside:
    """What is not in the total, and why."""

    def test_a_document_in_question_is_shown_as_it_was_sent_with_the_reason(self) -> None:
        shown = text(page_of(rows(document(), report_documents_in_question=[question()])))
        assert "Belege mit Klärungsbedarf 1" in shown
        assert "RE-99 ID 99 Das Datum ist nicht lesbar. 30.02.2026 1.234,56 1.469,13 EUR" in shown

    def test_final_invoices_name_the_euros_the_variable_and_two_examples(self) -> None:
        found = [final_invoice(f"RE-{number}", "10.50") for number in range(3)]
        shown = text(page_of(rows(document(), report_final_invoices=found)))
        assert "Abhängig von der Lesart der Schlussrechnungen 3 31,50 €" in shown
        assert "RE-0 und RE-1" in shown
        assert "final_invoice_amounts" in shown
        confirmed = [status(final_invoice_amounts="remaining")]
        again = text(page_of(rows(document(), report_final_invoices=found, report_status=confirmed)))
        assert "final_invoice_amounts" not in again

    def test_income_by_voucher_and_drafts_stand_beside_the_total(self) -> None:
        draft = listed(3, "300.00", exclusion_reason="draft", status="100")
        shown = text(page_of(rows(document(), report_income_vouchers=[voucher()], report_listed=[draft])))
        assert "Einnahmen per Beleg gebucht 1 50,00 €" in shown
        assert "Entwürfe 3 300,00 €" in shown

    def test_nothing_of_it_is_red(self) -> None:
        assert 'class="alarm" role="alert"><' not in page_of(books()).replace("\n", "")
        assert page_of(books()).count('class="alarm"') == 1, "the one that waits for the data to be too old"


class TestAlarm:
    """Red for what is stale, incomplete, or stopped by the brake; for nothing else."""

    def page(self, **changes: object) -> str:
        streams = [stream("invoices", **changes), *(stream(name) for name in NEEDED[1:])]
        return text(page_of(rows(document(), report_streams=streams)))

    def test_data_older_than_promised_are_out_of_date(self) -> None:
        late = NOW + MAX_AGE + timedelta(seconds=1)
        shown = text(page_of(rows(document()), late))
        assert "Veraltet. Seit 30.06.2026, 14:00 nicht vollständig gelesen: Rechnungen, Gutschriften" in shown

    def test_a_read_that_did_not_see_all_is_incomplete(self) -> None:
        assert "Unvollständig. Das letzte Lesen hat nicht alles gesehen von: Rechnungen." in self.page(
            last_read_is_complete=False
        )
        assert "4.007 von 4.008" in self.page(count_agrees=False, distinct_records=4007, total_after=4008)

    def test_a_list_that_was_read_but_miscounted_is_not_called_unread(self) -> None:
        never = self.page(
            data_as_of=None,
            count_agrees=False,
            distinct_records=1,
            total_after=2,
            last_read_is_complete=False,
        )
        assert "noch nicht gelesen" not in never.lower()
        unread = self.page(data_as_of=None, last_read_is_complete=False, distinct_records=None)
        assert "Noch nicht gelesen: Rechnungen." in unread

    def test_a_list_that_no_figure_needs_is_a_remark(self) -> None:
        tags = stream("tags", is_needed=False, last_read_is_complete=False)
        page = page_of(rows(document(), report_streams=[*map(stream, NEEDED), tags]))
        assert page.count('class="alarm"') == 1
        assert "für keine Zahl hier nötig: Tags" in text(page)

    def test_a_build_that_the_brake_stopped_says_so(self) -> None:
        page = page_of(rows(document()), stopped="2 % fewer documents than published.")
        assert "Nicht aktualisiert. Dies sind die Zahlen der Aktualisierung davor." in text(page)
        assert "<q>2 % fewer documents than published.</q>" in page

    def test_words_for_finance_name_no_command(self) -> None:
        late = text(page_of(rows(document(), report_streams=[]), NOW + timedelta(days=2)))
        assert "make " not in late


class TestWhose:
    def test_demo_data_say_so(self) -> None:
        page = text(page_of(rows(document(), report_status=[status(account="1")])))
        assert "Demo-Daten, erfundene Firma" in page

    def test_else_the_company_or_its_account_is_named(self) -> None:
        assert "Beispiel & Söhne" in page_of(rows(document()), company="Beispiel & Söhne").replace(
            "&amp;", "&"
        )
        assert "sevDesk-Konto 4711" in text(page_of(rows(document())))

    def test_old_rates_matter_only_where_something_is_converted(self) -> None:
        old = status(rates_as_of="2026-06-01", foreign_documents=3)
        assert "Wechselkurse sind vom 01.06.2026" in text(page_of(rows(document(), report_status=[old])))
        home = old | {"foreign_documents": 0}
        assert "Wechselkurse" not in text(page_of(rows(document(), report_status=[home])))

    def test_years_before_the_first_loaded_day_are_marked(self) -> None:
        cut = [status(complete_since="2026-03-01")]
        shown = text(page_of(rows(document(), report_status=cut)))
        assert "2026 unvollständig" in shown


class TestSafety:
    HOSTILE = "<script>alert('&')</script>"

    def test_what_customers_wrote_is_text_not_html(self) -> None:
        page = page_of(rows(document(city=self.HOSTILE, customer_name=self.HOSTILE, number=self.HOSTILE)))
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;" in page

    def test_only_our_style_and_script_may_act(self) -> None:
        page = page_of(books(20))
        (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
        (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
        (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
        assert policy.startswith("default-src 'none'; ")
        assert f"style-src '{content_hash(style)}'" in policy
        assert f"script-src '{content_hash(script)}'" in policy
        assert "style=" not in re.sub(r"<(style|script).*?</\1>", "", page, flags=re.DOTALL)

    def test_nothing_on_it_comes_from_elsewhere(self) -> None:
        page = re.sub(r"<script.*?</script>", "", page_of(books(20)), flags=re.DOTALL)
        assert not re.search(r"https?:|src=|url\(|@import|<link|<iframe|<img", page)
        assert re.findall(r'href="([^"]*)"', page) == ["invoices.xlsx"]

    def test_the_script_is_small(self) -> None:
        source = Path(sevdesk_report.__file__).with_name("page.js").read_text(encoding="utf-8")
        assert len(bare(source).encode()) <= SCRIPT_LIMIT

    def test_control_characters_of_data_reach_neither_page_nor_console(self) -> None:
        found = rows(document(city="Köln\x1b[2J\u202e", customer_name="A\x00B"))
        said = sevdesk_report.summary(sevdesk_report.read(found), NOW, MAX_AGE)
        assert not re.search(r"[\x00-\x09\x0b-\x1f\u202e]", page_of(found) + said)


def test_a_name_of_nothing_that_can_be_seen_is_none() -> None:
    found = sevdesk_report.read(
        rows(document(city="\u200b", customer_name="\x00 \u202e", number=" A\u200b1 "))
    )
    (one,) = found.documents
    assert (one.city, one.customer, one.number) == ("", "", "A 1")


def test_100_000_documents_of_20_000_customers_and_5_000_cities_fit() -> None:
    page = page_of(books(100_000, customers=20_000, places=5_000, years=5))
    assert len(page.encode()) <= PAGE_LIMIT


def test_the_ranking_as_text_adds_up_the_rest() -> None:
    cities = {"Köln": "1000.50", "Bonn": "99.00", "Ulm": "1.00", "Ahlen": "0.50"}
    found = [document(net, city=city) for city, net in cities.items()]
    more = [document("0.10", city=f"Ort {number}") for number in range(9)]
    said = sevdesk_report.summary(sevdesk_report.read(rows(*found, *more)), NOW, MAX_AGE)
    lines = said.splitlines()
    assert lines[0] == "Invoiced amount, net: €1,101.90, 13 documents, data as of 30 Jun 2026, 14:00 (Berlin)"
    assert lines[lines.index("by city") + 1 :][:2] == [
        "  1  Köln      DE  €1,000.50",
        "  2  Bonn      DE     €99.00",
    ]
    assert "     3 others          €0.30" in lines


class TestPuttingItInPlace:
    def test_what_cannot_be_brought_to_the_disk_leaves_the_old_file_alone(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(_: int) -> None:
            raise OSError(28, "No space left on device")

        page = tmp_path / "report.html"
        sevdesk_report.publish("old", page)
        monkeypatch.setattr("os.fsync", full)
        with pytest.raises(OSError, match="No space left"):
            sevdesk_report.publish("new", page)
        assert page.read_text() == "old"
        assert list(tmp_path.iterdir()) == [page]
