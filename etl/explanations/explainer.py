"""Explaining figures: gathers what enters them and what does not, and proves that it adds up."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from etl.explanations.explanation import (
    EVERYTHING,
    EXCLUSIONS,
    INPUTS,
    RATES,
    Age,
    Explanation,
    Narrowing,
    Reason,
    listed,
)
from etl.explanations.plan import explained
from etl.explanations.proof import proof_of
from etl.explanations.shown import Shown
from etl.explanations.workspace import Workspace, opened
from etl.metrics.catalogue import answer, find_metric
from etl.metrics.figures import Figures, Metric, Question
from etl.money import rounded
from etl.warehouse.snapshot import Snapshot

__all__ = ["explain"]


def explain(
    snapshot: Snapshot,
    name: str,
    question: Question,
    narrowing: Narrowing = EVERYTHING,
    limit: int | None = None,
) -> Explanation:
    """Where a metric's figures come from; lists hold the `limit` largest, None for all.

    UsageError where there is no such metric, or no row or column is as `narrowing` says.
    """
    find_metric(name)
    declared = explained(name)
    shown = Shown.of(declared, answer(name, snapshot, question), narrowing)
    with opened(snapshot) as workspace:
        _gather(shown, workspace)
        _leave_out(shown, workspace)
        return _explanation(shown, workspace, limit)


def _gather(shown: Shown, workspace: Workspace) -> None:
    question = shown.figures.question
    for source in shown.declared.inputs(question):
        workspace.rows(source.sql, source.parameters)
    shown.declared.worked_out(workspace, question)
    cells = [list(shown.key(record)) for record in shown.figures.records()]
    workspace.rows("entered", {"keys": shown.keys, "cells": cells, "wanted": shown.wanted()})


def _leave_out(shown: Shown, workspace: Workspace) -> None:
    if undecided := list(shown.undecided()):
        cells, columns, reasons = (list(parts) for parts in zip(*undecided, strict=True))
        asked = {"cells": cells, "columns": columns}
        workspace.rows("undecided", asked | {"reasons": reasons})
        workspace.rows("decided", asked)
    for source in shown.declared.exclusions(shown.figures.question):
        workspace.rows(source.sql, source.parameters)
    workspace.leave_out(list(shown.gaps()))
    workspace.rows("narrowed", shown.places())


def _explanation(shown: Shown, workspace: Workspace, limit: int | None) -> Explanation:
    proof = proof_of(shown, workspace.rows("totals"))
    ((count, reconstructed),) = workspace.rows("counted")
    ((run_id, observed_from),) = workspace.rows("about")
    figures = shown.figures
    reasons = tuple(_reason(*row) for row in workspace.rows("reasons"))
    return Explanation(
        figures=figures,
        narrowing=shown.narrowing,
        formulas=tuple(proof.told()),
        notes=shown.declared.notes,
        inputs=_listed(INPUTS, figures, workspace, "listed", limit),
        input_count=count,
        reconstructed=reconstructed,
        exclusions=_listed(EXCLUSIONS, figures, workspace, "left_out", limit),
        exclusion_count=sum(reason.count for reason in reasons),
        reasons=(*reasons, *_unconverted(figures)),
        rates=listed(RATES, figures.question, figures.snapshot, _rates(figures)),
        differences=tuple(proof.differences()),
        ages=tuple(_age(*row) for row in workspace.rows("age")),
        run_id=run_id,
        observed_from=observed_from,
    )


def _rates(figures: Figures) -> list[tuple[Any, ...]]:
    used = figures.converted.rates if figures.converted else ()
    return [
        (
            of.currency,
            of.quote,
            f"{of.source}, inverted" if of.is_inverse else of.source,
            of.first_on,
            of.last_on,
            of.closing,
        )
        for of in used
    ]


def _unconverted(figures: Figures) -> Iterator[Reason]:
    """What is in the figures, and not in their total in the reporting currency."""
    total = figures.converted
    for missing in total.unconverted if total else ():
        reason = f"no rate: not in the total in {total.currency}" if total else ""
        yield Reason(reason, missing.currency, missing.count, missing.amount)


def _listed(
    metric: Metric, figures: Figures, workspace: Workspace, sql: str, limit: int | None
) -> Figures:
    rows = workspace.rows(sql, {"limit": limit})
    return listed(metric, figures.question, figures.snapshot, rows)


def _reason(reason: str, currency: str | None, count: int, amount: Decimal | None) -> Reason:
    code = currency or ""
    return Reason(reason, code, count, None if amount is None else rounded(amount, code))


def _age(resource: str, read_at: datetime | None, all_at: datetime | None, records: int) -> Age:
    return Age(resource, _utc(read_at), _utc(all_at), records)


def _utc(at: datetime | None) -> datetime | None:
    return at.replace(tzinfo=UTC) if at else None
