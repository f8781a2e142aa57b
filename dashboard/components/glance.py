"""The first page's figures: cash so far, what is owed, how fast it comes, what is expected."""

from datetime import date
from decimal import Decimal
from typing import Any

from dashboard import charts, reads
from dashboard.components import tiles
from dashboard.components.explanation import source
from dashboard.components.tiles import Tile
from dashboard.display import change, plural, share, short_money
from dashboard.periods import first_of_months, months_up_to
from dashboard.reads import View

__all__ = ["show"]

BEFORE = {"day": "the day before", "week": "last week", "month": "last month"}


def show(view: View, code: str) -> None:
    """Two rows: what moves, with its line, and what stands beside it."""
    tiles.row(
        [
            _collected(view, code, "month", "Collected this month"),
            _owed(view, code, "gross", "Outstanding"),
            _owed(view, code, "overdue", "Overdue"),
            _dso(view, code),
            _failed(view, code),
            _expected(view, code),
        ]
    )
    tiles.row(
        [
            _collected(view, code, "day", "Collected today"),
            _collected(view, code, "week", "Collected this week"),
            _effectiveness(view, code),
            _old(view, code),
            _unapplied(view, code),
            _track_record(view, code),
        ]
    )


def _first(view: View, metric: str, code: str, **narrowed: Any) -> dict[str, Any]:
    found = reads.figures(view, metric, currency=code, **narrowed).records()
    return found[0] if found else {}


def _money(row: dict[str, Any], name: str, code: str) -> str:
    amount = row.get(name, Decimal(0))
    return "–" if amount is None else short_money(amount, code)


def _year(view: View) -> date:
    return first_of_months(view.as_of, 13)


def _collected(view: View, code: str, span: str, label: str) -> Tile:
    found = reads.figures(view, "collected_so_far", currency=code).records()
    row = next((row for row in found if row["span"] == span), {})
    moved = row.get("change", Decimal(0))
    return Tile(
        label,
        _money(row, "amount", code),
        f"{change(moved, short_money(abs(moved), code))} on {BEFORE[span]}",
        "green" if moved >= 0 else "orange",
        _months_before(view, code) if span == "month" else None,
        source("collected_so_far", "amount", currency=code),
    )


def _months_before(view: View, code: str) -> list[float]:
    """A month under way is no fall, and left out."""
    collected = reads.by_month(view, "collected_by_month", code, _year(view))
    return charts.line([collected.get(name, 0) for name in months_up_to(view.as_of, 13)[:-1]])


def _owed(view: View, code: str, name: str, label: str) -> Tile:
    now = _first(view, "summary", code)
    months = reads.figures(view, "ar_by_month", currency=code, from_on=_year(view)).records()
    counted, noun = {
        "gross": ("open_count", "open invoice"),
        "overdue": ("overdue_count", "invoice"),
    }[name]
    count = now.get(counted, 0)
    return Tile(
        label,
        _money(now, "outstanding" if name == "gross" else "overdue", code),
        plural(count, noun),
        "orange" if name == "overdue" and count else "gray",
        charts.line([row[name] for row in months]),
        source("ar_by_month", name, currency=code, from_on=_year(view)),
    )


def _dso(view: View, code: str) -> Tile:
    months = reads.figures(view, "dso_by_month", currency=code).records()
    now: dict[str, Any] = months[-1] if months else {}
    days, moved = now.get("dso"), now.get("change")
    note = now.get("reason") or "days"
    if moved is not None:
        note = f"{change(moved, f'{abs(moved):.1f}')} days on last month"
    return Tile(
        "DSO",
        "–" if days is None else f"{days:.1f} days",
        note,
        "gray" if not moved else "orange" if moved > 0 else "green",
        charts.line([row["dso"] for row in months if row["dso"] is not None]),
        source("dso_by_month", "dso", currency=code),
    )


def _failed(view: View, code: str) -> Tile:
    found = _first(view, "worklist_totals", code, state="failure")
    months = reads.figures(view, "failed_payments_by_month", currency=code, from_on=_year(view))
    counts = {row["month"]: row["count"] for row in months.records()}
    return Tile(
        "Failed, open",
        f"{found.get('count', 0):,}",
        f"{_money(found, 'amount', code)} at stake",
        "red" if found else "gray",
        charts.line([counts.get(name, 0) for name in months_up_to(view.as_of, 13)]),
        source("worklist_totals", "count", currency=code, state="failure"),
    )


def _expected(view: View, code: str) -> Tile:
    row = _first(view, "expected_cash", code)
    band = f"{_money(row, 'p10', code)} to {_money(row, 'p90', code)}"
    return Tile(
        "Expected, 4 weeks",
        _money(row, "p50", code),
        band if row.get("p10") is not None else "too little to learn from",
        "gray",
        None,
        source("expected_cash", "p50", currency=code),
    )


def _effectiveness(view: View, code: str) -> Tile:
    found = _first(view, "cei", code).get("cei")
    value = "–" if found is None else f"{found:.1f}"
    return Tile("CEI", value, "of 100, last 90 days", source=source("cei", "cei", currency=code))


def _old(view: View, code: str) -> Tile:
    share_of = _first(view, "percent_over_91", code)
    return Tile(
        "91+ days overdue",
        _money(share_of, "d91_plus", code),
        f"{share(share_of.get('share'))} of what is open",
        "red" if share_of.get("d91_plus") else "gray",
        source=source("percent_over_91", "d91_plus", currency=code),
    )


def _unapplied(view: View, code: str) -> Tile:
    return Tile(
        "Unapplied",
        _money(_first(view, "summary", code), "unapplied", code),
        "not on an invoice",
        source=source("summary", "unapplied", currency=code),
    )


def _track_record(view: View, code: str) -> Tile:
    row = _first(view, "expected_cash", code)
    weeks = row.get("weeks", 0)
    return Tile(
        "Forecasts that held",
        share(row.get("inside_share")),
        f"{row['inside']} of {plural(weeks, 'week')} inside" if weeks else "none to test yet",
        source=source("expected_cash", "inside_share", currency=code),
    )
