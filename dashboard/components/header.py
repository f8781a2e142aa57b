"""The top of every page: its title, how old the figures are, and whether they tie out."""

from datetime import datetime

import streamlit as st

from dashboard import navigation, session
from dashboard.components.errors import calm
from dashboard.display import ago, called, day, label, moment, plain, plural
from dashboard.reads import View, desk

__all__ = ["show", "show_line"]

RECORD_PAGES = {"invoice": navigation.INVOICES, "customer": navigation.CUSTOMERS}

CHECKS = {
    "allocations_are_known": "Every payment's and credit's invoice is known",
    "balances_match_bill": "Every open amount equals BILL's",
    "amounts_are_readable": "Every amount can be read",
    "customers_are_known": "Every invoice's customer is known",
    "ids_are_unique": "No record is held twice",
    "payments_add_up": "Every payment's parts add up to it",
    "invoices_are_lines_plus_tax": "Every invoice is its lines and its tax",
    "due_amounts_add_up": "Every due amount follows from its invoice",
    "customer_balances_match_bill": "Every customer's balance equals BILL's",
    "tie_out_records": "As many records as BILL gave",
    "tie_out_sums": "Every sum equals BILL's, by currency",
    "tie_out_ledger": "Events add up to balances, and buckets to gross",
}


def show(view: View, title: str) -> None:
    """Title left, freshness and tie-out right, on one line where there is room."""
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.title(plain(title), anchor=False, width="content")
        with st.container(
            horizontal=True, width="content", vertical_alignment="center", gap="small"
        ):
            if view.as_of != view.today:
                st.badge(f"As of {day(view.as_of)}", color="gray", icon=":material/history:")
            _freshness(view)
            _tie_out(view)
    if view.published.last_error:
        _last_error(view, view.published.last_error)


def show_line(title: str) -> None:
    """The title alone, for a page without figures."""
    st.title(plain(title), anchor=False)


@st.fragment(run_every="5s")
def _freshness(view: View) -> None:
    """Runs by itself: its minutes pass, and a newer snapshot brings the whole page up to date."""
    with calm():
        published = desk().published(view.user_id, view.slug)
        if published.seq != view.published.seq:
            st.rerun()
        now, zone = desk().now(), view.grant.time_zone
        read = moment(published.read_at, now, zone)
        st.caption(f"BILL read {read}, {ago(published.read_at, now)}", width="content")


def _tie_out(view: View) -> None:
    checks = view.published.checks
    count = sum(check["count"] for check in checks)
    text = (
        ":green-badge[:material/check: Ties out to the cent]"
        if view.published.ties_out
        else f":red-badge[:material/error: {plural(count, 'difference')}]"
    )
    with st.popover(text, type="tertiary", width="content"):
        _findings(view)


def _findings(view: View) -> None:
    st.markdown("**Our books against BILL's**")
    for check in view.published.checks:
        name = CHECKS.get(check["check"], label(check["check"]))
        if not check["count"]:
            st.markdown(f":green[:material/check:] {name}")
            continue
        st.markdown(f":red[:material/error:] {name}: **{plural(check['count'], 'exception')}**")
        for at, (subject, finding) in enumerate(check["findings"]):
            _finding(subject, finding, next(iter(check.get("records", ())[at:]), ""))
        if check["count"] > len(check["findings"]):
            st.caption(f"… and {check['count'] - len(check['findings']):,} more.")


def _finding(subject: str, finding: str, record: str) -> None:
    """A difference; its subject opens the record it is about, where that has a page."""
    kind, _, bill_id = record.partition("/")
    if kind not in RECORD_PAGES:
        st.caption(f"{plain(subject)}: {plain(finding)}")
        return
    asks = session.link_parameters(**{kind: bill_id})
    st.page_link(RECORD_PAGES[kind].path, label=called(subject), query_params=asks)
    st.caption(plain(finding))


def _last_error(view: View, error: str) -> None:
    shown = _shown_at(view.published.read_at, view)
    st.warning(
        f"**The last sync failed.** {plain(error)} The figures below are those of {shown}; "
        "nothing was lost, and the next sync continues where this one ended.",
        icon=":material/sync_problem:",
    )


def _shown_at(at: datetime, view: View) -> str:
    return moment(at, desk().now(), view.grant.time_zone)
