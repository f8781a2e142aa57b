"""Webhooks: whether BILL tells changes at once, and what came of what it told."""

import streamlit as st

from dashboard.choices import Choice
from dashboard.components.operations import listing
from dashboard.display import plain, plural
from dashboard.reads import desk
from etl.metrics.figures import Column

__all__ = ["show"]

COLUMNS = (
    Column("outcome", "text", "What became of it"),
    Column("deliveries", "count", "Deliveries"),
)
WORDS = {
    "taken": "Taken, for a sync to read",
    "repeated": "Told before, and nothing done",
    "unsigned": "Refused: the signature is not BILL's",
    "too_large": "Refused: larger than any event",
}


def show(choice: Choice) -> None:
    """The state and, where it is not well, what to do; then the deliveries of a day."""
    found = desk().operations.webhooks.told(choice.who.user_id, choice.grant.tenant)
    with st.container(border=True):
        st.subheader("Webhooks", anchor=False)
        say = st.caption if found.is_well else st.warning
        say(plain(found.sentence))
        if found.url is None:
            st.caption("tieout webhooks on turns them on: the runbook says how.")
            return
        facts = {
            "Address": found.url,
            "Last event": listing.at(choice, found.last_at) or "none yet",
            "BILL was asked": listing.at(choice, found.looked_at) or "not yet",
            "For the next sync": plural(found.unanswered, "event"),
        }
        st.caption(plain(" · ".join(f"{name}: {fact}" for name, fact in facts.items())))
    rows = [
        {"outcome": WORDS[name], "deliveries": count} for name, count in found.came.items() if count
    ]
    listing.show("Webhooks of the last 24 hours", COLUMNS, rows, "Nothing came.")
