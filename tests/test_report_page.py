"""The report's page: what it says and how it is written; how it looks is in test_report_browser.py."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from orchestration import german, report
from orchestration.chart import chart, grid_step, without_gaps
from orchestration.figures import Figures, FiguresDisagreeError, Line, Owed, Stream, add, figures
from orchestration.freshness import hours, miscount, troubles
from orchestration.marts import INSTANTS, NEEDED, TEXTS
from orchestration.proof import DELETED, Kind, Listed, proof

NOW = datetime(2026, 6, 30, 12, 0, tzinfo=UTC)
MAX_AGE = timedelta(hours=3)


def line(label: str, net: str, country: str = "DE", documents: int = 1) -> Line:
    return Line(label, documents, Decimal(net), Decimal(net) * 2, country)


def read(name: str) -> Stream:
    return Stream(name, as_of=NOW, full_as_of=NOW, complete=True, count_agrees=True, seen=7, expected=7)


def whole(cities: list[Line], months: list[Line] | None = None) -> Figures:
    total = add(cities)
    return Figures(
        as_of=NOW,
        total=total,
        cities=cities,
        countries=[add(cities, "Deutschland")],
        months=months or [add(cities, "2026-06")],
        customers=[add(cities, "Muster GmbH")],
        owed=[Owed("not due", 0, total.open)],
        listed=[
            Listed(
                Kind("2026", "RE", "Rechnung", "200", "Offen"),
                total.documents,
                total.net,
                total.gross,
                total.documents,
                total.net,
                total.gross,
            )
        ],
        streams=[read(name) for name in NEEDED],
    )


def page_of(found: Figures, now: datetime = NOW) -> str:
    return report.render(found, now, MAX_AGE)


def text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL))


class TestGermanNotation:
    @pytest.mark.parametrize(
        ("amount", "shown"),
        [
            ("1234567.89", "1.234.567,89\u00a0€"),
            ("0", "0,00\u00a0€"),
            ("-0.5", "−0,50\u00a0€"),
            ("12345678901234567.89", "12.345.678.901.234.567,89\u00a0€"),
        ],
    )
    def test_amounts_are_shown_to_the_cent(self, amount: str, shown: str) -> None:
        assert german.euro(Decimal(amount)) == shown

    @pytest.mark.parametrize(
        ("amount", "shown"),
        [
            ("250000", "250.000"),
            ("-50000", "−50.000"),
            ("2500000", "2,5\u00a0Mio."),
            ("10000000", "10\u00a0Mio."),
        ],
    )
    def test_an_axis_has_short_numbers(self, amount: str, shown: str) -> None:
        assert german.short(Decimal(amount)) == shown

    @pytest.mark.parametrize(
        ("instant", "shown"),
        [
            (datetime(2026, 6, 30, 22, 30, tzinfo=UTC), "01.07.2026, 00:30"),
            (datetime(2026, 12, 31, 12, 0, tzinfo=UTC), "31.12.2026, 13:00"),
        ],
    )
    def test_times_are_those_of_berlin_in_summer_and_in_winter(self, instant: datetime, shown: str) -> None:
        assert german.moment(instant) == shown


def row(part: str, **values: str) -> dict[str, str | None]:
    return {"part": part, **dict.fromkeys([*TEXTS, *INSTANTS]), **values}


AMOUNT = {"documents": "1", "net": "10.10", "gross": "12.02"}
ROWS = [
    row("total", **AMOUNT, open_documents="1", open="5.00", data_as_of="2026-06-30T12:00:00+00:00"),
    row("city", **AMOUNT, label="Köln", position="1"),
    row("country", **AMOUNT, label="Deutschland", position="1"),
    row("month", **AMOUNT, label="2026-06"),
    row("customer", **AMOUNT, label="Muster GmbH", position="1", open="5.00"),
    row("owed", label="not due", position="1", open_documents="1", open="5.00"),
    row("listed", **AMOUNT, code="RE", year="2026", counted_net="10.10", counted_gross="12.02"),
    row("listed", **AMOUNT, code="MA", year="2026", reason="reminder", counted_net="0", counted_gross="0"),
]


def changed(part: str, column: str, value: str) -> list[dict[str, str | None]]:
    first = next(entry for entry in ROWS if entry["part"] == part)
    return [{**entry, column: value} if entry is first else entry for entry in ROWS]


class TestFigures:
    def test_amounts_are_exact(self) -> None:
        big = "12345678901234567.89"
        rows = [{name: big if value == "10.10" else value for name, value in entry.items()} for entry in ROWS]
        found = figures(rows)
        assert found.total.net == found.cities[0].net == found.listed[0].counted_net == Decimal(big)

    def test_snowflakes_capital_letters_make_no_difference(self) -> None:
        assert figures([{name.upper(): value for name, value in entry.items()} for entry in ROWS]) == figures(
            ROWS
        )

    def test_rankings_follow_the_mart_and_then_the_alphabet(self) -> None:
        nothing = {"documents": "0", "net": "0", "gross": "0"}
        rows = [
            row("city", **nothing, label=label, position=position)
            for label, position in (("Ulm", "10"), ("Bonn", "2"), ("Aachen", "2"))
        ]
        assert [city.label for city in figures([*ROWS, *rows]).cities] == ["Köln", "Aachen", "Bonn", "Ulm"]

    @pytest.mark.parametrize(
        ("part", "column", "says"),
        [
            *((part, "net", f"net by {part}") for part in ("city", "country", "month", "customer")),
            *((part, "gross", f"gross by {part}") for part in ("city", "country", "month", "customer")),
            *(
                (part, "documents", f"documents by {part}")
                for part in ("city", "country", "month", "customer")
            ),
            ("customer", "open", "open by customer"),
            ("owed", "open", "open by age"),
            ("owed", "open_documents", "open documents by age"),
            ("listed", "counted_net", "net in the reconciliation"),
            ("listed", "counted_gross", "gross in the reconciliation"),
            ("listed", "documents", "documents in the reconciliation"),
        ],
    )
    def test_parts_that_do_not_add_up_make_no_report(self, part: str, column: str, says: str) -> None:
        with pytest.raises(
            FiguresDisagreeError, match=rf"{says} adds up to 11, but the documents to [0-9.]+\."
        ):
            figures(changed(part, column, "11"))

    def test_a_firm_without_documents_has_a_report_too(self) -> None:
        nothing = row("total", documents="0", net="0", gross="0", open_documents="0", open="0")
        page = text(page_of(figures([nothing])))
        assert "Data as of – not known yet" in page
        assert "Nothing has been read completely yet." in page

    def test_a_firm_without_documents_has_data_as_of_the_older_of_the_latest_complete_reads(self) -> None:
        nothing = row("total", documents="0", net="0", gross="0", open_documents="0", open="0")
        invoices = row("stream", label="invoices", data_as_of="2026-06-30T12:00:00+00:00")
        notes = row("stream", label="credit_notes", data_as_of="2026-06-30T12:00:01+00:00")
        assert figures([nothing, notes, invoices]).as_of == NOW
        assert figures([nothing, notes]).as_of is None

    def test_what_customers_beyond_the_tenth_are_is_said_by_their_number(self) -> None:
        zero = {"documents": "0", "net": "0", "gross": "0", "open": "0"}
        places = [row("customer", **zero, label=f"Nr. {n}", position=str(n)) for n in range(2, 11)]
        others = row("customer", **zero, label="1234", position="11")
        assert figures([*ROWS, others, *places]).customers[-1].label == "1.234 others"

    def test_a_stream_without_any_read_is_one_never_read(self) -> None:
        streams = [
            row(
                "stream",
                label="invoices",
                complete="true",
                count_agrees="false",
                seen="9",
                expected="10",
                data_as_of="2026-06-30T12:00:00+00:00",
            )
        ]
        invoices, *others = figures([*ROWS, *streams]).streams
        assert invoices == Stream("invoices", NOW, None, True, False, 9, 10)
        assert others == [Stream(name) for name in NEEDED[1:]]

    def test_a_wrong_count_of_any_stream_is_known(self) -> None:
        tags = row("stream", label="tags", complete="true", count_agrees="false", seen="9", expected="10")
        assert [stream.name for stream in figures([*ROWS, tags]).miscounted] == ["tags"]


class TestProof:
    def test_what_counts_is_apart_from_what_does_not_in_the_order_of_sevdesk(self) -> None:
        kinds = [("MA", "200", "reminder"), ("GU", "1000", ""), ("RE", "1000", ""), ("RE", "200", "")]
        lines = [
            Listed(Kind(year, code, "", status, "", reason), 1, Decimal(2), Decimal(3))
            for year in ("2025", "2026")
            for code, status, reason in kinds
        ]
        counted, not_counted = proof(lines).groups
        assert [(line.kind.code, line.kind.status, line.net) for line in counted.kinds] == [
            ("RE", "200", Decimal(4)),
            ("RE", "1000", Decimal(4)),
            ("GU", "1000", Decimal(4)),
        ]
        assert (not_counted.total.documents, not_counted.total.gross) == (2, Decimal(6))

    def test_each_year_is_compared_list_by_list(self) -> None:
        codes = [("2026", "RE"), ("2026", "GU"), ("2026", "SR"), ("", "RE"), ("2021", "RE"), ("2020", "RE")]
        lines = [
            Listed(Kind(year, code), 1)
            for year, code in [*codes, ("2025", "RE"), ("2024", "GU"), ("2024", "MA")]
        ]
        assert [(line.kind.year, line.kind.type, line.documents) for line in proof(lines).years] == [
            ("", "invoices", 1),
            ("earlier", "invoices", 2),
            ("2024", "invoices", 1),
            ("2024", "credit notes", 1),
            ("2025", "invoices", 1),
            ("2026", "invoices", 2),
            ("2026", "credit notes", 1),
        ]

    def test_what_is_deleted_in_sevdesk_cannot_be_in_its_lists(self) -> None:
        lines = [
            Listed(Kind("2026", "RE"), 1, Decimal(2)),
            Listed(Kind("2026", "RE", reason=DELETED), 3, Decimal("4.5")),
        ]
        sheet = proof(lines)
        assert sheet.total.documents == sum(line.documents for line in sheet.years) == 1
        page = text(page_of(replace(whole([line("Köln", "2")]), listed=lines)))
        assert "no longer in sevDesk: what was deleted there, 3 documents, 4,50 € net" in page


class TestAlarm:
    """A stale or incomplete source says so in red at the top."""

    GOOD = whole([line("Köln", "1")])

    def but(self, **changes: object) -> Figures:
        return replace(self.GOOD, streams=[replace(self.GOOD.streams[0], **changes), *self.GOOD.streams[1:]])  # type: ignore[arg-type]

    def test_figures_that_are_fresh_and_complete_raise_none(self) -> None:
        assert troubles(self.GOOD, NOW + MAX_AGE, MAX_AGE) == []
        assert 'class="alarm"' not in page_of(self.GOOD)

    def test_data_older_than_promised_are_out_of_date(self) -> None:
        page = page_of(self.GOOD, NOW + MAX_AGE + timedelta(seconds=1))
        assert page.index('class="alarm"') < page.index("<dl>"), "above all figures"
        assert (
            "Out of date. Invoices, credit notes, contacts, contact addresses and static countries"
            in text(page)
        )
        assert "not been read completely since 30.06.2026, 14:00, so later changes are missing" in text(page)
        assert "make dev" in text(page)

    @pytest.mark.parametrize(
        ("changes", "state"),
        [
            ({"complete": False}, "not complete"),
            ({"count_agrees": False, "seen": 4007, "expected": 4008}, "4.007 of 4.008"),
            ({"complete": False, "count_agrees": False, "seen": 1, "expected": 2}, "1 of 2"),
        ],
    )
    def test_a_read_that_did_not_see_all_is_incomplete(self, changes: dict[str, object], state: str) -> None:
        page = page_of(self.but(**changes))
        assert "Incomplete. The latest read of invoices did not see everything" in text(page)
        assert "make nightly" in text(page)
        assert f'class="wrong">{state}</td>' in page

    def test_a_list_never_read_is_incomplete(self) -> None:
        page = page_of(self.but(as_of=None, complete=False))
        assert "Incomplete. Invoices have never been read completely" in text(page)
        assert 'class="wrong">never read</td>' in page

    def test_a_count_that_the_server_does_not_give_is_no_alarm(self) -> None:
        assert troubles(self.but(count_agrees=None, expected=None), NOW, MAX_AGE) == []

    def test_who_reads_the_ranking_in_the_terminal_is_told_too(self) -> None:
        assert report.summary(self.but(complete=False), NOW, MAX_AGE).startswith(
            "Incomplete. The latest read of invoices"
        )
        assert report.summary(self.GOOD, NOW, MAX_AGE).startswith("revenue: ")

    def test_a_miscount_is_told_by_stream_and_difference_in_one_sentence(self) -> None:
        wrong = [
            Stream("invoices", seen=1234, expected=1235),
            Stream("vouchers", seen=5003, expected=3),
            Stream("tags", seen=0, expected=2),
        ]
        assert miscount(replace(self.GOOD, miscounted=wrong)) == (
            "The latest read saw 1 fewer invoices, 5.000 more vouchers and 2 fewer tags than sevDesk counts."
        )
        assert miscount(self.GOOD) == ""

    @pytest.mark.parametrize(("minutes", "said"), [(180, "3 hours"), (90, "90 minutes"), (60, "60 minutes")])
    def test_the_promise_is_said_as_it_is_set(self, minutes: int, said: str) -> None:
        age = timedelta(minutes=minutes)
        assert hours(age) == said
        assert f"If the time above is more than {said} ago" in text(report.render(self.GOOD, NOW, age))


class TestPage:
    def test_what_customers_wrote_is_text_not_html(self) -> None:
        page = page_of(whole([line("<script>alert('&')</script>", "1")]))
        assert "<script" not in page
        assert "&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;" in page

    def test_it_says_totals_and_when(self) -> None:
        shown = text(page_of(whole([line("Köln", "1000.50"), line("Bonn", "234.06")])))
        assert "Net 1.234,56 €" in shown
        assert "Gross 2.469,12 €" in shown
        assert "Data as of 30.06.2026, 14:00" in shown

    def test_the_long_tail_is_one_line_so_that_the_table_adds_up(self) -> None:
        cities = [line(f"Stadt {number}", "10") for number in range(25)]
        shown = text(page_of(whole(cities)))
        assert "Stadt 19 " in shown
        assert "Stadt 20 " not in shown
        assert "5 others 5 50,00" in shown

    def test_years_before_the_latest_three_are_added_up(self) -> None:
        months = [line(f"{year}-{month:02}", "1") for year in range(2020, 2027) for month in (1, 2)]
        years = report.by_year(months)
        assert [(year, total) for year, _, total in years] == [
            ("earlier", Decimal(8)),
            ("2024", Decimal(2)),
            ("2025", Decimal(2)),
            ("2026", Decimal(2)),
        ]
        assert years[0][1] == {1: 4, 2: 4}

    def test_nothing_on_it_comes_from_elsewhere(self) -> None:
        page = page_of(whole([line("Köln", "1")]))
        assert not re.search(r"https?:|//|src=|href=|url\(|@import|<script|<link", page)


class TestChart:
    @pytest.mark.parametrize(
        ("largest", "step"),
        [("950000", "200000"), ("1000000", "200000"), ("1100000", "500000"), ("7", "2"), ("0", "1")],
    )
    def test_grid_steps_are_round(self, largest: str, step: str) -> None:
        assert grid_step(Decimal(largest)) == Decimal(step)

    def test_bars_stand_on_zero_and_losses_hang_below_it(self) -> None:
        drawn = chart([line("2026-01", "100"), line("2026-02", "-50")])
        gain, loss = drawn.bars
        assert gain.top + gain.height == pytest.approx(loss.top)
        assert loss.top + loss.height == pytest.approx(100)
        assert gain.height == pytest.approx(2 * loss.height)

    def test_no_bar_leaves_the_chart(self) -> None:
        for amounts in (["155"], ["1", "99999"], ["-3"], ["0"], ["0.01", "-700"]):
            for bar in chart([line("2026-01", amount) for amount in amounts]).bars:
                assert bar.top >= 0
                assert bar.top + bar.height <= 100.0001

    def test_months_without_revenue_are_gaps_not_left_out(self) -> None:
        months = without_gaps([line("2025-11", "1"), line("2026-02", "1")])
        assert [month.label for month in months] == ["2025-11", "2025-12", "2026-01", "2026-02"]
        assert months[1].net == 0

    def test_it_shows_the_latest_three_years_at_most(self) -> None:
        months = [line(f"{year}-{month:02}", "1") for year in range(2020, 2027) for month in range(1, 13)]
        assert chart(months).years == [("2024", 12), ("2025", 12), ("2026", 12)]


class TestWriting:
    def test_a_page_that_cannot_be_written_leaves_the_old_one(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        page = tmp_path / "output" / "report.html"
        report.write("old", page)

        def full_disk(*_: object, **__: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Path, "write_text", full_disk)
        with pytest.raises(OSError, match="No space left"):
            report.write("new", page)
        assert page.read_text() == "old"

    def test_nothing_else_is_left_beside_it(self, tmp_path: Path) -> None:
        report.write("new", tmp_path / "report.html")
        assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_the_ranking_as_text_adds_up_the_rest() -> None:
    cities = [line("Köln", "1000.50"), line("Bonn", "99.00"), line("Ulm", "1.00"), line("Ahlen", "0.50")]
    assert report.ranking("by city", cities, 2).replace("\u00a0", " ").splitlines() == [
        "by city",
        "  1  Köln      DE  1.000,50 €",
        "  2  Bonn      DE     99,00 €",
        "     2 others          1,50 €",
    ]
