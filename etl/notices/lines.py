"""What there is to tell customers, of the last snapshot: failures, receipts, reminders."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from etl.actions.facts import Customer
from etl.billing.dunning import Campaign, Owed, reminders
from etl.mail.phone import dialled
from etl.metrics.failure_cases import failure_cases
from etl.metrics.figures import Question
from etl.money import rounded
from etl.notices.line import Line
from etl.notices.zones import zone_of
from etl.store.preferences import Preferences
from etl.warehouse.snapshot import Snapshot
from etl.warehouse.sqlfile import read_sql

__all__ = ["Finder", "Told", "campaigns_of"]

TOLD_FOR = timedelta(days=14)  # what came to light later than this is no news
# What of documents of a kind was told before: ids with their steps.
Told = Callable[[str, Sequence[str]], Collection[tuple[str, int]]]


def _campaign(preferences: Preferences, since: date) -> Campaign:
    over = tuple((code, Decimal(amount)) for code, amount in preferences.remind_over)
    return Campaign(preferences.reminder_steps, over, since)


def campaigns_of(preferences: Preferences, *, by_sms: bool = False) -> dict[str, Campaign]:
    """By kind of letter that is on, its campaign; of text messages only what is told so as well."""
    mails = {
        kind: _campaign(preferences, date.fromisoformat(since))
        for kind, since in preferences.notices
    }
    if not by_sms:
        return mails
    on = {what: date.fromisoformat(since) for what, since in preferences.sms}
    steps = tuple(step for step in preferences.reminder_steps if str(step) in on)
    since = {kind: [on[kind]] for kind in on if kind in mails}
    if steps:
        since["reminder"] = [on[str(step)] for step in steps]
    return {
        kind: replace(mails[kind], steps=steps, since=max(mails[kind].since, *days))
        for kind, days in since.items()
        if kind in mails
    }


@dataclass(frozen=True, slots=True)
class Finder:
    """Looks into one snapshot on one day of the tenant's; `but` are invoices never told of."""

    snapshot: Snapshot
    today: date
    but: frozenset[str] = frozenset()

    def untold(self, kind: str, campaign: Campaign, told: Told) -> list[Line]:
        """What is to be told now."""
        if kind == "reminder":
            owed = list(self._owed(campaign, None))
            before = told(kind, [item.invoice_id for item in owed])
            due = reminders(campaign, owed, before, self.today)
            return [_reminding(one.owed, one.step) for one in due]
        lines = list(self._happened(kind, campaign.since, None))
        before = told(kind, [line.document_id for line in lines])
        return [line for line in lines if (line.document_id, line.step) not in before]

    def standing(self, kind: str, campaign: Campaign, customer: str) -> dict[str, Line]:
        """What still may be told a customer of a kind, told before or not, by document."""
        if kind == "reminder":
            lines = [_reminding(item, 0) for item in self._owed(campaign, customer)]
        else:
            lines = list(self._happened(kind, campaign.since, customer))
        return {line.document_id: line for line in lines}

    def _happened(self, kind: str, since: date, customer: str | None) -> Iterator[Line]:
        find = {"failed_payment": self._failed_payments, "receipt": self._receipts}[kind]
        return find(max(since, self.today - TOLD_FOR), customer)

    def _failed_payments(self, since: date, customer: str | None) -> Iterator[Line]:
        """Payments that came back and of which something is still owed."""
        question = Question(as_of=self.today, from_on=since, state="open", customer=customer)
        for case in failure_cases(self.snapshot, question).records():
            if case["invoice_id"] in self.but:
                continue
            yield Line(
                document_id=case["payment_id"],
                step=0,
                customer_id=case["customer_id"] or "",
                number=case["invoices"],
                currency=case["currency"],
                amount=case["open_amount"],
                on=case["failed_on"],
                invoice_id=case["invoice_id"],
                # What was only inferred is for whoever collects, not for the customer.
                note=case["meaning"] if case["source"] == "person" else "",
            )

    def _receipts(self, since: date, customer: str | None) -> Iterator[Line]:
        """Payments that came."""
        asked = {"as_of": self.today, "from_on": since, "customer": customer}
        for customer_id, payment_id, number, currency, on, amount, paid in self._rows(
            "receipts", asked
        ):
            exact = rounded(amount, currency)
            yield Line(payment_id, 0, customer_id, number, currency, exact, on, note=paid)

    def _owed(self, campaign: Campaign, customer: str | None) -> Iterator[Owed]:
        """Invoices that a step of the campaign may be due for."""
        due_from = campaign.since - timedelta(days=max(campaign.steps, default=0))
        due_to = self.today - timedelta(days=min(campaign.steps, default=0))
        asked = {"as_of": self.today, "due_from": due_from, "due_to": due_to, "customer": customer}
        for customer_id, invoice_id, number, currency, due_on, amount in self._rows("owed", asked):
            if invoice_id not in self.but:
                exact = rounded(amount, currency)
                yield Owed(customer_id, invoice_id, number, currency, due_on, exact)

    def customers(self, ids: list[str]) -> dict[str, Customer]:
        """Customers by id."""
        found = self.snapshot.rows(read_sql("acting/sql/customer.sql"), {"ids": ids})
        return {row[0]: Customer(*row) for row in found}

    def phones(self, ids: list[str]) -> dict[str, str]:
        """By customer the number that can be rung for sure; those without one are left out."""
        found = self._rows("phones", {"ids": ids})
        return {customer_id: number for customer_id, said in found if (number := dialled(said))}

    def zones(self, ids: list[str]) -> dict[str, str]:
        """By customer the zone of its clock; those of whom it is not sure are left out."""
        found = self._rows("places", {"ids": ids})
        zones = {one: zone_of(country, state, self.today.year) for one, country, state in found}
        return {customer_id: zone for customer_id, zone in zones.items() if zone}

    def _rows(self, name: str, asked: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        return self.snapshot.rows(read_sql(f"notices/sql/{name}.sql"), asked)


def _reminding(owed: Owed, step: int) -> Line:
    return Line(
        owed.invoice_id,
        step,
        owed.customer_id,
        owed.number,
        owed.currency,
        owed.amount,
        owed.due_on,
        invoice_id=owed.invoice_id,
    )
