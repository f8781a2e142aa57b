"""Cached reads. What is cached is shared by everybody, so a read is allowed first, every time.

A cached value is keyed by tenant, snapshot and question; a snapshot never changes, so neither does
an answer. Whether this person may have it is asked of the Desk before the cache is looked at: once
a run of a page, as a run is one moment.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import plotly.graph_objects as go
import streamlit as st
from pandas.io.formats.style import Styler

from dashboard import frames, theme
from dashboard.periods import month_ends
from dashboard.source import Source
from etl.desk import Desk, open_desk
from etl.explanations.explanation import Explanation, Narrowing
from etl.jobs.months import Month
from etl.metrics.catalogue import find_metric
from etl.metrics.figures import Figures, Question
from etl.reading import Published, asked
from etl.settings import load_settings
from etl.store.access import Grant, Permission, Who
from etl.store.saved_views import SavedView
from etl.to_do import joined

__all__ = [
    "View",
    "at_month_ends",
    "billing",
    "by_month",
    "chart",
    "currencies",
    "desk",
    "evidence",
    "explanation",
    "export",
    "export_close",
    "export_restated",
    "export_timeline",
    "export_worklist",
    "exported",
    "figures",
    "first",
    "frame",
    "is_converted",
    "members",
    "months",
    "one_run",
    "question",
    "restated_documents",
    "restated_figures",
    "saved_views",
    "schedules",
    "statement",
    "timeline",
    "today",
    "worklist",
]

READING = "Reading the figures …"
# A question's text is all of it; Streamlit would look at its twenty fields one by one.
QUICKLY: dict[str | type[Any], Callable[[Any], Any]] = {Question: repr}
# Of the run under way, what the Desk said that somebody may see; None between runs, and in a
# fragment that runs by itself.
ALLOWED: ContextVar[dict[tuple[Who, str], date] | None] = ContextVar("ALLOWED", default=None)


@dataclass(frozen=True, slots=True)
class View:
    """What one person looks at: a tenant's snapshot, at a day, in a currency or all of them.

    `reporting` is the currency that all are converted to, where somebody asked for that total.
    """

    user_id: Who
    grant: Grant
    published: Published
    today: date
    as_of: date
    currency: str | None
    reporting: str | None = None

    @property
    def slug(self) -> str:
        """The tenant's name in the URL."""
        return self.grant.tenant

    @property
    def may_act(self) -> bool:
        """Whether buttons are worth showing; the Desk decides again when one is pressed."""
        return self.grant.allows(Permission.ACT)

    @property
    def may_approve(self) -> bool:
        """Whether to offer approving an action, and closing a month."""
        return self.grant.allows(Permission.APPROVE)

    @property
    def may_administer(self) -> bool:
        """Whether to offer what only administrators do."""
        return self.grant.allows(Permission.ADMINISTER)


@st.cache_resource(show_spinner=False)
def desk() -> Desk:
    """The one Desk of this process."""
    return open_desk(load_settings())


def question(view: View, metric: str, **narrowed: Any) -> Question:
    """A question of the view: its day and currency unless something else is said.

    Where all is converted, one currency's documents are not told apart.
    """
    asks = {"as_of": view.as_of, "currency": view.currency, **narrowed}
    if is_converted(view, metric):
        asks |= {"currency": None, "reporting": view.reporting}
    return asked(view.grant, metric, **asks)


def is_converted(view: View, metric: str) -> bool:
    """Whether the view shows this metric's total of all currencies in one."""
    return view.reporting is not None and find_metric(metric).metric.needs is not None


def figures(view: View, metric: str, **narrowed: Any) -> Figures:
    """A metric's figures; raises what the Desk raises where the person may not have them."""
    _allow(view)
    about = question(view, metric, **narrowed)
    return _shown(_figures(view.user_id, view.slug, view.published.seq, metric, about))


def _shown(found: Figures) -> Figures:
    return found.converted.figures if found.converted else found


def first(view: View, metric: str, currency: str, **narrowed: Any) -> dict[str, Any]:
    """The first row of a metric in one currency; empty where there is none."""
    found = figures(view, metric, currency=currency, **narrowed).records()
    return found[0] if found else {}


def frame(
    view: View, metric: str, names: tuple[str, ...], rows: int = frames.DRAWN, **narrowed: Any
) -> Styler:
    """The first rows of a metric as a table to be drawn, in these columns.

    Made anew each time, which is quick: a Styler that is drawn works its styles out within itself,
    and two people at once would mix theirs up.
    """
    return frames.styled(figures(view, metric, **narrowed), names, rows)


def explanation(view: View, about: Source) -> Explanation:
    """Where a figure comes from, its largest inputs and exclusions."""
    _allow(view)
    asks = question(view, about.metric, **dict(about.narrowed))
    seq = view.published.seq
    return _explained(view.user_id, view.slug, seq, about.metric, asks, Narrowing((), about.column))


def evidence(view: View, about: Source) -> Callable[[], bytes]:
    """What makes the zip that proves a figure."""
    user_id, slug, seq, office = view.user_id, view.slug, view.published.seq, desk()
    asks = question(view, about.metric, **dict(about.narrowed))
    narrowing = Narrowing((), about.column)
    return lambda: office.evidence(user_id, slug, about.metric, asks, seq, narrowing).content


def at_month_ends(view: View, metric: str, currency: str, months: int = 13) -> tuple[Figures, ...]:
    """A metric of one currency at the last month ends and at the view's day, oldest first."""
    _allow(view)
    ends = tuple(
        question(view, metric, as_of=on, currency=currency) for on in month_ends(view.as_of, months)
    )
    return _each(view.user_id, view.slug, view.published.seq, metric, ends)


def by_month(view: View, metric: str, currency: str, since: date | None) -> dict[str, Decimal]:
    """A monthly metric of one currency, by the month's name."""
    found = figures(view, metric, currency=currency, from_on=since)
    return {record["month"]: record["amount"] for record in found.records()}


def currencies(view: View) -> list[str]:
    """The currencies anything ever happened in, the tenant's own first."""
    each = replace(view, currency=None, reporting=None)
    codes = {row["currency"] for row in figures(each, "summary").records()}
    return sorted(codes, key=lambda code: (code != view.grant.currency, code))


def chart(
    view: View, name: str, about: tuple[Any, ...], draw: Callable[[theme.Palette], go.Figure]
) -> go.Figure:
    """The figure of this name: drawn once a snapshot, palette, and whatever it is `about`."""
    _allow(view)
    key = (view.slug, view.published.seq, view.as_of, view.reporting, name, *about)
    return _chart(key, theme.palette(), draw)


def export(
    view: View, metric: str, *, format_: str = "csv", **narrowed: Any
) -> Callable[[], bytes]:
    """What makes a metric's file when it is called: not before somebody wants it."""
    user_id, slug, seq = view.user_id, view.slug, view.published.seq
    about = question(view, metric, **narrowed)
    office = desk()
    return lambda: office.export(user_id, slug, metric, about, seq, format_=format_)[1]


def statement(view: View, customer_id: str, from_on: date | None = None) -> Callable[[], bytes]:
    """What makes a customer's statement as PDF, up to the view's day."""
    user_id, slug, seq, office = view.user_id, view.slug, view.published.seq, desk()
    return lambda: office.statement_pdf(user_id, slug, customer_id, from_on, view.as_of, seq)[1]


def exported(view: View) -> list[dict[str, Any]]:
    """The newest exports; not cached, as one is added at any time."""
    return desk().exported(view.user_id, view.slug)


def schedules(view: View) -> list[dict[str, Any]]:
    """What is exported by itself; not cached either."""
    return desk().schedules.of_tenant(view.user_id, view.slug)


def billing(view: View) -> list[dict[str, Any]]:
    """The billing schedules of our own; not cached, as one may be paused at any time."""
    return desk().billing.of_tenant(view.user_id, view.slug)


def members(view: View) -> list[str]:
    """To whom an export may be sent."""
    return desk().schedules.members(view.user_id, view.slug)


def months(view: View) -> list[Month]:
    """The months that are over, newest first; not cached, as one may be closed at any time."""
    return desk().months(view.user_id, view.slug)


def restated_documents(view: View, month: Month) -> Figures:
    """The documents of a closed month that changed since."""
    _allow(view)
    return _restated(view.user_id, view.slug, view.published.seq, month, "documents")


def restated_figures(view: View, month: Month) -> Figures:
    """The figures of a closed month that would be others now."""
    _allow(view)
    return _restated(view.user_id, view.slug, view.published.seq, month, "figures")


def export_close(view: View, month: Month) -> Callable[[], bytes]:
    """What makes a closed month's figures as JSON."""
    user_id, slug, office = view.user_id, view.slug, desk()
    return lambda: office.export_close(user_id, slug, month.name)[1]


def export_restated(view: View, month: Month) -> Callable[[], bytes]:
    """What makes the restated documents' CSV."""
    user_id, slug, seq, office = view.user_id, view.slug, view.published.seq, desk()
    return lambda: office.export_restated(user_id, slug, month.name, seq)[1]


def worklist(view: View, **narrowed: Any) -> Figures:
    """What to do: the snapshot's worklist, and before it what no snapshot holds, which is asked
    anew every time."""
    return joined(figures(view, "worklist", **narrowed), desk().tasks(view.user_id, view.slug))


def export_worklist(view: View, **narrowed: Any) -> Callable[[], bytes]:
    """What makes the CSV of all there is to do."""
    user_id, slug, seq, office = view.user_id, view.slug, view.published.seq, desk()
    about = question(view, "worklist", **narrowed)
    return lambda: office.export_worklist(user_id, slug, about, seq)[1]


def timeline(view: View, customer_id: str) -> Figures:
    """Everything that happened with a customer; not cached, as actions are added at any time."""
    return desk().timeline(view.user_id, view.slug, customer_id, view.as_of, view.published.seq)


def export_timeline(view: View, customer_id: str) -> Callable[[], bytes]:
    """What makes a customer's timeline as CSV."""
    user_id, slug, seq, office = view.user_id, view.slug, view.published.seq, desk()
    return lambda: office.export_timeline(user_id, slug, customer_id, view.as_of, seq)[1]


def saved_views(view: View, page: str) -> list[SavedView]:
    """The views of a page that this person may use."""
    return desk().views.of_page(view.user_id, view.slug, page)


@contextmanager
def one_run() -> Iterator[None]:
    """While a page runs, the Desk is asked once whether somebody may see a tenant; what it said is
    forgotten with the run."""
    token = ALLOWED.set({})
    try:
        yield
    finally:
        ALLOWED.reset(token)


def today(user_id: Who, slug: str) -> date:
    """The tenant's day; raises what the Desk raises where the person may not see the tenant."""
    told = ALLOWED.get()
    if told is None:
        return desk().today(user_id, slug)
    if (user_id, slug) not in told:
        told[user_id, slug] = desk().today(user_id, slug)
    return told[user_id, slug]


def _allow(view: View) -> None:
    # Any read of the Desk's is refused to whoever may not read; this is the cheapest.
    today(view.user_id, view.slug)


@st.cache_resource(show_spinner=READING, max_entries=512, hash_funcs=QUICKLY)
def _figures(_user_id: Who, slug: str, seq: int, metric: str, about: Question) -> Figures:
    return desk().figures(_user_id, slug, metric, about, seq)


@st.cache_resource(show_spinner=READING, max_entries=64, hash_funcs=QUICKLY)
def _explained(
    _user_id: Who, slug: str, seq: int, metric: str, about: Question, narrowing: Narrowing
) -> Explanation:
    return desk().explain(_user_id, slug, metric, about, seq, narrowing)


@st.cache_resource(show_spinner=READING, max_entries=256)
def _restated(
    _user_id: Who, slug: str, seq: int, month: Month, what: Literal["documents", "figures"]
) -> Figures:
    office = desk()
    ask = office.restated_documents if what == "documents" else office.restated_figures
    return ask(_user_id, slug, month.name, seq)


@st.cache_resource(show_spinner=READING, max_entries=256, hash_funcs=QUICKLY)
def _each(
    _user_id: Who, slug: str, seq: int, metric: str, about: tuple[Question, ...]
) -> tuple[Figures, ...]:
    return tuple(_shown(desk().figures(_user_id, slug, metric, one, seq)) for one in about)


@st.cache_resource(show_spinner=False, max_entries=256)
def _chart(
    key: tuple[Any, ...],  # noqa: ARG001 - the cache's key
    colours: theme.Palette,
    _draw: Callable[[theme.Palette], go.Figure],
) -> go.Figure:
    return _draw(colours)
