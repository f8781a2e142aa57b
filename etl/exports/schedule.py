"""A scheduled export: how it is arranged and told, and what it asks of a day."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from etl.errors import UsageError
from etl.exports.formats import checked_format
from etl.exports.rhythm import DAYS_TOLD, Rhythm
from etl.metrics.catalogue import CATALOGUE, find_metric
from etl.metrics.figures import Question
from etl.reading import asked
from etl.store.access import Grant
from etl.store.models import ExportSchedule

__all__ = [
    "FIRST_DAYS",
    "WEEKDAYS",
    "Destination",
    "Wanted",
    "arranged",
    "checked_narrowing",
    "offered_views",
    "question_of",
    "told",
]

FIRST_DAYS = ("month-start", "year-start")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Wanted:
    """An export as somebody wants it: of what, in which format, and when; see ExportSchedule."""

    name: str
    view: str
    format: str
    when: Rhythm
    day_told: str = "today"
    narrowing: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where to: `kind` is folder, s3 or email, `secret` a sealed text."""

    kind: str
    target: Mapping[str, Any]
    secret: str | None = None


def offered_views() -> dict[str, str]:
    """Name and title of every view that is of a whole tenant, by title."""
    whole = {
        name: entry.metric.title
        for name, entry in CATALOGUE.items()
        if not (
            entry.metric.needs_customer or entry.metric.needs_record or entry.metric.needs_reporting
        )
    }
    return dict(sorted(whole.items(), key=lambda pair: pair[1]))


def arranged(
    grant: Grant, wanted: Wanted, to: Destination, *, by: str, at: datetime
) -> ExportSchedule:
    """The schedule; UsageError where the view, the format or the day is none."""
    find_metric(wanted.view)
    if wanted.day_told not in DAYS_TOLD:
        raise UsageError(f"“{wanted.day_told}” is no day: choose {', '.join(DAYS_TOLD)}.")
    return ExportSchedule(
        name=wanted.name,
        view=wanted.view,
        narrowing=dict(wanted.narrowing),
        format=checked_format(wanted.format),
        rhythm=wanted.when.kind,
        at_time=f"{wanted.when.at:%H:%M}",
        on_day=wanted.when.on_day,
        day_told=wanted.day_told,
        kind=to.kind,
        target=dict(to.target),
        secret=to.secret,
        created_by=by,
        created_at=at,
        due_at=wanted.when.next_after(at, grant.time_zone),
    )


def told(row: ExportSchedule) -> dict[str, Any]:
    """A schedule as commands and pages tell it; keys are never among it."""
    due = row.not_before if row.failures else row.due_at
    return {
        "name": row.name,
        "view": row.view,
        "narrowing": row.narrowing,
        "format": row.format,
        "when": _when(row),
        "as_of": row.day_told,
        "to": _where(row),
        "next": due and due.isoformat(timespec="seconds"),
        "said": row.said,
    }


def _when(row: ExportSchedule) -> str:
    if row.rhythm == "after_sync":
        return "after a sync that changed something"
    day = WEEKDAYS[(row.on_day or 1) - 1] if row.rhythm == "weekly" else row.on_day
    on = f" on {day}" if day else ""
    return f"{row.rhythm}{on} at {row.at_time}"


def _where(row: ExportSchedule) -> str:
    if row.kind == "email":
        return ", ".join(row.target["recipients"])
    if row.kind == "s3":
        return f"s3://{row.target['bucket']}/{row.target['prefix']}"
    return str(row.target["path"])


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
