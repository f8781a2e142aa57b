"""To do today: what asks for a person, most urgent first."""

from typing import Any

import streamlit as st

from dashboard import frames, navigation, reads
from dashboard.components import selection, switch, table
from dashboard.display import plural
from dashboard.reads import View
from etl.exports import file_name
from etl.metrics.figures import Figures
from etl.to_do import APPROVAL, DIFFERENCE, PROMISE

__all__ = ["show"]

COLUMNS = ("what", "customer", "document", "amount", "next", "days")
KINDS = {
    "all": "All",
    "failure": "Failures",
    "overdue": "Overdue",
    "unapplied": "Unapplied",
    APPROVAL: "Approvals",
    PROMISE: "Promises",
    DIFFERENCE: "Tie-out",
}
DRAWN, HIGH, GRID = 100, 10, "worklist"


def show(view: View) -> None:
    """The list with its filter; a row opens its invoice, or else its customer."""
    with st.container(border=True):
        with table.heading("To do today"):
            narrowed = _narrowed()
        found = reads.worklist(view, limit=DRAWN, **narrowed)
        if not found.rows:
            st.caption(
                "Nothing is to be done. Failed payments, invoices 91 days and more overdue, money "
                "without an invoice, broken promises and differences to BILL would be listed here."
            )
            return
        row = _chosen(view, found)
        _footer(view, found, narrowed)
    if row:
        _open(row)


def _narrowed() -> dict[str, Any]:
    kind = switch.show("todo", KINDS, label="Show", usual="all")
    return {} if kind == "all" else {"state": kind}


def _chosen(view: View, found: Figures) -> dict[str, Any] | None:
    """Draws the rows; gives the one that was clicked on."""
    about = (view.slug, found.question)
    chosen: Any = st.dataframe(
        frames.styled(found, COLUMNS),
        hide_index=True,
        row_height=table.ROW,
        height=table.height_of(len(found.rows), HIGH),
        column_config=table.column_config(frames.chosen_columns(found, COLUMNS)),
        key=f"worklist-{view.published.seq}-{hash((found.question, found.rows))}",
        on_select="rerun",
        selection_mode="single-cell",
        selection_default=selection.begun(GRID, about, found, COLUMNS),
        placeholder="–",
        alt=found.metric.title,
    )
    selection.keep(GRID, about, found, chosen)
    if not selection.is_clicked_anew(GRID, found, chosen):
        return None
    row: dict[str, Any] = found.records()[chosen.selection.cells[0][0]]
    return row


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
