"""What is billed again and again: BILL's recurring invoices, and billing schedules of our own."""

from typing import Any

import streamlit as st

from dashboard import actions, reads, session
from dashboard.components import confirm, facts, outcomes, table
from dashboard.components.errors import calm
from dashboard.components.table import CHIP_COLOURS
from dashboard.display import called, money, plain, state
from dashboard.offers import PAUSE, RESUME
from dashboard.reads import View
from etl.metrics.figures import Figures

__all__ = ["show"]

LISTED = ("description", "customer", "currency", "amount", "every", "next_due_on", "state")
CHANGES = ("version", "observed_at", "field", "before", "after")
MOST, TEXT_PX = 50, 520  # so that the buttons stand below on a phone


def show(view: View) -> None:
    """Both lists, and what was opened of the first."""
    found = reads.figures(view, "recurring_invoices", currency=view.currency)
    if found.rows:
        _of_bill(view, found)
    _own(view)


def _of_bill(view: View, found: Figures) -> None:
    with st.container(border=True):
        st.subheader("BILL's recurring invoices", anchor=False)
        clicked = table.show(
            view,
            "recurring_invoices",
            LISTED,
            opens="recurring_invoice_id",
            currency=view.currency,
        )
    if clicked and session.is_news("recurring", clicked):
        session.show_record("recurring", clicked)
    wanted = session.opened("recurring")
    known = [row for row in found.records() if row["recurring_invoice_id"] == wanted]
    for template in known if wanted else ():
        _panel(view, template)
        confirm.show_open(view, template["recurring_invoice_id"], template)
        outcomes.show(view)


def _panel(view: View, template: dict[str, Any]) -> None:
    known = template["recurring_invoice_id"]
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(called(template["description"]), anchor=False, width="content")
            st.badge(state(template["state"]), color=CHIP_COLOURS[template["state"]])  # type: ignore[arg-type]
        facts.show(
            [
                ("Customer", called(template["customer"])),
                ("Amount", plain(money(template["amount"], template["currency"]))),
                ("Every", plain(template["every"])),
                ("Next due", str(template["next_due_on"] or "–")),
                ("Ends", str(template["end_on"] or "–")),
                ("BILL id", f"`{known}`"),
            ]
        )
        if view.may_act:
            confirm.offer(view, known, RESUME if template["state"] == "paused" else PAUSE)
        table.show(view, "record_history", CHANGES, record=known, as_of=view.today)


def _own(view: View) -> None:
    schedules = reads.billing(view)
    with st.container(border=True):
        st.subheader("Billing schedules of our own", anchor=False)
        if not schedules:
            st.caption(
                "None yet. `tieout schedules add` bills what BILL's recurring invoices cannot: "
                "parts of periods, in arrears, from the 29th to the 31st."
            )
        for row in schedules[:MOST]:
            _line(view, row)
        if len(schedules) > MOST:
            st.caption(f"The first {MOST} of {len(schedules):,}; tieout schedules list has all.")


def _line(view: View, row: dict[str, Any]) -> None:
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        with st.container(width=TEXT_PX, gap=None):
            st.markdown(f"**{called(row['name'])}** for {called(row['customer'])}")
            st.caption(plain(_told(row)))
        if view.may_act and row["state"] != "ended":
            _button(view, row)


def _told(row: dict[str, Any]) -> str:
    if row["next"] is None:
        return f"{row['period']}, {row['state']}"
    more = " and usage" if row["has_usage"] else ""
    return f"{row['period']}, next {row['amount']} {row['currency']}{more} on {row['next']}"


def _button(view: View, row: dict[str, Any]) -> None:
    name, is_paused = row["name"], row["state"] == "paused"
    offered = RESUME if is_paused else PAUSE
    if st.button(offered.button, icon=offered.icon, type="tertiary", key=f"billing-{name}"):
        with calm():
            if is_paused:
                actions.resume_billing(view.user_id, view.slug, name)
                st.toast("It issues what falls due from today on; the pause is left out.")
            else:
                actions.pause_billing(view.user_id, view.slug, name)
                st.toast("It issues no invoice until it is resumed.")
        st.rerun()
