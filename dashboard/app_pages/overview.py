"""Overview: what came in, what is owed, how old it is, what is longest overdue."""

from decimal import Decimal
from typing import Any

import streamlit as st

from dashboard import charts, navigation, reads
from dashboard.charts import Series
from dashboard.components import chart, currency, empty, page, table, tiles
from dashboard.components.explanation import source
from dashboard.components.tiles import Tile
from dashboard.display import plural, short_money
from dashboard.periods import first_of_months, months_up_to
from dashboard.reads import View

OPEN_ITEMS = ("invoice_number", "customer", "due_on", "days_past_due", "open_amount")


def body(view: View) -> None:
    """Tiles, two charts, and the table one works in."""
    code = currency.choose(view)
    if code is None:
        empty.show("Nothing happened up to this day", "Choose a later day in the sidebar.")
        return
    _tiles(view, code)
    left, right = st.columns([3, 2], gap="small")
    with left:
        _months(view, code)
    with right:
        _aging(view, code)
    _open_items(view)


def _tiles(view: View, code: str) -> None:
    at_a_glance, aging = _Trend(view, "summary", code), _Trend(view, "ar_aging", code)
    now = at_a_glance.now
    tiles.row(
        [
            Tile(
                "Collected this month",
                at_a_glance.money("collected_this_month"),
                f"{at_a_glance.money('collected_last_month')} in {_month_before(view)}",
                "green",
                at_a_glance.line("collected_this_month")[:-1],  # a month under way is no fall
                source("summary", "collected_this_month", currency=code),
            ),
            Tile(
                "Outstanding",
                at_a_glance.money("outstanding"),
                plural(now["open_count"], "open invoice"),
                "gray",
                at_a_glance.line("outstanding"),
                source("summary", "outstanding", currency=code),
            ),
            Tile(
                "Overdue",
                at_a_glance.money("overdue"),
                plural(now["overdue_count"], "invoice"),
                "orange" if now["overdue_count"] else "gray",
                at_a_glance.line("overdue"),
                source("summary", "overdue", currency=code),
            ),
            Tile(
                "91+ days overdue",
                aging.money("d91_plus"),
                "hardest to collect",
                "red" if aging.now.get("d91_plus") else "gray",
                aging.line("d91_plus"),
                source("ar_aging", "d91_plus", currency=code),
            ),
            Tile(
                "Unapplied",
                at_a_glance.money("unapplied"),
                "not on an invoice",
                "gray",
                at_a_glance.line("unapplied"),
                source("summary", "unapplied", currency=code),
            ),
            Tile(
                "Failed, 30 days",
                f"{now['failures_30_days']:,}",
                at_a_glance.money("failed_amount_30_days"),
                "red" if now["failures_30_days"] else "gray",
                at_a_glance.line("failures_30_days"),
                source("summary", "failures_30_days", currency=code),
            ),
        ]
    )


def _month_before(view: View) -> str:
    return f"{first_of_months(view.as_of, 2):%b}"


class _Trend:
    """A metric of one row, now and at the month ends before."""

    def __init__(self, view: View, metric: str, code: str) -> None:
        found = [figures.records() for figures in reads.at_month_ends(view, metric, code)]
        self._code = code
        self._rows = [records[0] if records else {} for records in found]
        self.now: dict[str, Any] = self._rows[-1]

    def money(self, name: str) -> str:
        """A money cell as it is now."""
        return short_money(self.now.get(name, Decimal(0)), self._code)

    def line(self, name: str) -> list[float]:
        """A cell over time."""
        return charts.line([row.get(name, 0) for row in self._rows])


def _months(view: View, code: str) -> None:
    months = months_up_to(view.as_of, 12)
    since = first_of_months(view.as_of, 12)
    invoiced = reads.by_month(view, "invoiced_by_month", code, since)
    collected = reads.by_month(view, "collected_by_month", code, since)
    chart.show(
        view,
        "Invoiced and collected",
        "months",
        (code, 12),
        lambda colours: charts.months_compared(
            Series("Invoiced", invoiced), Series("Collected", collected), months, code, colours
        ),
    )


def _aging(view: View, code: str) -> None:
    found = reads.figures(view, "ar_aging", currency=code).records()
    if not found:
        empty.show("Nothing is open", "Every invoice is paid, and no money waits for one.")
        return
    chart.show(
        view,
        "Aging by due date",
        "aging",
        (code,),
        lambda colours: charts.aging(found[0], code, colours),
    )


def _open_items(view: View) -> None:
    with st.container(border=True):
        st.subheader("Longest overdue", anchor=False)
        if not reads.figures(view, "open_items", limit=1).rows:
            st.caption("No invoice is open on this day.")
            return
        opened = table.show(view, "open_items", OPEN_ITEMS, opens="invoice_id", high=10, drawn=100)
    if opened:
        navigation.to(navigation.INVOICES, invoice=opened)


if __name__ == "__main__":
    page.show(navigation.OVERVIEW, body)
