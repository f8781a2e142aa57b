"""Revenue: invoiced, collected and recognised, what it led to, whose and what it is."""

from datetime import date

import streamlit as st

from dashboard import navigation
from dashboard.components import currency, empty, page, revenue_parts, revenue_tiles, switch
from dashboard.periods import first_of_months
from dashboard.reads import View

RANGES = {"24": "24 months", "12": "12 months", "all": "All"}
TIMELESS = frozenset({"concentration"})


def body(view: View) -> None:
    """Tiles, a switch, and the part that is chosen: nothing else is read."""
    code = currency.choose(view)
    if code is None:
        empty.show("Nothing was invoiced up to this day", "Choose a later day in the sidebar.")
        return
    revenue_tiles.show(view, code)
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        part = switch.show("part", revenue_parts.PARTS, label="Part of the page")
        since = None if part in TIMELESS else _since(view)
    revenue_parts.show(view, part, code, since)


def _since(view: View) -> date | None:
    months = switch.show("months", RANGES, label="Months")
    return None if months == "all" else first_of_months(view.as_of, int(months))


if __name__ == "__main__":
    page.show(navigation.REVENUE, body)
