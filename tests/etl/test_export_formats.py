"""Excel and Parquet, read back: exact, typed, harmless, and telling what they are."""

import hashlib
import io
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils.escape import unescape

from etl.errors import UsageError
from etl.exports import Export, file_name, format_of, make_export
from etl.exports import workbook as workbooks
from etl.metrics.figures import Column, Figures, Question
from tests.etl.test_exports import GRANT, METRIC, PUBLISHED, converted_figures, row

HOSTILE = [
    '=HYPERLINK("http://x.example","pay")',
    "+1",
    "-1",
    "@sum(1)",
    "\tx",
    "two\r\nlines",
    "<script>alert(1)</script>",
    "'; DROP TABLE invoices; --",
    "\u202eevil\u202c",
    "https://x.example",
    "mailto:x@x.example",
    "007",
    "漢字 🚚 é",
    "a" * 10_000,
    "_x0041_",
]


def made(format_: str, *rows: tuple[Any, ...]) -> Export:
    figures = Figures(METRIC, Question(date(2026, 11, 23)), 7, rows, len(rows))
    return make_export(GRANT, figures, PUBLISHED, format_=format_)


def opened(export: Export) -> Workbook:
    return load_workbook(io.BytesIO(export.content))


def about(export: Export) -> dict[str, str]:
    return dict(opened(export)["About"].iter_rows(values_only=True))


def test_a_workbook_holds_numbers_dates_and_the_columns_of_the_csv() -> None:
    sheet = opened(made("xlsx", row("Harlow")))["Data"]
    header, line = sheet.iter_rows(values_only=True)
    assert header[:5] == ("tenant", "as_of", "time_zone", "currency", "customer")
    assert line == (
        "cascade",
        datetime(2026, 11, 23),  # noqa: DTZ001 - Excel knows no zones
        "America/Chicago",
        "USD",
        "Harlow",
        datetime(2026, 2, 28),  # noqa: DTZ001
        -3,
        -120,
    )
    assert sheet.freeze_panes == "A2"


@pytest.mark.parametrize(
    ("currency", "shown"), [("USD", "#,##0.00"), ("JPY", "#,##0"), ("KWD", "#,##0.000")]
)
def test_money_shows_its_currencys_digits(currency: str, shown: str) -> None:
    assert opened(made("xlsx", row("x", currency, "5")))["Data"]["H2"].number_format == shown


def test_an_amount_that_excel_would_round_stands_as_text() -> None:
    sheet = opened(
        made("xlsx", row("a", amount="12345678901234567.89"), row("b", amount="1234567890123.45"))
    )["Data"]
    assert sheet["H2"].value == "12345678901234567.89"
    assert Decimal(str(sheet["H3"].value)) == Decimal("1234567890123.45")


@pytest.mark.parametrize("text", HOSTILE)
def test_a_workbook_shows_any_text_as_text(text: str) -> None:
    cell = opened(made("xlsx", row(text)))["Data"]["E2"]
    assert cell.data_type in {"s", "inlineStr"}
    assert cell.hyperlink is None
    assert unescape(str(cell.value)) == text  # as Excel reads it


def test_what_a_cell_of_excel_cannot_hold_is_replaced_or_cut_and_said() -> None:
    sheet = opened(made("xlsx", row("nul\0here"), row("b" * 40_000)))["Data"]
    assert sheet["E2"].value == "nul\N{REPLACEMENT CHARACTER}here"
    assert len(sheet["E3"].value) == 32_767
    assert sheet["E3"].value.endswith("(cut: longer than a cell of Excel)")


def test_a_workbook_says_what_it_is() -> None:
    export = made("xlsx", row("a"), row("b", amount="20.05"))
    told = about(export)
    assert told["tenant"] == "cascade"
    assert told["metric"] == "things"
    assert told["sum of amount, USD"] == "-99.95"
    assert told["csv_sha256"] == made("csv", row("a"), row("b", amount="20.05")).facts["sha256"]
    assert export.facts["sha256"] == hashlib.sha256(export.content).hexdigest()


def test_more_rows_than_excel_takes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MOST_ROWS", 1)
    with pytest.raises(UsageError, match="CSV or Parquet"):
        made("xlsx", row("a"), row("b"))


def test_parquet_keeps_money_exact_and_says_what_it_is() -> None:
    export = made("parquet", row("a", amount="12345678901234567.89"), row("b", "KWD", "0.125"))
    table = pq.read_table(io.BytesIO(export.content))
    assert str(table.schema.field("amount").type) == "decimal128(38, 4)"
    assert table["amount"].to_pylist() == [
        Decimal("12345678901234567.8900"),
        Decimal("0.1250"),
    ]
    assert table["on"].to_pylist() == [date(2026, 2, 28)] * 2
    assert table["count"].to_pylist() == [-3, -3]
    metadata = table.schema.metadata
    assert metadata[b"tieout.tenant"] == b"cascade"
    assert metadata[b"tieout.csv_sha256"].decode() == export.facts["csv_sha256"]


def test_a_workbook_marks_what_is_converted_and_says_how() -> None:
    export = make_export(GRANT, converted_figures(), PUBLISHED, format_="xlsx")
    header, *lines = opened(export)["Data"].iter_rows(values_only=True)
    assert header[:6] == ("tenant", "as_of", "time_zone", "currency", "converted", "customer")
    assert [(line[3], line[4], line[-1]) for line in lines] == [
        ("USD", None, 10),
        ("JPY", None, 3600),
        ("USD", "yes", 34),
    ]
    told = about(export)
    assert told["converted to"] == "USD, each document, half up, before adding"
    assert told["sum of amount, USD"] == "10.00"
    assert told["sum of amount, USD (all converted)"] == "34.00"
    assert told["not in it, without a rate"] == "open_item CAD 2 20.00"
    assert "source=bank" in told["rates of JPY"]


def test_parquet_marks_what_is_converted() -> None:
    export = make_export(GRANT, converted_figures(), PUBLISHED, format_="parquet")
    table = pq.read_table(io.BytesIO(export.content))
    assert table["converted"].to_pylist() == [False, False, True]
    assert table["amount"].to_pylist()[-1] == Decimal("34.0000")


@pytest.mark.parametrize("format_", ["csv", "xlsx", "parquet"])
def test_what_was_known_on_a_day_says_so(format_: str) -> None:
    question = Question(date(2026, 11, 23), known_on=date(2026, 11, 24))
    figures = Figures(METRIC, question, 7, (row("a"),), 1)
    export = make_export(GRANT, figures, PUBLISHED, format_=format_)
    assert export.facts["known_on"] == "2026-11-24"
    assert "bill_read_at" not in export.facts
    assert file_name(GRANT, figures, format_) == (
        f"cascade-things-2026-11-23-known-2026-11-24.{format_}"
    )


def test_money_in_a_currency_of_its_own_shows_that_ones_digits() -> None:
    columns = (*METRIC.columns, Column("converted_amount", "money", "Converted", currency="JPY"))
    metric = replace(METRIC, columns=columns)
    rows = ((*row("a"), Decimal(18000)),)
    figures = Figures(metric, Question(date(2026, 11, 23)), 7, rows, 1)
    sheet = opened(make_export(GRANT, figures, PUBLISHED, format_="xlsx"))["Data"]
    assert (sheet["H2"].number_format, sheet["I2"].number_format) == ("#,##0.00", "#,##0")


@pytest.mark.parametrize("text", [*HOSTILE, "nul\0here"])
def test_parquet_gives_any_text_back(text: str) -> None:
    table = pq.read_table(io.BytesIO(made("parquet", row(text)).content))
    assert table["customer"].to_pylist() == [text]


@pytest.mark.parametrize("format_", ["csv", "xlsx", "parquet"])
def test_nothing_to_export_is_still_a_file(format_: str) -> None:
    assert made(format_).facts["rows"] == 0


@pytest.mark.parametrize("format_", ["csv", "xlsx", "parquet"])
def test_the_same_figures_are_the_same_file(format_: str) -> None:
    assert made(format_, row("a")).content == made(format_, row("a")).content


def test_a_files_ending_names_its_format() -> None:
    assert [format_of(n) for n in ("a.CSV", "b.xlsx", "c.parquet", "d", "e.txt")] == [
        "csv",
        "xlsx",
        "parquet",
        "csv",
        "csv",
    ]
    figures = Figures(METRIC, Question(date(2026, 11, 23)), 7, (), 0)
    assert file_name(GRANT, figures, "xlsx") == "cascade-things-2026-11-23.xlsx"


def test_a_format_there_is_not_is_refused_in_a_sentence() -> None:
    with pytest.raises(UsageError, match="choose csv, xlsx, parquet"):
        made("pdf")
