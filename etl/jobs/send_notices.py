"""Writes what there is to tell customers and administrators, and hands it to the mail server.

Writing and handing over are two steps: a letter is a row under a unique name before anything is
sent, so that whatever ends in between, or runs twice at once, tells nothing twice.
"""

import logging
from collections import Counter
from collections.abc import Collection, Iterator
from datetime import timedelta

from etl.back_office import BackOffice
from etl.errors import TieoutError
from etl.jobs.posting import LinkMaker, Posting
from etl.mail.smtp import can_mail
from etl.notices.alerts import drafts
from etl.notices.links import links_of
from etl.notices.plan import Plan, Planner, draft_of
from etl.notices.quiet import OLD_BOOK, quiet_until
from etl.reading import Reader, today_of
from etl.store import letters
from etl.store.access import Grant, command_line_grant
from etl.store.channels import channels_of
from etl.store.models import Tenant
from etl.store.tenants import all_tenants

__all__ = ["plan_of", "send_alerts", "send_notices"]

LOG = logging.getLogger(__name__)
PASS = timedelta(minutes=1)  # then alerts have their turn again


def send_alerts(office: BackOffice) -> Counter[str]:
    """Tells administrators of alerts; how many letters came to which status."""
    now, by_mail = office.clock(), can_mail(office.settings)
    with office.store.begin() as session:
        letters.end_abandoned(session, now)
        for tenant_id, draft in list(drafts(session, now, by_mail=by_mail)):
            letters.write(session, tenant_id, draft, now)
    return _post(office, ["alert"])


def send_notices(office: BackOffice, make_links: LinkMaker = links_of) -> Counter[str]:
    """Tells customers of every tenant that has this on; how many letters came to which status."""
    with office.store.begin() as session:
        letters.end_abandoned(session, office.clock())
    with office.store.read() as session:
        grants = [command_line_grant(tenant) for tenant in all_tenants(session)]
    reader = Reader(office.settings, office.store)
    for grant in grants:
        if grant.preferences.notices:
            _write(office, reader, grant)
    return _post(office, letters.KINDS, make_links)


def _write(office: BackOffice, reader: Reader, grant: Grant) -> None:
    now = office.clock()
    try:
        if now - reader.published(grant).read_at > OLD_BOOK:
            return
        plans = list(_plans(office, reader, grant))
    except TieoutError as error:  # one tenant's trouble holds no other up
        LOG.warning("no letters for %s: %s", grant.tenant, error)
        return
    today = today_of(grant, now)
    for planned in (one for plan in plans for one in plan.letters):
        zone = planned.time_zone or grant.time_zone
        if quiet_until(grant.preferences.quiet_hours, now, zone):
            continue  # it is planned again in the morning, if it holds then
        with office.store.begin() as session:
            letters.write(session, grant.tenant_id, draft_of(planned, today), now)


def _plans(office: BackOffice, reader: Reader, grant: Grant) -> Iterator[Plan]:
    if can_mail(office.settings):
        yield plan_of(office, reader, grant)
    with office.store.read() as session:
        text_messages = channels_of(session, grant.tenant_id, "sms")
    for one in text_messages:
        yield plan_of(office, reader, grant, one.name)


def plan_of(office: BackOffice, reader: Reader, grant: Grant, channel: str = "") -> Plan:
    """What there is to tell a tenant's customers now, by the snapshot that is shown: by mail, or by
    text message over a channel."""
    published = reader.published(grant)
    snapshot, today = reader.snapshot(grant, published.seq), today_of(grant, office.clock())
    with office.store.read() as session:
        planner = Planner(session, grant, snapshot, today, published.read_at, channel=channel)
        return planner.plan()


def _post(
    office: BackOffice, kinds: Collection[str], make_links: LinkMaker = links_of
) -> Counter[str]:
    ends_at, came_to = office.clock() + PASS, Counter[str]()
    reader = Reader(office.settings, office.store)
    with office.store.read() as session:
        with_mail = can_mail(office.settings)
        waiting = letters.due(session, office.clock(), kinds, with_mail=with_mail)
    for letter_id in waiting:
        if office.stopping.is_set() or office.clock() >= ends_at:
            break
        came_to += Counter(_post_one(office, reader, letter_id, make_links))
    return came_to


def _post_one(
    office: BackOffice, reader: Reader, letter_id: int, make_links: LinkMaker
) -> list[str]:
    with office.store.begin() as session:
        letter = letters.claim(session, letter_id, office.clock())
        tenant = session.get_one(Tenant, letter.tenant_id) if letter else None
    if letter is None or tenant is None:
        return []
    return [Posting(office, reader, tenant, letter, make_links).run()]
