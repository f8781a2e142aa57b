"""Who may do what here, and letting them in again."""

import streamlit as st

from dashboard.choices import Choice
from dashboard.components.operations import listing
from dashboard.display import plain
from dashboard.reads import desk
from etl.metrics.figures import Column
from etl.store.access import ROLES

__all__ = ["show"]

COLUMNS = (
    Column("email", "text", "E-mail"),
    Column("role", "text", "Role"),
    Column("second", "text", "Second factor"),
    Column("locked", "text", "Locked out until"),
)


def show(choice: Choice) -> None:
    """Everybody, then what can be changed about one."""
    who, slug, people = choice.who.user_id, choice.grant.tenant, desk().operations.people
    members = people.members(who, slug)
    rows = [
        {
            "email": one.email,
            "role": one.role.capitalize(),
            "second": "On" if one.has_second_factor else "Off",
            "locked": listing.at(choice, one.locked_until),
        }
        for one in members
    ]
    listing.show("People", COLUMNS, rows, "Nobody has a role here yet.")
    _grant(choice)
    others = [one.email for one in members if not one.is_oneself]
    if others:
        _change(choice, others)


def _grant(choice: Choice) -> None:
    with st.form("person-grant", clear_on_submit=True):
        st.markdown("**Add somebody, or give another role**")
        email = st.text_input("E-mail", autocomplete="off", max_chars=254)
        role = st.selectbox("Role", list(ROLES))
        if not st.form_submit_button("Give the role", type="primary"):
            return
    password = desk().operations.people.grant_role(
        choice.who.user_id, choice.grant.tenant, email or "", role or ""
    )
    st.success(f"{plain(email or '')} is {role} here. The list shows it when the page is next run.")
    if password:
        _tell_once(password)


def _change(choice: Choice, others: list[str]) -> None:
    who, slug, people = choice.who.user_id, choice.grant.tenant, desk().operations.people
    with st.form("person-change"):
        st.markdown("**Let somebody in again, or take their role away**")
        email = st.selectbox("Person", others) or others[0]
        with st.container(horizontal=True):
            new_password = st.form_submit_button("Reset password")
            new_factor = st.form_submit_button("Reset second factor")
            gone = st.form_submit_button("Take the role away")
    if new_password:
        _tell_once(people.reset_password(who, slug, email))
    if new_factor:
        had = people.reset_second_factor(who, slug, email)
        st.success("They may set up another." if had else "They had none.")
    if gone:
        people.remove(who, slug, email)
        st.rerun()


def _tell_once(password: str) -> None:
    st.warning("Their password is shown only now: hand it over by a way that only they read.")
    st.code(password, language=None)
