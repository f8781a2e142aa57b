"""Where a figure on a page is from."""

from dataclasses import dataclass
from typing import Any

__all__ = ["Source", "source"]


@dataclass(frozen=True, slots=True)
class Source:
    """A metric and, of one figure, its column; `narrowed` holds the fields of its question."""

    metric: str
    column: str | None = None
    narrowed: tuple[tuple[str, Any], ...] = ()


def source(metric: str, column: str | None = None, **narrowed: Any) -> Source:
    """Where a figure is from: a metric, one of its columns, and what it was narrowed to."""
    return Source(metric, column, tuple(sorted(narrowed.items())))
