"""Two years of invoices and payments, put into a book as they stand now."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from billcom.sandbox.arithmetic import balanced, invoice_total, rounded
from billcom.sandbox.book import Book
from billcom.sandbox.businesses import EXCHANGE_RATES, Business, exchange_rate
from billcom.sandbox.clock import local_day, timestamp
from billcom.sandbox.fates import Fate, draw_fates
from billcom.sandbox.freight import taxed_line
from billcom.sandbox.habits import Payer
from billcom.sandbox.payers import HISTORY
from billcom.sandbox.receipts import Cashier, Draft, Receipt, office_hours
from billcom.sandbox.wire import Record

_TAXED_SHARE = 0.04
_TAX_RATE = Decimal("8.25")
_DAYS_TO_CLEAR = 1
_CARD_FEE = Decimal("2.9")


@dataclass
class _Deposit:
    """One payment being built, of one or several invoices."""

    payer: Payer
    receipt: Receipt
    parts: list[tuple[Draft, Decimal]] = field(default_factory=list)


class Historian:
    """Writes the history of one business into its book."""

    def __init__(self, rng: random.Random, business: Business, book: Book, now: datetime) -> None:
        """History ends at `now`."""
        self._rng = rng
        self._business = business
        self._book = book
        self._now = now
        self._cashier = Cashier(rng, now)
        self._tax_item = book.ids.new("0ii")
        self._put_tax_item()
        book.exchange_rates.update(EXCHANGE_RATES)

    def drafts(self, payers: Sequence[Payer]) -> list[Draft]:
        """Every invoice as it was written, oldest first, its fate decided."""
        slots = sorted(self._slots(payers), key=lambda slot: slot[0])
        fates = draw_fates(self._rng, [at for at, _ in slots], self._now)
        return [
            self._draft(number, at, payer, fate)
            for number, ((at, payer), fate) in enumerate(zip(slots, fates, strict=True))
        ]

    def pay(self, drafts: Iterable[Draft]) -> None:
        """Let the money come in, and put payments into the book."""
        deposits: dict[tuple[str, datetime, int], _Deposit] = {}
        for position, draft in enumerate(drafts):
            for receipt in self._cashier.receipts(draft):
                # Those who pay on Fridays send one payment for all; others one an invoice.
                own = 0 if receipt.method.batched else position + 1
                key = (draft.payer.customer_id, receipt.pays_at, own)
                deposit = deposits.setdefault(key, _Deposit(draft.payer, receipt))
                deposit.parts.append((draft, receipt.amount))
        for deposit in sorted(deposits.values(), key=lambda d: d.receipt.begun_at):
            self._put_payment(deposit)

    def close(self, drafts: Iterable[Draft]) -> None:
        """Put the invoices into the book as they ended up."""
        for draft in drafts:
            if draft.fate in (Fate.ARCHIVED, Fate.ARCHIVED_WITH_PAYMENT):
                self._archive(draft)
            draft.touch(draft.created_at)
            payments = {"payments": draft.entries} if draft.entries else {}
            updated = {"updatedTime": timestamp(draft.touched_at)}
            self._book.invoices.put(balanced({**draft.invoice, **payments, **updated}))

    def _slots(self, payers: Sequence[Payer]) -> list[tuple[datetime, Payer]]:
        weights = [payer.weight * (payer.last - payer.first) for payer in payers]
        chosen = self._rng.choices(payers, weights, k=self._business.invoices)
        return [(self._written_at(payer), payer) for payer in chosen]

    def _written_at(self, payer: Payer) -> datetime:
        span = self._rng.uniform(payer.first, payer.last)
        day = self._now - HISTORY * (1 - span)
        # Dispatchers bill the week on Monday, the others on any working day.
        back = day.weekday() if self._business.is_weekly else max(0, day.weekday() - 4)
        at = office_hours(self._rng, day - timedelta(days=back))
        return at if at <= self._now else at - timedelta(days=7 if self._business.is_weekly else 1)

    def _draft(self, number: int, at: datetime, payer: Payer, fate: Fate) -> Draft:
        on = local_day(at)
        due_at = at + timedelta(days=payer.terms_days)
        lines = self._business.lines(self._rng, on, payer.tariff)
        taxed = self._rng.random() < _TAXED_SHARE
        if taxed:
            lines.append(taxed_line(self._rng, payer.tariff))
        total = invoice_total(lines, _TAX_RATE if taxed else Decimal(0), payer.unit)
        ids, rate = self._book.ids, exchange_rate(self._rng, payer.tariff.currency)
        takes_cards = payer.method.receivables_type == "CREDIT_CARD"
        invoice = {
            "id": ids.new("00e"),
            "archived": False,
            "recordStatus": "ACTIVE",
            "invoiceNumber": self._business.invoice_number(number),
            "invoiceDate": on.isoformat(),
            "dueDate": (on + timedelta(days=payer.terms_days)).isoformat(),
            "paymentTermId": payer.term_id,
            "customerId": payer.customer_id,
            **total,
            "creditAmount": payer.unit * 0,
            **({"exchangeRate": rate} if rate else {}),
            "createdBy": self._book.user_id,
            "createdTime": timestamp(at),
            "invoiceLineItems": [{"id": ids.new("00f"), **line} for line in lines],
            **(self._tax_fields() if taxed else {}),
            **(_card_fields() if takes_cards else {}),
            "invoicePdfId": ids.new("att"),
        }
        return Draft(payer, invoice, at, due_at, fate)

    def _put_tax_item(self) -> None:
        at = timestamp(self._now - HISTORY - timedelta(days=200))
        tax = {"type": "SALES_TAX", "name": "State sales tax", "percentage": _TAX_RATE}
        item = {"id": self._tax_item, "archived": False, **tax, "taxable": False}
        self._book.items.put({**item, "createdTime": at, "updatedTime": at})

    def _tax_fields(self) -> Record:
        return {"salesTaxItemId": self._tax_item, "salesTaxPercentage": _TAX_RATE}

    def _archive(self, draft: Draft) -> None:
        since = max(draft.touched_at, draft.created_at)
        at = since + timedelta(days=self._rng.randrange(2, 15), minutes=3)
        draft.touch(min(at, self._now - timedelta(hours=5)))
        draft.invoice.update(archived=True, recordStatus="INACTIVE")

    def _put_payment(self, deposit: _Deposit) -> None:
        payer, receipt, ids = deposit.payer, deposit.receipt, self._book.ids
        payment_id, on = ids.new("0rp"), local_day(receipt.pays_at).isoformat()
        for position, (draft, amount) in enumerate(deposit.parts):
            link_id = ids.new("0ip")
            self._book.links[payment_id, position] = link_id
            draft.entries.append(
                {"id": link_id, "amount": amount, "status": receipt.status, "date": on}
            )
            draft.touch(receipt.ended_at)
        parts = [
            {"invoiceId": draft.invoice["id"], "amount": amount, "paymentDate": on}
            for draft, amount in deposit.parts
        ]
        amount = sum((part for _, part in deposit.parts), payer.unit * 0) + receipt.extra
        self._book.payments.put(
            {
                "id": payment_id,
                "customerId": payer.customer_id,
                "invoicePayments": parts,
                "paymentDate": on,
                **self._route(deposit, amount),
                "amount": amount,
                "unappliedAmount": payer.unit * 0 + receipt.extra,
                "receivablesType": receipt.method.receivables_type,
                "status": receipt.status,
                "onlinePayment": receipt.method.online,
                "createdTime": timestamp(receipt.begun_at),
                "updatedTime": timestamp(receipt.ended_at),
            }
        )
        if receipt.status == "SCHEDULED":
            self._book.clear_payment_after(payment_id, _DAYS_TO_CLEAR)

    def _route(self, deposit: _Deposit, amount: Decimal) -> Record:
        method, payer = deposit.receipt.method, deposit.payer
        number = len(self._book.payments) + 1
        if not method.online:
            said = f"Check {3000 + number % 6000}" if method.receivables_type == "CHECK" else None
            return {"description": said, "referenceNumber": said[6:]} if said else {}
        is_card = method.receivables_type == "CREDIT_CARD"
        fee = rounded(amount * _CARD_FEE / 100, payer.unit) if is_card else payer.unit * 0
        kind = "CARD_ACCOUNT" if is_card else "BANK_ACCOUNT"
        source = payer.bank_account_id or self._book.ids.new("cba")
        return {
            "fundingAccount": {"id": source, "type": kind},
            "receivablesAccount": {"id": self._book.bank_account_id, "type": "BANK_ACCOUNT"},
            "convenienceFeeAmount": fee,
            "referenceNumber": f"TX-{number:06d}",
        }


def _card_fields() -> Record:
    return {"enableCardPayment": True, "convenienceFee": {"percentage": _CARD_FEE}}
