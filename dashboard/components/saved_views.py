"""The views people keep of a list: choose one, keep the present one, remove one."""

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard import actions, reads, session
from dashboard.components.errors import calm
from dashboard.display import plain
from dashboard.reads import View
from etl.store.saved_views import SavedView

__all__ = ["show"]


def show(view: View, page: str, names: Sequence[str], words: Mapping[str, str]) -> None:
    """A button that opens them; `words` is what the list is narrowed to now."""
    with st.popover("Views", icon=":material/bookmark:", key=f"views-{page}"), calm():
        kept = reads.saved_views(view, page)
        if not kept:
            st.caption("Nothing is kept yet: narrow the list down, and keep that under a name.")
        for one in kept:
            _line(view, page, names, one)
        _form(view, page, words)


def _line(view: View, page: str, names: Sequence[str], kept: SavedView) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.button(
            plain(kept.name),
            type="tertiary",
            key=f"view-{kept.view_id}",
            help=None if kept.is_own else plain(f"Shared by {kept.owner}"),
            icon=":material/group:" if kept.is_shared else ":material/person:",
            on_click=lambda: session.write_words(page, names, kept.filters),
        )
        if kept.is_own or view.may_administer:
            _remove(view, kept)


def _remove(view: View, kept: SavedView) -> None:
    pressed = st.button(
        "Remove",
        type="tertiary",
        icon=":material/delete:",
        key=f"forget-view-{kept.view_id}",
        help=plain(f"Remove the view “{kept.name}”"),
    )
    if pressed:
        actions.forget_view(view.user_id, view.slug, kept.view_id)
        st.rerun()


def _form(view: View, page: str, words: Mapping[str, str]) -> None:
    with st.form(f"keep-view-{page}", border=False, clear_on_submit=True):
        name = st.text_input(
            "Keep the present filters as",
            placeholder="Overdue, over 1,000",
            max_chars=60,
            key="keep-name",
        )
        whom = plain(view.grant.tenant_name)
        is_shared = view.may_act and st.toggle(f"Share with {whom}", key="keep-shared")
        pressed = st.form_submit_button("Keep view", disabled=not words)
    if pressed:
        actions.save_view(
            view.user_id, view.slug, page, name or "", words, is_shared=bool(is_shared)
        )
        st.toast("The view is kept.", icon=":material/bookmark_added:")
        st.rerun()
