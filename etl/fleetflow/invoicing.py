"""A week's dispatch fees of one customer as an invoice in BILL's own request shape."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from etl.billing.dispatch_fees import Contract, contract_for, fee_of
from etl.billing.iso_week import Week
from etl.errors import UsageError
from etl.fleetflow.mapping import Fees
from etl.store.fleet_loads import StoredLoad

__all__ = ["invoice_input", "key_of", "read_key"]


def key_of(week: Week, customer_id: str, attempt: int = 1) -> str:
    """The name of the one invoice of a customer and week; later attempts after it came to
    nothing."""
    return f"fleetflow {week} {customer_id}" + (f" {attempt}" if attempt > 1 else "")


def read_key(key: str) -> tuple[Week, str]:
    """The week and the customer of a key."""
    _, week, customer_id, *_ = key.split(" ")
    return Week.named(week), customer_id


def invoice_input(
    key: str, fees: Fees, contracts: Sequence[Contract], loads: Sequence[StoredLoad]
) -> dict[str, Any]:
    """The input of invoice.create: dated the Monday after the week, a line a load by delivery.

    UsageError where a load has no fee (any more), or there is none.
    """
    week, customer_id = read_key(key)
    if not loads:
        raise UsageError("Another run took these loads: see them with tieout fleetflow loads.")
    billed_on = week.sunday + timedelta(days=1)
    return {
        "customer": {"id": customer_id},
        "invoiceDate": billed_on.isoformat(),
        "dueDate": (billed_on + timedelta(days=fees.due_days)).isoformat(),
        "invoiceLineItems": [_line(load, contracts, fees.item) for load in loads],
    }


def _line(load: StoredLoad, contracts: Sequence[Contract], item: str | None) -> dict[str, Any]:
    if load.amount is None or load.delivered_on is None:
        raise UsageError(f"Load {load.number} changed and has no fee any more: {load.fault}.")
    contract = contract_for(contracts, load.customer, load.delivered_on)
    fee = fee_of(contract, load.amount, load.currency)
    if fee.amount is None or contract is None:
        raise UsageError(f"Load {load.number} has no fee any more: {fee.reason}.")
    of = f" of {load.amount:f} {load.currency}" if contract.percent is not None else ""
    line: dict[str, Any] = {
        "quantity": 1,
        "price": format(fee.amount, "f"),
        "description": f"Load {load.number}, delivered {load.delivered_on}: {contract.words}{of}",
    }
    return line | ({"classifications": {"itemId": item}} if item else {})
