"""Operations: runs, BILL, outbox, letters, audit trail, tenant and people, for administrators."""

import streamlit as st

from dashboard import navigation, session
from dashboard.choices import Choice
from dashboard.components import empty, page
from dashboard.components.operations import bill, mail, outbox, people, runs, tenancy, trail
from etl.store.access import Permission

SECTIONS = {
    "runs": ("Runs", runs.show),
    "bill": ("BILL", bill.show),
    "outbox": ("Outbox", outbox.show),
    "letters": ("Letters", mail.show),
    "audit": ("Audit trail", trail.show),
    "tenant": ("Tenant", tenancy.show),
    "people": ("People", people.show),
}


def body(choice: Choice) -> None:
    """One section at a time; which, is in the address."""
    if not choice.grant.allows(Permission.ADMINISTER):
        empty.show(
            "For administrators",
            f"Your role here is {choice.grant.role}. Ask one of this tenant's administrators.",
            icon=":material/lock:",
        )
        return
    asked = session.opened("section")
    chosen = st.segmented_control(
        "Section",
        list(SECTIONS),
        default=asked if asked in SECTIONS else "runs",
        format_func=lambda name: SECTIONS[name][0],
        label_visibility="collapsed",
        key="operations-section",
    )
    name = chosen or "runs"
    session.show_record("section", name)
    SECTIONS[name][1](choice)


if __name__ == "__main__":
    page.show_always(navigation.OPERATIONS, body)
