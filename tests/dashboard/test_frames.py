"""Tables to be drawn: exact text, numbers to sort by, and no more rows than are read."""

from datetime import date
from decimal import Decimal
from typing import Any

from dashboard.frames import DRAWN, styled, styled_rows
from etl.metrics.figures import Column, Figures, Question
from etl.metrics.receivables import INVOICES

COLUMNS = (
    Column("month", "month", "Month"),
    Column("amount", "money", "Amount"),
    Column("state", "text", "State"),
    Column("event", "text", "Event"),
)


def row(amount: str | None, currency: str) -> dict[str, Any]:
    return {
        "month": "2026-11",
        "amount": Decimal(amount) if amount else None,
        "currency": currency,
        "state": "overdue",
        "event": "invoice_issued",
    }


def shown(style: Any, column: int) -> list[str]:
    drawn = style._translate(False, False)["body"]
    return [cells[column + 1]["display_value"] for cells in drawn]


def test_amounts_are_written_in_their_rows_currency_to_the_last_digit() -> None:
    rows = [row("1234.50", "USD"), row("1200", "JPY"), row("-0.10", "CAD"), row(None, "USD")]
    assert shown(styled_rows(COLUMNS, rows), 1) == ["$1,234.50", "¥1,200", "−CA$0.10", "–"]


def test_amounts_beyond_a_floats_digits_are_written_exactly() -> None:
    assert shown(styled_rows(COLUMNS, [row("12345678901234567.89", "USD")]), 1) == [
        "$12,345,678,901,234,567.89"
    ]


def test_underneath_are_decimals_and_dates_to_sort_by() -> None:
    table = styled_rows(COLUMNS, [row("9.00", "USD"), row("10.00", "USD")]).data
    assert str(table["amount"].dtype) == "decimal128(38, 4)[pyarrow]"
    assert list(table["amount"].sort_values()) == [Decimal("9.0000"), Decimal("10.0000")]
    assert table["month"][0] == date(2026, 11, 1)


def test_names_are_words() -> None:
    table = styled_rows(COLUMNS, [row("1.00", "USD")]).data
    assert table["state"][0] == ["Overdue"]
    assert table["event"][0] == "Invoice issued"


def test_zero_is_quiet_and_nothing_else_is_coloured() -> None:
    style = styled_rows(COLUMNS, [row("0.00", "USD"), row("1.00", "USD"), row(None, "USD")])
    style._compute()
    assert list(style.ctx) == [(0, 1)]


def test_no_rows_are_a_table_too() -> None:
    assert len(styled_rows(COLUMNS, []).data) == 0


def test_no_more_rows_are_drawn_than_are_read() -> None:
    cells = ("I", "N", "C", "Customer", "USD", date(2026, 1, 1), date(2026, 1, 1))
    amounts = (Decimal("1.00"), Decimal("1.00"), "open", Decimal("1.00"), "")
    line = (*cells, *amounts, Decimal("0.00"), "", "", None, None, "OPEN")
    many = Figures(INVOICES, Question(date(2026, 1, 1)), 1, (line,) * (DRAWN + 5), DRAWN + 5)
    assert len(styled(many, ("invoice_number", "open_amount")).data) == DRAWN


def test_shares_days_and_scores_are_numbers_that_are_written_short() -> None:
    columns = (
        Column("share", "ratio", "Share"),
        Column("days", "days", "Days"),
        Column("score", "score", "Score"),
    )
    rows: list[dict[str, Any]] = [
        {"share": Decimal("0.12345"), "days": Decimal("34.05"), "score": Decimal(82)},
        {"share": None, "days": None, "score": None},
    ]
    table = styled_rows(columns, rows)
    assert shown(table, 0) == ["12.3 %", "–"]
    assert shown(table, 1) == ["34.1", "–"]
    assert shown(table, 2) == ["82", "–"]
    assert str(table.data["score"].dtype) == "decimal128(38, 4)[pyarrow]"


def test_what_has_no_state_has_no_chip_and_fields_and_instants_are_words() -> None:
    columns = (
        Column("status", "text", "Status"),
        Column("field", "text", "Field"),
        Column("observed_at", "text", "Seen"),
    )
    rows: list[dict[str, Any]] = [
        {"status": "", "field": None, "observed_at": "2026-11-25T18:58:07Z"},
        {"status": "done", "field": "dueAmount", "observed_at": "2026-11-25T19:00:01Z"},
    ]
    data = styled_rows(columns, rows).data
    assert list(data["status"]) == [[], ["Done"]]
    assert list(data["field"]) == ["", "Due amount"]
    assert list(data["observed_at"]) == ["2026-11-25 18:58 UTC", "2026-11-25 19:00 UTC"]
