"""A table one works in: heading with its controls, exact money, CSV, and rows that open."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import streamlit as st

from dashboard import reads, session
from dashboard.display import plain, plural, state
from dashboard.frames import CHIPS, DRAWN, chosen_columns
from dashboard.reads import View
from etl.exports import file_name
from etl.metrics.catalogue import find_metric
from etl.metrics.figures import Column, Figures

__all__ = ["column_config", "csv_button", "footer", "heading", "height_of", "show"]

# Green is paid, brick is failed or overdue, amber is on its way, grey is over.
CHIP_COLOURS = {
    "paid": "green",
    "PAID": "green",
    "open": "gray",
    "upcoming": "gray",
    "overdue": "orange",
    "archived": "gray",
    "SCHEDULED": "orange",
    "VOID": "red",
    "CANCELED": "red",
    "ESCHEATED": "gray",
    "UNDEFINED": "gray",
    "closed": "green",
    "restated": "orange",
    "unknown": "gray",
    "observed": "gray",
    "reconstructed": "gray",
    "recovered": "green",
    "retrying": "orange",
    "lost": "red",
    "below": "green",
    "at": "orange",
    "watch": "orange",
    "over": "red",
}
ROW, MOST_ROWS = 34, 14


@contextmanager
def heading(title: str) -> Iterator[None]:
    """A heading; what is drawn inside stands on its line, where the grid's tools do not reach."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(plain(title), anchor=False, width="content")
        yield


def csv_button(view: View, metric: str, *, label: str = "CSV", **narrowed: Any) -> None:
    """Downloads all rows of a metric as they are narrowed here; made only when pressed."""
    found = reads.figures(view, metric, **narrowed | _first(metric, 1))
    st.download_button(
        label,
        data=reads.export(view, metric, **narrowed),
        file_name=file_name(view.grant, found),
        mime="text/csv",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
        key=f"csv-{metric}",
        disabled=not found.rows,
        help="All rows, exact to the cent, as a file for a spreadsheet",
    )


def show(
    view: View,
    metric: str,
    names: Sequence[str],
    *,
    opens: str | None = None,
    high: int = MOST_ROWS,
    drawn: int = DRAWN,
    **narrowed: Any,
) -> str | None:
    """The first `drawn` rows of a metric, `high` of them without scrolling.

    Gives the id in the column `opens` of the row clicked on.
    """
    narrowed = {**_first(metric, drawn), **narrowed}
    found = reads.figures(view, metric, **narrowed)
    chosen = st.dataframe(
        reads.frame(view, metric, tuple(names), drawn, **narrowed),
        hide_index=True,
        row_height=ROW,
        height=height_of(len(found.rows), high),
        column_config=column_config(chosen_columns(found, names)),
        key=f"table-{metric}-{view.published.seq}-{hash(reads.question(view, metric, **narrowed))}",
        on_select="rerun" if opens else "ignore",
        selection_mode="single-cell",
        placeholder="–",
        alt=found.metric.title,
    )
    _footer(view, found, drawn, **narrowed)
    return _opened(found, opens, chosen) if opens else None


def _footer(view: View, found: Figures, drawn: int, **narrowed: Any) -> None:
    count = found.total
    text = plural(count, "row")
    if count > drawn:
        text = f"The first {drawn:,} of {text}: narrow them down to see others."
    with footer(text):
        csv_button(view, found.metric.name, **{k: v for k, v in narrowed.items() if k != "limit"})


def _first(metric: str, drawn: int) -> dict[str, int]:
    """No more of a long list is read than is drawn."""
    return {"limit": drawn} if find_metric(metric).metric.is_counted else {}


@contextmanager
def footer(text: str) -> Iterator[None]:
    """The line under a table; what is drawn inside stands at its right.

    Downloads are here and not above: there the grid's own tools would cover them.
    """
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.caption(text, width="content")
        with st.container(horizontal=True, width="content", gap="small"):
            yield


def _opened(found: Figures, opens: str, chosen: Any) -> str | None:
    cells = chosen.selection.cells
    # A grid goes on telling the cell that was clicked: only another one opens something, or
    # closing and going back would open it again.
    if not session.is_news(f"clicked-{found.metric.name}", cells) or not cells:
        return None
    row = found.rows[cells[0][0]]
    return str(row[found.names.index(opens)])


def height_of(rows: int, most: int = MOST_ROWS) -> int | Literal["content"]:
    """Room for all rows, or pixels for as many as are shown before it scrolls."""
    return "content" if rows <= most else (most + 1) * ROW


def column_config(columns: Sequence[Column]) -> dict[str, Any]:
    """How each column is drawn: money and counts right, dates ISO, states as chips."""
    return {column.name: _configured(column) for column in columns}


def _configured(column: Column) -> Any:
    heading = column.heading
    if column.kind in {"money", "ratio", "percent", "days", "score"}:
        return st.column_config.NumberColumn(heading, alignment="right")
    if column.kind == "count":
        return st.column_config.NumberColumn(heading, format="%,d")
    if column.kind == "date":
        return st.column_config.DateColumn(heading, format="YYYY-MM-DD")
    if column.kind == "month":
        return st.column_config.DateColumn(heading, format="MMM YYYY")
    if column.name in CHIPS:
        names = {state(name): colour for name, colour in CHIP_COLOURS.items()}
        return st.column_config.MultiselectColumn(
            heading, options=list(names), color=list(names.values())
        )
    return st.column_config.TextColumn(heading)
