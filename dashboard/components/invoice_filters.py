"""What the list of invoices is narrowed to: in the address, so that a list is a link."""

from typing import Any

import streamlit as st

from dashboard import session
from dashboard.components import saved_views
from dashboard.display import plain, state
from dashboard.filters import NAMES, STATES, Filters, parsed
from dashboard.reads import View

__all__ = ["PAGE", "show", "tell"]

PAGE = "invoices"
WORDS = (*NAMES, "customer")
AMOUNTS = {"amount_from": "Total from", "amount_to": "Total up to"}
DAYS = {
    "invoiced_from": "Invoiced from",
    "invoiced_to": "Invoiced up to",
    "due_from": "Due from",
    "due_to": "Due up to",
}


def show(view: View) -> Filters:
    """The controls, on the line of a heading; what they ask for."""
    words = session.words(PAGE, WORDS)
    filters = parsed(words)
    _search(words)
    with st.popover("Filters", icon=":material/tune:", key="invoice-filters"):
        _more(words, filters)
    saved_views.show(view, PAGE, WORDS, words)
    _state(filters)
    return filters


def tell(filters: Filters) -> None:
    """What is asked for in words, and the way back to all."""
    for name in filters.refused:
        st.caption(f":orange[“{plain(name)}” of this link makes no sense and narrows nothing.]")
    if not filters.values and not filters.refused:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(plain("Only those " + ", ".join(filters.told())), width="content")
        st.button(
            "Clear filters",
            type="tertiary",
            key="clear-filters",
            on_click=lambda: session.write_words(PAGE, WORDS, {}),
        )


def _search(words: dict[str, str]) -> None:
    key = session.kept_widget("invoice-search", words.get("q", ""))
    st.text_input(
        "Search",
        type="search",
        placeholder="Number or customer",
        live=True,
        key=key,
        label_visibility="collapsed",
        width=190,
        max_chars=200,
        on_change=lambda: _write("q", session.value(key)),
    )


def _state(filters: Filters) -> None:
    key = session.kept_widget("invoice-state", filters.values.get("state"))
    st.segmented_control(
        "State",
        STATES,
        format_func=state,
        key=key,
        label_visibility="collapsed",
        on_change=lambda: _write("state", session.value(key)),
    )


def _more(words: dict[str, str], filters: Filters) -> None:
    with st.container(horizontal=True, width=340):
        for name, label in AMOUNTS.items():
            _amount(name, label, words)
        for name, label in DAYS.items():
            _day(name, label, filters)


def _amount(name: str, label: str, words: dict[str, str]) -> None:
    key = session.kept_widget(f"invoice-{name}", words.get(name, ""))
    st.text_input(
        label,
        placeholder="Any amount",
        key=key,
        width=150,
        on_change=lambda: _write(name, session.value(key)),
    )


def _day(name: str, label: str, filters: Filters) -> None:
    key = session.kept_widget(f"invoice-{name}", filters.values.get(name))
    st.date_input(
        label,
        value=None,
        format="YYYY-MM-DD",
        key=key,
        width=150,
        on_change=lambda: _write(name, session.value(key)),
    )


def _write(name: str, value: Any) -> None:
    words = session.words(PAGE, WORDS)
    session.write_words(PAGE, WORDS, words | {name: "" if value is None else str(value)})
