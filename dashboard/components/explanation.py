"""“Explain this number”: what it means, what enters it, what does not, and its proof."""

from typing import Any

import streamlit as st

from dashboard import navigation, reads, session
from dashboard.components import table
from dashboard.components.errors import calm
from dashboard.display import ago, day, label, money, plain, plural
from dashboard.frames import chosen_columns, styled
from dashboard.reads import View
from dashboard.source import Source, source
from etl.explanations.explanation import Explanation
from etl.metrics.catalogue import find_metric
from etl.metrics.figures import Figures

__all__ = ["show_open", "source"]

INPUTS = ("what", "document", "on", "customer", "amount")
LEFT_OUT = ("reason", "document", "on", "customer", "amount")


def show_open(view: View) -> None:
    """The explanation that is open, if one is."""
    about = session.opened_explanation()
    if about is None:
        return
    metric = find_metric(about.metric).metric
    headings = {column.name: column.heading for column in metric.columns}
    title = headings.get(about.column or "", metric.title)
    st.dialog(plain(title), width="large", on_dismiss=session.close_explanation)(_dialog)(
        view, about
    )


def _dialog(view: View, about: Source) -> None:
    with calm():
        found = reads.explanation(view, about)
        _meaning(found)
        enters, left_out, data = st.tabs(
            [
                f"What enters it ({found.input_count:,})",
                f"What does not ({found.exclusion_count:,})",
                "Age of the data",
            ]
        )
        with enters:
            _list(view, found.inputs, INPUTS, found.input_count, "Nothing enters it.")
        with left_out:
            _reasons(found)
            _list(view, found.exclusions, LEFT_OUT, found.exclusion_count, "Nothing is left out.")
        with data:
            _age(view, found)
        _pack(view, about)


def _meaning(found: Explanation) -> None:
    st.markdown(plain(found.figures.metric.definition))
    for line in (*found.formulas, *found.notes):
        st.caption(plain(line))
    if found.adds_up:
        st.markdown(":green[:material/check:] What enters it adds up to it, to the cent.")
        return
    for one in found.differences:
        where = " · ".join(filter(None, one.row))
        st.error(plain(f"{where}: it is {one.figure}, what enters it gives {one.inputs}."))


def _list(view: View, listed: Figures, names: tuple[str, ...], count: int, nothing: str) -> None:
    if not listed.rows:
        st.caption(nothing)
        return
    chosen = st.dataframe(
        styled(listed, names, len(listed.rows)),
        hide_index=True,
        row_height=table.ROW,
        height=table.height_of(len(listed.rows), 8),
        column_config=table.column_config(chosen_columns(listed, names)),
        key=f"explained-{listed.metric.name}-{view.published.seq}",
        on_select="rerun",
        selection_mode="single-cell",
        placeholder="–",
        alt=listed.metric.title,
    )
    if count > len(listed.rows):
        st.caption(f"The largest {len(listed.rows):,} of {count:,}; the pack below has all.")
    _open(listed, chosen)


def _open(listed: Figures, chosen: Any) -> None:
    cells = chosen.selection.cells
    if not session.is_news(f"explained-{listed.metric.name}", cells) or not cells:
        return
    record = listed.records()[cells[0][0]]
    pages = {"invoice_id": navigation.INVOICES, "customer_id": navigation.CUSTOMERS}
    for name, page in pages.items():
        if record[name]:
            session.close_explanation()
            navigation.to(page, **{name.removesuffix("_id"): record[name]})


def _reasons(found: Explanation) -> None:
    for one in found.reasons:
        amount = "" if one.amount is None else f", {money(one.amount, one.currency)}"
        st.markdown(plain(f"{label(one.reason)}: {one.count:,}{amount}"))


def _age(view: View, found: Explanation) -> None:
    now = reads.desk().now()
    for age in found.ages:
        read = (
            f"changes read {ago(age.changes_read_at, now)}" if age.changes_read_at else "not read"
        )
        st.markdown(plain(f"{label(age.resource)}: {plural(age.records, 'record')}, {read}"))
    since = f"; seen to happen since {day(found.observed_from)}" if found.observed_from else ""
    inferred = plural(found.reconstructed, "input is inferred", "inputs are inferred")
    st.caption(
        plain(
            f"Snapshot {view.published.seq} of run {found.run_id}{since}. {inferred} from what "
            "BILL said when it was first read."
        )
    )


def _pack(view: View, about: Source) -> None:
    st.download_button(
        "Evidence pack",
        data=reads.evidence(view, about),
        file_name=f"{view.slug}-{about.metric}-{view.as_of}.zip",
        mime="application/zip",
        icon=":material/folder_zip:",
        on_click="ignore",
        key="evidence-pack",
        help="All inputs and exclusions, with the hashes that prove them",
    )
