"""Tiles of what is owed, how old it is, how fast it comes in, and what failed."""

from decimal import Decimal
from typing import Any

from dashboard import charts, reads
from dashboard.components.explanation import source
from dashboard.components.tiles import Tile
from dashboard.display import days, percent, plural, short_money, signed
from dashboard.periods import first_of_months, months_up_to
from dashboard.reads import View

__all__ = [
    "days_outstanding",
    "effectiveness",
    "failed",
    "long_overdue",
    "outstanding",
    "overdue",
    "unapplied",
]

MONTHS = 13


def outstanding(view: View, code: str) -> Tile:
    """All that is open."""
    now = reads.first(view, "summary", code)
    return Tile(
        "Outstanding",
        _money(now, "outstanding", code),
        plural(now.get("open_count", 0), "open invoice"),
        "gray",
        _month_ends(view, code, "gross"),
        source("summary", "outstanding", currency=code),
    )


def overdue(view: View, code: str) -> Tile:
    """What of it is past due."""
    now = reads.first(view, "summary", code)
    count = now.get("overdue_count", 0)
    return Tile(
        "Overdue",
        _money(now, "overdue", code),
        plural(count, "invoice"),
        "orange" if count else "gray",
        _month_ends(view, code, "overdue"),
        source("summary", "overdue", currency=code),
    )


def _money(row: dict[str, Any], name: str, code: str) -> str:
    return short_money(row.get(name, Decimal(0)), code)


def _month_ends(view: View, code: str, name: str) -> list[float]:
    since = first_of_months(view.as_of, MONTHS)
    found = reads.figures(view, "ar_by_month", currency=code, from_on=since)
    return charts.line([row[name] for row in found.records()])


def days_outstanding(view: View, code: str) -> Tile:
    """The simple form, how it moved in a month, and its year."""
    months = reads.figures(view, "dso_by_month", currency=code).records()
    now: dict[str, Any] = months[-1] if months else {}
    moved = now.get("change")
    return Tile(
        "DSO",
        f"{days(now.get('dso'))} days",
        "days of sales" if moved is None else f"{signed(moved)} in a month",
        "gray" if not moved else "orange" if moved > 0 else "green",
        charts.line([row["dso"] for row in months if row["dso"] is not None]),
        source("dso_by_month", "dso", currency=code),
    )


def failed(view: View, code: str) -> Tile:
    """Invoices whose newest payment failed; its line is of the failures of each month."""
    found = reads.first(view, "worklist_totals", code, state="failure")
    since = first_of_months(view.as_of, MONTHS)
    months = reads.figures(view, "failed_payments_by_month", currency=code, from_on=since)
    counts = {row["month"]: row["count"] for row in months.records()}
    return Tile(
        "Failed, open",
        f"{found.get('count', 0):,}",
        f"{_money(found, 'amount', code)} at stake",
        "red" if found else "gray",
        charts.line([counts.get(name, 0) for name in months_up_to(view.as_of, MONTHS)]),
        source("worklist_totals", "count", currency=code, state="failure"),
    )


def effectiveness(view: View, code: str) -> Tile:
    """Of what could be collected, how much was."""
    found = reads.first(view, "cei", code).get("cei")
    return Tile(
        "CEI", days(found), "of 100, last 90 days", source=source("cei", "cei", currency=code)
    )


def long_overdue(view: View, code: str) -> Tile:
    """What is hardest to collect."""
    row = reads.first(view, "percent_over_91", code)
    return Tile(
        "91+ days overdue",
        _money(row, "d91_plus", code),
        f"{percent(row.get('share'))} of open",
        "red" if row.get("d91_plus") else "gray",
        source=source("percent_over_91", "d91_plus", currency=code),
    )


def unapplied(view: View, code: str) -> Tile:
    """Money that waits for an invoice."""
    return Tile(
        "Unapplied",
        _money(reads.first(view, "summary", code), "unapplied", code),
        "not on an invoice",
        source=source("summary", "unapplied", currency=code),
    )
