"""What every page is: sidebar, header, and its body, each of which may fail alone."""

from collections.abc import Callable

import streamlit as st

from dashboard import session, theme
from dashboard.choices import Choice, choose
from dashboard.components import empty, explanation, header, sidebar, waiting
from dashboard.components.errors import calm
from dashboard.display import plain
from dashboard.navigation import PageLine
from dashboard.reads import View, desk
from etl.desk import SignedIn

__all__ = ["show", "show_always"]


def show(line: PageLine, body: Callable[[View], None]) -> None:
    """A page: `body` draws what stands under the header."""
    who = session.person()
    if who is None:
        return
    session.enter(line.file)
    with calm():
        grants = desk().grants(who.user_id)
        if not grants:
            _without_tenants(who)
            return
        choice = choose(who, grants)
        sidebar.show(choice)
        if choice.view is None:
            header.show_line(line.title)
            _say(choice.notices)
            waiting.show(choice, line.promise)
            return
        header.show(choice.view, line.title)
        _say(choice.notices)
        with calm():
            body(choice.view)
        explanation.show_open(choice.view)


def show_always(line: PageLine, body: Callable[[Choice], None]) -> None:
    """A page that is there before the first sync as well: what it shows is no figure."""
    who = session.person()
    if who is None:
        return
    with calm():
        grants = desk().grants(who.user_id)
        if not grants:
            _without_tenants(who)
            return
        choice = choose(who, grants)
        sidebar.show(choice)
        if choice.view:
            header.show(choice.view, line.title)
        else:
            header.show_line(line.title)
        _say(choice.notices)
        with calm():
            body(choice)


def _say(notices: tuple[str, ...]) -> None:
    for notice in notices:
        st.info(plain(notice), icon=":material/link_off:")


def _without_tenants(who: SignedIn) -> None:
    st.logo(theme.logo(), size="large")
    sidebar.show_account(who)
    header.show_line("Welcome")
    empty.show(
        "You have no tenant yet",
        "Once somebody gives you a role at a tenant, its receivables are here. Ask whoever runs "
        f"Tieout for one: tieout user add {who.email} --tenant NAME --role viewer.",
        icon=":material/lock:",
    )
