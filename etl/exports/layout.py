"""The columns that every format has: what the file is of first, then the metric's own."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from etl.metrics.figures import Column, Figures
from etl.store.access import Grant

__all__ = ["LEADING", "Layout", "layout_of"]

LEADING = ("tenant", "as_of", "time_zone", "currency")


@dataclass(frozen=True, slots=True)
class Layout:
    """A metric's columns without its currency, which leads; `places` is where they are in a row."""

    columns: tuple[Column, ...]
    places: tuple[int, ...]
    lead: tuple[str, str, str]
    currency_at: int | None

    @property
    def names(self) -> tuple[str, ...]:
        """The header."""
        return (*LEADING, *(column.name for column in self.columns))

    def lines(self, figures: Figures) -> Iterator[tuple[str, list[Any]]]:
        """A currency (empty where there is none) and the cells of `columns`, a row each."""
        for row in figures.rows:
            currency = "" if self.currency_at is None else row[self.currency_at] or ""
            yield currency, [row[place] for place in self.places]


def layout_of(grant: Grant, figures: Figures) -> Layout:
    """How a metric's figures are laid out."""
    columns = figures.metric.columns
    places = [at for at, column in enumerate(columns) if column.name != "currency"]
    names = figures.names
    return Layout(
        columns=tuple(columns[at] for at in places),
        places=tuple(places),
        lead=(grant.tenant, figures.as_of.isoformat(), grant.time_zone),
        currency_at=names.index("currency") if "currency" in names else None,
    )
