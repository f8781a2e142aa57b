"""A chart in its frame."""

from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from dashboard import reads
from dashboard.reads import View
from dashboard.theme import Palette

__all__ = ["show"]


def show(
    view: View,
    title: str,
    name: str,
    about: tuple[Any, ...],
    draw: Callable[[Palette], go.Figure],
) -> None:
    """A titled chart, drawn once for everybody who looks at the same."""
    with st.container(border=True, height="stretch"):
        st.subheader(title, anchor=False)
        st.plotly_chart(
            reads.chart(view, name, about, draw),
            theme=None,
            key=f"chart-{name}",
            config={"displayModeBar": False},
            alt=title,
        )
