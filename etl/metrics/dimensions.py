"""Revenue by what documents' lines are filed under: item, class, department, location, job."""

from collections.abc import Callable

from etl.metrics.figures import Column, Figures, Metric, Question, answered, fetch
from etl.warehouse.snapshot import Snapshot

__all__ = ["REVENUE_BY_DIMENSION"]

DIMENSIONS = ("item", "class", "department", "location", "job")


def _metric(dimension: str) -> Metric:
    return Metric(
        name=f"revenue_by_{dimension}",
        title=f"Revenue by {dimension}",
        unit="money",
        grain=f"{dimension}, currency",
        owner="finance",
        definition=(
            f"Invoiced and collected without tax, by the {dimension} that the lines of invoices "
            "and credit memos are filed under; most invoiced first."
        ),
        page="Revenue",
        columns=(
            Column(f"{dimension}_id", "id", f"{dimension.title()} id"),
            Column(dimension, "text", dimension.title()),
            Column("currency", "text", "Currency"),
            Column("invoiced", "money", "Invoiced"),
            Column("collected", "money", "Collected"),
        ),
        parameters=("as_of", "from_on", "to_on", "currency"),
        source="revenue_by_dimension",
    )


def _answering(metric: Metric, dimension: str) -> Callable[[Snapshot, Question], Figures]:
    def answer(snapshot: Snapshot, question: Question) -> Figures:
        asked = question.parameters(metric.parameters) | {"dimension": dimension}
        return answered(metric, snapshot, question, fetch(metric, snapshot, asked))

    return answer


# One a dimension: the metric and the function that answers it.
REVENUE_BY_DIMENSION = tuple(
    (metric, _answering(metric, dimension))
    for dimension in DIMENSIONS
    for metric in (_metric(dimension),)
)
