"""Attempts made after a failure: which of them work, and which should not have been made."""

from collections import Counter
from decimal import Decimal
from typing import Any

from etl.billing.failure_codes import FailureCode, match_told
from etl.billing.retry_law import MOST_OF_SCHEME
from etl.metrics.figures import Column, Figures, Metric, Question, answered, fetch
from etl.metrics.shares import share_of
from etl.warehouse.snapshot import Snapshot

__all__ = ["RETRY_YIELD", "WASTED_RETRIES", "retry_yield", "wasted_retries"]

CURRENCY = Column("currency", "text", "Currency")

RETRY_YIELD = Metric(
    name="retry_yield",
    title="Retry yield",
    unit="ratio",
    grain="currency, method, category, retry",
    owner="collections",
    definition=(
        "Settled retries that succeeded, by how many attempts at the invoice had failed before "
        "and by what is known of the last of them."
    ),
    page="Failed payments",
    columns=(
        CURRENCY,
        Column("rail", "text", "Method"),
        Column("category", "text", "Failed before for"),
        Column("retry", "count", "Retry"),
        Column("retries", "count", "Retries"),
        Column("successes", "count", "Successes"),
        Column("yield", "ratio", "Yield"),
    ),
    parameters=("as_of", "currency"),
)

WASTED_RETRIES = Metric(
    name="wasted_retries",
    title="Wasted retries",
    unit="count",
    grain="currency, method",
    owner="collections",
    definition=(
        "Retries after a bank's code that forbids them, and retries over the most that the code "
        "or the scheme allows. There should be none."
    ),
    page="Failed payments",
    columns=(
        CURRENCY,
        Column("rail", "text", "Method"),
        Column("retries", "count", "Retries"),
        Column("after_never", "count", "After a never"),
        Column("over_cap", "count", "Over the most allowed"),
        Column("wasted", "count", "Wasted"),
        Column("wasted_share", "ratio", "Share wasted"),
    ),
    parameters=("as_of", "currency"),
)


def retry_yield(snapshot: Snapshot, question: Question) -> Figures:
    """Which retries work: see RETRY_YIELD."""
    made: Counter[tuple[Any, ...]] = Counter()
    worked: Counter[tuple[Any, ...]] = Counter()
    found = fetch(RETRY_YIELD, snapshot, question.parameters(RETRY_YIELD.parameters))
    for currency, rail, retry, *before, retries, successes in found:
        key = (currency, rail, match_told(*before).code.category, retry)
        made[key] += retries
        worked[key] += successes
    rows = [
        (*key, made[key], worked[key], share_of(worked[key], made[key])) for key in sorted(made)
    ]
    return answered(RETRY_YIELD, snapshot, question, rows)


def wasted_retries(snapshot: Snapshot, question: Question) -> Figures:
    """Retries that should not have been made: see WASTED_RETRIES."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    found = fetch(WASTED_RETRIES, snapshot, question.parameters(WASTED_RETRIES.parameters))
    for currency, rail, presented, *before, retries in found:
        count = counts.setdefault((currency, rail), Counter())
        count["retries"] += retries
        why = why_wasted(rail, presented, match_told(*before).code)
        if why:
            count[why] += retries
    rows = [_wasted(currency, rail, count) for (currency, rail), count in sorted(counts.items())]
    return answered(WASTED_RETRIES, snapshot, question, rows)


def why_wasted(rail: str, presented: int, failed: FailureCode) -> str | None:
    """`after_never`, `over_cap` or None, for a retry after `presented` failures of its kind."""
    if failed.is_of_a_bank and failed.retry == "never":
        return "after_never"
    caps = [MOST_OF_SCHEME.get(rail)]
    if failed.is_of_a_bank and failed.retry == "yes":
        caps.append(failed.most_retries)
    allowed = [cap for cap in caps if cap is not None]
    return "over_cap" if allowed and presented > min(allowed) else None


def _wasted(currency: str, rail: str, count: Counter[str]) -> tuple[Any, ...]:
    wasted = count["after_never"] + count["over_cap"]
    share: Decimal | None = share_of(wasted, count["retries"])
    return (
        currency,
        rail,
        count["retries"],
        count["after_never"],
        count["over_cap"],
        wasted,
        share,
    )
