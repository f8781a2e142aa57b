"""What the list of invoices is narrowed to: words of the address, checked.

Every word that makes sense narrows; one that makes none is named, and narrows nothing.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from dashboard.display import day, state

__all__ = ["NAMES", "STATES", "Filters", "parsed"]

STATES = ("open", "overdue", "paid", "upcoming", "archived")
AMOUNT = re.compile(r"-?[0-9]{1,14}(\.[0-9]{1,4})?")  # what fits a DECIMAL(19, 4)


def _state(text: str) -> str | None:
    return text if text in STATES else None


def _amount(text: str) -> Decimal | None:
    """An amount as people type it, with or without commas; None where it is none."""
    plain = text.replace(",", "").strip()
    return Decimal(plain) if AMOUNT.fullmatch(plain) else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Filter:
    """One word of the address: how it is read, its field of the question, and how it is told."""

    read: Callable[[str], Any]
    field: str
    told: Callable[[Any], str]


FILTERS = {
    "q": Filter(lambda text: text.strip() or None, "search", lambda text: f"with “{text}”"),
    "state": Filter(_state, "state", lambda name: state(name).lower()),
    "amount_from": Filter(_amount, "amount_from", lambda value: f"of {value:,f} and more"),
    "amount_to": Filter(_amount, "amount_to", lambda value: f"of {value:,f} at most"),
    "invoiced_from": Filter(_day, "from_on", lambda on: f"invoiced from {day(on)}"),
    "invoiced_to": Filter(_day, "to_on", lambda on: f"invoiced up to {day(on)}"),
    "due_from": Filter(_day, "due_from", lambda on: f"due from {day(on)}"),
    "due_to": Filter(_day, "due_to", lambda on: f"due up to {day(on)}"),
}
NAMES = tuple(FILTERS)


@dataclass(frozen=True, slots=True)
class Filters:
    """What is asked for, by the words of the address, and the words that made no sense."""

    values: Mapping[str, Any]
    refused: tuple[str, ...]

    def narrowed(self) -> dict[str, Any]:
        """The same by the fields of a question."""
        return {FILTERS[name].field: value for name, value in self.values.items()}

    def told(self) -> list[str]:
        """Each in a few words."""
        return [FILTERS[name].told(value) for name, value in self.values.items()]


def parsed(words: Mapping[str, str]) -> Filters:
    """The filters of an address; other words of it are passed over."""
    read = {name: FILTERS[name].read(words[name]) for name in NAMES if words.get(name)}
    values = {name: value for name, value in read.items() if value is not None}
    refused = tuple(n for n in read if n not in values and words[n].strip())
    return Filters(values, refused)
