"""A chart in its frame."""

from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from dashboard import reads
from dashboard.reads import View
from dashboard.theme import Palette

__all__ = ["draw", "show"]


def show(
    view: View,
    title: str,
    name: str,
    about: tuple[Any, ...],
    draw_it: Callable[[Palette], go.Figure],
) -> None:
    """A titled chart, drawn once for everybody who looks at the same."""
    with st.container(border=True, height="stretch"):
        st.subheader(title, anchor=False)
        draw(view, name, about, draw_it, alt=title)


def draw(
    view: View,
    name: str,
    about: tuple[Any, ...],
    draw_it: Callable[[Palette], go.Figure],
    *,
    alt: str,
) -> None:
    """The chart alone, where its heading's line holds something else as well."""
    st.plotly_chart(
        reads.chart(view, name, about, draw_it),
        theme=None,
        key=f"chart-{name}",
        config={"displayModeBar": False},
        alt=alt,
    )
