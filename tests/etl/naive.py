"""Aging, days sales outstanding and cash collected, worked out the plain way over BILL's records.

A second opinion: it reads the records one by one, knows nothing of versions, SQL or ledgers, and
shares no code with what it checks.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

Record = dict[str, Any]
Amounts = dict[str, Fraction]
DIGITS = {
    **dict.fromkeys(("JPY", "KRW", "VND", "CLP", "ISK"), 0),
    **dict.fromkeys(("KWD", "BHD", "JOD", "OMR", "TND"), 3),
}
PAID = ("PAID", "ESCHEATED")


@dataclass(frozen=True)
class Move:
    """Money that came to, or left, an invoice on a day; `is_cash` tells it from a credit."""

    on: date
    invoice_id: str
    amount: Decimal
    is_cash: bool


@cache
def day(text: str) -> date:
    return date.fromisoformat(text)


@cache
def day_of(instant: str, zone: str) -> date:
    return datetime.fromisoformat(instant).astimezone(ZoneInfo(zone)).date()


def rounded(value: Fraction, digits: int) -> Fraction:
    """Half away from zero."""
    scaled = abs(value) * 10**digits
    whole = Fraction((2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator))
    return (whole if value >= 0 else -whole) / 10**digits


class NaiveBook:
    """A book as it stands, and what it says of any day before; days are those of a zone."""

    def __init__(self, records: Mapping[str, Sequence[Record]], zone: str = "UTC") -> None:
        self.zone = zone
        self.currencies = {c["id"]: c.get("invoiceCurrency", "USD") for c in records["customers"]}
        self.invoices = {record["id"]: record for record in records["invoices"]}
        self.payments = list(records["receivable_payments"])
        self.memos = list(records["credit_memos"])
        self.moves = [*self.payment_moves(), *self.credit_moves()]
        self.moves_of: dict[str, list[Move]] = defaultdict(list)
        for move in self.moves:
            self.moves_of[move.invoice_id].append(move)
        self.shares = list(self.cash_shares())

    def changed_on(self, record: Record) -> date:
        return day_of(record["updatedTime"], self.zone)

    def lives_of(self, payment: Record) -> list[tuple[date, int]]:
        """The days on which a payment came (1) and went back (-1)."""
        came, changed = day(payment["paymentDate"]), self.changed_on(payment)
        if payment["status"] in PAID:
            return [(came, 1)]
        if payment["status"] == "VOID" and changed >= came:
            return [(came, 1), (changed, -1)]
        return []

    def payment_moves(self) -> Iterator[Move]:
        for payment in self.payments:
            for on, sign in self.lives_of(payment):
                for part in payment["invoicePayments"]:
                    yield Move(on, part["invoiceId"], part["amount"] * sign, is_cash=True)

    def credit_moves(self) -> Iterator[Move]:
        for memo in self.memos:
            for use in memo["usage"]:
                issued = day(self.invoices[use["invoiceId"]]["invoiceDate"])
                on = max(day(memo["creditDate"]), issued)
                yield Move(on, use["invoiceId"], use["amount"], is_cash=False)

    def archived_on(self, invoice: Record) -> date:
        if not invoice["archived"]:
            return date.max
        return max(self.changed_on(invoice), day(invoice["invoiceDate"]))

    def open_amount(self, invoice: Record, on: date) -> Decimal:
        if not day(invoice["invoiceDate"]) <= on < self.archived_on(invoice):
            return Decimal(0)
        settled = sum(m.amount for m in self.moves_of[invoice["id"]] if m.on <= on)
        return Decimal(invoice["totalAmount"] - settled)

    def unapplied(self, on: date) -> Amounts:
        found: Amounts = defaultdict(Fraction)
        for moved, owner, amount in [*self.held_on_account(), *self.held_as_credit()]:
            if moved <= on:
                found[owner] += Fraction(amount)
        return found

    def held_on_account(self) -> Iterator[tuple[date, str, Decimal]]:
        for payment in self.payments:
            for moved, sign in self.lives_of(payment):
                owner = self.currencies[payment["customerId"]]
                yield moved, owner, -payment["unappliedAmount"] * sign

    def held_as_credit(self) -> Iterator[tuple[date, str, Decimal]]:
        for memo in self.memos:
            owner, issued = self.currencies[memo["customerId"]], day(memo["creditDate"])
            yield issued, owner, -memo["amount"]
            if memo["archived"]:
                used = sum((use["amount"] for use in memo["usage"]), Decimal(0))
                yield max(self.changed_on(memo), issued), owner, memo["amount"] - used
        for move in self.moves:
            if not move.is_cash:
                yield move.on, self.owner_of(move), move.amount

    def owner_of(self, move: Move) -> str:
        return self.currencies[self.invoices[move.invoice_id]["customerId"]]

    def aging(self, on: date) -> dict[str, list[Fraction]]:
        """Current, 1–30, 31–60, 61–90, 91 and more, gross, unapplied and net, by currency."""
        buckets: dict[str, list[Fraction]] = defaultdict(lambda: [Fraction(0)] * 5)
        for invoice in self.invoices.values():
            amount = self.open_amount(invoice, on)
            late = (on - day(invoice["dueDate"])).days
            if amount > 0:
                place = 0 if late <= 0 else 1 if late <= 30 else 2 if late <= 60 else 3
                place = 4 if late > 90 else place
                buckets[self.currencies[invoice["customerId"]]][place] += Fraction(amount)
        loose = {code: amount for code, amount in self.unapplied(on).items() if amount}
        found = {}
        for code in {*buckets, *loose}:
            gross, held = sum(buckets[code]), loose.get(code, Fraction(0))
            found[code] = [*buckets[code], gross, held, gross + held]
        return found

    def sales(self, first: date, last: date) -> Amounts:
        """Issued less archived less credited, each on its own day, with tax."""
        found: Amounts = defaultdict(Fraction)
        for invoice in self.invoices.values():
            owner = self.currencies[invoice["customerId"]]
            if first <= day(invoice["invoiceDate"]) <= last:
                found[owner] += Fraction(invoice["totalAmount"])
            if first <= self.archived_on(invoice) <= last:
                found[owner] -= Fraction(invoice["totalAmount"])
        for memo in self.memos:
            owner, issued = self.currencies[memo["customerId"]], day(memo["creditDate"])
            found[owner] -= Fraction(memo["amount"]) * (first <= issued <= last)
            if memo["archived"] and first <= max(self.changed_on(memo), issued) <= last:
                used = sum((use["amount"] for use in memo["usage"]), Decimal(0))
                found[owner] += Fraction(memo["amount"] - used)
        return found

    def dso(self, on: date, aging: dict[str, list[Fraction]]) -> dict[str, Fraction | None]:
        """Gross receivables ÷ sales of ninety days × 90, to two digits, by currency."""
        sales = self.sales(on - timedelta(days=89), on)
        gross = {code: found[5] for code, found in aging.items()}
        return {
            code: rounded(gross.get(code, Fraction(0)) / sold * 90, 2) if sold > 0 else None
            for code, sold in sales.items()
        }

    def collected(self, on: date) -> dict[tuple[str, str], Fraction]:
        """Cash without its share of tax up to a day, by month and currency, zeros left out."""
        found: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
        for moved, owner, share in self.shares:
            if moved <= on:
                found[f"{moved:%Y-%m}", owner] += share
        return {key: amount for key, amount in found.items() if amount}

    def cash_shares(self) -> Iterator[tuple[date, str, Fraction]]:
        """What each move of cash adds to revenue, rounded on the invoice's running total."""
        for invoice_id, moves in self.moves_of.items():
            invoice, before = self.invoices[invoice_id], Decimal(0)
            owner = self.currencies[invoice["customerId"]]
            cash = [move for move in moves if move.is_cash]
            for move in sorted(cash, key=lambda m: (m.on, -m.amount)):
                after = before + move.amount
                share = self.net(invoice, after, owner) - self.net(invoice, before, owner)
                yield move.on, owner, share
                before = after

    def net(self, invoice: Record, cash: Decimal, currency: str) -> Fraction:
        total = Fraction(invoice["totalAmount"])
        if not total:
            return Fraction(0)
        part = Fraction(cash) * (total - Fraction(invoice["salesTaxTotal"])) / total
        return rounded(part, DIGITS.get(currency, 2))
