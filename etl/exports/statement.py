"""A customer's statement: its lines, whom it is for, and how old what is open is."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any

from etl.errors import UsageError
from etl.exports.facts import facts_of
from etl.exports.formats import FORMATS, Export, sealed
from etl.metrics.figures import Figures, Question
from etl.metrics.periods import period_of
from etl.reading import Published, Reader, asked
from etl.store.access import Grant

__all__ = [
    "VIEW",
    "Account",
    "Party",
    "Statement",
    "make_statement",
    "statement_name",
    "statement_of",
]

VIEW = "customer_statement"
TOTALS = frozenset({"gross", "net"})


@dataclass(frozen=True, slots=True)
class Party:
    """Whom a statement is for."""

    name: str
    email: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """What is between two parties in one currency.

    `lines` as `customer_statement` has them, from the opening to the closing balance; `ages` the
    heading and amount of each bucket of what is open, none where nothing is.
    """

    currency: str
    lines: Sequence[Mapping[str, Any]]
    ages: Sequence[tuple[str, Decimal]] = ()

    @property
    def balance(self) -> Decimal:
        """What is owed at the end; below zero what the customer has too much."""
        closing: Decimal = self.lines[-1]["balance"]
        return closing


@dataclass(frozen=True, slots=True)
class Statement:
    """All of it. `made_at`: when BILL was last read, so that the same figures are the same file."""

    party: Party
    first_on: date
    last_on: date
    made_at: datetime
    accounts: Sequence[Account]


def statement_of(reader: Reader, grant: Grant, figures: Figures, published: Published) -> Statement:
    """The statement that the figures of `customer_statement` are; UsageError without a customer."""
    question = figures.question
    party = _party(reader, grant, question, published.seq)
    ages = _ages(reader.figures(grant, "ar_aging", _aged(grant, question), published.seq))
    return Statement(
        party=party,
        first_on=period_of(question).first,
        last_on=question.as_of,
        made_at=published.read_at,
        accounts=[
            Account(currency, list(lines), ages.get(currency, ()))
            for currency, lines in groupby(figures.records(), key=itemgetter("currency"))
        ],
    )


def _party(reader: Reader, grant: Grant, question: Question, seq: int) -> Party:
    found = reader.figures(grant, "customers", replace(question, currency=None), seq).records()
    if not found:
        raise UsageError("There is no such customer among this tenant's.")
    return Party(found[0]["customer"], found[0]["email"])


def _aged(grant: Grant, question: Question) -> Question:
    return asked(
        grant,
        "ar_aging",
        as_of=question.as_of,
        known_on=question.known_on,
        customer=question.customer,
        currency=question.currency,
    )


def _ages(aging: Figures) -> dict[str, list[tuple[str, Decimal]]]:
    buckets = [
        (column.name, column.heading)
        for column in aging.metric.columns
        if column.kind == "money" and column.name not in TOTALS
    ]
    return {
        row["currency"]: [(heading, row[name]) for name, heading in buckets]
        for row in aging.records()
    }


def make_statement(reader: Reader, grant: Grant, figures: Figures, published: Published) -> Export:
    """The figures of `customer_statement` as PDF; UsageError for those of another metric."""
    if figures.metric.name != VIEW:
        raise UsageError(f"Only {VIEW} can be a PDF: choose {', '.join(FORMATS)}.")
    from etl.exports.statement_pdf import statement_pdf  # noqa: PLC0415 - loading fpdf takes 0.1 s

    statement = statement_of(reader, grant, figures, published)
    facts = facts_of(grant, figures, published) | {"format": "pdf"}
    return sealed(statement_pdf(grant, statement), facts)


def statement_name(grant: Grant, figures: Figures) -> str:
    """A name for the file, of what BILL and we gave names to."""
    customer = re.sub(r"[^0-9A-Za-z]", "", figures.question.customer or "")
    return f"{grant.tenant}-statement-{customer}-{figures.as_of.isoformat()}.pdf"
