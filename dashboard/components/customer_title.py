"""Who a customer is, how they pay in a word, and what may be done with them."""

import streamlit as st

from dashboard import navigation, reads, session
from dashboard.components import confirm
from dashboard.components.customer_tiles import Customer
from dashboard.components.table import CHIP_COLOURS
from dashboard.display import called, state
from dashboard.offers import NOTE, PROMISE
from dashboard.reads import View
from dashboard.safe_text import plain

__all__ = ["show"]

HOLDS = {"hold": ("On hold", "red"), "watch": ("Watched", "orange"), "clear": ("Released", "gray")}


def show(view: View, customer: Customer) -> None:
    """Their name, beside it what may be done (below it on a phone), and why they are held."""
    held = reads.holding(view, customer.id)
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            st.subheader(called(customer["customer"]), anchor=False, width="content")
            if behaviour := customer["behaviour"]:
                colour = CHIP_COLOURS[behaviour]
                st.badge(f"{state(behaviour)} by days late", color=colour)  # type: ignore[arg-type]
            if held:
                label, colour = HOLDS[held.standing]
                st.badge(label, color=colour)  # type: ignore[arg-type]
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            if view.may_act:
                confirm.offer(view, customer.id, NOTE)
                confirm.offer(view, customer.id, PROMISE)
            st.page_link(
                navigation.INVOICES.path,
                label="Their invoices",
                icon=":material/receipt_long:",
                query_params=session.link_parameters(customer=customer.id),
            )
    if held:
        st.caption(f"{HOLDS[held.standing][0]}: {plain(held.reason)}")
