"""What the report is made of: the rows of its query as figures, exact and consistent."""

from decimal import Decimal

import pytest
from sevdesk_report.figures import FiguresDisagreeError, Stream, figures
from sevdesk_report.query import INSTANTS, NEEDED, TEXTS

from tests.helpers.report_by_hand import NOW, page_of, text


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
