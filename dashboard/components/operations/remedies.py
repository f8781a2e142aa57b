"""What to do about each kind of trouble: the runbook's own line of it."""

import streamlit as st

from dashboard.display import plain

__all__ = ["LINES", "show"]

LINES = {
    "run_failed": "tieout runs; the last snapshot is still shown",
    "run_stale": "nothing: the next run continued behind it",
    "run_pending": "nothing: it goes on by itself at the time named",
    "circuit_open": "nothing; if it lasts, look at BILL's status page",
    "limit_near": "tieout runs; find out who else uses the developer key",
    "letter_failed": "correct the address in BILL",
    "letter_unknown": "look into the server's log; it is not sent again",
    "sync_failed": "what its sentence says; tieout doctor SLUG",
    "sync_late": "see that tieout serve runs; tieout runs",
    "webhook_disabled": (
        "see that the address leads to tieout serve, then tieout webhooks on again"
    ),
    "disk_low": "make room",
    "rates_fetch_failed": "what its sentence says; it is asked again every day",
}


def show(kind: str) -> None:
    """The line of a kind of trouble; nothing where the runbook has none."""
    if kind in LINES:
        st.info(plain(f"What to do: {LINES[kind]}."), icon=":material/build:")
