"""Exports: any view as a file, those that are made by themselves, and what was taken so far."""

import streamlit as st

from dashboard import navigation, reads
from dashboard.components import export_history, export_schedules, page, table
from dashboard.components.table import FORMAT_NAMES
from dashboard.display import day, plain, plural
from dashboard.reads import View
from etl.exports import FORMATS, file_name
from etl.exports.schedule import offered_views
from etl.metrics.catalogue import find_metric


def body(view: View) -> None:
    """What can be exported, what is exported by itself, what was."""
    _take(view)
    export_schedules.show(view)
    export_history.show(view)


def _take(view: View) -> None:
    with st.container(border=True):
        st.subheader("Take a view", anchor=False)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = _view()
            format_ = _format()
        st.markdown(plain(find_metric(name).metric.definition))
        _download(view, name, format_)


def _view() -> str:
    views = offered_views()
    chosen = st.selectbox(
        "View", list(views), format_func=views.__getitem__, key="export-view", width=360
    )
    return chosen or next(iter(views))


def _format() -> str:
    chosen = st.segmented_control(
        "Format",
        list(FORMAT_NAMES),
        format_func=FORMAT_NAMES.__getitem__,
        default="csv",
        required=True,
        key="export-format",
    )
    return chosen or "csv"


def _download(view: View, name: str, format_: str) -> None:
    found = reads.figures(view, name, **table.at_most(name, 1))
    of = f"in {view.currency}" if view.currency else "in every currency"
    with table.footer(f"{plural(found.total, 'row')} as of {day(view.as_of)}, {of}"):
        st.download_button(
            "Download",
            data=reads.export(view, name, format_=format_),
            file_name=file_name(view.grant, found, format_),
            mime=FORMATS[format_],
            icon=":material/download:",
            type="primary",
            on_click="ignore",
            key=f"take-{name}-{format_}",
            disabled=not found.rows,
        )
    st.caption(
        "A customer's statement, history and payments are on their page. Each file says what it "
        "is, and its hash is kept below."
    )


if __name__ == "__main__":
    page.show(navigation.EXPORTS, body)
