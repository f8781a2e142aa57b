"""“Explain this number”: what a figure means, and the rows it is made of."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard import navigation, session
from dashboard.components import table
from dashboard.components.errors import calm
from dashboard.display import day, plain
from dashboard.reads import View
from dashboard.session import Source
from etl.metrics.catalogue import find_metric

__all__ = ["button", "show_open", "source"]


def source(metric: str, column: str | None = None, **narrowed: Any) -> Source:
    """Where a figure is from: a metric, one of its columns, and what it was narrowed to."""
    return Source(metric, column, tuple(sorted(narrowed.items())))


def button(label: str, about: Source, *, key: str) -> None:
    """A quiet button that opens the explanation of a figure."""
    st.button(
        label,
        type="tertiary",
        key=key,
        help="Explain this number",
        on_click=lambda: session.open_explanation(about),
    )


def show_open(view: View) -> None:
    """The explanation that is open, if one is."""
    about = session.opened_explanation()
    if about is None:
        return
    title = plain(find_metric(about.metric).metric.title)
    st.dialog(title, width="large", on_dismiss=session.close_explanation)(_dialog)(view, about)


def _dialog(view: View, about: Source) -> None:
    with calm():
        _meaning(view, about)
        _rows(view, about, dict(about.narrowed))


def _meaning(view: View, about: Source) -> None:
    metric = find_metric(about.metric).metric
    st.markdown(plain(metric.definition))
    on = dict(about.narrowed).get("as_of", view.as_of)
    st.caption(
        f"As of {day(on)} in {plain(view.grant.time_zone)}. One row: a {plain(metric.grain)}. "
        f"Snapshot {view.published.seq}."
    )


def _rows(view: View, about: Source, narrowed: Mapping[str, Any]) -> None:
    names = [column.name for column in find_metric(about.metric).metric.columns]
    opens = next((name for name in ("invoice_id", "customer_id") if name in names), None)
    shown = [name for name in names if not name.endswith("_id")]
    opened = table.show(view, about.metric, shown, opens=opens, high=10, drawn=100, **narrowed)
    if opened and opens:
        session.close_explanation()
        pages = {"invoice_id": navigation.INVOICES, "customer_id": navigation.CUSTOMERS}
        navigation.to(pages[opens], **{opens.removesuffix("_id"): opened})
