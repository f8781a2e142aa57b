"""Receivables: what is owed and how old it is, whom to call, and money that waits."""

import streamlit as st

from dashboard import navigation
from dashboard.components import collecting, currency, empty, owed, page, table
from dashboard.reads import View


def body(view: View) -> None:
    """Figures, the aging by currency beside its year, then the lists one works in."""
    code = currency.choose(view)
    if code is None:
        empty.show("Nothing happened up to this day", "Choose a later day in the sidebar.")
        return
    owed.show_tiles(view, code)
    with st.container(border=True):
        with table.heading("Aging by currency"):
            by = owed.basis(view)
        owed.aging(view, by)
    owed.trend(view, code)
    collecting.worklist(view)
    collecting.by_customer(view, by)
    left, right = st.columns([3, 2], gap="small")
    with left:
        collecting.unapplied(view)
    with right:
        collecting.statement(view)


if __name__ == "__main__":
    page.show(navigation.RECEIVABLES, body)
