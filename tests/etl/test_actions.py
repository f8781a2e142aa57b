"""Every action's preview, input and refusal, of an invented book."""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from billcom.traces import has_trace
from etl.actions.action import Preview, previewed, read_input, refusal
from etl.actions.catalogue import ACTIONS, find_action
from etl.actions.facts import (
    Charging,
    Customer,
    Invoice,
    Recurring,
    RecurringLine,
    customer_from,
    invoice_from,
)
from etl.errors import UsageError

HARLOW = Customer("0cu1", "Harlow", "USD", is_authorized=True, accounts=frozenset({"cba1"}))
FIRST = Invoice("00e1", "N-1", "0cu1", total=Decimal("100.00"), due=Decimal("100.00"))
OTHERS = Invoice("00e9", "N-9", "0cu9", total=Decimal(5), due=Decimal(5))
WEEKLY = Recurring(
    "rin1",
    "Weekly service",
    "0cu1",
    (RecurringLine("ril1", Decimal(2), Decimal("50.00")),),
    date(2026, 12, 7),
)


@dataclass
class Known:
    """A book of a few records."""

    customers: dict[str, Customer] = field(default_factory=lambda: {"0cu1": HARLOW})
    invoices: dict[str, Invoice] = field(default_factory=lambda: {"00e1": FIRST, "00e9": OTHERS})
    history: Charging | None = None
    template: Recurring = WEEKLY

    def customer(self, customer_id: str) -> Customer | None:
        return self.customers.get(customer_id)

    def invoice(self, invoice_id: str) -> Invoice | None:
        return self.invoices.get(invoice_id)

    def recurring(self, recurring_id: str) -> Recurring | None:
        return self.template if recurring_id == self.template.id else None

    def charging(self, invoice_id: str) -> Charging | None:  # noqa: ARG002
        return self.history


LINE = {"quantity": "2", "price": 14.99, "description": "Dispatch"}
PART = {"id": "00e1", "amount": "60.00"}
RECEIVED = {
    "customerId": "0cu1",
    "paymentDate": "2026-11-20",
    "paymentType": "CHECK",
    "amount": "70.00",
    "invoices": [PART],
}
CHARGE = {
    "customerId": "0cu1",
    "fundingAccount": {"id": "cba1", "type": "BANK_ACCOUNT"},
    "invoicePayments": [{"invoiceId": "00e1", "amount": "100.00"}],
}
LINKED = {"id": "00e1", "customerId": "0cu1", "email": "ap@harlow.example"}
MEMO = {
    "customerId": "0cu1",
    "referenceNumber": "CM-1",
    "creditDate": "2026-11-20",
    "creditMemoLineItems": [
        {"price": "14.99", "quantity": 2},
        {"price": 50, "quantity": 1},
        {"ratePercent": -10},
    ],
}
RECURRING = {
    "customerId": "0cu1",
    "schedule": {"period": "MONTHLY", "frequency": 1, "nextDueDate": "2027-01-31"},
    "recurringInvoiceLineItems": [LINE],
}
RAISED = {"id": "rin1", "recurringInvoiceLineItems": [{"id": "ril1", "price": "55.00"}]}
PAUSED = replace(WEEKLY, is_archived=True)
ARCHIVED = {"00e1": replace(FIRST, is_archived=True)}
GOOD: dict[str, tuple[dict[str, Any], str | None]] = {
    "customer.create": ({"name": "Harlow", "email": "ap@harlow.example"}, None),
    "customer.update": ({"id": "0cu1", "phone": "1"}, None),
    "customer.archive": ({"id": "0cu1"}, None),
    "customer.restore": ({"id": "0cu1"}, None),
    "invoice.create": ({"customer": {"id": "0cu1"}, "invoiceLineItems": [LINE]}, "29.98"),
    "invoice.update": ({"id": "00e1", "dueDate": "2026-12-01"}, "100.00"),
    "invoice.email": ({"id": "00e1", "recipient": {"to": ["ap@harlow.example"]}}, None),
    "invoice.archive": ({"id": "00e1"}, "100.00"),
    "invoice.restore": ({"id": "00e1"}, "100.00"),
    "recurring.create": (RECURRING, "29.98"),
    "recurring.update": (RAISED, "110.00"),
    "recurring.pause": ({"id": "rin1"}, "100.00"),
    "recurring.resume": ({"id": "rin1"}, "100.00"),
    "invoice.payment_link": (LINKED, None),
    "payment.record": (RECEIVED, "70.00"),
    "payment.charge": (CHARGE, "100.00"),
    "credit_memo.create": (MEMO, "71.98"),
    "credit_memo.apply": ({"id": "00e1", "creditAmount": "40.00"}, "40.00"),
    "attachment.add": ({"invoiceId": "00e1", "name": "pod.pdf", "content": "aGk="}, None),
    "customer.note": ({"customerId": "0cu1", "text": "Pays on Fridays"}, None),
    "customer.promise": ({"customerId": "0cu1", "promisedOn": "2026-12-01", "amount": 5}, "5"),
}


def book_for(name: str) -> Known:
    if name == "customer.restore":
        return Known(customers={"0cu1": replace(HARLOW, is_archived=True)})
    if name == "recurring.resume":
        return Known(template=PAUSED)
    return Known(invoices=ARCHIVED) if name == "invoice.restore" else Known()


def asked(name: str, given: Any, book: Known | None = None) -> Preview:
    action = find_action(name)
    return previewed(action, read_input(action, given), book or book_for(name))


def test_every_action_is_tried_here() -> None:
    assert set(GOOD) == set(ACTIONS)


@pytest.mark.parametrize("name", GOOD)
def test_a_preview_says_what_will_change_and_what_it_comes_to(name: str) -> None:
    given, amount = GOOD[name]
    preview = asked(name, given)
    assert preview.sentence.endswith(".")
    assert preview.amount == (None if amount is None else Decimal(amount))
    assert (preview.currency is None) == (amount is None)


@pytest.mark.parametrize("name", GOOD)
def test_what_goes_to_bill_can_be_found_again_but_for_mails_files_and_links(name: str) -> None:
    action = find_action(name)
    if action.effect is None:
        assert name in {"customer.note", "customer.promise"}
        return
    effect = action.effect(read_input(action, GOOD[name][0]), "T-7")
    untraced = {"invoice.email", "attachment.add", "invoice.payment_link"}
    assert has_trace(effect) == (name not in untraced)
    assert effect.request().method in {"POST", "PATCH"}


@pytest.mark.parametrize("name", GOOD)
def test_a_field_bill_does_not_know_is_named_in_one_sentence(name: str) -> None:
    with pytest.raises(UsageError, match=r"unknown field `colour`.*Nothing was proposed"):
        read_input(find_action(name), GOOD[name][0] | {"colour": "red"})


def test_an_amount_keeps_its_digits_on_the_way_to_bill() -> None:
    action = find_action("payment.record")
    assert action.effect
    effect = action.effect(read_input(action, RECEIVED), "T-7")
    assert effect.body["amount"] == Decimal("70.00")
    assert str(effect.body["invoices"][0]["amount"]) == "60.00"
    assert effect.body["description"] == "T-7"


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("invoice.create", {"invoiceLineItems": [LINE | {"price": 0}]}, "more than 0"),
        ("invoice.create", {"customer": {"id": "0cu7"}}, "no such customer"),
        ("invoice.update", {"dueDate": None}, "give a field"),
        ("invoice.email", {"recipient": {"to": ["a@b, c@d"]}}, "not an e-mail address"),
        ("invoice.archive", {"id": "00e7"}, "no such invoice"),
        ("recurring.create", {"customerId": "0cu7"}, "no such customer"),
        ("recurring.create", {"recurringInvoiceLineItems": [{"price": 1}]}, "needs a quantity"),
        ("recurring.create", {"recurringInvoiceLineItems": [LINE | {"price": 0}]}, "more than 0"),
        ("recurring.update", {"recurringInvoiceLineItems": None}, "at least one field"),
        ("recurring.update", {"recurringInvoiceLineItems": [LINE]}, "no such line"),
        ("recurring.pause", {"id": "rin9"}, "no such recurring invoice"),
        ("payment.record", {"amount": "50.00"}, "less than its parts"),
        ("payment.record", {"invoices": [PART, PART]}, "named twice"),
        ("payment.record", {"invoices": [PART | {"amount": "100.01"}]}, "more than is due"),
        ("payment.record", {"invoices": [PART | {"amount": "NaN"}]}, "more than 0"),
        ("payment.record", {"invoices": [PART | {"id": "00e9"}]}, "not one of Harlow"),
        ("payment.charge", {"fundingAccount": {"id": "cba2"}}, "can be charged"),
        ("credit_memo.create", {"creditMemoLineItems": [{"quantity": 1}]}, "one of them"),
        ("credit_memo.apply", {"creditAmount": "100.01"}, "more than is due"),
        ("attachment.add", {"content": ""}, "has content"),
        ("customer.promise", {"amount": "-1"}, "more than 0"),
    ],
)
def test_what_makes_no_sense_is_told_and_not_proposed(
    name: str, change: dict[str, Any], told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        asked(name, GOOD[name][0] | change)


def test_dates_that_bill_would_bill_again_are_told() -> None:
    earlier = {"id": "rin1", "schedule": {"nextDueDate": "2026-11-30"}}
    assert "even where it billed them before" in asked("recurring.update", earlier).warnings[0]
    later = {"id": "rin1", "schedule": {"nextDueDate": "2026-12-14"}}
    assert asked("recurring.update", later).warnings == ()
    assert "those of the pause" in asked("recurring.resume", {"id": "rin1"}).warnings[0]


def test_whether_a_date_that_bill_moves_on_was_set_cannot_be_told() -> None:
    action = find_action("recurring.update")
    assert action.effect
    moved = read_input(action, {"id": "rin1", "schedule": {"nextDueDate": "2026-12-14"}})
    assert not has_trace(action.effect(moved, "T-7"))


def test_an_overpayment_is_told_before_it_is_recorded() -> None:
    assert asked("payment.record", RECEIVED).warnings == (
        "10.00 USD stays unapplied, as credit of Harlow.",
    )


def refused(name: str, now: Known) -> str | None:
    action, given = find_action(name), read_input(find_action(name), GOOD[name][0])
    expected = previewed(action, given, book_for(name)).expected
    return refusal(action, given, expected or {}, now)


WATCHED = ("invoice.email", "invoice.archive", "invoice.update", "payment.record", "payment.charge")


@pytest.mark.parametrize("name", WATCHED)
def test_what_changed_meanwhile_is_refused_with_both_amounts(name: str) -> None:
    paid = Known(invoices={"00e1": replace(FIRST, due=Decimal("99.00"), scheduled=Decimal("0.50"))})
    assert refused(name, Known()) is None
    said = str(refused(name, paid))
    assert "changed from 100.00 to 99.50" in said or "more than is due" in said


@pytest.mark.parametrize("name", WATCHED)
def test_what_was_archived_meanwhile_is_refused(name: str) -> None:
    assert "archived already" in str(refused(name, Known(invoices=ARCHIVED)))


def charged(history: Charging, customer: Customer = HARLOW) -> Preview:
    return asked("payment.charge", CHARGE, Known({"0cu1": customer}, history=history))


def test_a_retry_tells_what_is_left_of_its_budget_and_its_odds() -> None:
    preview = charged(
        Charging(1, 41, debits=300, returned=1, limit=Decimal("0.15"), tried=113, worked=70)
    )
    assert "Invoice N-1: attempt 2 of 3, day 41 of 180." in preview.warnings
    assert "Of 113 retries like this, 70 succeeded." in preview.warnings
    assert preview.approval is None


@pytest.mark.parametrize(
    ("history", "told"),
    [
        (Charging(3, 10), "two retries"),
        (Charging(1, 181), "within 180"),
        (Charging(1, 5, forbids="the account was closed"), "the account was closed"),
    ],
)
def test_a_charge_over_the_budget_is_refused(history: Charging, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        charged(history)


@pytest.mark.parametrize(
    ("returned", "is_over"), [(29, False), (30, True)], ids=["at the level", "over it"]
)
def test_a_charge_that_could_break_the_level_needs_a_second_person(
    returned: int, is_over: bool
) -> None:
    history = Charging(debits=199, returned=returned, limit=Decimal("0.15"))
    assert (charged(history).approval is not None) == is_over


def test_nobody_is_charged_without_an_authorization() -> None:
    with pytest.raises(UsageError, match="not authorized"):
        charged(Charging(), replace(HARLOW, is_authorized=False))


def test_bills_records_become_the_same_facts() -> None:
    record = {"id": "00e1", "invoiceNumber": "N-1", "customerId": "0cu1", "totalAmount": 100}
    assert invoice_from(record | {"dueAmount": "100.00"}) == FIRST
    assert invoice_from(record | {"recordStatus": "INACTIVE"}).is_archived
    assert customer_from({"id": "0cu1", "name": "Harlow"}, "CAD").currency == "CAD"
