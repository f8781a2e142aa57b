"""One invoice: its facts, what it is made of, and what may be done with it."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from dashboard import reads, session
from dashboard.components import confirm, facts, invoice_parts
from dashboard.components.table import CHIP_COLOURS
from dashboard.display import called, label, money, plain, plural, state
from dashboard.navigation import CUSTOMERS
from dashboard.offers import ARCHIVE, CHARGE, EMAIL, PAYMENT_LINK, RECORD, RESTORE, Offer
from dashboard.reads import View

__all__ = ["show"]


def show(view: View, invoice_id: str) -> None:
    """The invoice as it is today, whatever day the page is set to."""
    found = reads.figures(
        view, "invoices", invoice=invoice_id, as_of=view.today, currency=None
    ).records()
    with st.container(border=True):
        if not found:
            st.subheader("No such invoice", anchor=False)
            st.caption("The link names none of this tenant's invoices.")
            st.button("Close", on_click=_close, key="close-invoice")
            return
        _title(found[0])
        if view.as_of != view.today:
            st.caption(f"As it is today, {view.today}.")
        _customer(found[0])
        facts.show(_facts(found[0]))
        _actions(view, found[0])
        invoice_parts.show(view, found[0])
    confirm.show_open(view, invoice_id, found[0])


def _close() -> None:
    session.show_record("invoice", None)


def _title(invoice: dict[str, Any]) -> None:
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        with st.container(
            horizontal=True, width="content", vertical_alignment="center", gap="xsmall"
        ):
            st.subheader(called(invoice["invoice_number"]), anchor=False, width="content")
            colour = CHIP_COLOURS[invoice["state"]]
            st.badge(state(invoice["state"]), color=colour)  # type: ignore[arg-type]
        st.button("Close", type="tertiary", on_click=_close, key="close-invoice")


def _customer(invoice: dict[str, Any]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link(
            CUSTOMERS.path,
            label=called(invoice["customer"]),
            icon=":material/person:",
            query_params=session.link_parameters(customer=invoice["customer_id"]),
        )
        st.button(
            "Only theirs",
            type="tertiary",
            icon=":material/filter_alt:",
            key="only-theirs",
            on_click=lambda: session.show_record("customer", invoice["customer_id"]),
        )


def _facts(invoice: dict[str, Any]) -> list[tuple[str, str]]:
    currency = invoice["currency"]
    return [
        ("Open", f"**{plain(money(invoice['open_amount'], currency))}**"),
        ("Total", plain(money(invoice["total_amount"], currency))),
        ("Of it sales tax", plain(money(invoice["tax_amount"], currency))),
        ("Invoiced", str(invoice["invoice_on"])),
        ("Due", str(invoice["due_on"])),
        ("Terms", _terms(invoice)),
        ("BILL status", label(invoice["bill_status"])),
        ("BILL id", f"`{invoice['invoice_id']}`"),
    ]


def _terms(invoice: dict[str, Any]) -> str:
    if not invoice["payment_term"]:
        return "None in BILL"
    whose = " of the customer" if invoice["term_of"] == "customer" else ""
    return plain(f"{invoice['payment_term']}{whose}{_off_terms(invoice['days_later'])}")


def _off_terms(days_later: int | None) -> str:
    if not days_later:
        return ""
    return f", due {plural(abs(days_later), 'day')} {'later' if days_later > 0 else 'earlier'}"


def _actions(view: View, invoice: dict[str, Any]) -> None:
    if not view.may_act:
        st.caption(
            f"Your role here is {view.grant.role}, which reads. To act on invoices, ask "
            "an administrator for the role operator."
        )
        return
    with st.container(horizontal=True):
        for offered in _offers(invoice):
            confirm.offer(view, invoice["invoice_id"], offered)


def _offers(invoice: dict[str, Any]) -> Sequence[Offer]:
    if invoice["state"] == "archived":
        return (RESTORE,)
    if not invoice["open_amount"]:
        return (EMAIL, ARCHIVE)
    return (EMAIL, PAYMENT_LINK, RECORD, CHARGE, ARCHIVE)
