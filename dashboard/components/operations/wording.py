"""The words of letters: edited beside how they would read, then kept."""

import streamlit as st

from dashboard.choices import Choice
from dashboard.components.operations import listing
from dashboard.display import label, plain
from dashboard.reads import desk
from etl.errors import UsageError
from etl.notices.own_words import OwnWords
from etl.operations.wording import Written

__all__ = ["show"]


def show(choice: Choice) -> None:
    """One kind at a time; what is typed shows at once as a letter to an invented customer."""
    wording = desk().operations.wording
    with st.container(border=True):
        st.subheader("Words", anchor=False)
        kind = st.selectbox("Letter", wording.kinds, format_func=label, key="words-kind")
        found = wording.written(choice.who.user_id, choice.grant.tenant, kind or "")
        st.caption(_said(choice, found))
        typing, reading = st.columns(2)
        with typing:
            words = _typed(found)
        with reading:
            is_good = _read(choice, found.kind, words)
        _buttons(choice, found, words, is_good=is_good)


def _said(choice: Choice, found: Written) -> str:
    if not found.set_at:
        return "These are Tieout's own words."
    when = listing.at(choice, found.set_at)
    return f"Version {found.version}, by {plain(found.set_by)}, {when}."


def _typed(found: Written) -> OwnWords:
    name = f"{found.kind}-{found.version}"  # a new version begins with what it says
    subject = st.text_input("Subject", found.words.subject, key=f"words-subject-{name}")
    text = st.text_area("Text", found.words.text, height=420, key=f"words-text-{name}")
    return OwnWords(subject or "", text or "")


def _read(choice: Choice, kind: str, words: OwnWords) -> bool:
    try:
        letter = desk().operations.wording.preview(
            choice.who.user_id, choice.grant.tenant, kind, words
        )
    except UsageError as error:
        st.error(plain(str(error)), icon=":material/edit_off:")
        return False
    st.caption("So it reads to an invented customer; the foot is always there.")
    st.code(f"{letter.subject}\n\n{letter.text}", language=None, wrap_lines=True)
    return True


def _buttons(choice: Choice, found: Written, words: OwnWords, *, is_good: bool) -> None:
    wording, who, slug = desk().operations.wording, choice.who.user_id, choice.grant.tenant
    with st.container(horizontal=True):
        keep = st.button("Use these words", type="primary", disabled=not is_good, key="words-keep")
        reset = st.button("Back to Tieout's own", disabled=not found.set_at, key="words-reset")
    if keep:
        wording.keep(who, slug, found.kind, words, found.version)
    if reset:
        wording.reset(who, slug, found.kind, found.version)
    if keep or reset:
        st.toast("Saved.", icon=":material/check:")
        st.rerun()
