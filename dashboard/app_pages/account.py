"""Your account: password, second factor, other sessions."""

import streamlit as st

from dashboard import doors, session, theme
from dashboard.components import header, second_factor, sidebar
from dashboard.components.errors import calm, say
from dashboard.display import called
from etl.desk import SignedIn


def show(who: SignedIn) -> None:
    """The whole page."""
    st.logo(theme.logo(), icon_image=theme.MARK, size="large")
    sidebar.show_account(who)
    header.show_line("Your account")
    with calm(), st.container(width=420):
        standing = doors.account().standing(who)
        st.caption(called(who.email))
        _password(who)
        if standing.has_second_factor:
            st.subheader("Second factor", anchor=False)
            st.markdown(f"It is on, with {standing.codes_left} recovery codes left.")
            st.caption("For a new phone, ask an administrator to reset it.")
        else:
            _second_factor(who)
        _others(who)


def _password(who: SignedIn) -> None:
    st.subheader("Password", anchor=False)
    with st.form("password-change", border=True, clear_on_submit=True):
        old = st.text_input("Present password", type="password", autocomplete="current-password")
        new = st.text_input("New password", type="password", autocomplete="new-password")
        again = st.text_input("Once more", type="password", autocomplete="new-password")
        pressed = st.form_submit_button("Change password", type="primary")
    if pressed and new != again:
        say("The two are not the same: type them again.")
    elif pressed:
        refused = doors.account().change_password(who, old or "", new or "")
        if refused:
            say(refused)
        else:
            st.success("Your password is changed, and you are signed out everywhere else.")


def _second_factor(who: SignedIn) -> None:
    st.subheader("Second factor", anchor=False)
    begun = session.enrolment()
    if begun is None:
        st.markdown("A code from an authenticator app, asked for after your password.")
        if st.button("Set up a second factor"):
            session.keep_enrolment(doors.account().begin_enrolment(who))
            st.rerun()
        return
    code = second_factor.enrol(*begun)
    codes = doors.account().confirm_enrolment(who, code) if code else ()
    if codes is None:
        say("That code is wrong: wait for the next one your app shows.")
    elif codes:
        session.keep_enrolment(None)
        session.keep_fresh_codes(codes)
        st.rerun()


def _others(who: SignedIn) -> None:
    st.subheader("Other browsers", anchor=False)
    if st.button("Sign out everywhere else"):
        ended = doors.account().end_others(who)
        st.success(f"Ended {ended} other sessions." if ended != 1 else "Ended one other session.")


person = session.person()
if person is not None:
    show(person)
