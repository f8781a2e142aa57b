"""Facts of one record: a name and a value a line."""

from collections.abc import Iterable

import streamlit as st

__all__ = ["show"]


def show(facts: Iterable[tuple[str, str]]) -> None:
    """Names at the left, values at the right; a value is Markdown, so what others wrote comes
    `plain`."""
    with st.container(gap="xxsmall"):
        for name, value in facts:
            with st.container(horizontal=True, horizontal_alignment="distribute", wrap=False):
                st.markdown(f":small[:gray[{name}]]", width="content")
                st.markdown(f":small[{value}]", text_alignment="right")
