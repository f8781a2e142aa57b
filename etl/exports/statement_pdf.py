"""A customer's statement on paper, fit to be sent to them."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from fpdf import FontFace

from etl.exports.paper import INK, LONGEST_CELL, QUIET, Paper, drawn
from etl.exports.statement import Account, Statement
from etl.metrics.events import event_told
from etl.store.access import Grant

__all__ = ["statement_pdf"]

# Shares of the width; together 180.
WIDTHS = (26, 52, 42, 30, 30)
HEADINGS = ("Date", "What", "Document", "Amount", "Balance")
BALANCES = frozenset({"opening_balance", "closing_balance"})
LEFT, RIGHT = "LEFT", "RIGHT"


def statement_pdf(grant: Grant, statement: Statement) -> bytes:
    """The statement, a block a currency, on as many pages as it takes."""
    paper = Paper(grant, "Statement of account")
    paper.set_creation_date(statement.made_at)
    paper.set_title(drawn(f"Statement of {statement.party.name}", LONGEST_CELL))
    paper.add_page()
    _head(paper, statement)
    for account in statement.accounts:
        _account(paper, account, statement.last_on)
    if not statement.accounts:
        paper.paragraph("Nothing happened in these days, and nothing is open.", 10)
    return bytes(paper.output())


def _head(paper: Paper, statement: Statement) -> None:
    paper.paragraph(statement.party.name or "Customer", 16, "B", width=paper.epw)
    paper.ln(1)
    if statement.party.email:
        paper.paragraph(statement.party.email, 10, colour=QUIET)
    days = f"{_day(statement.first_on)} to {_day(statement.last_on)}"
    paper.paragraph(days, 10, colour=QUIET)
    paper.ln(8)


def _account(paper: Paper, account: Account, on: date) -> None:
    _balance(paper, account, on)
    if account.ages:
        _ages(paper, account)
    _lines(paper, account)
    paper.ln(10)


def _balance(paper: Paper, account: Account, on: date) -> None:
    """What is owed, largest of all that is on the page."""
    is_theirs = account.balance < 0
    what = "In your favour" if is_theirs else "Balance due"
    if paper.will_page_break(60):  # this, the ages and the first lines stay together
        paper.add_page()
    paper.paragraph(f"{what} on {_day(on)}", 9, colour=QUIET)
    paper.paragraph(f"{account.currency} {_money(abs(account.balance))}", 22, "B")
    paper.ln(5)


def _ages(paper: Paper, account: Account) -> None:
    """How old is what is open."""
    paper.paragraph("Open by days past due", 9, "B")
    paper.ln(1)
    shares = [1] * len(account.ages)
    with _table(paper, shares, [RIGHT] * len(shares)) as table:
        table.row([heading for heading, _amount in account.ages])
        table.row([_money(amount) for _heading, amount in account.ages])
    paper.ln(7)


def _lines(paper: Paper, account: Account) -> None:
    paper.paragraph(f"Account in {account.currency}", 9, "B")
    paper.ln(1)
    with _table(paper, WIDTHS, (LEFT, LEFT, LEFT, RIGHT, RIGHT)) as table:
        table.row(HEADINGS)
        for line in account.lines:
            is_balance = line["event"] in BALANCES
            table.row(_cells(line), style=FontFace(emphasis="BOLD") if is_balance else None)


def _table(paper: Paper, shares: Sequence[int], aligned: Sequence[str]) -> Any:
    """A table over the whole width; its headings come again on every page."""
    paper.ink(9, "", INK)
    return paper.table(
        width=paper.epw,
        col_widths=tuple(shares),
        text_align=tuple(aligned),
        headings_style=FontFace(color=QUIET),
        borders_layout="HORIZONTAL_LINES",
        line_height=6,
        markdown=False,
    )


def _cells(line: Mapping[str, Any]) -> tuple[str, ...]:
    amount = "" if line["amount"] is None else _money(line["amount"])
    event = drawn(event_told(line["event"]), LONGEST_CELL)
    document = drawn(line["document"], LONGEST_CELL)
    return (line["on"].isoformat(), event, document, amount, _money(line["balance"]))


def _money(amount: Decimal) -> str:
    return f"{amount:,f}".replace("-", "\N{MINUS SIGN}")


def _day(on: date) -> str:
    return f"{on.day} {on:%B %Y}"
