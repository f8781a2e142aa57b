"""What the page Revenue can show below its tiles: one part at a time, so only that is read."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from dashboard import charts, navigation, reads
from dashboard.charts import Part, Series
from dashboard.components import bridge, chart, currency, recurring_list, switch, table
from dashboard.periods import months_between, months_up_to
from dashboard.reads import View
from dashboard.theme import Palette

__all__ = ["PARTS", "show"]

VIEWS = {"invoiced": "Invoiced", "collected": "Collected", "recognised": "Recognised"}
DIMENSIONS = ("customer", "item", "class", "department", "location", "job")
MOVES = (
    "start_amount",
    "new",
    "expansion",
    "reactivation",
    "contraction",
    "churn",
    "end_amount",
)
MOST = 10


def show(view: View, part: str, code: str, since: date | None) -> None:
    """The part of this name, in a currency and from a day on (None: from the first)."""
    DRAWN[part](view, code, since)


def _months(view: View, code: str, since: date | None) -> None:
    rows = reads.figures(view, "revenue_by_month", currency=code).records()
    first = f"{since:%Y-%m}" if since else min([row["month"] for row in rows], default="")
    months = months_between(first or f"{view.as_of:%Y-%m}", f"{view.as_of:%Y-%m}")
    _two_views(view, code, since, months)
    _two_years(view, code, rows)
    _table(view, "revenue_by_month", ("month", "currency", *VIEWS), "By month", from_on=since)


def _two_views(view: View, code: str, since: date | None, months: list[str]) -> None:
    invoiced = reads.by_month(view, "invoiced_by_month", code, since)
    collected = reads.by_month(view, "collected_by_month", code, since)
    chart.show(
        view,
        "Invoiced and collected, without tax",
        "revenue",
        (code, since),
        lambda colours: charts.months_compared(
            Series("Invoiced", invoiced), Series("Collected", collected), months, code, colours
        ),
    )


def _two_years(view: View, code: str, rows: list[dict[str, Any]]) -> None:
    with st.container(border=True):
        with table.heading("Twelve months beside the year before"):
            which = switch.show("year_of", VIEWS, label="View of revenue")
        amounts = {row["month"]: row[which] for row in rows}
        chart.draw(
            view,
            "revenue-years",
            (code, which),
            lambda colours: _years(amounts, months_up_to(view.as_of, 12), code, colours),
            alt=f"{VIEWS[which]}, twelve months beside the year before",
        )


def _years(
    amounts: dict[str, Decimal], months: list[str], code: str, colours: Palette
) -> go.Figure:
    before, now = Series("The year before", amounts), Series("These twelve months", amounts)
    return charts.years_compared(before, now, months, code, colours)


def _by(view: View, code: str, since: date | None) -> None:
    with st.container(border=True):
        with table.heading("Revenue by"):
            options = {name: name.capitalize() for name in DIMENSIONS}
            dimension = switch.show("by", options, label="By")
        metric = f"revenue_by_{dimension}"
        rows = reads.figures(view, metric, currency=code, from_on=since).records()
        bars = [Part(row[dimension] or "Not assigned", row["invoiced"]) for row in rows[:MOST]]
        if bars:
            chart.draw(
                view,
                f"revenue-by-{dimension}",
                (code, since),
                lambda colours: charts.parts(bars, code, colours),
                alt=f"Invoiced by {dimension}, the largest {MOST}",
            )
            if len(rows) > MOST:
                st.caption(f"Invoiced, the largest {MOST} of {len(rows):,}.")
        opened = table.show(
            view,
            metric,
            (dimension, "currency", "invoiced", "collected"),
            opens="customer_id" if dimension == "customer" else None,
            from_on=since,
        )
    currency.note(view, metric)
    if opened:
        navigation.to(navigation.CUSTOMERS, customer=opened)


def _concentration(view: View, _code: str, _since: date | None) -> None:
    names = ("measure", "currency", "amount", "top_1", "top_5", "top_10", "hhi", "customers")
    with st.container(border=True):
        st.subheader("How much hangs on few customers", anchor=False)
        st.caption(
            "Shares of the largest customer, and of the largest 5 and 10, in the revenue of a "
            "year, in what is open and in what is overdue. HHI: below 1,500 spread, from 2,500 on "
            "concentrated; 10,000 is one customer alone."
        )
        table.show(view, "concentration", names)
    with st.container(border=True):
        st.subheader("Each customer's share", anchor=False)
        shares = ("measure", "customer", "currency", "amount", "share", "standing")
        opened = table.show(view, "customer_shares", shares, opens="customer_id")
    if opened:
        navigation.to(navigation.CUSTOMERS, customer=opened)


def _recurring(view: View, code: str, since: date | None) -> None:
    metric = "recurring_revenue_movements"
    rows = reads.figures(view, metric, currency=code).records()
    if rows:
        _recurring_by_month(view, code, since, rows)
    else:
        st.caption("BILL has no recurring invoice here: what they bring in a month would be shown.")
    recurring_list.show(view)


def _recurring_by_month(
    view: View, code: str, since: date | None, rows: list[dict[str, Any]]
) -> None:
    metric = "recurring_revenue_movements"
    amounts = {row["month"]: row["end_amount"] for row in rows}
    chart.show(
        view,
        "Recurring revenue a month",
        "recurring",
        (code,),
        lambda colours: _years(amounts, months_up_to(view.as_of, 12), code, colours),
    )
    _table(view, metric, ("month", *MOVES), "How it moved", currency=code, from_on=since)
    currency.note(view, metric)


def _tax(view: View, _code: str, since: date | None) -> None:
    names = ("month", "currency", "rate", "amount", "reason")
    _table(view, "tax_collected", names, "Tax collected by month and rate", from_on=since)


def _cohorts(view: View, _code: str, since: date | None) -> None:
    names = ("month", "currency", "invoiced", "rate_30", "rate_60", "rate_90")
    st.caption(
        "Of what was billed in a month, the share collected within 30, 60 and 90 days of each "
        "invoice's date; empty until every invoice of the month is that old."
    )
    _table(view, "collection_rate", names, "Collected by age", from_on=since)
    currency.note(view, "collection_rate")


def _table(view: View, metric: str, names: tuple[str, ...], title: str, **narrowed: Any) -> None:
    with st.container(border=True):
        st.subheader(title, anchor=False)
        table.show(view, metric, names, **narrowed)


PARTS = {
    "months": "Months",
    "bridge": "Bridge",
    "by": "Who and what",
    "concentration": "Concentration",
    "recurring": "Recurring",
    "tax": "Tax",
    "cohorts": "Cohorts",
}
DRAWN: dict[str, Callable[[View, str, date | None], None]] = {
    "months": _months,
    "bridge": bridge.show,
    "by": _by,
    "concentration": _concentration,
    "recurring": _recurring,
    "tax": _tax,
    "cohorts": _cohorts,
}
