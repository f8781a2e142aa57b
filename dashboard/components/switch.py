"""A choice of a few, kept in the address, so that what it shows is a link."""

from collections.abc import Mapping
from typing import TypeVar

import streamlit as st

from dashboard import session

__all__ = ["show"]

T = TypeVar("T", bound=str)


def show(label: str, name: str, options: Mapping[T, str], usual: T) -> T:
    """What the address says under `name`, or the usual, which is not written into it."""
    said = session.opened(name)
    chosen = next((option for option in options if option == said), usual)
    st.segmented_control(
        label,
        list(options),
        format_func=lambda option: options[option],
        required=True,
        key=session.widget(f"{name}_switch", chosen),
        on_change=lambda: _choose(name, usual),
        label_visibility="collapsed",
        wrap=True,
    )
    return chosen


def _choose(name: str, usual: str) -> None:
    chosen = session.value(f"{name}_switch")
    session.show_record(name, None if chosen == usual else chosen)
