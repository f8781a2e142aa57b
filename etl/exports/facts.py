"""What an export says of itself: whose, what, as of when, from what, and its sums."""

import hashlib
from decimal import Decimal
from typing import Any

from etl.exports.conversion import conversion_of
from etl.metrics.figures import Converted, Figures, Question
from etl.reading import Published
from etl.store.access import Grant

__all__ = ["facts_of", "filters_of", "known_facts", "sha256_of"]

NARROWING = (
    "from_on",
    "to_on",
    "due_from",
    "due_to",
    "amount_from",
    "amount_to",
    "currency",
    "customer",
    "invoice",
    "record",
    "search",
    "state",
    "limit",
    "reporting",
)


def facts_of(grant: Grant, figures: Figures, published: Published) -> dict[str, Any]:
    """The facts, as JSON can keep them: amounts are decimal texts."""
    return {
        "metric": figures.metric.name,
        "title": figures.metric.title,
        "definition": figures.metric.definition,
        "tenant": grant.tenant,
        "as_of": figures.as_of.isoformat(),
        "time_zone": grant.time_zone,
        "filters": filters_of(figures.question),
        "snapshot": figures.snapshot,
        **(known_facts(figures.question) or _standing(published)),
        "rounding": "half up, to the currency's minor unit",
        "rows": len(figures.rows),
        "sums": _sums(figures),
        **({"reporting": _reporting(figures.converted)} if figures.converted else {}),
    }


def known_facts(question: Question) -> dict[str, str]:
    """On which day it was known, where that is not now."""
    return {"known_on": question.known_on.isoformat()} if question.known_on else {}


def _standing(published: Published) -> dict[str, Any]:
    read_at = published.read_at.isoformat(timespec="seconds")
    return {"bill_read_at": read_at, "ties_out": published.ties_out}


def _reporting(converted: Converted) -> dict[str, Any]:
    return {
        "rows": len(converted.figures.rows),
        "sums": _sums(converted.figures),
        **conversion_of(converted),
    }


def sha256_of(content: bytes) -> str:
    """The hash by which a file is known again."""
    return hashlib.sha256(content).hexdigest()


def filters_of(question: Question) -> dict[str, str]:
    """What narrows a question, and how the tenant counts where it is not the usual way."""
    given = {
        name: str(value) for name in NARROWING if (value := getattr(question, name)) is not None
    }
    return given | _ways(question)


def _ways(question: Question) -> dict[str, str]:
    return {
        **({"basis": question.basis} if question.basis != "due" else {}),
        **({"edges": ",".join(map(str, question.edges))} if question.edges else {}),
        **({"grace_days": str(question.grace_days)} if question.grace_days else {}),
    }


def _sums(figures: Figures) -> dict[str, dict[str, str]]:
    """Column sums a currency; two currencies are never added."""
    names = figures.names
    currency_at = names.index("currency") if "currency" in names else None
    money = [
        (at, column.name)
        for at, column in enumerate(figures.metric.columns)
        if column.kind == "money" and column.adds_up
    ]
    sums: dict[str, dict[str, Decimal]] = {}
    for row in figures.rows:
        currency = "" if currency_at is None else row[currency_at] or ""
        of_currency = sums.setdefault(currency, {})
        for at, name in money:
            of_currency[name] = of_currency.get(name, Decimal(0)) + (row[at] or 0)
    return {
        currency: {name: format(total, "f") for name, total in columns.items()}
        for currency, columns in sums.items()
    }
