"""The button that asks where a figure comes from."""

import streamlit as st

from dashboard import session
from dashboard.source import Source

__all__ = ["show"]


def show(label: str, about: Source, *, key: str) -> None:
    """A quiet button that opens the explanation of a figure."""
    st.button(
        label,
        type="tertiary",
        key=key,
        help="Explain this number",
        on_click=lambda: session.open_explanation(about),
    )
