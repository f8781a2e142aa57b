"""The outbox: rows by state, and the newest."""

import streamlit as st

from dashboard.choices import Choice
from dashboard.components.operations import listing
from dashboard.display import label
from dashboard.reads import desk
from etl.metrics.figures import Column
from etl.store.models import OutboxRow

__all__ = ["show"]

COLUMNS = (
    Column("number", "count", "Receipt"),
    Column("status", "text", "Status"),
    Column("action", "text", "Action"),
    Column("document", "text", "Document"),
    Column("by", "text", "By"),
    Column("proposed", "text", "Proposed"),
    Column("tries", "count", "Tries"),
    Column("outcome", "text", "What came of it"),
)


def show(choice: Choice) -> None:
    """How many are in each state, what is open, and the newest."""
    found = desk().operations.ledger.outbox(choice.who.user_id, choice.grant.tenant)
    if found.counts:
        st.caption(" · ".join(f"{label(name)}: {n:,}" for name, n in found.counts.items()))
    still_open = [_row(choice, row) for row in found.still_open]
    listing.show("Still open", COLUMNS, still_open, "Nothing is owed to BILL.")
    newest = [_row(choice, row) for row in found.newest]
    listing.show("Newest", COLUMNS, newest, "Nothing was sent or archived from here yet.")


def _row(choice: Choice, row: OutboxRow) -> dict[str, object]:
    return {
        "number": row.receipt,
        "status": row.status,
        "action": row.action,
        "document": row.document,
        "by": row.proposed_by,
        "proposed": listing.at(choice, row.proposed_at),
        "tries": row.attempts,
        "outcome": row.outcome,
    }
