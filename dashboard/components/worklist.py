"""To do today: what asks for a person, most urgent first."""

from typing import Any

import streamlit as st

from dashboard import frames, navigation, reads
from dashboard.components import table
from dashboard.display import plural
from dashboard.reads import View
from etl.exports import file_name
from etl.metrics.figures import Figures
from etl.to_do import DIFFERENCE

__all__ = ["show"]

COLUMNS = ("what", "customer", "document", "amount", "next", "days")
KINDS = {
    "all": "All",
    "failure": "Failures",
    "overdue": "Overdue",
    "unapplied": "Unapplied",
    DIFFERENCE: "Tie-out",
}
DRAWN, HIGH = 100, 10


def show(view: View) -> None:
    """The list with its filter; a row opens its invoice, or else its customer."""
    with st.container(border=True):
        with table.heading("To do today"):
            narrowed = _narrowed()
        found = reads.worklist(view, limit=DRAWN, **narrowed)
        if not found.rows:
            st.caption(
                "Nothing is to be done. Failed payments, invoices 91 days and more overdue, money "
                "without an invoice and differences to BILL would be listed here."
            )
            return
        row = table.grid(
            found,
            frames.styled(found, COLUMNS),
            COLUMNS,
            key=f"{view.published.seq}-{hash(found.question)}",
            opens=True,
            high=HIGH,
        )
        _footer(view, found, narrowed)
    if row:
        _open(row)


def _narrowed() -> dict[str, Any]:
    kind = st.segmented_control(
        "Show",
        list(KINDS),
        format_func=lambda name: KINDS[name],
        default="all",
        required=True,
        key="todo",
        label_visibility="collapsed",
        bind="query-params",
    )
    return {} if kind in {None, "all"} else {"state": kind}


def _footer(view: View, found: Figures, narrowed: dict[str, Any]) -> None:
    text = plural(found.total, "thing to do", "things to do")
    if found.total > len(found.rows):
        text = f"The {len(found.rows):,} most urgent of {text}"
    with table.footer(text):
        st.download_button(
            "CSV",
            data=reads.export_worklist(view, **narrowed),
            file_name=file_name(view.grant, found),
            mime="text/csv",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
            key="csv-worklist",
            help="All rows, exact to the cent, as a file for a spreadsheet",
        )


def _open(row: dict[str, Any]) -> None:
    if row["invoice_id"]:
        navigation.to(navigation.INVOICES, invoice=row["invoice_id"])
    elif row["customer_id"]:
        navigation.to(navigation.CUSTOMERS, customer=row["customer_id"])
