"""Why payments failed, as far as anybody knows, and what to do about it."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from etl.billing.failure_codes import Match, match_told
from etl.metrics.figures import Column, Figures, Metric, Question, answered, fetch
from etl.metrics.shares import share_of
from etl.warehouse.snapshot import Snapshot

__all__ = ["FAILURE_REASONS", "UNKNOWN_CODE_SHARE", "failure_reasons", "unknown_code_share"]

ALERT_OVER = Decimal("0.02")
CURRENCY = Column("currency", "text", "Currency")
PERIOD = ("as_of", "from_on", "to_on", "currency")

FAILURE_REASONS = Metric(
    name="failure_reasons",
    title="Reasons of failed payments",
    unit="count, money",
    grain="currency, method, code",
    owner="collections",
    definition=(
        "Failed payments by the reason they were given: a code, the change of status that was "
        "seen, words in BILL's text, or unknown; and what to do."
    ),
    page="Failed payments",
    columns=(
        CURRENCY,
        Column("rail", "text", "Method"),
        Column("category", "text", "Category"),
        Column("code", "text", "Code"),
        Column("meaning", "text", "Meaning"),
        Column("source", "text", "Known from"),
        Column("failures", "count", "Failures"),
        Column("amount", "money", "Amount"),
        Column("advice", "text", "What to do"),
    ),
    parameters=PERIOD,
)

UNKNOWN_CODE_SHARE = Metric(
    name="unknown_code_share",
    title="Failures without a code",
    source="failure_reasons",
    unit="ratio",
    grain="currency",
    owner="collections",
    definition=(
        "Failures that no bank's code explains, of all; unexplained are those of which not even "
        "a change of status was seen. Over two percent somebody should enter reasons."
    ),
    page="Failed payments",
    columns=(
        CURRENCY,
        Column("failures", "count", "Failures"),
        Column("without_code", "count", "Without a code"),
        Column("unexplained", "count", "Unexplained"),
        Column("share", "ratio", "Share without a code"),
        Column("standing", "text", "Standing"),
    ),
    parameters=PERIOD,
)


def failure_reasons(snapshot: Snapshot, question: Question) -> Figures:
    """Failures by reason, most money first: see FAILURE_REASONS."""
    sums: dict[tuple[str, str, Match], tuple[int, Decimal]] = {}
    for currency, rail, *told, failures, amount in fetch(
        FAILURE_REASONS, snapshot, question.parameters(PERIOD)
    ):
        key = (currency, rail, match_told(rail, *told))
        count, total = sums.get(key, (0, Decimal(0)))
        sums[key] = (count + failures, total + amount)
    rows = [_reason(*key, *sums[key]) for key in sums]
    rows.sort(key=lambda row: (row[0], -row[7], *row[1:6]))
    return answered(FAILURE_REASONS, snapshot, question, rows)


def _reason(
    currency: str, rail: str, match: Match, failures: int, amount: Decimal
) -> tuple[Any, ...]:
    code = match.code
    told = (code.category, code.code, code.meaning, match.source)
    return (currency, rail, *told, failures, amount, code.advice)


def unknown_code_share(snapshot: Snapshot, question: Question) -> Figures:
    """How many failures nobody can explain: see UNKNOWN_CODE_SHARE."""
    found = [
        (currency, match_told(rail, *told), failures)
        for currency, rail, *told, failures, _amount in fetch(
            UNKNOWN_CODE_SHARE, snapshot, question.parameters(PERIOD)
        )
    ]
    rows = [
        _unknown(currency, [(match, count) for of, match, count in found if of == currency])
        for currency in sorted({currency for currency, _, _ in found})
    ]
    return answered(UNKNOWN_CODE_SHARE, snapshot, question, rows)


def _unknown(currency: str, matches: Iterable[tuple[Match, int]]) -> tuple[Any, ...]:
    counted = list(matches)
    failures = sum(count for _, count in counted)
    without = sum(count for match, count in counted if not match.code.is_of_a_bank)
    unexplained = sum(count for match, count in counted if match.source == "unknown")
    word = "over" if without > ALERT_OVER * failures else "below"
    return (currency, failures, without, unexplained, share_of(without, failures), word)
