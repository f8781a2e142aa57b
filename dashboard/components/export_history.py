"""What was exported: by whom or by which schedule, of which day, and the hash of the file."""

from datetime import date, datetime
from typing import Any

import streamlit as st

from dashboard import reads
from dashboard.components import table
from dashboard.display import moment, plural
from dashboard.frames import styled_rows
from dashboard.reads import View, desk
from etl.metrics.catalogue import CATALOGUE
from etl.metrics.figures import Column

__all__ = ["show"]

TITLES = {name: entry.metric.title for name, entry in CATALOGUE.items()}
COLUMNS = (
    Column("at", "text", "When"),
    Column("by", "text", "By"),
    Column("view", "text", "What"),
    Column("as_of", "date", "As of"),
    Column("format", "text", "Format"),
    Column("rows", "count", "Rows"),
    Column("status", "text", "Outcome"),
    Column("sha256", "id", "SHA-256"),
)


def show(view: View) -> None:
    """The newest exports first."""
    with st.container(border=True):
        st.subheader("History", anchor=False)
        records = [_record(view, row) for row in reads.exported(view)]
        if not records:
            st.caption(
                "Nothing was exported yet. Every file that is downloaded or delivered will be "
                "here, with the hash by which it is known again."
            )
            return
        st.dataframe(
            styled_rows(COLUMNS, records),
            hide_index=True,
            row_height=table.ROW,
            height=table.height_of(len(records)),
            column_config=table.column_config(COLUMNS),
            key="export-history",
            placeholder="–",
            alt="History of exports",
        )
        st.caption(f"The newest {plural(len(records), 'export')}")


def _record(view: View, row: dict[str, Any]) -> dict[str, Any]:
    at = datetime.fromisoformat(row["at"])
    return {
        **row,
        "at": moment(at, desk().now(), view.grant.time_zone),
        "view": TITLES.get(row["view"], row["view"]),
        "by": row["schedule"] or row["by"],
        "as_of": date.fromisoformat(row["as_of"]),
        "format": table.FORMAT_NAMES.get(row["format"], row["format"].upper()),
        "status": row["outcome"],
    }
