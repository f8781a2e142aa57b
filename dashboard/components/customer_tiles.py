"""One customer at a glance: what they owe, how long they take, how they score."""

from datetime import date, timedelta
from typing import Any

from dashboard import reads
from dashboard.components import tiles
from dashboard.components.tiles import Tile
from dashboard.display import days, plural, points, short_money
from dashboard.reads import View
from dashboard.source import source

__all__ = ["Customer", "show"]

YEAR = timedelta(days=364)  # with the day itself: 365, as scores count


class Customer:
    """A row of the metric `customers`, and what else is asked of that customer alone."""

    def __init__(self, view: View, row: dict[str, Any]) -> None:
        self.view = view
        self.id: str = row["customer_id"]
        self.currency: str = row["currency"]
        self._row = row

    def __getitem__(self, name: str) -> Any:
        """A cell of the row."""
        return self._row[name]

    @property
    def a_year_ago(self) -> date:
        """The first of the 365 days that scores count."""
        return self.view.as_of - YEAR

    def ask(self, metric: str, **narrowed: Any) -> list[dict[str, Any]]:
        """The rows of a metric for this customer."""
        return reads.figures(self.view, metric, customer=self.id, **narrowed).records()

    def one(self, metric: str, **narrowed: Any) -> dict[str, Any]:
        """The row in their currency; empty where nothing is known."""
        rows = self.ask(metric, **narrowed)
        return next((row for row in rows if row["currency"] == self.currency), {})


def show(customer: Customer) -> None:
    """What they owe, and how long they take."""
    open_items = customer.ask("open_items")
    late = sum(item["days_past_due"] > 0 for item in open_items)
    paid = customer.one("days_to_pay", from_on=customer.a_year_ago)
    paid_on = customer["last_paid_on"]
    tiles.row(
        [
            _amount(customer, "Open", "open_amount", plural(len(open_items), "open invoice")),
            _amount(
                customer,
                "Overdue",
                "overdue_amount",
                plural(late, "invoice"),
                "orange" if late else "gray",
            ),
            _amount(customer, "Unapplied", "unapplied", "not on an invoice"),
            _amount(
                customer,
                "Balance",
                "balance",
                f"paid {paid_on}" if paid_on else "never paid yet",
            ),
            Tile(
                "Days to pay",
                days(paid.get("days_to_pay")),
                f"half within {days(paid['median'])}" if paid else "nothing paid in a year",
                source=source(
                    "days_to_pay", "days_to_pay", customer=customer.id, from_on=customer.a_year_ago
                ),
            ),
            Tile(
                "Score",
                points(customer["score"]),
                "of 100" if customer["score"] is not None else "not enough history",
                source=source("payment_behaviour", "score", customer=customer.id),
            ),
        ]
    )


def _amount(
    customer: Customer, label: str, column: str, note: str | None, colour: str = "gray"
) -> Tile:
    value = short_money(customer[column], customer.currency)
    about = source("customers", column, customer=customer.id)
    return Tile(label, value, note, colour, source=about)
