"""Where nothing is: what would be here, and what to do."""

import streamlit as st

from dashboard.display import plain

__all__ = ["show"]


def show(title: str, text: str, *, icon: str = ":material/inbox:") -> None:
    """An empty place that explains itself."""
    with st.container(border=True, horizontal_alignment="center", gap="xsmall"):
        st.space("small")
        st.markdown(f":gray[{icon}]", width="content", text_alignment="center")
        st.subheader(plain(title), anchor=False, text_alignment="center")
        st.caption(plain(text), width=520, text_alignment="center")
        st.space("small")
