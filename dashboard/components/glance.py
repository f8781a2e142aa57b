"""The first page's figures: cash so far, what is owed, how fast it comes, what is expected."""

from dashboard.components import cash_tiles, standing_tiles, tiles
from dashboard.reads import View

__all__ = ["show"]


def show(view: View, code: str) -> None:
    """Two rows: what moves, with its line, and what stands beside it."""
    tiles.row(
        [
            cash_tiles.collected(view, code, "month", "Collected this month"),
            standing_tiles.outstanding(view, code),
            standing_tiles.overdue(view, code),
            standing_tiles.days_outstanding(view, code),
            standing_tiles.failed(view, code),
            cash_tiles.expected(view, code),
        ]
    )
    tiles.row(
        [
            cash_tiles.collected(view, code, "today", "Collected today"),
            cash_tiles.collected(view, code, "week", "Collected this week"),
            standing_tiles.effectiveness(view, code),
            standing_tiles.long_overdue(view, code),
            standing_tiles.unapplied(view, code),
            cash_tiles.track_record(view, code),
        ]
    )
