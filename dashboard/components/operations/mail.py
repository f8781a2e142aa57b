"""Letters: what administrators and customers were told, and what came of it."""

import streamlit as st

from dashboard.choices import Choice
from dashboard.components.operations import listing, remedies
from dashboard.display import label
from dashboard.reads import desk
from etl.metrics.figures import Column
from etl.store.models import Letter

__all__ = ["show"]

COLUMNS = (
    Column("number", "count", "Letter"),
    Column("status", "text", "Status"),
    Column("kind", "text", "Kind"),
    Column("about", "text", "About"),
    Column("to", "text", "To"),
    Column("subject", "text", "Subject"),
    Column("written", "text", "Written"),
    Column("outcome", "text", "What came of it"),
)


def show(choice: Choice) -> None:
    """What customers get is said first; then the newest letters."""
    kinds = [label(kind) for kind, _since in choice.grant.preferences.notices]
    st.caption(
        f"Customers get: {' · '.join(kinds)}."
        if kinds
        else "Customers get no letters: tieout notices on switches them on."
    )
    found = desk().operations.ledger.letters(choice.who.user_id, choice.grant.tenant)
    for status in ("failed", "unknown"):
        if any(row.status == status for row in found):
            remedies.show(f"letter_{status}")
    listing.show("Letters", COLUMNS, [_row(choice, row) for row in found], "Nobody was written to.")


def _row(choice: Choice, row: Letter) -> dict[str, object]:
    return {
        "number": row.id,
        "status": row.status,
        "kind": label(row.kind),
        "about": label(row.about) if row.kind == "alert" else row.about,
        "to": ", ".join(row.recipients),
        "subject": row.subject,
        "written": listing.at(choice, row.written_at),
        "outcome": row.outcome,
    }
