"""Signing in."""

import streamlit as st

from dashboard import session, theme
from dashboard.components.errors import calm, say
from dashboard.reads import desk

__all__ = ["show"]


def show() -> None:
    """The page of everybody who has not signed in; the address they came for stays."""
    with st.container(horizontal_alignment="center"):
        st.space("xlarge")
        with st.container(width=380):
            st.image(theme.logo(), width=132)
            st.title("Sign in", anchor=False)
            st.caption("The receivables desk over BILL.")
            with calm():
                _form()
            st.caption("No account, or a lost password? Ask whoever runs Tieout for you.")


def _form() -> None:
    with st.form("sign-in", border=True):
        email = st.text_input("E-mail", autocomplete="username", key="email")
        password = st.text_input(
            "Password", type="password", autocomplete="current-password", key="password"
        )
        pressed = st.form_submit_button("Sign in", type="primary", width="stretch")
    if pressed:
        _try(email or "", password or "")


def _try(email: str, password: str) -> None:
    if not email.strip() or not password:
        say("Give your e-mail address and your password.")
        return
    found = desk().sign_in(email, password)
    if isinstance(found, str):
        say(found)
        return
    session.sign_in(found)
    st.rerun()
