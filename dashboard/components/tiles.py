"""Figures at a glance: equal tiles in a row, two a row on a phone."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard.components import explain_button
from dashboard.source import Source

__all__ = ["Tile", "row"]


@dataclass(frozen=True, slots=True)
class Tile:
    """`note` stands small under the value; `colour` says good, bad or neither, as does `trend`.

    `source` makes the label a button that explains the figure.
    """

    label: str
    value: str
    note: str | None = None
    colour: str = "gray"
    trend: Sequence[float] | None = None
    source: Source | None = None


def row(tiles: Sequence[Tile]) -> None:
    """An even number of tiles side by side; a phone stacks the columns and keeps the pairs."""
    columns = st.columns(len(tiles) // 2, gap="small")
    for at, column in enumerate(columns):
        with column, st.container(horizontal=True, wrap=False):
            for tile in tiles[2 * at : 2 * at + 2]:
                _tile(tile)


def _tile(tile: Tile) -> None:
    with st.container(border=True, gap=None, height="stretch"):
        if tile.source:
            explain_button.show(tile.label, tile.source, key=f"explain-{tile.label}")
        st.metric(
            tile.label,
            tile.value,
            delta=tile.note,
            delta_color=tile.colour,  # type: ignore[arg-type]
            delta_arrow="off",
            chart_data=tile.trend,
            label_visibility="collapsed" if tile.source else "visible",
        )
