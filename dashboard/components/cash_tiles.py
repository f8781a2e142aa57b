"""Tiles of what came in and of what is expected."""

from decimal import Decimal
from typing import Any, Literal

from dashboard import charts, reads
from dashboard.components.explanation import source
from dashboard.components.tiles import Tile
from dashboard.display import percent, plural, rough_money, short_money
from dashboard.periods import first_of_months, months_up_to
from dashboard.reads import View

__all__ = ["collected", "expected", "track_record"]


def collected(view: View, code: str, span: Literal["today", "week", "month"], label: str) -> Tile:
    """A span so far; its note is as much of the one before, its colour which is more."""
    found = reads.figures(view, "collected_so_far", currency=code).records()
    row = next((row for row in found if row["span"] == span), {})
    return Tile(
        label,
        short_money(row.get("amount", Decimal(0)), code),
        f"{short_money(row.get('before_amount', Decimal(0)), code)} before",
        "orange" if row.get("change", 0) < 0 else "green",
        _months_before(view, code) if span == "month" else None,
        source("collected_so_far", "amount", currency=code),
    )


def _months_before(view: View, code: str) -> list[float]:
    """A month under way is no fall, and left out."""
    since = first_of_months(view.as_of, 12)
    amounts = reads.by_month(view, "collected_by_month", code, since)
    months = months_up_to(view.as_of, 12)[:-1]
    return charts.line([amounts.get(name, Decimal(0)) for name in months])


def expected(view: View, code: str) -> Tile:
    """Four weeks' middle, and from low to high."""
    row = reads.first(view, "expected_cash", code)
    middle = row.get("p50")
    return Tile(
        "Expected, 4 weeks",
        "–" if middle is None else short_money(middle, code),
        _band(row, code),
        source=source("expected_cash", "p50", currency=code),
    )


def _band(row: dict[str, Any], code: str) -> str:
    low, high = row.get("p10"), row.get("p90")
    if low is None or high is None:
        return "too little history" if row else "nothing is open"
    return f"{rough_money(low, code)}–{rough_money(high, code)}"


def track_record(view: View, code: str) -> Tile:
    """In how many past weeks what came was from low to high."""
    row = reads.first(view, "expected_cash", code)
    weeks = row.get("weeks", 0)
    return Tile(
        "Forecasts that held",
        percent(row.get("inside_share")),
        f"{row['inside']} of {plural(weeks, 'week')}" if weeks else "none to test yet",
        source=source("expected_cash", "inside_share", currency=code),
    )
