"""Revenue at a glance, in three views that are never blended: this month, and the year so far."""

from decimal import Decimal
from typing import Any

from dashboard import reads
from dashboard.components import tiles
from dashboard.components.explanation import source
from dashboard.components.tiles import Tile
from dashboard.display import label, percent, short_money
from dashboard.periods import first_of_months
from dashboard.reads import View

__all__ = ["show"]

METRIC = "revenue_to_date"


def show(view: View, code: str) -> None:
    """Two tiles a view of revenue: the month beside the last, the year beside the one before."""
    rows = reads.figures(view, METRIC, currency=code).records()
    if rows:
        tiles.row([tile for row in rows for tile in (_month(view, row, code), _year(row, code))])


def _month(view: View, row: dict[str, Any], code: str) -> Tile:
    before = first_of_months(view.as_of, 2)
    return Tile(
        f"{label(row['view'])}, {view.as_of:%b}",
        short_money(row["this_month"], code),
        f"{short_money(row['last_month'], code)} in {before:%b}",
        source=source(METRIC, "this_month", currency=code),
    )


def _year(row: dict[str, Any], code: str) -> Tile:
    return Tile(
        f"{label(row['view'])}, year",
        short_money(row["this_year"], code),
        _change(row["change"]),
        source=source(METRIC, "this_year", currency=code),
    )


def _change(change: Decimal | None) -> str:
    if change is None:
        return "no year before"
    return f"{'+' if change > 0 else ''}{percent(change)} on last year"
