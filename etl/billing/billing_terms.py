"""What a billing schedule bills: its lines, and what they come to in a period, in Decimal."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from etl.billing.billing_periods import Cadence, Period
from etl.errors import UsageError
from etl.money import digits_of, exponent_of, rounded

__all__ = ["BILLED", "Term", "Terms", "checked", "number_from", "terms_line", "usage_line"]

BILLED = ("advance", "arrears")
MOST = Decimal(10) ** 12
NOTHING: Mapping[str, Decimal] = {}


@dataclass(frozen=True, slots=True)
class Term:
    """A line: what for, how many, and the price of one in a whole period. `is_usage`: how many is
    noted during the period, under the line's description."""

    description: str
    quantity: Decimal
    price: Decimal
    is_usage: bool = False

    def price_in(self, period: Period, currency: str) -> tuple[Decimal, Decimal]:
        """Quantity and price in a part of a period: once the share of its days, rounded."""
        whole = rounded(self.quantity * self.price, currency)
        return Decimal(1), rounded(whole * period.days / period.of_days, currency)


def usage_line(text: str, currency: str) -> Term:
    """A line of usage as it is typed: TEXT=PRICE; UsageError where it is none."""
    return replace(terms_line(text, currency), quantity=Decimal(0), is_usage=True)


def terms_line(text: str, currency: str) -> Term:
    """A line as it is typed: TEXT=PRICE or TEXT=QUANTITYxPRICE; UsageError where it is none."""
    description, _, amount = text.rpartition("=")
    quantity, _, price = amount.strip().rpartition("x")
    if not description.strip() or not description.isprintable() or len(description) > 500:
        raise UsageError(f"“{text[:80]}” is no line: give one like “Dispatch desk=2x250.00”.")
    term = Term(description.strip(), number_from(quantity or "1"), number_from(price))
    if digits_of(term.price) > exponent_of(currency):
        raise UsageError(f"{currency} has {exponent_of(currency)} digits after the point.")
    return term


def number_from(text: str) -> Decimal:
    """A quantity or price as it is typed; UsageError where it is none that can be billed."""
    try:
        number = Decimal(text.strip())
    except ArithmeticError:
        raise UsageError(f"“{text[:40]}” is not a number: write it like 250.00.") from None
    if not number.is_finite() or not 0 < number < MOST or digits_of(number) > 4:
        raise UsageError(f"“{text[:40]}” must be more than 0, with at most four digits.")
    return number


@dataclass(frozen=True, slots=True)
class Terms:
    """What a customer is billed, and when: in advance on the first day of each period, in arrears
    on the day after its last; due so many days later. `is_prorated`: parts of periods cost the
    share of their days, else the whole."""

    cadence: Cadence
    customer_id: str
    currency: str
    lines: tuple[Term, ...]
    billed: str = "advance"
    due_days: int = 30
    is_prorated: bool = True
    item: str | None = None

    def issued_on(self, period: Period) -> date:
        """The day from which a period's invoice is issued, and its date."""
        return period.first if self.billed == "advance" else period.last + timedelta(days=1)

    @property
    def has_usage(self) -> bool:
        """Whether a line's quantity is noted during the period."""
        return any(line.is_usage for line in self.lines)

    def amount(self, period: Period, used: Mapping[str, Decimal] = NOTHING) -> Decimal:
        """What a period's invoice comes to, before tax; `used` says how many of which line."""
        priced = (self._priced(line, period, used) for line in self.lines)
        return sum((rounded(q * p, self.currency) for q, p in priced), Decimal(0))

    def invoice(self, period: Period, used: Mapping[str, Decimal] = NOTHING) -> dict[str, Any]:
        """A period's input of invoice.create: the same however often it is asked."""
        on = self.issued_on(period)
        return {
            "customer": {"id": self.customer_id},
            "invoiceDate": on.isoformat(),
            "dueDate": (on + timedelta(days=self.due_days)).isoformat(),
            "invoiceLineItems": [
                self._line(line, period, used)
                for line in self.lines
                if not line.is_usage or used.get(line.description)
            ],
        }

    def _line(self, line: Term, period: Period, used: Mapping[str, Decimal]) -> dict[str, Any]:
        quantity, price = self._priced(line, period, used)
        is_cut = self._is_cut(period) and not line.is_usage
        part = f" ({period.days} of {period.of_days} days)" if is_cut else ""
        told: dict[str, Any] = {
            "quantity": format(quantity, "f"),
            "price": format(price, "f"),
            "description": f"{line.description}, {period.first} to {period.last}{part}",
        }
        return told | ({"classifications": {"itemId": self.item}} if self.item else {})

    def _priced(
        self, line: Term, period: Period, used: Mapping[str, Decimal]
    ) -> tuple[Decimal, Decimal]:
        if line.is_usage:
            return used.get(line.description, Decimal(0)), line.price
        if self._is_cut(period):
            return line.price_in(period, self.currency)
        return line.quantity, line.price

    def _is_cut(self, period: Period) -> bool:
        return self.is_prorated and not period.is_whole


def checked(terms: Terms, today: date) -> Terms:
    """The terms; UsageError where nothing sensible could be billed by them."""
    if not terms.lines or len(terms.lines) > 100:
        raise UsageError("A schedule bills 1 to 100 lines: give them with --line.")
    if terms.has_usage and terms.billed != "arrears":
        raise UsageError("Usage is known only once a period is over: add --billed arrears.")
    if len({line.description for line in terms.lines}) < len(terms.lines):
        raise UsageError("Two lines have the same text: give each its own.")
    if terms.billed not in BILLED or not 0 <= terms.due_days <= 365:
        raise UsageError("It is billed in advance or in arrears, due within 0 to 365 days.")
    if terms.cadence.start < today - timedelta(days=366):
        raise UsageError("It starts more than a year ago: give a later start.")
    return terms
