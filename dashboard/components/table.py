"""A table one works in: heading with its controls, exact money, CSV, and rows that open."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st
from pandas.io.formats.style import Styler

from dashboard import reads
from dashboard.components import explain_button, selection
from dashboard.display import plain, plural, state
from dashboard.frames import CHIPS, DRAWN, chosen_columns, styled
from dashboard.reads import View
from dashboard.source import source
from etl.exports import FORMATS, file_name
from etl.metrics.catalogue import find_metric
from etl.metrics.figures import Column, Figures

__all__ = [
    "FORMAT_NAMES",
    "ROW",
    "Picked",
    "at_most",
    "column_config",
    "counted",
    "csv_button",
    "footer",
    "heading",
    "height_of",
    "pick",
    "show",
    "show_figures",
]

# Green is paid, brick is failed or overdue, amber is on its way, grey is over or in between.
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
    "succeeded": "green",
    "running": "orange",
    "pending": "orange",
    "failed": "red",
    "stale": "gray",
    "queued": "orange",
    "dispatching": "orange",
    "done": "green",
    "refused": "red",
    "restated": "orange",
    "unknown": "gray",
    "observed": "gray",
    "reconstructed": "gray",
    "great": "green",
    "good": "gray",
    "poor": "orange",
    "risk": "red",
    "taken": "gray",
    "delivered": "green",
    "recovered": "green",
    "retrying": "orange",
    "lost": "red",
    "below": "green",
    "at": "orange",
    "watch": "orange",
    "over": "red",
    "going": "green",
    "paused": "orange",
    "ended": "gray",
}
# Pixels: what is longer is read in its cell.
LONG_TEXTS = {"description": 200, "said": 200, "before": 100, "after": 100}
ROW, MOST_ROWS = 34, 14
FORMAT_NAMES = {"csv": "CSV", "xlsx": "Excel", "parquet": "Parquet"}


@dataclass(frozen=True, slots=True)
class Picked:
    """What was done in a table: the id of the row that was opened, those of the rows chosen."""

    opened: str | None
    chosen: tuple[str, ...]


@contextmanager
def heading(title: str) -> Iterator[None]:
    """A heading; what is drawn inside stands on its line, where the grid's tools do not reach."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(plain(title), anchor=False, width="content")
        yield


def csv_button(
    view: View, metric: str, *, label: str = "CSV", shown: Figures | None = None, **narrowed: Any
) -> None:
    """Downloads all rows of a metric as they are narrowed here; made only when pressed.

    `shown` are the first of them, where they are at hand.
    """
    found = shown or reads.figures(view, metric, **narrowed | at_most(metric, 1))
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


def other_formats(
    view: View, metric: str, *, shown: Figures | None = None, **narrowed: Any
) -> None:
    """The same rows as Excel and Parquet, behind one button."""
    found = shown or reads.figures(view, metric, **narrowed | at_most(metric, 1))
    with st.popover("More", type="tertiary", width="content", disabled=not found.rows):
        for format_ in ("xlsx", "parquet"):
            st.download_button(
                FORMAT_NAMES[format_],
                data=reads.export(view, metric, format_=format_, **narrowed),
                file_name=file_name(view.grant, found, format_),
                mime=FORMATS[format_],
                icon=":material/download:",
                type="tertiary",
                on_click="ignore",
                key=f"{format_}-{metric}",
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
    narrowed = {**at_most(metric, drawn), **narrowed}
    found = reads.figures(view, metric, **narrowed)
    modes = ("single-cell",) if opens else ()
    chosen = _grid(view, found, names, high, drawn, modes, narrowed)
    _footer(view, found, drawn, **narrowed)
    return _opened(found, opens, chosen) if opens else None


def pick(
    view: View,
    metric: str,
    names: Sequence[str],
    *,
    of: str,
    high: int = MOST_ROWS,
    **narrowed: Any,
) -> Picked:
    """The same with a box before every row to choose it by; `of` is the column of ids."""
    narrowed = {**at_most(metric, DRAWN), **narrowed}
    found = reads.figures(view, metric, **narrowed)
    modes = ("multi-row", "single-cell")
    chosen = _grid(view, found, names, high, DRAWN, modes, narrowed)
    _footer(view, found, DRAWN, **narrowed)
    ids = [str(row[found.names.index(of)]) for row in found.rows]
    return Picked(
        _opened(found, of, chosen), tuple(ids[row] for row in sorted(chosen.selection.rows))
    )


def show_figures(
    found: Figures, names: Sequence[str], *, opens: str, key: str, high: int = MOST_ROWS
) -> str | None:
    """Figures that are no metric's, without a line under them; as `show`, rows open `opens`."""
    chosen = _drawn(styled(found, names), found, names, high, ("single-cell",), key, None)
    return _opened(found, opens, chosen)


def _grid(
    view: View,
    found: Figures,
    names: Sequence[str],
    high: int,
    drawn: int,
    modes: tuple[Any, ...],
    narrowed: dict[str, Any],
) -> Any:
    metric = found.metric.name
    about = (view.slug, reads.question(view, metric, **narrowed))
    key = f"table-{metric}-{view.published.seq}-{hash(about)}"
    rows = reads.frame(view, metric, tuple(names), drawn, **narrowed)
    if not modes:
        return _drawn(rows, found, names, high, modes, key, None)
    begun = selection.begun(metric, about, found, names)
    chosen = _drawn(rows, found, names, high, modes, key, begun)
    selection.keep(metric, about, found, chosen)
    return chosen


def _drawn(
    rows: Styler,
    found: Figures,
    names: Sequence[str],
    high: int,
    modes: tuple[Any, ...],
    key: str,
    begun: Any,
) -> Any:
    return st.dataframe(
        rows,
        hide_index=True,
        row_height=ROW,
        height=height_of(len(found.rows), high),
        column_config=column_config(chosen_columns(found, names)),
        key=key,
        on_select="rerun" if modes else "ignore",
        selection_mode=modes or "single-cell",
        selection_default=begun,
        placeholder="–",
        alt=found.metric.title,
    )


def _footer(view: View, found: Figures, drawn: int, **narrowed: Any) -> None:
    asked = {name: value for name, value in narrowed.items() if name != "limit"}
    with footer(counted(found.total, drawn)):
        about = source(found.metric.name, **asked)
        explain_button.show("Explain", about, key=f"explain-table-{hash(about)}")
        csv_button(view, found.metric.name, shown=found, **asked)
        other_formats(view, found.metric.name, shown=found, **asked)


def counted(count: int, drawn: int = DRAWN) -> str:
    """How many rows there are, and of how many these are the first."""
    text = plural(count, "row")
    if count > drawn:
        return f"The first {drawn:,} of {text}: narrow them down to see others."
    return text


def at_most(metric: str, drawn: int) -> dict[str, int]:
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
    if not selection.is_clicked_anew(found.metric.name, found, chosen):
        return None
    row = found.rows[chosen.selection.cells[0][0]]
    return str(row[found.names.index(opens)]) or None


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
    return st.column_config.TextColumn(heading, width=LONG_TEXTS.get(column.name))
