"""A tenant before its first sync ended: what will be here, and how far it is."""

import streamlit as st

from dashboard.choices import Choice
from dashboard.components import empty
from dashboard.components.errors import calm
from dashboard.display import moment
from dashboard.reads import desk
from etl.errors import NoSnapshotError

__all__ = ["show"]


@st.fragment(run_every="3s")
def show(choice: Choice, promise: str) -> None:
    """Looks by itself, and brings the page once there is one."""
    with calm():
        if _is_published(choice):
            st.rerun()
        title, text = _state(choice)
        empty.show(
            title, f"This page will show {promise}. {text}", icon=":material/hourglass_empty:"
        )


def _is_published(choice: Choice) -> bool:
    try:
        desk().published(choice.who.user_id, choice.grant.tenant)
    except NoSnapshotError:
        return False
    return True


def _state(choice: Choice) -> tuple[str, str]:
    run = desk().last_run(choice.who.user_id, choice.grant.tenant)
    if run is None:
        text = "The back office (tieout serve) reads every tenant by itself; "
        text += f"tieout sync {choice.grant.tenant} does it now."
        return "Nothing has been read from BILL yet", text
    at = moment(run.started_at, desk().now(), choice.grant.time_zone)
    if run.status == "running":
        text = f"The first sync began at {at}. This page shows itself when it has ended."
        return "BILL is being read", text
    why = run.error or "it ended without saying why."
    text = f"It began at {at}: {why} The back office tries again by itself; nothing was lost."
    return "The first sync did not end well", text
