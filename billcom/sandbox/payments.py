"""Receivable payments: money recorded, customers charged, and what becomes of it afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from billcom.sandbox.arithmetic import number
from billcom.sandbox.bank_accounts import is_chargeable
from billcom.sandbox.errors import BadProcessDateError, BusinessRuleError
from billcom.sandbox.fields import Fields, without_gaps
from billcom.sandbox.state import BookState, find, touched
from billcom.sandbox.wire import Record, rows

_RECORDED_TYPES = ("CASH", "CHECK", "CREDIT_CARD", "ACH", "PAYPAL", "OTHER")
_VOIDABLE = ("SCHEDULED", "PAID")


@dataclass(frozen=True)
class Allocation:
    """A part of a payment meant for one invoice."""

    invoice_id: str
    amount: Decimal


def record(state: BookState, body: object) -> Record:
    """Record money received outside BILL; answers in the shape of that endpoint alone."""
    fields = Fields(body)
    allocations = _allocations(state, fields, list_name="invoices", id_name="id")
    unit = _unit_of(state, allocations[0].invoice_id if allocations else None)
    given = _read_recorded(fields, unit)
    customer_id = fields.text("customerId")
    fields.check()
    owner_id = _one_customer(state, allocations, customer_id)
    allocations = _fitted(state, allocations)
    unapplied = _left_over(given["amount"], allocations)
    _demand_due(state, allocations)
    payment = {
        "customerId": owner_id,
        **given,
        "unappliedAmount": unapplied,
        "status": "PAID",
        "onlinePayment": False,
    }
    return _recorded(state, _add(state, payment, allocations))


def charge(state: BookState, body: object) -> Record:
    """Draw money from a customer's bank account; the payment waits as SCHEDULED."""
    fields = Fields(body)
    customer_id = fields.text("customerId", required=True)
    account_id = _account_id(fields)
    on = fields.date("paymentDate") or state.today().isoformat()
    allocations = _allocations(state, fields, list_name="invoicePayments", id_name="invoiceId")
    description = fields.text("description")
    fields.check()
    _one_customer(state, allocations, customer_id)
    _demand_authority(state, str(customer_id), account_id)
    if on < state.today().isoformat():
        raise BadProcessDateError
    _demand_due(state, allocations)
    zero = state.unit(customer_id) * 0
    payment = without_gaps(
        customerId=customer_id,
        description=description,
        paymentDate=on,
        fundingAccount={"id": account_id, "type": "BANK_ACCOUNT"},
        receivablesAccount={"id": state.bank_account_id, "type": "BANK_ACCOUNT"},
        amount=sum((a.amount for a in allocations), zero),
        unappliedAmount=zero,
        convenienceFeeAmount=zero,
        receivablesType="ACH",
        status="SCHEDULED",
        referenceNumber=f"TX-{len(state.payments) + 1:06d}",
        onlinePayment=True,
    )
    return _add(state, payment, allocations)


def settle(state: BookState, payment_id: str) -> Record:
    """A scheduled payment has cleared."""
    return _move(state, payment_id, "PAID", allowed=("SCHEDULED",))


def void(state: BookState, payment_id: str) -> Record:
    """The bank returned a payment, before or after it cleared; invoices open again."""
    return _move(state, payment_id, state.knobs.returned_status, allowed=_VOIDABLE)


def cancel(state: BookState, payment_id: str) -> Record:
    """A scheduled payment was stopped before money moved."""
    return _move(state, payment_id, "CANCELED", allowed=("SCHEDULED",))


def _move(state: BookState, payment_id: str, status: str, *, allowed: Sequence[str]) -> Record:
    payment = find(state.payments, payment_id)
    if payment.get("status") not in allowed:
        raise BusinessRuleError(
            f"A payment that is {payment.get('status')} cannot become {status}."
        )
    for position, allocation in enumerate(rows(payment, "invoicePayments")):
        link_id = state.links.get((payment_id, position))
        _move_link(state, allocation.get("invoiceId", ""), link_id, status)
    moved = state.payments.put(touched(state, {**payment, "status": status}))
    state.rebalance(payment.get("customerId"))
    return moved


def _move_link(state: BookState, invoice_id: str, link_id: str | None, status: str) -> None:
    before = state.invoices.get(invoice_id)
    if before is None:
        return
    entries = [
        {**entry, "status": status} if entry.get("id") == link_id else entry
        for entry in rows(before, "payments")
    ]
    _put_paid(state, {**before, "payments": entries}, before)


def _put_paid(state: BookState, invoice: Record, before: Record) -> None:
    after = state.balanced(invoice, before)
    state.invoices.put(touched(state, after) if state.knobs.touch_by_payment else after)


def _add(state: BookState, payment: Record, allocations: Sequence[Allocation]) -> Record:
    payment_id, on = state.ids.new("0rp"), payment["paymentDate"]
    for position, part in enumerate(allocations):
        state.links[payment_id, position] = _link(state, part, payment["status"], on)
    now = state.now_text()
    parts = [
        {"invoiceId": part.invoice_id, "amount": part.amount, "paymentDate": on}
        for part in allocations
    ]
    identity = {"id": payment_id, "customerId": payment["customerId"], "invoicePayments": parts}
    added = state.payments.put({**identity, **payment, "createdTime": now, "updatedTime": now})
    state.rebalance(payment["customerId"])
    return added


def _link(state: BookState, part: Allocation, status: str, on: str) -> str:
    before = state.invoices[part.invoice_id]
    if status == "SCHEDULED" and state.knobs.scheduled_entry_date == "created":
        on = state.today().isoformat()
    entry = {"id": state.ids.new("0ip"), "amount": part.amount, "status": status, "date": on}
    entries = [*rows(before, "payments"), entry]
    _put_paid(state, {**before, "payments": entries}, before)
    return str(entry["id"])


def _recorded(state: BookState, payment: Record) -> Record:
    links = [
        {"id": part["invoiceId"], "payments": [_entry(state, payment["id"], position, part)]}
        for position, part in enumerate(payment["invoicePayments"])
    ]
    return without_gaps(
        id=payment["id"],
        customerId=payment["customerId"],
        paymentType=payment["receivablesType"],
        paymentDate=payment["paymentDate"],
        amount=payment["amount"],
        unappliedAmount=payment["unappliedAmount"],
        status=payment["status"],
        description=payment.get("description"),
        invoices=links,
    )


def _entry(state: BookState, payment_id: str, position: int, part: Record) -> Record:
    link_id = state.links[payment_id, position]
    entries = state.invoices[part["invoiceId"]]["payments"]
    return next(entry for entry in entries if entry["id"] == link_id)


def _read_recorded(fields: Fields, unit: Decimal) -> Record:
    return without_gaps(
        description=fields.text("description"),
        paymentDate=fields.date("paymentDate", required=True),
        amount=fields.money("amount", unit, required=True),
        receivablesType=fields.choice("paymentType", _RECORDED_TYPES, required=True),
    )


def _allocations(
    state: BookState, fields: Fields, *, list_name: str, id_name: str
) -> list[Allocation]:
    return [
        Allocation(invoice_id or "", amount or Decimal(0))
        for part in fields.children(list_name, required=True)
        for invoice_id in [part.text(id_name, required=True)]
        for amount in [part.money("amount", _unit_of(state, invoice_id), required=True)]
    ]


def _unit_of(state: BookState, invoice_id: str | None) -> Decimal:
    invoice = state.invoices.get(invoice_id or "", {})
    return state.unit(invoice.get("customerId"))


def _account_id(fields: Fields) -> str | None:
    account = fields.child("fundingAccount")
    if account is None:
        fields.problem("fundingAccount", "must not be null")
        return None
    account.choice("type", ("BANK_ACCOUNT",), required=True)
    return account.text("id", required=True)


def _one_customer(
    state: BookState, allocations: Sequence[Allocation], customer_id: str | None
) -> str:
    owners = {_owner(state, part.invoice_id) for part in allocations}
    if len(owners) != 1 or (customer_id is not None and customer_id not in owners):
        raise BusinessRuleError("All invoices of a payment must belong to its customer.")
    return owners.pop()


def _owner(state: BookState, invoice_id: str) -> str:
    invoice = state.invoices.get(invoice_id)
    if invoice is None:
        raise BusinessRuleError(f"There is no invoice {invoice_id} to pay.")
    return str(invoice.get("customerId"))


def _demand_authority(state: BookState, customer_id: str, account_id: str | None) -> None:
    if not find(state.customers, customer_id).get("authorizedToCharge"):
        raise BusinessRuleError("The customer has not authorized charges.")
    account = state.bank_accounts.of(customer_id).get(account_id or "")
    if account is None:
        raise BusinessRuleError("The bank account is not one of the customer's.")
    if not is_chargeable(account):
        raise BusinessRuleError("The bank account is archived or not verified.")


def _fitted(state: BookState, allocations: list[Allocation]) -> list[Allocation]:
    """The parts less what the knobs leave unapplied in place of refusing it."""
    room: dict[str, Decimal] = {}
    fitted = []
    for part in allocations:
        invoice = state.invoices[part.invoice_id]
        due = number(invoice, "dueAmount")
        is_closed = bool(invoice.get("archived")) or due <= 0
        knobs = state.knobs
        if (knobs.closed_invoice_payment if is_closed else knobs.overpayment) == "refuse":
            fitted.append(part)
            continue
        left = room.setdefault(part.invoice_id, Decimal(0) if is_closed else due)
        amount = min(part.amount, left)
        room[part.invoice_id] = left - amount
        fitted += [Allocation(part.invoice_id, amount)] if amount > 0 else []
    return fitted


def _demand_due(state: BookState, allocations: Sequence[Allocation]) -> None:
    wanted: dict[str, Decimal] = {}
    for part in allocations:
        wanted[part.invoice_id] = wanted.get(part.invoice_id, Decimal(0)) + part.amount
    for invoice_id, amount in wanted.items():
        invoice = state.invoices[invoice_id]
        if invoice.get("archived"):
            raise BusinessRuleError(f"Invoice {invoice_id} is archived.")
        if amount > number(invoice, "dueAmount"):
            raise BusinessRuleError(f"{amount} is more than is due on invoice {invoice_id}.")


def _left_over(amount: Decimal, allocations: Sequence[Allocation]) -> Decimal:
    left = amount - sum(part.amount for part in allocations)
    if left < 0:
        raise BusinessRuleError("The amounts of the invoices exceed the amount of the payment.")
    return left
