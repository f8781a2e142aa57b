"""The columns that every format has: what the file is of first, then the metric's own."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from etl.metrics.figures import Column, Figures
from etl.store.access import Grant

__all__ = ["LEADING", "YES", "Layout", "Line", "layout_of"]

LEADING = ("tenant", "as_of", "time_zone", "currency")
YES = "yes"  # how a converted row is marked where a cell is text


class Line(NamedTuple):
    """A row: its currency (empty where there is none) and the cells of the layout's columns."""

    currency: str
    is_converted: bool
    cells: list[Any]


@dataclass(frozen=True, slots=True)
class Layout:
    """A metric's columns without its currency, which leads.

    `has_conversion`: after the currency stands whether a row is in the reporting currency.
    """

    columns: tuple[Column, ...]
    lead: tuple[str, str, str]
    has_conversion: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The header."""
        converted = ("converted",) if self.has_conversion else ()
        return (*LEADING, *converted, *(column.name for column in self.columns))

    def lines(self, figures: Figures) -> Iterator[Line]:
        """The rows in their own currencies, then those in the reporting currency."""
        yield from self._lines(figures, is_converted=False)
        if figures.converted:
            yield from self._lines(figures.converted.figures, is_converted=True)

    def _lines(self, figures: Figures, *, is_converted: bool) -> Iterator[Line]:
        at = {name: place for place, name in enumerate(figures.names)}
        currency_at = at.get("currency")
        # A converted row has no cell for what stands beside an amount in its own currency.
        places = [at.get(column.name) for column in self.columns]
        for row in figures.rows:
            currency = "" if currency_at is None else row[currency_at] or ""
            cells = [None if place is None else row[place] for place in places]
            yield Line(currency, is_converted, cells)


def layout_of(grant: Grant, figures: Figures) -> Layout:
    """How a metric's figures are laid out."""
    return Layout(
        columns=tuple(column for column in figures.metric.columns if column.name != "currency"),
        lead=(grant.tenant, figures.as_of.isoformat(), grant.time_zone),
        has_conversion=figures.converted is not None,
    )
