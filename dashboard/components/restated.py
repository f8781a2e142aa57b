"""What changed of a closed month: its documents, and the figures they moved."""

import streamlit as st

from dashboard import frames, reads
from dashboard.components import table
from dashboard.display import plural
from dashboard.reads import View
from etl.exports import file_name
from etl.jobs.months import Month
from etl.metrics.figures import Figures

__all__ = ["show"]

DOCUMENTS = (
    "document",
    "customer",
    "change",
    "before",
    "after",
    "observed_on",
    "receivables",
    "invoiced",
    "collected",
)
FIGURES = ("metric", "figure", "of", "currency", "then", "now", "difference")


def show(view: View, month: Month) -> None:
    """Both lists; each says so where it is empty."""
    documents, figures = reads.restated_documents(view, month), reads.restated_figures(view, month)
    with st.container(border=True):
        st.subheader("Changed documents", anchor=False)
        st.caption(
            "What is not as it was when the month was closed, for days up to its end. What "
            "happened later counts later and is not here."
        )
        _table(documents, DOCUMENTS)
        with table.footer(plural(len(documents.rows), "row")):
            st.download_button(
                "CSV",
                data=reads.export_restated(view, month),
                file_name=file_name(view.grant, documents),
                mime="text/csv",
                icon=":material/download:",
                type="tertiary",
                on_click="ignore",
                key="csv-restated",
                disabled=not documents.rows,
            )
    with st.container(border=True):
        st.subheader("Figures that moved", anchor=False)
        _table(figures, FIGURES)


def _table(figures: Figures, names: tuple[str, ...]) -> None:
    if not figures.rows:
        st.caption("None.")
        return
    st.dataframe(
        frames.styled(figures, names),
        hide_index=True,
        row_height=table.ROW,
        height=table.height_of(len(figures.rows)),
        column_config=table.column_config(frames.chosen_columns(figures, names)),
        placeholder="–",
        alt=figures.metric.title,
    )
