"""What a letter's template is given: texts that are ready to be read."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from etl.actions.action import money
from etl.notices.line import Line, Planned
from etl.notices.words import one_line
from etl.store.access import Grant

__all__ = ["facts_of"]


def facts_of(
    grant: Grant, planned: Planned, links: Mapping[str, str], today: date
) -> dict[str, Any]:
    """`links`: by invoice, the address to pay at; what has none is told without."""
    return {
        "tenant": one_line(grant.tenant_name),
        "customer": one_line(planned.customer.name),
        "reply_to": grant.preferences.reply_to or "",
        "today": _day(today),
        "lines": [_line(line, links, today) for line in planned.lines],
        "totals": [money(amount, code) for code, amount in _totals(planned).items()],
    }


def _line(line: Line, links: Mapping[str, str], today: date) -> dict[str, Any]:
    return {
        "number": one_line(line.number),
        "amount": money(line.amount, line.currency),
        "on": _day(line.on),
        "days_past_due": (today - line.on).days,
        "note": one_line(line.note),
        "link": links.get(line.invoice_id, ""),
    }


def _totals(planned: Planned) -> dict[str, Decimal]:
    totals: dict[str, Decimal] = {}
    for line in planned.lines:
        totals[line.currency] = totals.get(line.currency, Decimal(0)) + line.amount
    return totals


def _day(on: date) -> str:
    return f"{on:%B} {on.day}, {on.year}"
