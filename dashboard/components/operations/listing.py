"""Rows that are no metric's, drawn as every other table."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import streamlit as st

from dashboard import frames
from dashboard.choices import Choice
from dashboard.components import table
from dashboard.display import moment
from dashboard.reads import desk
from etl.metrics.figures import Column

__all__ = ["at", "show"]


def show(title: str, columns: Sequence[Column], rows: Sequence[dict[str, Any]], none: str) -> None:
    """A table under its title, or the sentence that says why there is none."""
    with st.container(border=True):
        st.subheader(title, anchor=False)
        if not rows:
            st.caption(none)
            return
        st.dataframe(
            frames.styled_rows(columns, rows),
            hide_index=True,
            row_height=table.ROW,
            height=table.height_of(len(rows)),
            column_config=table.column_config(columns),
            placeholder="–",
            alt=title,
        )


def at(choice: Choice, instant: datetime | None) -> str:
    """An instant in the tenant's time."""
    return moment(instant, desk().now(), choice.grant.time_zone) if instant else ""
