"""A customer's statement, to be sent to them."""

from datetime import date

import streamlit as st

from dashboard import reads
from dashboard.reads import View
from etl.exports import PDF, statement_name

__all__ = ["show"]


def show(view: View, customer_id: str, from_on: date | None = None) -> None:
    """Downloads it as PDF, from a day or from ninety days before the view's."""
    narrowed = {"customer": customer_id, "from_on": from_on, "currency": None}
    found = reads.figures(view, "customer_statement", **narrowed)
    st.download_button(
        "Statement as PDF",
        data=reads.statement(view, customer_id, from_on),
        file_name=statement_name(view.grant, found),
        mime=PDF,
        icon=":material/picture_as_pdf:",
        on_click="ignore",
        key="statement-pdf",
    )
