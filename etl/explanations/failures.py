"""Where figures of failed payments come from: attempts, tries at an invoice, first failures."""

from collections.abc import Callable
from typing import Any

from etl.billing.failure_codes import Match, match_told
from etl.explanations.declared import Explained, Source
from etl.explanations.formulas import Formula
from etl.explanations.receivables import events
from etl.explanations.workspace import Found, Workspace
from etl.metrics import (
    failing_customers,
    failure_cases,
    failure_rates,
    failure_reasons,
    failures,
    retries,
    return_rates,
)
from etl.metrics.figures import Question

__all__ = ["EXPLAINED"]

FAILED = ["payment_failed"]
SETTLED = ["attempts", "amount"]
FAILURES_OF = ["failures", "amount"]


def _period(question: Question) -> dict[str, Any]:
    return {
        "as_of": question.as_of,
        "first_on": question.from_on,
        "to_on": question.to_on,
        "currency": question.currency,
    }


def _by_month(question: Question) -> list[Source]:
    last_on = min(question.to_on or question.as_of, question.as_of)
    columns = {"amount": ["count", "amount"]}
    return [events(question, columns, first_on=question.from_on, last_on=last_on, kinds=FAILED)]


def _each(question: Question) -> list[Source]:
    return [
        events(
            question, {"amount": ["amount"]}, part="day", kinds=FAILED, customer=question.customer
        )
    ]


def _other_days(question: Question) -> list[Source]:
    return [Source("exclusions/failures", _period(question))]


def _other_days_of_all(question: Question) -> list[Source]:
    narrowed = _period(question) | {"first_on": None, "to_on": None}
    return [Source("exclusions/failures", narrowed)]


def _rates(question: Question, *, by_month: bool) -> list[Source]:
    return [
        Source(
            "inputs/attempts",
            _period(question)
            | {
                "rails": None,
                "parts": None,
                "paid": SETTLED,
                "failed": [*SETTLED, "failures", "failed_amount"],
                "pending": ["pending"],
                "canceled": ["canceled"],
            },
        ),
        Source("inputs/tries", _period(question) | {"by_month": by_month}),
    ]


def _not_settled(question: Question) -> list[Source]:
    return [Source("exclusions/attempts", _period(question) | {"rail": None})]


def _not_settled_debits(question: Question) -> list[Source]:
    narrowed = _period(question) | {"first_on": return_rates.first_day(question), "rail": "ach"}
    return [Source("exclusions/attempts", narrowed)]


def _none(_question: Question) -> list[Source]:
    return []


def _failed(
    workspace: Workspace, question: Question, told: Callable[[str, Match], tuple[str, list[str]]]
) -> None:
    """Failures by the day they failed; `told` gives an input's part and columns."""
    asked = _period(question) | {"rail": None, "made_by": None}
    found = []
    for row in workspace.rows("found/failures", asked):
        payment_id, customer_id, currency, rail, amount, _made_on, failed_on, *said = row
        part, columns = told(rail, match_told(rail, *said))
        what = f"attempt by {rail}, failed"
        found.append(
            Found(
                what,
                failed_on,
                currency,
                columns,
                amount,
                part=part,
                customer_id=customer_id,
                payment_id=payment_id,
            )
        )
    workspace.add(found)


def _reasons(workspace: Workspace, question: Question) -> None:
    def told(rail: str, match: Match) -> tuple[str, list[str]]:
        code = match.code
        part = f"{rail} · {code.category} · {code.code} · {code.meaning} · {match.source}"
        return part, ["failures", "amount"]

    _failed(workspace, question, told)


def _unknown(workspace: Workspace, question: Question) -> None:
    def told(_rail: str, match: Match) -> tuple[str, list[str]]:
        without = [] if match.code.is_of_a_bank else ["without_code"]
        unexplained = ["unexplained"] if match.source == "unknown" else []
        return "", ["failures", *without, *unexplained]

    _failed(workspace, question, told)


def _of_customers(question: Question) -> list[Source]:
    failed = [*FAILURES_OF, "attempts"]
    counted = {"paid": ["attempts"], "failed": failed, "pending": [], "canceled": []}
    every = {"rails": None, "parts": [""]}
    return [Source("inputs/attempts", _period(question) | every | counted)]


def _debits(question: Question) -> list[Source]:
    return [
        Source(
            "inputs/attempts",
            _period(question)
            | {
                "first_on": return_rates.first_day(question),
                "rails": ["ach"],
                "parts": [meter.name for meter in return_rates.METERS],
                "paid": ["debits"],
                "failed": [],
                "pending": ["debits", "pending"],
                "canceled": [],
            },
        )
    ]


def _returned(workspace: Workspace, question: Question) -> None:
    """Debits that came back, under each meter."""
    asked = _period(question) | {
        "first_on": return_rates.first_day(question),
        "rail": "ach",
        "made_by": question.as_of,
    }
    found = []
    for row in workspace.rows("found/failures", asked):
        payment_id, customer_id, currency, rail, amount, made_on, _failed_on, *said = row
        match = match_told(rail, *said)
        without = [] if match.code.is_of_a_bank else ["without_code"]
        for meter in return_rates.METERS:
            counted = ["returned"] if meter.counts(match) else []
            found.append(
                Found(
                    f"debit returned: {match.code.meaning}",
                    made_on,
                    currency,
                    ["debits", *counted, *without],
                    amount,
                    part=meter.name,
                    customer_id=customer_id,
                    payment_id=payment_id,
                )
            )
    workspace.add(found)


def _retried(workspace: Workspace, question: Question) -> None:
    found = []
    for row in _retries(workspace, question):
        invoice_id, payment_id, currency, rail, outcome, retry, _presented, *before = row
        if outcome not in {"paid", "failed"}:
            continue
        category = match_told(*before).code.category
        worked = ["successes"] if outcome == "paid" else []
        found.append(
            Found(
                f"retry {retry} by {rail}, {outcome}",
                None,
                currency,
                ["retries", *worked],
                None,
                part=f"{rail} · {category} · {retry}",
                invoice_id=invoice_id,
                payment_id=payment_id,
            )
        )
    workspace.add(found)


def _wasted(workspace: Workspace, question: Question) -> None:
    found = []
    for row in _retries(workspace, question):
        invoice_id, payment_id, currency, rail, outcome, retry, presented, *before = row
        why = retries.why_wasted(rail, presented, match_told(*before).code)
        found.append(
            Found(
                f"retry {retry} by {rail}, {outcome}",
                None,
                currency,
                ["retries", *([why, "wasted"] if why else [])],
                None,
                part=rail,
                invoice_id=invoice_id,
                payment_id=payment_id,
            )
        )
    workspace.add(found)


def _retries(workspace: Workspace, question: Question) -> list[tuple[Any, ...]]:
    asked = {"as_of": question.as_of, "currency": question.currency}
    return workspace.rows("found/retries", asked)


def _not_yet_known(question: Question) -> list[Source]:
    asked = {"as_of": question.as_of, "currency": question.currency}
    return [Source("exclusions/retries", asked)]


RATES = (
    Formula("attempt_failure_rate", "failures", "attempts"),
    Formula("invoice_failure_rate", "failed_invoices", "invoices"),
    Formula("first_attempt_failure_rate", "failed_first_attempts", "first_attempts"),
)

EXPLAINED = (
    Explained(
        failures.FAILED_PAYMENTS_BY_MONTH, _by_month, _other_days, keys=("month", "currency")
    ),
    Explained(
        failures.FAILED_PAYMENTS,
        _each,
        _other_days_of_all,
        keys=("payment_id",),
        part=("failed_on",),
    ),
    Explained(
        failure_rates.FAILURE_RATES,
        lambda question: _rates(question, by_month=False),
        _not_settled,
        part=("rail",),
        formulas=RATES,
    ),
    Explained(
        failure_rates.FAILURE_RATES_BY_MONTH,
        lambda question: _rates(question, by_month=True),
        _not_settled,
        keys=("month", "currency"),
        part=("rail",),
        formulas=RATES,
    ),
    Explained(
        failure_rates.RECOVERY_RATES,
        lambda question: [Source("inputs/recoveries", _period(question))],
        lambda question: [Source("exclusions/recoveries", _period(question))],
        part=("within_days",),
        formulas=(Formula("recovery_rate", "recovered", "invoices"),),
        modelled=frozenset({"within_days"}),
        notes=("within_days: the window, in days from an invoice's first failure",),
    ),
    Explained(
        failure_rates.FAILURE_RECOVERY,
        lambda question: [Source("inputs/first_failures", _period(question))],
        _other_days,
        modelled=frozenset({"median_days", "p90_days"}),
        notes=(
            (
                "median_days and p90_days: the days that half, and nine tenths, of the recovered "
                "do not exceed"
            ),
        ),
    ),
    Explained(
        failure_reasons.FAILURE_REASONS,
        _none,
        _other_days,
        part=("rail", "category", "code", "meaning", "source"),
        worked_out=_reasons,
    ),
    Explained(
        failure_reasons.UNKNOWN_CODE_SHARE,
        _none,
        _other_days,
        worked_out=_unknown,
        formulas=(Formula("share", "without_code", "failures"),),
    ),
    Explained(
        failing_customers.FAILURES_BY_CUSTOMER,
        _of_customers,
        _not_settled,
        keys=("customer_id", "currency"),
        formulas=(Formula("rate", "failures", "attempts"),),
    ),
    Explained(
        failure_cases.FAILURE_CASES,
        _none,
        _other_days,
        keys=("payment_id",),
        modelled=frozenset(
            {"amount", "open_amount", "recovered_amount", "attempts_left", "days_left"}
        ),
        notes=(
            "open_amount: what is still open of the payment's invoices",
            "recovered_amount: what was paid of them since",
            "attempts_left and days_left: what the method's scheme still allows",
        ),
    ),
    Explained(
        failure_cases.FAILURE_CASE_TOTALS,
        _none,
        _other_days,
        part=("state",),
        modelled=frozenset(
            {"cases", "without_reason", "amount", "open_amount", "recovered_amount"}
        ),
        notes=("the cases that failure_cases lists, counted and added up by what became of them",),
    ),
    Explained(
        retries.RETRY_YIELD,
        _none,
        _not_yet_known,
        part=("rail", "category", "retry"),
        worked_out=_retried,
        formulas=(Formula("yield", "successes", "retries"),),
        modelled=frozenset({"retry"}),
        notes=("retry: how many attempts at the invoice had failed when it was made",),
    ),
    Explained(
        retries.WASTED_RETRIES,
        _none,
        _none,
        part=("rail",),
        worked_out=_wasted,
        formulas=(Formula("wasted_share", "wasted", "retries"),),
    ),
    Explained(
        return_rates.RETURN_RATES,
        _debits,
        _not_settled_debits,
        part=("meter",),
        worked_out=_returned,
        formulas=(Formula("rate", "returned", "debits"),),
        modelled=frozenset({"low", "high", "limit"}),
        notes=(
            "low and high: the 95 % Wilson interval of the rate",
            "limit: the level that Nacha watches",
        ),
    ),
)
