"""The statement as PDF, read back: everything on it, on as many pages as it takes."""

import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from pypdf import PdfReader

from etl.exports.statement import Party, StatementLine, lines_of, statement_pdf
from etl.metrics.aging import AR_AGING
from etl.metrics.figures import Column, Figures, Metric, Question
from tests.etl.test_export_formats import HOSTILE
from tests.etl.test_exports import GRANT, METRIC

ON = date(2026, 11, 23)
READ_AT = datetime(2026, 11, 23, tzinfo=UTC)
D = Decimal


def block(currency: str = "USD", events: int = 2, document: str = "INV-") -> list[StatementLine]:
    first = date(2026, 1, 1)
    middle = [
        StatementLine(
            first + timedelta(number), "invoice", f"{document}{number}", currency, D("10.50"), D(7)
        )
        for number in range(events)
    ]
    opening = StatementLine(first, "opening_balance", "", currency, None, D("1234.50"))
    closing = StatementLine(ON, "closing_balance", "", currency, None, D("-99.95"))
    return [opening, *middle, closing]


def pdf(lines: list[StatementLine], name: str = "Harlow", aging: Figures | None = None) -> bytes:
    return statement_pdf(GRANT, Party(name), lines, as_of=ON, made_at=READ_AT, aging=aging)


def pages(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def test_it_says_who_owes_whom_what_and_when() -> None:
    (page,) = pages(pdf(block()))
    for text in ("Cascade", "Harlow", "2026-11-23", "America/Chicago", "Account in USD"):
        assert text in page
    for text in ("Opening balance", "1,234.50", "INV-1", "10.50", "Closing balance", "-99.95"):
        assert text in page


def test_a_long_one_goes_on_with_its_headings_and_numbers_its_pages() -> None:
    found = pages(pdf(block(events=100)))
    assert len(found) == 3
    assert all("Balance" in page for page in found)
    assert [f"Page {number} of 3" in page for number, page in enumerate(found, 1)] == [True] * 3
    assert sum(page.count("INV-") for page in found) == 100


def test_each_currency_has_its_own_block_and_ages() -> None:
    rows = (("USD", *map(D, ("1.00", "2.00", "0.00", "0.00", "5.00", "8.00", "-3.00", "5.00"))),)
    aging = Figures(AR_AGING, Question(ON), 1, rows, 1)
    (page,) = pages(pdf([*block("CAD"), *block("USD")], aging=aging))
    assert page.index("Account in CAD") < page.index("Account in USD")
    assert "Current: 1.00 · 1–30: 2.00" in page
    assert "Unapplied: -3.00 USD" in page
    assert page.count("Days past due") == 1


def test_accents_are_written_and_what_the_font_lacks_is_a_question_mark() -> None:
    (page,) = pages(pdf(block(), name="Łódź Sønner 漢 🚚 Ž"))
    assert "Łódź Sønner ? ? Ž" in page


@pytest.mark.parametrize("text", [*HOSTILE, "nul\0here", "", "**bold** --x--", "{nb}", "\ud800"])
def test_no_text_breaks_it(text: str) -> None:
    assert pages(pdf(block(document=text), name=text))


def test_the_same_figures_are_the_same_file() -> None:
    assert pdf(block()) == pdf(block())


def test_nothing_to_state_is_said() -> None:
    assert "nothing is open" in pages(pdf([]))[0]


def test_lines_are_those_of_the_metric() -> None:
    names = ("on", "event", "document", "currency", "amount", "balance")
    metric = Metric(
        **{
            name: getattr(METRIC, name) for name in ("unit", "grain", "owner", "definition", "page")
        },
        name="customer_statement",
        title="Customer statement",
        columns=tuple(Column(name, "text", name) for name in names),
        parameters=(),
    )
    row = (ON, "invoice", "INV-1", "USD", D("1.00"), D("2.00"))
    assert lines_of(Figures(metric, Question(ON), 1, (row,), 1)) == [StatementLine(*row)]
