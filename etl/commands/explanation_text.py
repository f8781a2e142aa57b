"""An explanation as lines for a terminal."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from etl.commands.shared import table_lines
from etl.explanations.explanation import Age, Explanation
from etl.explanations.formulas import number
from etl.metrics.figures import Figures
from etl.reading import Published

__all__ = ["told"]

SHOWN_INPUTS = ("columns", "what", "document", "on", "customer", "currency", "amount")
SHOWN_EXCLUSIONS = ("reason", "document", "on", "customer", "currency", "amount")
ALIKE = ("month", "part")  # shown where they tell rows apart


def told(found: Explanation, published: Published) -> Iterator[str]:
    """The lines of an explanation."""
    metric = found.figures.metric
    yield f"{metric.title} ({metric.name}) at the end of {found.figures.as_of}"
    yield metric.definition
    yield from _headed("Figure", _table(found.figures, found.figures.names))
    yield from _headed("How it comes about", [*found.formulas, *found.notes])
    yield from _headed(
        _counted("Inputs", found.input_count, found.inputs), _table(found.inputs, SHOWN_INPUTS)
    )
    yield from _headed(
        _counted("Left out", found.exclusion_count, found.exclusions),
        _table(found.exclusions, SHOWN_EXCLUSIONS),
    )
    yield from _headed("Left out, by reason", _reasons(found))
    yield from _headed("Rates", _table(found.rates, found.rates.names) if found.rates.rows else [])
    yield from _headed("Does it add up", _adds_up(found))
    yield from _headed("Data", _data(found, published))


def _headed(heading: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield ""
        yield heading
        yield from (f"  {line}" for line in lines)


def _counted(heading: str, count: int, figures: Figures) -> str:
    shown = len(figures.rows)
    return f"{heading}: {count:,}" if shown == count else f"{heading}: {shown:,} of {count:,}"


def _table(figures: Figures, names: Sequence[str]) -> list[str]:
    records = figures.records()
    telling = [name for name in ALIKE if name not in names and _differs(records, name)]
    columns = [*telling, *names]
    return list(table_lines(columns, [[row[name] for name in columns] for row in records]))


def _differs(records: Sequence[dict[str, Any]], name: str) -> bool:
    return len({row.get(name) for row in records}) > 1


def _reasons(found: Explanation) -> list[str]:
    return [
        f"{one.reason}: {one.count:,}"
        + ("" if one.amount is None else f", {number(one.amount)} {one.currency}")
        for one in found.reasons
    ]


def _adds_up(found: Explanation) -> list[str]:
    if found.adds_up:
        return ["Yes: the inputs give the figure to the cent."]
    return [
        f"NO: {' · '.join(one.row)} {one.column} is {one.figure}, the inputs give {one.inputs}"
        for one in found.differences
    ]


def _data(found: Explanation, published: Published) -> list[str]:
    seq, run_id, count = found.figures.snapshot, found.run_id, found.input_count
    when = f"published {_moment(published.published_at)}"
    failed = [check for check in published.checks if check["count"]]
    said = [f"{check['check']}: {check['count']} differences" for check in failed]
    return [
        f"snapshot {seq} of run {run_id}, {when}; BILL last read {_moment(published.read_at)}",
        f"changes are seen since {found.observed_from}",
        f"{found.reconstructed:,} of {count:,} inputs are reconstructed",
        *([] if found.figures.question.known_on else said or ["every check of it found nothing"]),
        *map(_age, found.ages),
    ]


def _age(age: Age) -> str:
    read = f"changes read to the end {_moment(age.changes_read_at)}"
    return f"{age.resource}: {age.records:,} records, {read}, all of it {_moment(age.all_read_at)}"


def _moment(at: datetime | None) -> str:
    return "not yet" if at is None else f"{at:%Y-%m-%d %H:%M} UTC"
