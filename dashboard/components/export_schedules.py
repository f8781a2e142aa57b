"""Exports made by themselves: what is arranged, when it comes next, and why one did not arrive."""

from datetime import datetime
from typing import Any

import streamlit as st

from dashboard import actions, reads
from dashboard.components import export_form
from dashboard.components.table import FORMAT_NAMES, heading
from dashboard.display import called, moment, plain
from dashboard.reads import View, desk
from etl.exports.schedule import offered_views

__all__ = ["show"]

TEXT_PX = 520  # so that the buttons stand below on a phone
DAYS = {"today": "", "yesterday": ", of the day before", "last-month-end": ", of last month's end"}


def show(view: View) -> None:
    """The schedules of the tenant; buttons for whoever may act."""
    with st.container(border=True):
        with heading("By themselves"):
            if view.may_act:
                export_form.show(view)
        arranged = reads.schedules(view)
        if not arranged:
            st.caption("Nothing is exported by itself yet. A schedule sends a view by e-mail.")
        for row in arranged:
            _line(view, row)
        if not view.may_act:
            st.caption(
                f"Your role here is {view.grant.role}. Schedules are arranged by operators, "
                "approvers and administrators."
            )


def _line(view: View, row: dict[str, Any]) -> None:
    what = offered_views().get(row["view"], row["view"])
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        with st.container(width=TEXT_PX, gap=None):
            st.markdown(f"**{plain(what)}** as {FORMAT_NAMES[row['format']]}, {_when(row)}")
            st.caption(f"{plain(row['name'])} · to {_where(row['to'])} · {plain(_next(view, row))}")
            if row["said"]:
                st.warning(plain(row["said"]), icon=":material/sync_problem:")
        if view.may_act:
            _buttons(view, row["name"])


def _where(to: str) -> str:
    return ", ".join(called(one) for one in to.split(", "))


def _when(row: dict[str, Any]) -> str:
    return plain(row["when"] + DAYS.get(row["as_of"], ""))


def _next(view: View, row: dict[str, Any]) -> str:
    if row["next"] is None:
        return "with the next sync that changes something"
    due = datetime.fromisoformat(row["next"])
    if due <= desk().now():
        return "being delivered"
    return f"next {moment(due, desk().now(), view.grant.time_zone)}"


def _buttons(view: View, name: str) -> None:
    with st.container(horizontal=True, width="content", gap="xsmall"):
        if st.button("Deliver now", icon=":material/send:", type="tertiary", key=f"now-{name}"):
            actions.hasten_schedule(view.user_id, view.slug, name)
            st.toast("It is delivered within half a minute.", icon=":material/send:")
            st.rerun()
        if st.button("Remove", icon=":material/delete:", type="tertiary", key=f"drop-{name}"):
            actions.remove_schedule(view.user_id, view.slug, name)
            st.toast("It is arranged no longer.", icon=":material/delete:")
            st.rerun()
