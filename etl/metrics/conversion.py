"""A metric once more, over tables that hold its documents in a reporting currency."""

from collections.abc import Callable
from dataclasses import replace

from etl.errors import UsageError
from etl.metrics.figures import Converted, Figures, Metric, Missing, Question, RatesOf
from etl.metrics.unconverted import missing_parameters
from etl.money import exponent_of
from etl.warehouse.snapshot import Conversion, Snapshot
from etl.warehouse.sqlfile import read_sql

__all__ = ["convert"]


def convert(
    metric: Metric,
    function: Callable[[Snapshot, Question], Figures],
    snapshot: Snapshot,
    question: Question,
) -> Converted:
    """The metric's total in `question.reporting`, and what of it has no rate.

    UsageError where the metric has none.
    """
    if metric.needs is None or question.reporting is None:
        raise UsageError(
            f"{metric.name} has no total in a reporting currency: ask it without --reporting."
        )
    code = question.reporting
    conversion = Conversion(code, exponent_of(code), question.as_of, question.currency)
    figures = function(replace(snapshot, conversion=conversion), replace(question, currency=None))
    asked = missing_parameters(metric.needs, snapshot, question)
    *missing, total = snapshot.rows(read_sql("metrics/sql/unconverted_sums.sql"), asked)
    return Converted(
        currency=code,
        figures=figures,
        unconverted_count=total[2],
        unconverted=tuple(Missing(*row) for row in missing),
        rates=_rates(snapshot, question),
    )


def _rates(snapshot: Snapshot, question: Question) -> tuple[RatesOf, ...]:
    asked = question.parameters(("reporting", "as_of", "from_on", "currency"))
    found = snapshot.rows(read_sql("metrics/sql/rates_used.sql"), asked)
    return tuple(RatesOf(*row) for row in found)
