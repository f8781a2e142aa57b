"""A week's loads billed by themselves, once that week is over: on a day, from an hour on."""

import logging
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any, get_args
from zoneinfo import ZoneInfo

from etl.billing.iso_week import Week
from etl.errors import RunRefusedError, StoppingError, TieoutError, UsageError
from etl.fleetflow.mapping import FleetMapping, Weekday
from etl.jobs.bill_loads import Batch, Bill, bill_week
from etl.jobs.fleet_work import Work
from etl.notices.quiet import OLD_BOOK
from etl.reading import Reader
from etl.store import alerts, audit, fleet_links
from etl.store.access import Grant, command_line_grant
from etl.store.models import FleetLink, Tenant

__all__ = ["ALERT", "bill_by_itself", "week_due"]

LOG = logging.getLogger(__name__)
ACTOR = "schedule"
ALERT = "fleetflow_bill"
AGAIN_AFTER = timedelta(minutes=15)
WEEKDAYS: tuple[str, ...] = get_args(Weekday)


def week_due(grant: Grant, link: FleetLink, mapping: FleetMapping, now: datetime) -> Week | None:
    """The week to bill now; None where that is off, not yet due, done, or put off.

    Of weeks that were missed it is the last: what the others left unbilled is billed with it.
    """
    fees, since = mapping.fees, link.billing_since
    if fees is None or fees.bill is None or since is None:
        return None
    occasion = _last_occasion(now.astimezone(ZoneInfo(grant.time_zone)), fees.bill_on, fees.bill_at)
    week = Week.before(occasion.date())
    is_done = link.billed_week is not None and link.billed_week >= str(week)
    is_put_off = link.bill_not_before is not None and now < link.bill_not_before
    return None if occasion < since or is_done or is_put_off else week


def _last_occasion(now: datetime, weekday: str, hour: int) -> datetime:
    day = now.date() - timedelta(days=(now.weekday() - WEEKDAYS.index(weekday)) % 7)
    occasion = datetime.combine(day, time(hour), now.tzinfo)
    if occasion <= now:
        return occasion
    return datetime.combine(day - timedelta(days=7), time(hour), now.tzinfo)


def bill_by_itself(work: Work) -> Batch | None:
    """Bills the week that is due; None where none is, or it has to wait.

    What keeps it from being billed is one alert until it is billed, and tried again by itself.
    """
    now = work.office.clock()
    week = week_due(work.grant, work.link, work.mapping, now)
    if week is None:
        return None
    try:
        _refuse_old_book(work, now)
        batch = bill_week(work, _acting(work), week)
    except (RunRefusedError, StoppingError):
        raise
    except TieoutError as error:
        _put_off(work, f"{week} is not billed yet: {error}", now)
        return None
    _finish(work, batch)
    return batch


def _acting(work: Work) -> Grant:
    with work.office.store.read() as session:
        return command_line_grant(session.get_one(Tenant, work.grant.tenant_id), ACTOR)


def _refuse_old_book(work: Work, now: datetime) -> None:
    """Whoever bills by hand looks first; this must know what was billed meanwhile."""
    reader = Reader(work.office.settings, work.office.store)
    if now - reader.published(work.grant).read_at > OLD_BOOK:
        raise UsageError("BILL was not read for more than six hours: see tieout runs.")


def _put_off(work: Work, sentence: str, now: datetime) -> None:
    LOG.warning("the loads of %s: %s", work.grant.tenant, sentence)
    work.advance(bill_not_before=now + AGAIN_AFTER)
    with work.office.store.begin() as session:
        alerts.raise_alert(session, work.grant.tenant_id, ALERT, sentence, now)


def _finish(work: Work, batch: Batch) -> None:
    """One transaction: a week that is said to be billed has its entry in the audit trail."""
    refused = [bill for bill in batch.bills if bill.row is None]
    facts, at = _facts(batch, refused), work.office.clock()
    done = {"billed_week": str(batch.week), "bill_not_before": None}
    with work.office.store.begin() as session:
        if not fleet_links.advance(session, work.link, at, **done):
            raise RunRefusedError(f"Another process bills the loads of {work.grant.tenant}.")
        alerts.clear(session, work.grant.tenant_id, ALERT, at)
        if refused:
            alerts.raise_alert(session, work.grant.tenant_id, ALERT, _told(batch, refused), at)
        audit.append(
            session,
            at=at,
            actor=ACTOR,
            what="fleetflow.billed",
            tenant=work.grant.tenant,
            detail=facts,
        )
    LOG.info("loads of %s billed: %s", work.grant.tenant, facts)


def _facts(batch: Batch, refused: list[Bill]) -> Mapping[str, Any]:
    made = [bill.row for bill in batch.bills if bill.row]
    return {
        "week": str(batch.week),
        "receipts": sorted(row.receipt for row in (*made, *batch.taken_up)),
        "refused": len(refused),
        "left_out": len(batch.left_out),
    }


def _told(batch: Batch, refused: list[Bill]) -> str:
    first = refused[0]
    others = f", and {len(refused) - 1} more" if len(refused) > 1 else ""
    return (
        f"{batch.week}: the invoice of {first.customer} was not proposed ({first.refused}){others}."
    )
