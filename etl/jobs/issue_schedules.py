"""Billing schedules issue: one invoice a period, proposed once however often this runs.

Whoever comes later, or at the same time, finds a period's key taken. A process that ends half way
leaves proposals that the outbox carries out, and periods that the next run takes up.
"""

import logging
from collections.abc import Iterator
from dataclasses import replace

from etl.acting import proposing
from etl.acting.books import SnapshotBook, published_book
from etl.actions.due_dates import giving_way
from etl.actions.facts import known_customer
from etl.back_office import BackOffice
from etl.errors import NoSnapshotError, TieoutError, UsageError
from etl.jobs.plan_issues import Issue, Planned, keys_of, plan_issues
from etl.reading import Reader, today_of
from etl.store import billing_schedules, billing_usage, outbox
from etl.store.access import Grant, command_line_grant
from etl.store.models import BillingSchedule, OutboxRow, Tenant

__all__ = ["issue_all", "issue_schedules"]

LOG = logging.getLogger(__name__)


def issue_all(office: BackOffice) -> None:
    """Issues what is due of every tenant; one's trouble holds no other up."""
    with office.store.read() as session:
        grants = [command_line_grant(one, "tieout") for one in billing_schedules.all_going(session)]
    for grant in grants:
        try:
            issue_schedules(office, grant)
        except NoSnapshotError:
            LOG.info("the schedules of %s wait for its first sync", grant.tenant)
        except TieoutError as error:
            LOG.warning("the schedules of %s: %s", grant.tenant, error)
        except Exception:
            LOG.exception("the schedules of %s broke", grant.tenant)


def issue_schedules(
    office: BackOffice, grant: Grant, name: str | None = None, *, again: bool = False
) -> list[Issue]:
    """Proposes what is due, of one schedule or all of a tenant's; gives that, and what was refused.

    `again` takes also periods whose proposal came to nothing. NoSnapshotError before the tenant's
    first sync ended.
    """
    today = today_of(grant, office.clock())
    planned = plan_issues(office.store, grant, today, name, again=again)
    return list(_issued(office, grant, planned)) if planned else []


def _issued(office: BackOffice, grant: Grant, planned: Planned) -> Iterator[Issue]:
    reader, stopped = Reader(office.settings, office.store), set()
    book = published_book(reader, grant, office.clock())
    for row, one in planned:
        if row.id in stopped:
            continue  # a later period does not go before an earlier one
        try:
            proposed = _propose(office, grant, book, row, one)
        except UsageError as why:
            stopped.add(row.id)
            with office.store.begin() as session:
                billing_schedules.stop(session, row, str(why), office.clock())
            yield replace(one, state="refused", said=str(why))
            continue
        with office.store.begin() as session:
            billing_schedules.settle(session, row, one.issued_on, office.clock())
        yield replace(one, state="issued", row=proposed, said=proposed.outcome or "")


def _propose(
    office: BackOffice, grant: Grant, book: SnapshotBook, row: BillingSchedule, one: Issue
) -> OutboxRow:
    terms = billing_schedules.terms_of(row)
    customer = known_customer(book, terms.customer_id)
    if customer.currency != terms.currency:
        raise UsageError(
            f"{customer.name} is billed in {customer.currency} now and the schedule is in "
            f"{terms.currency}: pause it and add one in {customer.currency}."
        )
    keys = keys_of(row, one.period)
    with office.store.begin() as session:
        # One at a time a tenant: usage is given to the proposal that bills it, or neither is kept.
        session.get_one(Tenant, grant.tenant_id, with_for_update=True)
        known = outbox.by_keys(session, grant, [one.key]).get(one.key)
        if known:
            return known
        before = keys[: keys.index(one.key)]
        used = billing_usage.take(session, row, one.period.last, one.key, before)
        given = giving_way(terms.invoice(one.period, used), book)
        effect = proposing.wanted("invoice.create", given, one.key)
        preview = proposing.preview_one(book, effect)
        return outbox.propose(session, grant, effect, preview, at=office.clock())
