"""The form of a scheduled export: what, when, and to which members."""

from datetime import time
from typing import Any

import streamlit as st

from dashboard import actions, reads
from dashboard.components.errors import calm
from dashboard.components.table import FORMAT_NAMES
from dashboard.display import plain
from dashboard.reads import View, desk
from etl.exports.rhythm import Rhythm
from etl.exports.schedule import Wanted, offered_views

__all__ = ["show"]

RHYTHMS = {
    "daily": "Every day",
    "weekly": "Every week",
    "monthly": "Every month",
    "after_sync": "After every sync that changes something",
}
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DAYS = {
    "today": "The day it is sent",
    "yesterday": "The day before",
    "last-month-end": "The end of the month before",
}
SEVEN = time(7)


def show(view: View) -> None:
    """A button that opens it."""
    with st.popover("Add schedule", icon=":material/add:", key="add-schedule"), calm():
        if not desk().schedules.can_mail:
            st.warning(
                "No mail can be sent yet: whoever runs Tieout sets TIEOUT_SMTP_URL and "
                "TIEOUT_SMTP_FROM.",
                icon=":material/info:",
            )
        wanted = _wanted(view)
        recipients = st.multiselect("To", reads.members(view), key="schedule-to")
        if st.button("Add schedule", type="primary", key="keep-schedule"):
            actions.add_schedule(view.user_id, view.slug, wanted, recipients)
            st.toast("It is arranged.", icon=":material/check:")
            st.rerun()


def _wanted(view: View) -> Wanted:
    views = offered_views()
    name = _choice("View", views, "schedule-view")
    format_ = _choice("Format", FORMAT_NAMES, "schedule-format")
    when = _rhythm(view)
    told = _choice("Figures of", DAYS, "schedule-told")
    usual = f"{name}-{when.kind}".replace("_", "-")
    kept = st.text_input(
        "Name",
        value=usual,
        max_chars=63,
        key=f"schedule-name-{usual}",
        help="Small letters, digits and hyphens: files are named after it",
    )
    return Wanted((kept or "").strip(), name, format_, when, told)


def _rhythm(view: View) -> Rhythm:
    kind = _choice("When", RHYTHMS, "schedule-rhythm")
    if kind == "after_sync":
        return Rhythm.of(kind, "00:00", None)
    at = st.time_input(f"At, in {plain(view.grant.time_zone)}", SEVEN, key="schedule-at") or SEVEN
    return Rhythm.of(kind, f"{at:%H:%M}", _day(kind))


def _day(kind: str) -> int | None:
    if kind == "weekly":
        chosen = st.selectbox("On", WEEKDAYS, key="schedule-weekday")
        return WEEKDAYS.index(chosen or "Monday") + 1
    if kind == "monthly":
        return int(st.number_input("On day (31: the last)", 1, 31, 1, key="schedule-day") or 1)
    return None


def _choice(label: str, named: dict[str, Any], key: str) -> str:
    chosen = st.selectbox(label, list(named), format_func=named.__getitem__, key=key)
    return chosen or next(iter(named))
