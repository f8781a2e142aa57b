"""Which tenant, day and currencies are looked at: the URL, what was chosen before, what is usual.

A wish that cannot be met is answered with a sentence and with what is usual; it never fails, and a
tenant that exists but is somebody else's is not told from one that does not exist.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from dashboard import reads, session
from dashboard.reads import View, currencies, desk
from etl.desk import SignedIn
from etl.errors import NoSnapshotError
from etl.store.access import Grant

__all__ = ["EARLIEST", "Choice", "choose"]

EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Choice:
    """What is looked at; `view` is None while the tenant has nothing published."""

    who: SignedIn
    grants: tuple[Grant, ...]
    grant: Grant
    today: date
    as_of: date
    currency: str | None
    reporting: str | None
    currencies: tuple[str, ...]
    view: View | None
    notices: tuple[str, ...]


def choose(who: SignedIn, grants: Sequence[Grant]) -> Choice:
    """What a member of these tenants looks at; the URL says the same afterwards."""
    grant, bad_tenant = session.resolve("tenant", _one_of(grants), grants[0])
    today = reads.today(who.user_id, grant.tenant)
    as_of, bad_day = session.resolve("as_of", _day_up_to(today), today)
    view = _published(who, grant, today, as_of)
    codes = tuple(currencies(view)) if view else ()
    currency, bad_currency = session.resolve("currency", _code_among(codes), None)
    among = codes if len(codes) > 1 else ()
    reporting, bad_reporting = session.resolve("reporting", _code_among(among), None)
    view = replace(view, currency=currency, reporting=reporting) if view else None
    session.write_url(
        {
            "tenant": grant.tenant,
            "as_of": None if as_of == today else as_of.isoformat(),
            "currency": currency,
            "reporting": reporting,
        }
    )
    refused = (bad_tenant, bad_day, view and bad_currency, view and bad_reporting)
    notices = _notices(refused, grant.tenant_name)
    looked_at = (currency, reporting, codes)
    return Choice(who, tuple(grants), grant, today, as_of, *looked_at, view, notices)


def _notices(refused: Sequence[object], tenant_name: str) -> tuple[str, ...]:
    sentences = (
        f"The link names no tenant of yours, so this is {tenant_name}.",
        "The link names no day up to today, so these are today's figures.",
        "The link names no currency of this tenant's, so these are all currencies.",
        "The link names no currency of this tenant's, so nothing is converted.",
    )
    return tuple(text for text, one in zip(sentences, refused, strict=True) if one is not None)


def _published(who: SignedIn, grant: Grant, today: date, as_of: date) -> View | None:
    try:
        published = desk().published(who.user_id, grant.tenant)
    except NoSnapshotError:
        return None
    return View(who.user_id, grant, published, today, as_of, None)


def _one_of(grants: Sequence[Grant]) -> Callable[[str], Grant | None]:
    by_slug = {grant.tenant: grant for grant in grants}
    return by_slug.get


def _day_up_to(today: date) -> Callable[[str], date | None]:
    def parse(text: str) -> date | None:
        try:
            on = date.fromisoformat(text)
        except ValueError:
            return None
        return on if EARLIEST <= on <= today else None

    return parse


def _code_among(codes: Sequence[str]) -> Callable[[str], str | None]:
    return lambda text: text if text in codes else None
