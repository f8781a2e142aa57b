"""Every metric there is, by name, with the function that answers it."""

from collections.abc import Callable
from dataclasses import dataclass

from etl.errors import UsageError
from etl.metrics import customers, failures, receivables, revenue
from etl.metrics.figures import Figures, Metric, Question
from etl.warehouse.snapshot import Snapshot

__all__ = ["CATALOGUE", "Entry", "answer", "find_metric"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A metric and its function."""

    metric: Metric
    function: Callable[[Snapshot, Question], Figures]


CATALOGUE = {
    entry.metric.name: entry
    for entry in (
        Entry(receivables.SUMMARY, receivables.summary),
        Entry(receivables.AR_AGING, receivables.ar_aging),
        Entry(receivables.OPEN_ITEMS, receivables.open_items),
        Entry(receivables.INVOICES, receivables.invoices),
        Entry(revenue.INVOICED_BY_MONTH, revenue.invoiced_by_month),
        Entry(revenue.COLLECTED_BY_MONTH, revenue.collected_by_month),
        Entry(failures.FAILED_PAYMENTS_BY_MONTH, failures.failed_payments_by_month),
        Entry(failures.FAILED_PAYMENTS, failures.failed_payments),
        Entry(customers.CUSTOMERS, customers.customers),
        Entry(customers.CUSTOMER_HISTORY, customers.customer_history),
        Entry(customers.PAYMENTS, customers.payments),
    )
}


def find_metric(name: str) -> Entry:
    """The entry of a name; UsageError naming those there are where it is unknown."""
    try:
        return CATALOGUE[name]
    except KeyError:
        raise UsageError(
            f"There is no metric “{name}”: choose one of {', '.join(CATALOGUE)}."
        ) from None


def answer(name: str, snapshot: Snapshot, question: Question) -> Figures:
    """A metric's figures; UsageError where it is unknown or needs a customer."""
    entry = find_metric(name)
    if entry.metric.needs_customer and not question.customer:
        raise UsageError(f"{name} is asked of one customer: name it with --customer ID.")
    return entry.function(snapshot, question)
