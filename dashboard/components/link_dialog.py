"""A payment link, as soon as BILL gave it: to copy, to open, and as a code for a phone."""

import segno
import streamlit as st

from dashboard import session
from dashboard.components.errors import calm
from dashboard.display import called, plain
from dashboard.reads import View, desk

__all__ = ["show"]


def show(view: View, receipt: int) -> None:
    """The dialog; it looks again by itself until there is an answer."""
    ask = "Payment link"
    st.dialog(ask, on_dismiss=session.close_action)(_dialog)(view, receipt)


def _dialog(view: View, receipt: int) -> None:
    with calm():
        waits = not desk().outcome(view.user_id, view.slug, receipt).is_settled
        st.fragment(_answer, run_every="1s" if waits else None)(view, receipt, waits)
        if st.button("Close", key="close-link"):
            session.close_action()
            st.rerun()


def _answer(view: View, receipt: int, waits: bool) -> None:
    with calm():
        outcome = desk().outcome(view.user_id, view.slug, receipt)
        if waits and outcome.is_settled:
            st.rerun()  # it need not look again
        if outcome.link:
            _link(outcome.link, outcome.document)
        elif waits:
            st.info(f"BILL is being asked. {plain(outcome.said or '')}", icon=":material/sync:")
        else:
            st.warning(plain(outcome.said or ""), icon=":material/info:")


def _link(link: str, document: str) -> None:
    st.markdown(
        f"Whoever has this address can pay invoice **{called(document)}**: give it to its customer "
        "only."
    )
    st.code(link, language=None, wrap_lines=True)
    code = segno.make(link).svg_inline(scale=4, border=4, dark="#1c2321", light="#ffffff")
    st.image(code, alt="The address above as a code to scan")
    st.link_button("Open", link, icon=":material/open_in_new:")
