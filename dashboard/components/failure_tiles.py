"""Failed payments at a glance: what is at stake, how often, and what comes back."""

from decimal import Decimal
from typing import Any

from dashboard import reads
from dashboard.components import tiles
from dashboard.components.explanation import source
from dashboard.components.tiles import Tile
from dashboard.display import days, percent, plural, short_money
from dashboard.periods import first_of_months
from dashboard.reads import View

__all__ = ["show"]

STANDING_COLOURS = {"over": "red", "watch": "orange", "at": "orange"}
STANDINGS = {
    "over": "over the level",
    "watch": "one return among few",
    "at": "at the level",
    "below": "below the level",
}


def show(view: View, code: str) -> None:
    """Six tiles of one currency."""
    tiles.row(
        [*_at_stake(view, code), _rate(view, code), *_recovery(view, code), _meter(view, code)]
    )


def _first(view: View, metric: str, code: str, **match: Any) -> dict[str, Any]:
    """The first row in which these cells are so."""
    rows = reads.figures(view, metric, currency=code).records()
    return next((r for r in rows if all(r[k] == v for k, v in match.items())), {})


def _at_stake(view: View, code: str) -> tuple[Tile, Tile]:
    metric = "failure_case_totals"
    opened = _first(view, metric, code, state="open")
    retried = _first(view, metric, code, state="retrying")
    count, without = opened.get("cases", 0), opened.get("without_reason", 0)
    return (
        Tile(
            "Open cases",
            f"{count:,}",
            f"{without:,} without a reason" if count else "nothing to do",
            "red" if count else "green",
            source=source(metric, "cases", currency=code),
        ),
        Tile(
            "At stake",
            short_money(opened.get("open_amount", Decimal(0)), code),
            f"{retried.get('cases', 0):,} more retried now",
            "gray",
            source=source(metric, "open_amount", currency=code),
        ),
    )


def _rate(view: View, code: str) -> Tile:
    metric, since = "failure_rates_by_month", first_of_months(view.as_of, 2)
    found = reads.figures(view, metric, currency=code, from_on=since).records()
    rates = {row["month"]: row["invoice_failure_rate"] for row in found if row["rail"] == "all"}
    return Tile(
        "Failed this month",
        percent(rates.get(f"{view.as_of:%Y-%m}")),
        f"{percent(rates.get(f'{since:%Y-%m}'))} in {since:%b}",
        source=source(metric, "invoice_failure_rate", currency=code, from_on=since),
    )


def _recovery(view: View, code: str) -> tuple[Tile, Tile]:
    within = _first(view, "recovery_rates", code, within_days=30)
    took = _first(view, "failure_recovery", code)
    return (
        Tile(
            "Paid in 30 days",
            percent(within.get("recovery_rate")),
            f"{within.get('recovered', 0):,} of {plural(within.get('invoices', 0), 'invoice')}",
            "gray",
            source=source("recovery_rates", "recovery_rate", currency=code),
        ),
        Tile(
            "Days to recover",
            days(took.get("median_days")),
            f"nine of ten: {days(took.get('p90_days'))}",
            "gray",
            source=source("failure_recovery", "median_days", currency=code),
        ),
    )


def _meter(view: View, code: str) -> Tile:
    overall = _first(view, "return_rates", code, meter="overall")
    standing = overall.get("standing", "below")
    return Tile(
        "Bank returns",
        percent(overall.get("rate")),
        STANDINGS[standing],
        STANDING_COLOURS.get(standing, "green"),
        source=source("return_rates", "rate", currency=code),
    )
