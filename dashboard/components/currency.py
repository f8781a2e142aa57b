"""Which currency tiles and charts are in: amounts of two are never added unconverted."""

import streamlit as st

from dashboard import reads
from dashboard.reads import View

__all__ = ["choose", "note"]


def choose(view: View) -> str | None:
    """The view's currency, or where it shows all, one of them by a switch; None without any.

    The currency of the total, where all are converted to one.
    """
    if view.reporting or view.currency:
        return view.reporting or view.currency
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


def note(view: View, *metrics: str, what: str = "this figure is") -> None:
    """Says where figures stay in their own currency although the view's total is converted."""
    if view.reporting and not all(reads.is_converted(view, metric) for metric in metrics):
        st.caption(f"Only what is in {view.reporting}: {what} not converted.")
