"""Overview: what came in, what is owed, what is expected, and what to do today."""

import streamlit as st

from dashboard import charts, navigation, reads
from dashboard.charts import Series
from dashboard.components import chart, currency, empty, glance, page, worklist
from dashboard.periods import first_of_months, months_up_to
from dashboard.reads import View


def body(view: View) -> None:
    """Tiles, two charts, and the table one works in."""
    code = currency.choose(view)
    if code is None:
        empty.show("Nothing happened up to this day", "Choose a later day in the sidebar.")
        return
    glance.show(view, code)
    currency.note(view, "expected_cash", what="expected cash is")
    left, right = st.columns([3, 2], gap="small")
    with left:
        _months(view, code)
    with right:
        _aging(view, code)
    worklist.show(view)


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
    found = reads.figures(view, "ar_aging", currency=code)
    if not found.rows:
        empty.show("Nothing is open", "Every invoice is paid, and no money waits for one.")
        return
    chart.show(
        view,
        f"Aging by {found.question.basis} date",
        "aging",
        (code,),
        lambda colours: charts.aging(
            found.records()[0], charts.buckets(found.metric.columns), code, colours
        ),
    )


if __name__ == "__main__":
    page.show(navigation.OVERVIEW, body)
