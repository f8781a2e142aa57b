"""What led from the receivables of a month's beginning to those of its end."""

from datetime import date
from typing import Any

import streamlit as st

from dashboard import charts, reads
from dashboard.charts import Part
from dashboard.components import chart, table
from dashboard.display import month as named
from dashboard.display import plain, plural
from dashboard.reads import View

__all__ = ["show"]

METRIC = "revenue_bridge"
STEPS = {
    "opening": "Before",
    "invoiced": "Invoiced",
    "tax": "Tax",
    "credits": "Credits",
    "collected": "Collected",
    "tax_collected": "Tax collected",
    "on_account": "On account",
    "held": "Beyond owed",
    "fx": "Exchange",
    "closing": "After",
}
ALWAYS = ("opening", "invoiced", "collected", "closing")
COLUMNS = ("month", "opening", "invoiced", "tax", "credits", "collected", "closing", "difference")


def show(view: View, code: str, since: date | None) -> None:
    """A month's steps, and the table of all months with whether each closes."""
    rows = reads.figures(view, METRIC, currency=code, from_on=since).records()
    if not rows:
        st.caption("Nothing was owed in these months.")
        return
    by_month = {row["month"]: row for row in rows}
    with st.container(border=True):
        with table.heading("From receivables before to receivables after"):
            chosen = st.selectbox(
                "Month",
                list(by_month)[::-1],
                format_func=named,
                key=f"bridge-month-{view.slug}",
                label_visibility="collapsed",
                width=160,
            )
        month = chosen or rows[-1]["month"]
        steps = _steps(by_month[month])
        chart.draw(
            view,
            "bridge",
            (code, month),
            lambda colours: charts.bridge(steps, code, colours),
            alt=f"Bridge of {named(month)}",
        )
    with st.container(border=True):
        with table.heading("Every month"):
            _closes(rows)
        table.show(view, METRIC, COLUMNS, currency=code, from_on=since)


def _steps(row: dict[str, Any]) -> list[Part]:
    """The steps there are; those in which nothing happened are left out."""
    return [
        Part(name, row[column])
        for column, name in STEPS.items()
        if row[column] is not None and (row[column] or column in ALWAYS)
    ]


def _closes(rows: list[dict[str, Any]]) -> None:
    open_ones = [row for row in rows if row["difference"] != 0]
    if not open_ones:
        st.badge("Closes to the cent", icon=":material/check:", color="green")
        return
    st.badge(f"{plural(len(open_ones), 'month')} not closing", icon=":material/error:", color="red")
    for reason in sorted({row["reason"] or "" for row in open_ones}):
        st.caption(plain(reason))
