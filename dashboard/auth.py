"""Signing in: the password, and whatever is needed after it."""

from collections.abc import Callable

import streamlit as st

from dashboard import doors, session, theme
from dashboard.components import second_factor
from dashboard.components.errors import calm, say
from etl.desk import SignedIn
from etl.entry import HalfWay, Need

__all__ = ["show", "show_codes"]


def show() -> None:
    """The page of everybody who has not signed in; the address they came for stays."""
    half = session.half_way()
    with _card(), calm():
        if half is None:
            _password_page()
        else:
            STEPS[half.needs](half)
            st.button("Sign in as somebody else", type="tertiary", on_click=_begin_again)
    if doors.cookie(doors.SESSION_COOKIE):
        doors.fetch_cookie("DELETE")


def show_codes() -> None:
    """New recovery codes, before anything else is shown."""
    with _card():
        st.title("Keep these codes", anchor=False)
        second_factor.show_codes(session.fresh_codes())


def _card() -> st.delta_generator.DeltaGenerator:
    outer = st.container(horizontal_alignment="center")
    outer.space("xlarge")
    card = outer.container(width=380)
    card.image(theme.logo(), width=132, alt="Tieout")
    return card


def _password_page() -> None:
    settings = doors.doorway().settings
    st.title("Sign in", anchor=False)
    st.caption("The receivables desk over BILL.")
    told = session.told()
    if told:
        say(told)
    has_provider = settings.provider is not None and settings.sign_in_by != "password"
    if has_provider and st.button("Continue with your organization", width="stretch"):
        st.login()
    if settings.sign_in_by != "provider":
        _form()
        st.caption("No account, or a lost password? Ask whoever runs Tieout for you.")


def _form() -> None:
    with st.form("sign-in", border=True):
        email = st.text_input("E-mail", autocomplete="username", key="email")
        password = st.text_input(
            "Password", type="password", autocomplete="current-password", key="password"
        )
        pressed = st.form_submit_button("Sign in", type="primary", width="stretch")
    if not pressed:
        return
    if not (email or "").strip() or not password:
        say("Give your e-mail address and your password.")
        return
    _go_on(doors.entrance().sign_in(email or "", password, doors.browser()))


def _code_page(half: HalfWay) -> None:
    st.title("Enter your code", anchor=False)
    st.caption(f"The six digits that your authenticator shows for {half.email}.")
    code = second_factor.code_form("Sign in", "Lost it? A recovery code is taken here, too.")
    if code:
        _go_on(doors.entrance().give_code(half, code, doors.browser()))


def _enrolment_page(half: HalfWay) -> None:
    st.title("Set up a second factor", anchor=False)
    st.caption("Your tenant asks for one beside your password.")
    begun = session.enrolment() or doors.entrance().begin_enrolment(half)
    if isinstance(begun, str):
        _go_on(begun)
        return
    session.keep_enrolment(begun)
    code = second_factor.enrol(*begun)
    if not code:
        return
    confirmed = doors.entrance().confirm_enrolment(half, code, doors.browser())
    if isinstance(confirmed, str):
        say(confirmed)
        return
    step, codes = confirmed
    session.keep_fresh_codes(codes)
    _go_on(step)


def _new_password_page(half: HalfWay) -> None:
    st.title("Choose a new password", anchor=False)
    st.caption("The one you have is older than is allowed here.")
    with st.form("new-password", border=True):
        new = st.text_input("New password", type="password", autocomplete="new-password")
        again = st.text_input("Once more", type="password", autocomplete="new-password")
        pressed = st.form_submit_button("Save and sign in", type="primary", width="stretch")
    if pressed and new != again:
        say("The two are not the same: type them again.")
    elif pressed:
        _go_on(doors.entrance().renew_password(half, new or "", doors.browser()))


STEPS: dict[Need, Callable[[HalfWay], None]] = {
    Need.CODE: _code_page,
    Need.ENROLMENT: _enrolment_page,
    Need.NEW_PASSWORD: _new_password_page,
}


def _go_on(found: SignedIn | HalfWay | str) -> None:
    if isinstance(found, str):
        say(found)
        return
    if isinstance(found, SignedIn):
        session.sign_in(found)
    else:
        session.go_half_way(found)
    st.rerun()


def _begin_again() -> None:
    session.go_half_way(None)
