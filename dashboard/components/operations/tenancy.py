"""The tenant: its connection, the state of its credentials, its preferences."""

import streamlit as st

from dashboard.choices import Choice
from dashboard.components.operations import listing
from dashboard.display import plain
from dashboard.reads import desk
from etl.metrics.figures import Column
from etl.operations.preferences import RESOURCES
from etl.operations.tenancy import BASES, NEEDS, Connected

__all__ = ["show"]

COLUMNS = (Column("what", "text", "What"), Column("is", "text", "Is"))


def show(choice: Choice) -> None:
    """What is so, and the form that changes what may be."""
    found = desk().operations.tenancy.connected(choice.who.user_id, choice.grant.tenant)
    listing.show("Connection", COLUMNS, _rows(found), "")
    if found.trouble:
        st.warning(plain(found.trouble), icon=":material/key_off:")
    _preferences(choice, found)


def _rows(found: Connected) -> list[dict[str, str]]:
    facts = {
        "Name": found.name,
        "Environment": found.environment,
        "Address": found.address,
        "Organization": found.organization_id,
        "Time zone": found.time_zone,
        "Currency": found.currency,
        "Writes": "Allowed" if found.may_be_written else "Not allowed",
        "Credentials": "In trouble" if found.trouble else "Sealed, and never shown",
        "Exchange rates from": found.rates_from or "Nowhere",
    }
    return [{"what": name, "is": value} for name, value in facts.items()]


def _preferences(choice: Choice, found: Connected) -> None:
    now = found.preferences
    with st.form("preferences"):
        st.subheader("Preferences", anchor=False)
        said = {
            "aging_edges": st.text_input("Aging buckets end after days", now["aging_edges"]) or "",
            "aging_basis": st.selectbox(
                "Age counts from", BASES, BASES.index(now["aging_basis"]), key="aging-basis"
            )
            or now["aging_basis"],
            "behaviour_edges": st.text_input(
                "Classes of customers end after days late", now["behaviour_edges"]
            )
            or "",
            "grace_days": st.text_input("Days forgiven", now["grace_days"]) or "",
            "default_terms_days": st.text_input(
                "Days to pay where an invoice says none", now["default_terms_days"]
            )
            or "",
            "second_factor": st.selectbox(
                "Second factor", NEEDS, NEEDS.index(now["second_factor"]), key="second-factor-need"
            )
            or now["second_factor"],
        }
        stops = st.multiselect("A run stops where these change form", RESOURCES, found.stops)
        pressed = st.form_submit_button("Save", type="primary")
    if pressed:
        desk().operations.tenancy.prefer(choice.who.user_id, choice.grant.tenant, said, stops)
        st.toast("Saved.", icon=":material/check:")
        st.rerun()
