"""The audit trail: searched, paged, verified, and taken as CSV."""

import streamlit as st

from dashboard.choices import Choice
from dashboard.components.errors import say
from dashboard.components.operations import listing
from dashboard.display import plural
from dashboard.reads import desk
from etl.metrics.figures import Column
from etl.operations.trail import Verdict
from etl.store.audit_search import Wanted

__all__ = ["show"]

COLUMNS = (
    Column("entry", "count", "Entry"),
    Column("at", "text", "When"),
    Column("actor", "text", "Who"),
    Column("what", "id", "What"),
    Column("detail", "text", "About"),
)


def show(choice: Choice) -> None:
    """The search, what it found, and the buttons."""
    who, slug, trail = choice.who.user_id, choice.grant.tenant, desk().operations.trail
    wanted = _wanted()
    page, found = 1, trail.find(who, slug, wanted)
    if found.pages > 1:
        page = int(st.number_input("Page", 1, found.pages, key=f"trail-page-{wanted}", width=140))
        found = trail.find(who, slug, wanted, page)
    rows = [
        {
            "entry": one.entry,
            "at": listing.at(choice, one.at),
            "actor": one.actor,
            "what": one.what,
            "detail": one.detail,
        }
        for one in found.entries
    ]
    listing.show("Audit trail", COLUMNS, rows, "No entry matches.")
    st.caption(f"{plural(found.total, 'entry', 'entries')}, page {page} of {found.pages}")
    with st.container(horizontal=True):
        st.download_button(
            "CSV",
            data=lambda: trail.export(who, slug, wanted),
            file_name=f"{slug}-audit-trail.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            key="trail-csv",
        )
        pressed = st.button("Verify the chain", icon=":material/verified:", key="trail-verify")
    if pressed:
        _tell(trail.verify(who, slug))


def _wanted() -> Wanted:
    with st.container(horizontal=True):
        return Wanted(
            who=st.text_input("Who", key="trail-who", width=200) or "",
            what=st.text_input("What", key="trail-what", width=200) or "",
            document=st.text_input("Document", key="trail-document", width=200) or "",
        )


def _tell(verdict: Verdict) -> None:
    if verdict.broken_at is None:
        st.success(f"The chain holds: {plural(verdict.entries, 'entry', 'entries')} verified.")
    else:
        say(
            f"The chain breaks at entry {verdict.broken_at}: it, or the one before, was changed or "
            "removed. Keep the store as it is and tell whoever runs Tieout."
        )
