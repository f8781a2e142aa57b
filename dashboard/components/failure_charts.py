"""Failed payments in pictures: by month, and by reason, method or customer."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard import charts, reads
from dashboard.charts import Part
from dashboard.components import chart, switch
from dashboard.display import plural
from dashboard.periods import first_of_months, months_up_to
from dashboard.reads import View

__all__ = ["show"]

MOST = 8
MONTHS = 12
RAILS = {"ach": "Bank transfer", "card": "Card", "other": "Other"}


def show(view: View, code: str) -> None:
    """Two charts side by side; of the second, only what is asked for is read."""
    left, right = st.columns([1, 1], gap="small")
    with left:
        _by_month(view, code)
    with right:
        _by(view, code)


def _by_month(view: View, code: str) -> None:
    since = first_of_months(view.as_of, MONTHS)
    found = reads.figures(view, "failed_payments_by_month", currency=code, from_on=since).records()
    counts = {row["month"]: row["count"] for row in found}
    amounts = {row["month"]: row["amount"] for row in found}
    months = months_up_to(view.as_of, MONTHS)
    chart.show(
        view,
        "Failed payments by month",
        "failures",
        (code,),
        lambda colours: charts.failures(counts, amounts, months, code, colours),
    )


def _by(view: View, code: str) -> None:
    with st.container(border=True, height="stretch"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader("Last 12 months", anchor=False, width="content")
            kind = switch.show("failed_by", {name: name.capitalize() for name in KINDS}, label="By")
        found = KINDS[kind](view, code)
        if not found:
            st.caption("No payment failed in these months.")
            return
        chart.draw(
            view,
            f"failures-by-{kind}",
            (code,),
            lambda colours: charts.parts(found, code, colours, colour=colours.failed),
            alt=f"Failed payments by {kind}",
        )


def _reasons(view: View, code: str) -> list[Part]:
    rows = _rows(view, "failure_reasons", code)
    return [
        Part(
            "Not known yet" if row["source"] == "unknown" else row["meaning"],
            row["amount"],
            f"{RAILS.get(row['rail'], row['rail'])}: {plural(row['failures'], 'failure')}",
        )
        for row in rows[:MOST]
    ]


def _methods(view: View, code: str) -> list[Part]:
    rows = [row for row in _rows(view, "failure_rates", code) if row["rail"] != "all"]
    return [
        Part(
            RAILS.get(row["rail"], row["rail"]),
            row["failed_amount"],
            f"{row['failures']:,} of {plural(row['attempts'], 'attempt')} failed",
        )
        for row in rows
        if row["failures"]
    ]


def _customers(view: View, code: str) -> list[Part]:
    rows = _rows(view, "failures_by_customer", code, limit=MOST)
    return [
        Part(row["customer"], row["amount"], plural(row["failures"], "failure")) for row in rows
    ]


def _rows(view: View, metric: str, code: str, limit: int | None = None) -> list[dict[str, Any]]:
    since = first_of_months(view.as_of, MONTHS)
    return reads.figures(view, metric, currency=code, from_on=since, limit=limit).records()


KINDS: dict[str, Callable[[View, str], list[Part]]] = {
    "reason": _reasons,
    "method": _methods,
    "customer": _customers,
}
