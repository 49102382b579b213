"""What is read from the ECB's file, and what is left out with a remark."""

from contextlib import suppress
from datetime import date
from decimal import Decimal

import hypothesis
import pytest
from ecb_server import csv_of, zipped
from hypothesis import strategies as st

from tap_ecb.rates import LARGEST, Rate, UnusableError, read_history
from tap_ecb.sources import packaged

TODAY = date(2024, 3, 8)
THURSDAY, FRIDAY = date(2024, 3, 7), date(2024, 3, 8)


def read(*rows: str, header: str = "Date,USD,CHF,") -> list[Rate]:
    return list(read_history(csv_of(*rows, header=header), until=TODAY).rates)


def remarks(*rows: str) -> list[str]:
    return list(read_history(csv_of(*rows), until=TODAY).remarks)


@pytest.mark.parametrize("pack", [bytes, zipped], ids=["plain", "zipped"])
def test_a_day_is_one_rate_for_each_currency_oldest_day_first(pack: type[bytes]) -> None:
    content = pack(csv_of("2024-03-08,1.0932,0.9602,", "2024-03-07,1.0895,0.9580,"))
    assert list(read_history(content, until=TODAY).rates) == [
        Rate(THURSDAY, "CHF", "0.9580"),
        Rate(THURSDAY, "USD", "1.0895"),
        Rate(FRIDAY, "CHF", "0.9602"),
        Rate(FRIDAY, "USD", "1.0932"),
    ]


def test_a_missing_rate_is_no_record_and_no_remark() -> None:
    assert read("2024-03-08,N/A,0.96,", "2024-03-07,1.09,,") == [
        Rate(THURSDAY, "USD", "1.09"),
        Rate(FRIDAY, "CHF", "0.96"),
    ]
    assert remarks("2024-03-08,N/A,0.96,", "2024-03-07,1.09") == []


@pytest.mark.parametrize(
    "rate",
    ["-1.09", "0", "0.000", "1,09", "1e3", "NaN", "Infinity", "1.", ".5", "1.0.9", "<b>1</b>", "\u0661"],
)
def test_a_rate_that_is_no_positive_number_is_skipped_with_a_remark_and_its_neighbour_is_kept(
    rate: str,
) -> None:
    row = f'2024-03-08,"{rate}",0.96,'
    assert read(row) == [Rate(FRIDAY, "CHF", "0.96")]
    assert remarks(row) == ["1 rates were skipped, the first is USD in line 2: they are no positive numbers."]


@pytest.mark.parametrize(
    "day", ["08.03.2024", "2024-02-30", "", "20240308", "2024-03-08T00:00", "2024-03-09", "9999-12-31"]
)
def test_a_day_that_is_unreadable_or_in_the_future_is_skipped_with_a_remark(day: str) -> None:
    assert read(f"{day},1.09,0.96,", "2024-03-07,1.08,") == [Rate(THURSDAY, "USD", "1.08")]
    assert remarks(f"{day},1.09,0.96,", "2024-03-07,1.08,") == [
        "1 rows were skipped, the first in line 2: their date is unreadable, in the future, or there already."
    ]


def test_the_first_of_two_rows_for_one_day_is_taken() -> None:
    assert read("2024-03-08,1.09,", "2024-03-08,9.99,") == [Rate(FRIDAY, "USD", "1.09")]


def test_only_columns_with_a_currency_code_are_read() -> None:
    assert read("2024-03-08,1.09,5,6,7", header="Date,USD,usd,Note,") == [Rate(FRIDAY, "USD", "1.09")]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it does not begin with the column Date"),
        (b"<!DOCTYPE html><html>...", "it does not begin with the column Date"),
        (b'{"error": "busy"}', "it does not begin with the column Date"),
        (b"\xff\xfe\x00D", "it is not text"),
        (b"PK\x03\x04 and no more", "it is no zip file with one CSV file"),
        (zipped(csv_of("2024-03-08,1.09,"))[:-30], "it is no zip file with one CSV file"),
        (zipped(b"...", name="readme.txt"), "it is no zip file with one CSV file"),
        (zipped(bytes(LARGEST + 1)), "it is far too large"),
        (csv_of(), "it holds no rate"),
        (csv_of("2024-03-08,N/A,N/A,"), "it holds no rate"),
        (csv_of('2024-03-08,"' + "1" * 200_000 + '",'), "it is no CSV file"),
    ],
    ids=range(11),
)
def test_what_is_not_the_history_is_refused_and_the_reason_said(content: bytes, why: str) -> None:
    with pytest.raises(UnusableError, match=why):
        read_history(content, until=TODAY)


def test_a_damaged_zip_file_is_refused() -> None:
    packed = bytearray(zipped(csv_of(*(f"2024-03-0{day},1.09{day},0.9{day}," for day in range(1, 9)))))
    packed[60:70] = bytes(10)
    with pytest.raises(UnusableError):
        read_history(bytes(packed), until=TODAY)


@hypothesis.settings(derandomize=True, database=None, deadline=None)
@hypothesis.given(st.decimals(min_value="0.0001", max_value="99999999", places=4))
def test_every_digit_of_a_rate_arrives(rate: Decimal) -> None:
    assert read(f"2024-03-08,{rate:f},") == [Rate(FRIDAY, "USD", f"{rate:f}")]


@hypothesis.settings(derandomize=True, database=None, deadline=None)
@hypothesis.given(st.binary(max_size=200))
def test_whatever_bytes_come_there_is_a_history_or_a_reason(content: bytes) -> None:
    for each in (content, b"PK" + content, b"Date,USD\n" + content):
        with suppress(UnusableError):  # and no other error
            assert read_history(each, until=TODAY).rates


def test_the_package_has_every_rate_since_the_euro_began() -> None:
    rates = {
        (rate.rate_date.isoformat(), rate.currency): rate.rate
        for rate in read_history(packaged(), until=TODAY).rates
    }
    assert rates["1999-01-04", "USD"] == "1.1789"
    assert rates["2008-07-15", "USD"] == "1.599"
    assert rates["2015-01-23", "CHF"] == "0.9816"
    assert len({day for day, _ in rates}) > 6_400
