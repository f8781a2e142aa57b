"""Which currency tiles and charts are in: amounts of two are never added."""

import streamlit as st

from dashboard import reads
from dashboard.reads import View

__all__ = ["choose"]


def choose(view: View) -> str | None:
    """The view's currency, or where it shows all, one of them by a switch; None without any."""
    if view.currency:
        return view.currency
    codes = reads.currencies(view)
    if len(codes) < 2:
        return codes[0] if codes else None
    chosen = st.segmented_control(
        "Tiles and charts in",
        codes,
        default=codes[0],
        required=True,
        key=f"charts-in-{view.slug}",
        label_visibility="collapsed",
        persist_state="session",
    )
    return chosen or codes[0]
