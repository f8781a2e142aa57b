"""Exchange rates of a tenant: only ever added to; of several for a day the newest counts."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from etl.exchange.rate import Rate
from etl.store import audit
from etl.store.models import FxRate, Tenant

__all__ = ["current_rates", "newest_day", "record_rates"]


def current_rates(
    session: Session, tenant_id: int, *, recorded_before: datetime | None = None
) -> list[Rate]:
    """The rates that count, or that counted before an instant; by pair and day."""
    newest = select(func.max(FxRate.id)).where(FxRate.tenant_id == tenant_id)
    if recorded_before is not None:
        newest = newest.where(FxRate.recorded_at < recorded_before)
    pair_and_day = (FxRate.currency, FxRate.quote, FxRate.rate_on)
    rows = session.scalars(
        select(FxRate)
        .where(FxRate.id.in_(newest.group_by(*pair_and_day).scalar_subquery()))
        .order_by(*pair_and_day)
    )
    return [Rate(row.currency, row.quote, row.rate_on, row.rate, row.source) for row in rows]


def newest_day(session: Session, tenant_id: int, *, source: str | None = None) -> date | None:
    """The last day there is any rate of, or any of a source; None where there is none at all."""
    newest = select(func.max(FxRate.rate_on)).where(FxRate.tenant_id == tenant_id)
    return session.scalar(newest if source is None else newest.where(FxRate.source == source))


def record_rates(
    session: Session, tenant: Tenant, rates: Sequence[Rate], *, at: datetime, actor: str
) -> int:
    """Adds the rates that are not held as they are, and gives their number; audited."""
    held = {
        (rate.currency, rate.quote, rate.rate_on): rate.rate
        for rate in current_rates(session, tenant.id)
    }
    fresh = [
        rate for rate in rates if held.get((rate.currency, rate.quote, rate.rate_on)) != rate.rate
    ]
    session.add_all(_row(tenant, rate, at) for rate in fresh)
    if fresh:
        audit.append(
            session,
            at=at,
            actor=actor,
            what="rates.recorded",
            tenant=tenant.slug,
            detail=_told(fresh),
        )
    return len(fresh)


def _row(tenant: Tenant, rate: Rate, at: datetime) -> FxRate:
    return FxRate(
        tenant_id=tenant.id,
        currency=rate.currency,
        quote=rate.quote,
        rate_on=rate.rate_on,
        rate=rate.rate,
        source=rate.source,
        recorded_at=at,
    )


def _told(rates: Sequence[Rate]) -> dict[str, object]:
    days = [rate.rate_on for rate in rates]
    return {
        "count": len(rates),
        "pairs": sorted({f"{rate.currency}/{rate.quote}" for rate in rates}),
        "from": min(days).isoformat(),
        "to": max(days).isoformat(),
        "source": rates[0].source,
    }
