"""Every metric's explanation, by the metric's name."""

from etl.errors import UsageError
from etl.explanations import collection, failures, outlook, receivables, revenue, work
from etl.explanations.declared import Explained

__all__ = ["EXPLANATIONS", "explained"]

EXPLANATIONS = {
    one.metric.name: one
    for one in (
        *receivables.EXPLAINED,
        *revenue.EXPLAINED,
        *collection.EXPLAINED,
        *failures.EXPLAINED,
        *outlook.EXPLAINED,
        *work.EXPLAINED,
    )
}


def explained(name: str) -> Explained:
    """What a metric declares; UsageError where it cannot be explained yet."""
    try:
        return EXPLANATIONS[name]
    except KeyError:
        raise UsageError(f"{name} cannot be explained: choose another metric.") from None
