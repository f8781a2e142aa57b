"""How old what is owed is: in four figures, by currency, and over the last year."""

import streamlit as st

from dashboard import charts, reads
from dashboard.components import chart, switch, table, tiles
from dashboard.components.explanation import source
from dashboard.components.tiles import Tile
from dashboard.display import days, percent, short_money
from dashboard.periods import first_of_months, months_up_to
from dashboard.reads import View
from etl.store.preferences import Basis

__all__ = ["aging", "basis", "show_tiles", "trend"]

BASES: dict[Basis, str] = {"due": "Due date", "invoice": "Invoice date"}


def show_tiles(view: View, code: str) -> None:
    """Shares, age and lateness of one currency."""
    tiles.row(
        [
            _share(view, code, "percent_current", "current", "Not overdue"),
            _share(view, code, "percent_over_91", "d91_plus", "91+ days overdue"),
            _days(view, code, "weighted_average_age", "Weighted age", "days past due"),
            _days(view, code, "average_days_delinquent", "Average delinquency", "days, last 90"),
        ]
    )


def _share(view: View, code: str, metric: str, part: str, label: str) -> Tile:
    row = reads.first(view, metric, code)
    is_bad = part == "d91_plus" and row.get(part)
    return Tile(
        label,
        percent(row.get("share")),
        short_money(row[part], code) if row else "nothing is open",
        "red" if is_bad else "gray",
        source=source(metric, "share", currency=code),
    )


def _days(view: View, code: str, metric: str, label: str, note: str) -> Tile:
    row = reads.first(view, metric, code)
    return Tile(
        label,
        days(row.get(metric)),
        row.get("reason") or note,
        source=source(metric, metric, currency=code),
    )


def basis(view: View) -> Basis:
    """From which date age is counted here: the tenant's way, until somebody switches."""
    return switch.show(
        "age_from", BASES, label="Age from", usual=view.grant.preferences.aging_basis
    )


def aging(view: View, by: Basis) -> None:
    """Every currency's buckets, unapplied money and net, as of the view's day."""
    found = reads.figures(view, "ar_aging", basis=by)
    if not found.rows:
        st.caption("Nothing is open, and no money waits for an invoice.")
        return
    table.show(view, "ar_aging", found.names, basis=by)


def trend(view: View, code: str) -> None:
    """Gross and overdue at thirteen months' ends."""
    since = first_of_months(view.as_of, 13)
    found = reads.figures(view, "ar_by_month", currency=code, from_on=since).records()
    gross = {row["month"]: row["gross"] for row in found}
    overdue = {row["month"]: row["overdue"] for row in found}
    months = months_up_to(view.as_of, 13)
    chart.show(
        view,
        "Owed at the end of each month",
        "owed",
        (code,),
        lambda colours: charts.owed(gross, overdue, months, code, colours),
    )
