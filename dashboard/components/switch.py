"""A choice between parts of a page; only the chosen one is read, and the address names it."""

from collections.abc import Mapping
from typing import TypeVar

import streamlit as st

from dashboard import session

__all__ = ["show"]

T = TypeVar("T", bound=str)


def show(name: str, options: Mapping[T, str], *, label: str, usual: T | None = None) -> T:
    """The key of the option that is chosen: the address's, or the usual (else the first).

    `name` is the parameter of the address, which does not say the usual; `options` go from what it
    may say to their words.
    """
    first = usual or next(iter(options))
    said = session.opened(name)
    chosen = next((option for option in options if option == said), first)
    st.segmented_control(
        label,
        list(options),
        format_func=lambda option: options[option],
        required=True,
        key=session.widget(f"switch-{name}", chosen),
        on_change=lambda: _choose(name, first),
        label_visibility="collapsed",
        wrap=True,
    )
    return chosen


def _choose(name: str, usual: str) -> None:
    chosen = session.value(f"switch-{name}")
    session.show_record(name, None if chosen == usual else chosen)
