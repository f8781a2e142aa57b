"""A customer's statement as a PDF: what they owed, what happened, what they owe, and how old it is.

Letters that Inter does not have stand as question marks; no name and no text breaks it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont
from fpdf import FPDF, FontFace
from fpdf.enums import XPos, YPos

from etl.metrics.figures import Column, Figures
from etl.store.access import Grant

__all__ = ["Party", "StatementLine", "lines_of", "statement_pdf"]

FONTS = Path(__file__).parent / "fonts"
INK, QUIET, RULE = (24, 28, 36), (98, 106, 120), (222, 226, 232)
LONGEST_NAME, LONGEST_CELL = 200, 60
WIDTHS = (24, 46, 50, 30, 30)
HEADINGS = ("Date", "What", "Document", "Amount", "Balance")
OPENING, CLOSING = "opening_balance", "closing_balance"
UNKNOWN = "?"


@dataclass(frozen=True, slots=True)
class Party:
    """Whom the statement is for; the address in lines, where it is known."""

    name: str
    address: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A row of the metric `customer_statement`; `amount` None on openings and closings."""

    on: date
    event: str
    document: str
    currency: str
    amount: Decimal | None
    balance: Decimal


def lines_of(figures: Figures) -> list[StatementLine]:
    """The lines of the metric's figures, a currency after another."""
    names = StatementLine.__slots__
    return [StatementLine(**{name: row[name] for name in names}) for row in figures.records()]


def statement_pdf(
    grant: Grant,
    party: Party,
    lines: Sequence[StatementLine],
    *,
    as_of: date,
    made_at: datetime,
    aging: Figures | None = None,
) -> bytes:
    """The statement, a block a currency, on as many pages as it takes.

    `aging`: `ar_aging` of the customer, for the line of how old what is open is. `made_at`: when
    BILL was last read, so that the same figures are the same file.
    """
    pdf = _Pages(grant, as_of)
    pdf.set_creation_date(made_at)
    pdf.set_title(_shown(f"Statement of {party.name}", LONGEST_NAME))
    pdf.add_page()
    pdf.address(party)
    for currency, block in groupby(lines, key=attrgetter("currency")):
        pdf.block(currency, list(block))
        pdf.ages(currency, aging)
    if not lines:
        pdf.sentence("Nothing happened, and nothing is open.")
    return bytes(pdf.output())


class _Pages(FPDF):
    """A4 pages with the sender at the top and the page's number at the foot."""

    def __init__(self, grant: Grant, as_of: date) -> None:
        super().__init__(format="A4")
        self._grant = grant
        self._as_of = as_of
        self.add_font("Inter", "", FONTS / "inter-regular.ttf")
        self.add_font("Inter", "B", FONTS / "inter-semibold.ttf")
        self.set_margins(15, 15, 15)
        self.set_auto_page_break(auto=True, margin=20)
        self.set_draw_color(*RULE)

    def header(self) -> None:
        self._write(self._grant.tenant_name, 11, "B", width=110)
        self._write(f"Statement as of {self._as_of.isoformat()}", 9, colour=QUIET, align="R")
        self.ln(10)

    def footer(self) -> None:
        self.set_y(-14)
        self._write(f"Days are those of {self._grant.time_zone}.", 8, colour=QUIET, width=120)
        self._write(f"Page {self.page_no()} of {{nb}}", 8, colour=QUIET, align="R")

    def address(self, party: Party) -> None:
        """To whom it goes."""
        self._paragraph(party.name or "Customer", 16, "B")
        for line in party.address:
            self._paragraph(line, 10)
        self.ln(6)

    def block(self, currency: str, lines: Sequence[StatementLine]) -> None:
        """One currency's table; its headings come again on every page."""
        self._paragraph(f"Account in {currency}", 11, "B")
        self.ln(1)
        self.set_font("Inter", "", 9)
        self.set_text_color(*INK)
        with self.table(
            width=sum(WIDTHS),
            col_widths=WIDTHS,
            text_align=("LEFT", "LEFT", "LEFT", "RIGHT", "RIGHT"),
            headings_style=FontFace(emphasis="BOLD", color=QUIET),
            borders_layout="HORIZONTAL_LINES",
            line_height=6,
            markdown=False,
        ) as table:
            table.row(HEADINGS)
            for line in lines:
                table.row(_cells(line), style=_style(line))
        self.ln(4)

    def ages(self, currency: str, aging: Figures | None) -> None:
        """How old is what is open, in one line."""
        rows = aging.records() if aging else []
        columns = aging.metric.columns if aging else ()
        for row in rows:
            if row["currency"] == currency:
                self._paragraph(f"Days past due: {_ages(columns, row)} {currency}", 9, colour=QUIET)
        self.ln(6)

    def sentence(self, text: str) -> None:
        """A line of text."""
        self._paragraph(text, 10)

    def _paragraph(
        self, text: str, size: int, style: str = "", colour: tuple[int, int, int] = INK
    ) -> None:
        self._font(size, style, colour)
        text = _shown(text, LONGEST_NAME)
        self.multi_cell(0, size * 0.55, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _write(
        self,
        text: str,
        size: int,
        style: str = "",
        *,
        colour: tuple[int, int, int] = INK,
        width: float = 0,
        align: str = "L",
    ) -> None:
        self._font(size, style, colour)
        self.cell(width, 6, _shown(text, LONGEST_CELL), align=align)

    def _font(self, size: int, style: str, colour: tuple[int, int, int]) -> None:
        self.set_font("Inter", style, size)
        self.set_text_color(*colour)


def _cells(line: StatementLine) -> tuple[str, ...]:
    amount = "" if line.amount is None else _money(line.amount)
    event = _shown(line.event.replace("_", " ").capitalize(), LONGEST_CELL)
    document = _shown(line.document, LONGEST_CELL)
    return (line.on.isoformat(), event, document, amount, _money(line.balance))


def _ages(columns: Sequence[Column], row: Mapping[str, Any]) -> str:
    return " · ".join(
        f"{column.heading}: {_money(row[column.name])}"
        for column in columns
        if column.kind == "money" and column.name not in {"gross", "net"}
    )


def _style(line: StatementLine) -> FontFace | None:
    return FontFace(emphasis="BOLD") if line.event in {OPENING, CLOSING} else None


def _money(amount: Decimal | None) -> str:
    return "–" if amount is None else f"{amount:,f}"


def _shown(text: str, most: int) -> str:
    """What can be drawn of a text, on one line: no control and no direction marks, not endless."""
    plain = "".join(_drawable(text[: most + 1]))
    return plain if len(text) <= most else plain[: most - 1] + "…"


def _drawable(text: str) -> Iterator[str]:
    for letter in text:
        if letter.isspace():
            yield " "
        elif letter.isprintable():
            yield letter if ord(letter) in _letters() else UNKNOWN


@cache
def _letters() -> frozenset[int]:
    """What Inter, in the parts that are kept here, can write."""
    with TTFont(FONTS / "inter-regular.ttf") as font:
        return frozenset(font.getBestCmap())
