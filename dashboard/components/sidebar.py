"""The sidebar: pages on top, then what is looked at, then who looks."""

import streamlit as st

from dashboard import doors, navigation, session, theme
from dashboard.choices import EARLIEST, Choice
from dashboard.display import called, plain
from etl.desk import SignedIn

__all__ = ["show", "show_account"]

ALL = "All currencies"


def show(choice: Choice) -> None:
    """The whole sidebar of somebody with a tenant."""
    st.logo(theme.logo(), icon_image=theme.MARK, size="large")
    with st.sidebar:
        _tenant(choice)
        _as_of(choice)
        _currency(choice)
        st.space("small")
    show_account(choice.who)


def show_account(who: SignedIn) -> None:
    """Who is signed in, and the way out."""
    with st.sidebar, st.container(gap="xxsmall"):
        st.caption(called(who.email))
        st.page_link(navigation.account(), label="Your account", icon=":material/manage_accounts:")
        st.button("Sign out", type="tertiary", icon=":material/logout:", on_click=doors.leave)


def _tenant(choice: Choice) -> None:
    if len(choice.grants) == 1:
        _fixed("Tenant", choice.grant.tenant_name)
        return
    names = {grant.tenant: grant.tenant_name for grant in choice.grants}
    st.selectbox(
        "Tenant",
        list(names),
        format_func=lambda slug: names[slug],
        key=session.widget("tenant_switch", choice.grant.tenant),
        on_change=lambda: session.choose("tenant", session.value("tenant_switch")),
    )


def _as_of(choice: Choice) -> None:
    st.date_input(
        "As of",
        min_value=EARLIEST,
        max_value=choice.today,
        format="YYYY-MM-DD",
        key=session.widget("day_switch", choice.as_of),
        on_change=lambda: _choose_day(choice),
    )


def _choose_day(choice: Choice) -> None:
    on = session.value("day_switch")
    is_past = on is not None and on != choice.today
    session.choose("as_of", on.isoformat() if is_past else None)


def _currency(choice: Choice) -> None:
    if not choice.currencies:
        return
    if len(choice.currencies) == 1:
        _fixed("Amounts in", choice.currencies[0])
        return
    shown = _total_in(choice.reporting) if choice.reporting else choice.currency
    st.selectbox(
        "Amounts in",
        [ALL, *choice.currencies, *map(_total_in, choice.currencies)],
        key=session.widget("currency_switch", shown or ALL),
        on_change=lambda: _choose_currency(choice.currencies),
    )


def _total_in(code: str) -> str:
    return f"Total in {code}"


def _fixed(label: str, value: str) -> None:
    """What there is no choice of."""
    with st.container(gap="xxsmall"):
        st.markdown(f":small[{label}]")
        st.markdown(f":small[**{plain(value)}**]")


def _choose_currency(codes: tuple[str, ...]) -> None:
    chosen = session.value("currency_switch")
    totals = {_total_in(code): code for code in codes}
    session.choose("reporting", totals.get(chosen))
    session.choose("currency", chosen if chosen in codes else None)
