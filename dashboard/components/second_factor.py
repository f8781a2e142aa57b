"""Forms of the second factor: the QR code, a code to be typed, recovery codes."""

from collections.abc import Sequence

import segno
import streamlit as st

from dashboard import session
from dashboard.components.errors import say

__all__ = ["code_form", "enrol", "show_codes"]


def code_form(button: str, hint: str) -> str | None:
    """A form for one code; the code once it was sent."""
    with st.form("code", border=True):
        code = st.text_input("Code", autocomplete="one-time-code", key="code", max_chars=20)
        st.caption(hint)
        pressed = st.form_submit_button(button, type="primary", width="stretch")
    if pressed and not (code or "").strip():
        say("Type the code first.")
    return code if pressed else None


def enrol(secret: str, address: str) -> str | None:
    """What an authenticator scans, and the form for its first code."""
    st.markdown("Scan this with an authenticator app, then type the code it shows.")
    # Dark on white in either scheme: cameras read nothing else as well.
    code = segno.make(address).svg_inline(scale=5, border=4, dark="#1c2321", light="#ffffff")
    st.image(code, alt="The code to scan; it says what is written below")
    st.caption("No camera? Type this into the app:")
    st.code(" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)), language=None)
    return code_form("Confirm", "It changes every thirty seconds.")


def show_codes(codes: Sequence[str]) -> None:
    """Recovery codes, this one time."""
    st.markdown(
        "Each of these signs you in once, should you lose your authenticator. They are not shown "
        "again: print them, or keep them with your passwords."
    )
    st.code("\n".join(codes), language=None)
    st.button("I have kept them", type="primary", on_click=session.keep_fresh_codes, args=((),))
