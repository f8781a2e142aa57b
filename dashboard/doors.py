"""Who has this page open: found by link, session, cookie or provider, and seen out again."""

import streamlit as st

from dashboard import session
from etl.account import Account
from etl.desk import SignedIn
from etl.entrance import OVER, Entrance
from etl.entry import Doorway, open_doorway
from etl.settings import load_settings
from etl.store.visits import Browser

__all__ = [
    "MARK_COOKIE",
    "SESSION_COOKIE",
    "account",
    "arrive",
    "browser",
    "cookie",
    "doorway",
    "entrance",
    "fetch_cookie",
    "leave",
]

MARK_COOKIE = "tieout_browser"
SESSION_COOKIE = "tieout_session"
# A script cannot set a cookie that scripts cannot read; the server can (dashboard/server.py).
FETCH = "<script>fetch('/session', {{method: '{0}', headers: {{'X-Tieout': '1'}}}})</script>"


@st.cache_resource(show_spinner=False)
def doorway() -> Doorway:
    """The one doorway of this process."""
    return open_doorway(load_settings())


def entrance() -> Entrance:
    """The ways in and out."""
    return Entrance(doorway())


def account() -> Account:
    """What people change about themselves."""
    return Account(doorway())


def browser() -> Browser:
    """The browser that this page is open in."""
    device = st.context.headers.get("User-Agent")
    return Browser(cookie(MARK_COOKIE), device if isinstance(device, str) else "")


def cookie(name: str) -> str | None:
    """A cookie this page was opened with."""
    found = st.context.cookies.get(name)
    return found if isinstance(found, str) else None  # a page under test has none


def arrive() -> SignedIn | None:
    """Whose page this is; None where somebody has to sign in first."""
    token = st.query_params.get("token")
    if token is not None:
        del st.query_params["token"]
        return _taken(entrance().sign_in_by_link(token, browser()))
    who = session.person()
    if who is None:
        return _returning()
    if entrance().goes_on(who):
        return who
    session.sign_out(OVER)
    return None


def leave() -> None:
    """Signs out, here and in every tab that shares the visit."""
    who = session.person()
    if who is not None:
        entrance().sign_out(who)
    session.sign_out()
    if _is_vouched_for():
        st.logout()


def fetch_cookie(method: str = "POST") -> None:
    """Lets the browser fetch its cookie, or drop one that is of no use any more (`DELETE`)."""
    if cookie(MARK_COOKIE):
        st.html(FETCH.format(method), unsafe_allow_javascript=True)


def _returning() -> SignedIn | None:
    if session.has_left() or session.half_way() is not None:
        return None
    if _is_vouched_for():
        found = entrance().sign_in_by_provider(st.user.to_dict(), browser())
        if isinstance(found, SignedIn):
            return _taken(found)
        session.tell(None if found == OVER else found)
    kept = cookie(SESSION_COOKIE)
    return _taken(entrance().resume(kept)) if kept else None


def _taken(found: SignedIn | str) -> SignedIn | None:
    if isinstance(found, str):
        session.sign_out(found)
        return None
    session.sign_in(found)
    return found


def _is_vouched_for() -> bool:
    return doorway().settings.provider is not None and bool(st.user.get("is_logged_in"))
