"""The CSV contract: states what it is, exact, safe in a spreadsheet."""

import csv
import hashlib
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from etl.exports import Export, as_json, make_export
from etl.metrics.figures import Column, Converted, Figures, Metric, Missing, Question, RatesOf
from etl.reading import Published
from etl.store.access import Grant

GRANT = Grant("alice@x.example", 1, "cascade", "Cascade", "America/Chicago", "USD", "viewer")
PUBLISHED = Published(
    7, datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC), None, ()
)
METRIC = Metric(
    "things",
    "Things",
    "money",
    "thing",
    "finance",
    "Made up.",
    "Overview",
    (
        Column("customer", "text", "Customer"),
        Column("currency", "text", "Currency"),
        Column("on", "date", "On"),
        Column("count", "count", "Count"),
        Column("amount", "money", "Amount"),
    ),
    (),
)


def export(*rows: tuple[Any, ...], **options: Any) -> Export:
    figures = Figures(METRIC, Question(date(2026, 11, 23)), 7, rows, len(rows))
    return make_export(GRANT, figures, PUBLISHED, **options)


def cells(made: Export) -> list[list[str]]:
    return list(csv.reader(io.StringIO(made.content.decode("utf-8-sig"), newline="")))


def row(name: str, currency: str = "USD", amount: str = "-120.00") -> tuple[Any, ...]:
    return (name, currency, date(2026, 2, 28), -3, Decimal(amount))


def test_the_first_columns_say_what_the_file_is() -> None:
    header, line = cells(export(row("Harlow")))
    assert header == [
        "tenant",
        "as_of",
        "time_zone",
        "currency",
        "customer",
        "on",
        "count",
        "amount",
    ]
    assert line[:4] == ["cascade", "2026-11-23", "America/Chicago", "USD"]


def test_numbers_stay_numbers_and_dates_dates() -> None:
    assert cells(export(row("Harlow")))[1][4:] == ["Harlow", "2026-02-28", "-3", "-120.00"]


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@sum",
        "\tx",
        "\rx",
        "\nx",
        "  =1",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        " ＝HYPERLINK(1)",
    ],
)
def test_text_that_a_spreadsheet_would_run_is_disarmed(text: str) -> None:
    assert cells(export(row(text)))[1][4] == f"'{text}"


@pytest.mark.parametrize(
    "text", ["", "Harlow", "a=b", "'x", 'say "hi"', "x, y", "two\nlines", "é漢🚚\u202e", "1-2"]
)
def test_any_other_text_comes_back_as_it_was(text: str) -> None:
    assert cells(export(row(text)))[1][4] == text


def test_line_ends_and_the_mark_for_excel_are_a_choice() -> None:
    assert export(row("x")).content.count(b"\r\n") == 2
    assert b"\r" not in export(row("x"), line_end="\n").content
    assert export(row("x"), with_bom=True).content.startswith(b"\xef\xbb\xbf")
    assert not export(row("x")).content.startswith(b"\xef\xbb\xbf")


def test_the_side_file_counts_adds_up_and_seals() -> None:
    made = export(row("a"), row("b", amount="20.05"), row("c", "JPY", "1200"))
    assert made.facts["rows"] == 3
    assert made.facts["sums"] == {"USD": {"amount": "-99.95"}, "JPY": {"amount": "1200"}}
    assert made.facts["sha256"] == hashlib.sha256(made.content).hexdigest()
    assert made.facts["as_of"] == "2026-11-23"


def test_json_gives_amounts_as_decimal_texts() -> None:
    figures = Figures(METRIC, Question(date(2026, 11, 23)), 7, (row("a"),), 1)
    document = as_json(GRANT, figures)
    assert document["rows"] == [
        {"customer": "a", "currency": "USD", "on": "2026-02-28", "count": -3, "amount": "-120.00"}
    ]
    assert {"metric", "tenant", "as_of", "unit", "snapshot", "rows"} == set(document)


def test_ratios_are_decimals_and_what_is_missing_says_why() -> None:
    columns = (
        Column("currency", "text", "Currency"),
        Column("rate", "ratio", "Rate"),
        Column("reason", "reason", "Reason"),
    )
    metric = replace(METRIC, columns=columns)
    rows = (("USD", Decimal("0.000000"), None), ("CAD", None, "nothing was due"))
    question = Question(date(2026, 11, 23), edges=(7, 14), grace_days=2)
    figures = Figures(metric, question, 7, rows, len(rows))
    made = make_export(GRANT, figures, PUBLISHED)
    assert [line[3:] for line in cells(made)[1:]] == [
        ["USD", "0.000000", ""],
        ["CAD", "", "nothing was due"],
    ]
    assert made.facts["filters"] == {"edges": "7,14", "grace_days": "2"}
    assert as_json(GRANT, figures)["rows"][0] == {
        "currency": "USD",
        "rate": "0.000000",
        "reason": None,
    }


def converted_figures() -> Figures:
    question = Question(date(2026, 11, 23), reporting="USD")
    total = Figures(METRIC, question, 7, (row("Harlow", "USD", "34.00"),), 1)
    missing = (Missing("open_item", "CAD", 2, Decimal("20.0000")),)
    rates = (RatesOf("JPY", "USD", "bank", True, question.as_of, question.as_of, None),)
    own = (row("Harlow", "USD", "10.00"), row("Okada", "JPY", "3600"))
    converted = Converted("USD", total, 2, missing, rates)
    return Figures(METRIC, question, 7, own, 2, converted)


def test_rows_in_a_reporting_currency_are_marked_and_summed_apart() -> None:
    made = make_export(GRANT, converted_figures(), PUBLISHED)
    header, *lines = cells(made)
    assert header[:5] == ["tenant", "as_of", "time_zone", "currency", "converted"]
    assert [(line[3], line[4], line[-1]) for line in lines] == [
        ("USD", "", "10.00"),
        ("JPY", "", "3600"),
        ("USD", "yes", "34.00"),
    ]
    assert made.facts["filters"] == {"reporting": "USD"}
    assert (made.facts["rows"], made.facts["sums"]["USD"]) == (2, {"amount": "10.00"})
    told = made.facts["reporting"]
    assert (told["rows"], told["sums"]) == (1, {"USD": {"amount": "34.00"}})
    assert (told["is_complete"], told["unconverted_count"]) == (False, 2)
    assert told["unconverted"][0]["amount"] == "20.00"
    assert (told["rates"][0]["source"], told["rates"][0]["is_inverse"]) == ("bank", True)
