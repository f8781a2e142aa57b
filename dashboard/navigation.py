"""The pages there are: one line each."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import streamlit as st
from streamlit.navigation.page import Page

from dashboard import session
from dashboard.reads import desk
from etl.errors import TieoutError
from etl.store.access import Permission

__all__ = [
    "CLOSE",
    "CUSTOMERS",
    "EXPORTS",
    "FAILED_PAYMENTS",
    "FOR_ADMINISTRATORS",
    "INVOICES",
    "OPERATIONS",
    "OVERVIEW",
    "PAGES",
    "RECEIVABLES",
    "REVENUE",
    "PageLine",
    "account",
    "current",
    "to",
]

FOLDER = Path(__file__).parent / "app_pages"


@dataclass(frozen=True, slots=True)
class PageLine:
    """A page's file, its name in the menu, and the heading it stands under.

    `promise` ends the sentence “This page will show …” while there is nothing to show.
    """

    file: str
    title: str
    icon: str
    section: str
    promise: str

    @property
    def path(self) -> str:
        """The file, as Streamlit wants it."""
        return str(FOLDER / self.file)


OVERVIEW = PageLine(
    "overview.py",
    "Overview",
    ":material/space_dashboard:",
    "",
    "what came in, what is owed, how old it is, and what is longest overdue",
)
REVENUE = PageLine(
    "revenue.py",
    "Revenue",
    ":material/bar_chart:",
    "Receivables",
    "what was invoiced and what was collected, month by month",
)
RECEIVABLES = PageLine(
    "receivables.py",
    "Receivables",
    ":material/account_balance:",
    "Receivables",
    "what is owed and how old it is, by currency and customer, and whom to call",
)
FAILED_PAYMENTS = PageLine(
    "failed_payments.py",
    "Failed payments",
    ":material/credit_card_off:",
    "Receivables",
    "every online payment that came to nothing, and whose it was",
)
CUSTOMERS = PageLine(
    "customers.py",
    "Customers",
    ":material/group:",
    "Receivables",
    "who owes what, and each customer's whole history",
)
INVOICES = PageLine(
    "invoices.py",
    "Invoices",
    ":material/receipt_long:",
    "Receivables",
    "every invoice with what is open of it, to be sent or archived from here",
)
CLOSE = PageLine(
    "close.py",
    "Close",
    ":material/event_available:",
    "Receivables",
    "which months are closed, with which figures, and what changed of them since",
)
EXPORTS = PageLine(
    "exports.py",
    "Exports",
    ":material/download:",
    "Receivables",
    "every view as a file, those made by themselves, and what was taken so far",
)
PAGES = (OVERVIEW, REVENUE, RECEIVABLES, FAILED_PAYMENTS, CUSTOMERS, INVOICES, CLOSE, EXPORTS)
OPERATIONS = PageLine(
    "operations.py",
    "Operations",
    ":material/settings:",
    "Administration",
    "runs, limits, the audit trail, people and preferences",
)
FOR_ADMINISTRATORS = (OPERATIONS,)


def current() -> Page:
    """The page that the address names, not run yet; the menu is shown to whoever signed in.

    Streamlit's own menu, as only it folds the sidebar away on a phone. Its links drop the tenant
    from the address; the page puts it back.
    """
    sections: dict[str, list[Page]] = {}
    for line in PAGES:
        page = st.Page(line.path, title=line.title, icon=line.icon, default=line is OVERVIEW)
        sections.setdefault(line.section, []).append(page)
    for line in FOR_ADMINISTRATORS:
        shown: Literal["visible", "hidden"] = "visible" if _administers() else "hidden"
        page = st.Page(line.path, title=line.title, icon=line.icon, visibility=shown)
        sections.setdefault(line.section, []).append(page)
    sections[""].append(account())
    is_shown = session.person() is not None
    return st.navigation(sections, position="sidebar" if is_shown else "hidden")


def _administers() -> bool:
    """Whether the menu has anything for administrators; the Desk decides again on the page."""
    who = session.person()
    try:
        grants = desk().grants(who.user_id) if who else []
    except TieoutError:  # the page says it
        return False
    return any(grant.allows(Permission.ADMINISTER) for grant in grants)


def account() -> Page:
    """The page of whoever is signed in, which is in no menu."""
    return st.Page(str(FOLDER / "account.py"), title="Your account", visibility="hidden")


def to(line: PageLine, **record: str) -> None:
    """Goes to a page, keeping tenant, day and currency."""
    st.switch_page(line.path, query_params=session.link_parameters(**record))
