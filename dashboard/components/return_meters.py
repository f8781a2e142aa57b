"""Return rates of bank debits beside the levels that Nacha watches."""

import streamlit as st

from dashboard import reads
from dashboard.components import table
from dashboard.reads import View

__all__ = ["show"]

COLUMNS = ("meter", "currency", "debits", "returned", "without_code", "rate", "limit", "standing")
WHOSE = (
    "Bank debits of the last 60 days. Nacha measures BILL, which originates them, not you: this is "
    "an early warning. Returns without a code count in the overall rate alone, so enter reasons; "
    "below 200 debits one return moves a rate by half a percent and more."
)


def show(view: View) -> None:
    """A row a currency and rate; nothing where no bank debit was made."""
    if not reads.figures(view, "return_rates").rows:
        return
    with st.container(border=True):
        st.subheader("Return rates", anchor=False)
        st.caption(WHOSE)
        table.show(view, "return_rates", COLUMNS)
