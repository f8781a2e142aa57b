"""What a schedule asks: its kept narrowing as a question of a day."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from etl.errors import UsageError
from etl.metrics.catalogue import find_metric
from etl.metrics.figures import Question
from etl.reading import asked
from etl.store.access import Grant

__all__ = ["FIRST_DAYS", "checked_narrowing", "question_of"]

FIRST_DAYS = ("month-start", "year-start")


def checked_narrowing(view: str, narrowing: Mapping[str, str | None]) -> dict[str, str]:
    """What was given; UsageError where the view cannot be narrowed by it, or a day is none."""
    known = find_metric(view).metric.parameters
    given = {name: text for name, text in narrowing.items() if text is not None}
    for name in given:
        if name not in known:
            raise UsageError(f"{view} cannot be narrowed by {name.removesuffix('_on')}.")
    if "from_on" in given:
        first_day(given["from_on"], date.max)
    return given


def first_day(told: str, on: date) -> date:
    """A day given as YYYY-MM-DD, or the first one of `on`'s month or year; else UsageError."""
    if told in FIRST_DAYS:
        first = on.replace(day=1)
        return first if told == "month-start" else first.replace(month=1)
    try:
        return date.fromisoformat(told)
    except ValueError:
        raise UsageError(
            f"“{told}” is not a first day: give {', '.join(FIRST_DAYS)} or YYYY-MM-DD."
        ) from None


def question_of(grant: Grant, view: str, on: date, narrowing: Mapping[str, Any]) -> Question:
    """The question of a day."""
    narrowed = dict(narrowing)
    if "from_on" in narrowed:
        narrowed["from_on"] = min(on, first_day(narrowed["from_on"], on))
    return asked(grant, view, as_of=on, **narrowed)
