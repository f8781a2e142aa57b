"""Close: which months are closed, with which figures, and what changed of them since."""

from typing import Any

import streamlit as st

from dashboard import actions, navigation, reads
from dashboard.components import months_table, page, restated, table
from dashboard.display import called, day, plain
from dashboard.display import month as named
from dashboard.reads import View
from etl.jobs.months import Month

BRIDGE = ("currency", "opening", "invoiced", "tax", "credits", "collected", "on_account", "closing")


def body(view: View) -> None:
    """The months, and the one that is chosen."""
    months = reads.months(view)
    months_table.show(view, months)
    by_name = {month.name: month for month in months}
    chosen = st.selectbox(
        "Month", list(by_name), format_func=named, key=f"close-month-{view.slug}", width=240
    )
    month = by_name[chosen or months[0].name]
    if month.close_id is None:
        _open(view, month)
    else:
        _closed(view, month)


def _open(view: View, month: Month) -> None:
    st.markdown(
        f"**{named(month.name)} is open.** Closing it keeps this snapshot for good, and the "
        "figures of the month as they are now; nothing is sent to BILL."
    )
    _button(view, month, f"Close {named(month.name)}", again=False)
    with st.container(border=True):
        st.subheader("As it would be closed", anchor=False)
        within: dict[str, Any] = {
            "as_of": month.last_on,
            "from_on": month.first_on,
            "to_on": month.last_on,
        }
        if not reads.figures(view, "revenue_bridge", **within).rows:
            st.caption("Nothing is owed and nothing happened up to the end of this month.")
            return
        table.show(view, "revenue_bridge", BRIDGE, **within)


def _closed(view: View, month: Month) -> None:
    on = f" on {day(month.closed_on)}" if month.closed_on else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**{named(month.name)} was closed** by {called(month.closed_by or '')}{plain(on)}."
        )
        st.download_button(
            "Figures as closed",
            data=reads.export_close(view, month),
            file_name=f"{view.slug}-close-{month.name}.json",
            mime="application/json",
            icon=":material/download:",
            on_click="ignore",
            key="closed-figures",
        )
    if not months_table.is_restated(view, month) and not reads.restated_figures(view, month).rows:
        st.success("Nothing of it changed since.", icon=":material/check:")
        return
    restated.show(view, month)
    _button(view, month, f"Close {named(month.name)} again", again=True)


def _button(view: View, month: Month, label: str, *, again: bool) -> None:
    if not view.may_approve:
        st.caption(
            f"Your role here is {view.grant.role}. Months are closed by approvers and "
            "administrators."
        )
        return
    # Named by what it closes: a press never does what the button did not say.
    key = f"close-{month.name}-{month.close_id}"
    if st.button(label, icon=":material/event_available:", type="primary", key=key):
        actions.close_month(view.user_id, view.slug, month.name, again=again)
        st.toast(f"{named(month.name)} is closed.", icon=":material/check:")
        st.rerun()


if __name__ == "__main__":
    page.show(navigation.CLOSE, body)
