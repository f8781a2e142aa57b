"""When each customer's money may be expected, told from how it has paid so far."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from statistics import median_low

from billcom.sandbox.values import day
from billcom.sandbox.wire import Record, rows

_CONSIDERED = 8


class Expectations:
    """Days after the due date at which each customer usually pays, and in which way."""

    def __init__(self, invoices: Iterable[Record], payments: Iterable[Record]) -> None:
        """Learn from what has been paid; who has paid nothing yet is expected on the day."""
        late: dict[str, list[int]] = {}
        for invoice in invoices:
            days = _days_late(invoice)
            if days is not None:
                late.setdefault(invoice.get("customerId", ""), []).append(days)
        self._days = {customer_id: median_low(every) for customer_id, every in late.items()}
        self._types = {
            payment.get("customerId", ""): payment.get("receivablesType", "CHECK")
            for payment in payments
            if payment.get("onlinePayment") is False
        }

    def nearest(self, invoices: Sequence[Record], today: date) -> list[Record]:
        """The few invoices whose money may be expected around today."""
        return sorted(invoices, key=lambda i: abs((self._expected_on(i) - today).days))[
            :_CONSIDERED
        ]

    def payment_type(self, invoice: Record) -> str:
        """How the customer pays outside BILL."""
        return str(self._types.get(invoice.get("customerId", ""), "CHECK"))

    def _expected_on(self, invoice: Record) -> date:
        if "dueDate" not in invoice:
            return date.max
        usual = self._days.get(invoice.get("customerId", ""), 0)
        return day(invoice["dueDate"]) + timedelta(days=usual)


def _days_late(invoice: Record) -> int | None:
    paid = [entry for entry in rows(invoice, "payments") if entry.get("status") == "PAID"]
    if not paid or not ("dueDate" in invoice and "date" in paid[-1]):
        return None
    return (day(paid[-1]["date"]) - day(invoice["dueDate"])).days
