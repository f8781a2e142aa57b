"""An explanation as one JSON document, and the question it answers as one that can be read back."""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import date, datetime
from typing import Any

from etl.errors import UsageError
from etl.explanations.explanation import Age, Difference, Explanation, Narrowing, Reason
from etl.metrics.figures import Question
from etl.reading import Published
from etl.store.access import Grant

__all__ = ["as_document", "narrowing_facts", "question_facts", "read_narrowing", "read_question"]

DAYS = frozenset({"as_of", "from_on", "to_on", "known_on"})


def as_document(
    grant: Grant, explanation: Explanation, published: Published, *, with_lists: bool
) -> dict[str, Any]:
    """All that an explanation says; `with_lists` with every input and exclusion it holds.

    Two of one question and snapshot are equal, whenever they are made.
    """
    figures = explanation.figures
    metric = figures.metric
    return {
        "metric": metric.name,
        "title": metric.title,
        "unit": metric.unit,
        "definition": metric.definition,
        "tenant": grant.tenant,
        "as_of": figures.as_of.isoformat(),
        "time_zone": grant.time_zone,
        "question": question_facts(figures.question),
        **narrowing_facts(explanation.narrowing),
        "figure": figures.texts(),
        "formulas": list(explanation.formulas),
        "notes": list(explanation.notes),
        "adds_up": explanation.adds_up,
        "differences": [_difference(found) for found in explanation.differences],
        "inputs": _inputs(explanation, with_lists=with_lists),
        "exclusions": _exclusions(explanation, with_lists=with_lists),
        "rates": explanation.rates.texts(),
        "data": _data(explanation, published),
    }


def _inputs(explanation: Explanation, *, with_lists: bool) -> dict[str, Any]:
    facts = {"count": explanation.input_count, "reconstructed": explanation.reconstructed}
    return facts | ({"rows": explanation.inputs.texts()} if with_lists else {})


def _exclusions(explanation: Explanation, *, with_lists: bool) -> dict[str, Any]:
    reasons = [_reason(found) for found in explanation.reasons]
    facts = {"count": explanation.exclusion_count, "reasons": reasons}
    return facts | ({"rows": explanation.exclusions.texts()} if with_lists else {})


def _data(explanation: Explanation, published: Published) -> dict[str, Any]:
    observed_from = explanation.observed_from
    is_compared = explanation.figures.question.known_on is None
    return {
        "snapshot": explanation.figures.snapshot,
        "run": explanation.run_id,
        "published_at": _instant(published.published_at),
        "observed_from": observed_from and observed_from.isoformat(),
        **({"ties_out": published.ties_out} if is_compared else {}),
        "resources": [_age(age) for age in explanation.ages],
    }


def _difference(found: Difference) -> dict[str, Any]:
    return {
        "row": list(found.row),
        "column": found.column,
        "figure": format(found.figure, "f"),
        "inputs": None if found.inputs is None else format(found.inputs, "f"),
    }


def _reason(found: Reason) -> dict[str, Any]:
    amount = None if found.amount is None else format(found.amount, "f")
    named = {"reason": found.reason, "currency": found.currency}
    return named | {"count": found.count, "amount": amount}


def _age(age: Age) -> dict[str, Any]:
    return {
        "resource": age.resource,
        "records": age.records,
        "changes_read_at": _instant(age.changes_read_at),
        "all_read_at": _instant(age.all_read_at),
    }


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")


def question_facts(question: Question) -> dict[str, Any]:
    """What is asked, as far as it differs from what is usual."""
    facts = {}
    for field in fields(question):
        value = getattr(question, field.name)
        if field.default is MISSING or value != field.default:
            facts[field.name] = _sent(value)
    return facts


def _sent(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if isinstance(value, date) else value


def read_question(facts: Mapping[str, Any]) -> Question:
    """The question of `question_facts`; UsageError where that is none."""
    try:
        return Question(**{name: _read(name, value) for name, value in facts.items()})
    except (TypeError, ValueError, AttributeError):
        raise UsageError(
            "What the evidence pack answers is not a question of this version."
        ) from None


def _read(name: str, value: Any) -> Any:
    if name in DAYS and value is not None:
        return date.fromisoformat(value)
    return tuple(value) if isinstance(value, list) else value


def narrowing_facts(narrowing: Narrowing) -> dict[str, Any]:
    """Which of the figures are explained."""
    return {"row": dict(narrowing.rows), "column": narrowing.column}


def read_narrowing(facts: Mapping[str, Any]) -> Narrowing:
    """The narrowing of `narrowing_facts`."""
    rows = tuple((str(name), str(text)) for name, text in dict(facts.get("row") or {}).items())
    return Narrowing(rows, facts.get("column"))
