"""A choice between parts of a page; only the chosen one is read, and the address names it."""

from collections.abc import Mapping

import streamlit as st

from dashboard import session

__all__ = ["show"]


def show(name: str, options: Mapping[str, str], *, label: str) -> str:
    """The key of the option that is chosen: the address's, or the first.

    `name` is the parameter of the address; `options` go from what it may say to their words.
    """
    keys = list(options)
    asked = session.opened(name)
    chosen = st.segmented_control(
        label,
        keys,
        default=asked if asked in options else keys[0],
        required=True,
        format_func=lambda key: options[key],
        key=f"switch-{name}",
        label_visibility="collapsed",
    )
    chosen = chosen or keys[0]
    session.show_record(name, None if chosen == keys[0] else chosen)
    return chosen
