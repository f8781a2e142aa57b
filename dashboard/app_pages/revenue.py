"""Revenue: what was invoiced and what was collected, month by month."""

from datetime import date

import streamlit as st

from dashboard import charts, navigation, reads
from dashboard.charts import Series
from dashboard.components import chart, currency, empty, page, table
from dashboard.periods import first_of_months, months_between
from dashboard.reads import View

RANGES = {"12 months": 12, "24 months": 24, "All": None}


def body(view: View) -> None:
    """One chart and the table behind it, over a range of months."""
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        since = _range(view)
        code = currency.choose(view)
    if code is None:
        empty.show("Nothing was invoiced up to this day", "Choose a later day in the sidebar.")
        return
    _chart(view, code, since)
    _table(view, since)


def _range(view: View) -> date | None:
    chosen = st.segmented_control(
        "Months",
        list(RANGES),
        default="24 months",
        required=True,
        key="revenue-range",
        label_visibility="collapsed",
        persist_state="session",
    )
    months = RANGES[chosen or "24 months"]
    return first_of_months(view.as_of, months) if months else None


def _chart(view: View, code: str, since: date | None) -> None:
    invoiced = reads.by_month(view, "invoiced_by_month", code, since)
    collected = reads.by_month(view, "collected_by_month", code, since)
    last = f"{view.as_of:%Y-%m}"
    first = f"{since:%Y-%m}" if since else min([*invoiced, *collected, last])
    chart.show(
        view,
        "Invoiced and collected, without tax",
        "revenue",
        (code, since),
        lambda colours: charts.months_compared(
            Series("Invoiced", invoiced),
            Series("Collected", collected),
            months_between(first, last),
            code,
            colours,
        ),
    )


def _table(view: View, since: date | None) -> None:
    with st.container(border=True):
        st.subheader("By month", anchor=False)
        table.show_months(view, since)


if __name__ == "__main__":
    page.show(navigation.REVENUE, body)
