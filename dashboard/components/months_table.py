"""The months that are over: open, closed by whom and when, or restated since."""

from typing import Any

import streamlit as st

from dashboard import frames, reads
from dashboard.components import table
from dashboard.reads import View
from etl.jobs.months import Month
from etl.metrics.figures import Column

__all__ = ["is_restated", "show"]

COLUMNS = (
    Column("month", "month", "Month"),
    Column("state", "text", "State"),
    Column("closed_on", "date", "Closed"),
    Column("closed_by", "text", "By"),
    Column("snapshot", "text", "Snapshot"),
)


def is_restated(view: View, month: Month) -> bool:
    """Whether documents of a closed month are other ones now."""
    return month.close_id is not None and bool(reads.restated_documents(view, month).rows)


def show(view: View, months: list[Month]) -> None:
    """A row a month, newest first."""
    rows = [_row(view, month) for month in months]
    with st.container(border=True):
        st.subheader("Months", anchor=False)
        st.dataframe(
            frames.styled_rows(COLUMNS, rows),
            hide_index=True,
            row_height=table.ROW,
            height=table.height_of(len(rows)),
            column_config=table.column_config(COLUMNS),
            placeholder="–",
            alt="Months and whether they are closed",
        )


def _row(view: View, month: Month) -> dict[str, Any]:
    return {
        "month": month.name,
        "state": month.state(is_restated=is_restated(view, month)),
        "closed_on": month.closed_on,
        "closed_by": month.closed_by,
        "snapshot": month.seq,
    }
