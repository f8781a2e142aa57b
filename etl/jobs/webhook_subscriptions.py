"""A tenant's subscription at BILL: made, renewed, looked at, tried and ended."""

import json
from contextlib import suppress
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from billcom.client import Client
from billcom.environment import Environment, World
from billcom.errors import BillError, NotFoundError, WritesNotEnabledError
from billcom.resources import SUBSCRIPTIONS, request_for
from etl.back_office import BackOffice, write_refusal
from etl.errors import TieoutError, UsageError
from etl.store import webhooks
from etl.store.access import Grant
from etl.store.models import Tenant, WebhookSubscription
from etl.store.secret_tokens import new_token

__all__ = ["EVENTS", "is_look_due", "look", "subscribe", "try_out", "unsubscribe"]

EVENTS = ("invoice.created", "invoice.updated", "invoice.archived", "invoice.restored")
LOOK_EVERY = timedelta(minutes=15)
LONGEST_URL = 400


def subscribe(office: BackOffice, grant: Grant, url: str, *, actor: str) -> None:
    """Has BILL tell of invoices at `url`; again: under a new key, and where it had stopped.

    What was asked for and not answered is looked for before BILL is asked again. Raises UsageError
    and BillErrors, WritesNotEnabledError where nothing may be written to the tenant.
    """
    url = _checked(url)
    with office.store.read() as session:
        tenant = session.get_one(Tenant, grant.tenant_id)
        known = session.get(WebhookSubscription, grant.tenant_id)
    if refusal := write_refusal(tenant):
        raise WritesNotEnabledError(refusal)  # before anything is kept of what will not be
    if known and known.url != url:
        raise UsageError(
            f"The webhooks of {grant.tenant} go to {known.url}: end that first with tieout "
            f"webhooks off --tenant {grant.tenant}."
        )
    with office.client_of(tenant, is_urgent=True) as client:
        if known and known.bill_id and _renew(office, grant, client, known.bill_id, actor):
            return
        if known and known.bill_id:  # BILL has it no more
            _forget(office, grant, actor)
            known = None
        _make(office, grant, client, known or _asked(office, grant, url), actor)


def _checked(url: str) -> str:
    url = url.rstrip("/")
    try:
        parts = urlsplit(url)
        # Plain HTTP to this machine alone, as with BILL's own address.
        is_safe = parts.scheme == "https" or Environment(World.SANDBOX, url).is_loopback
        is_bare = not (parts.query or parts.fragment or parts.username)
        is_fit = is_safe and is_bare and bool(parts.hostname)
    except ValueError:
        is_fit = False
    if not is_fit or len(url) > LONGEST_URL:
        raise UsageError(
            f"“{url}” cannot be told of events: give an address that begins with https:// and "
            "leads to tieout serve."
        )
    return url


def _asked(office: BackOffice, grant: Grant, url: str) -> WebhookSubscription:
    token = new_token()
    asked = {"key": str(uuid4()), "url": f"{url}/webhooks/{token}"}
    sealed = office.box.seal(json.dumps(asked))
    with office.store.begin() as session:
        return webhooks.ask(session, grant, url=url, token=token, sealed=sealed, at=office.clock())


def _make(
    office: BackOffice, grant: Grant, client: Client, known: WebhookSubscription, actor: str
) -> None:
    asked = _what_was_asked(office, known)
    # BILL remembers a key for a day only: what it made longer ago under this one is in its list.
    made_before = _found(client, asked["url"])
    if made_before and _renew(office, grant, client, made_before, actor):
        return
    body = {
        "name": f"Tieout: {grant.tenant}",
        "status": {"enabled": True},
        "events": [{"type": kind, "version": "1"} for kind in EVENTS],
        "notificationUrl": asked["url"],
    }
    made = client.call(request_for(SUBSCRIPTIONS, "create", body=body, key=asked["key"]))
    _keep(office, grant, str(made["id"]), str(made["securityKey"]), actor)


def _found(client: Client, url: str) -> str | None:
    """The id of the subscription that goes to an address, where there is one."""
    for page in client.pages(SUBSCRIPTIONS):
        for record in page.records:
            if record.get("notificationUrl") == url:
                return str(record["id"])
    return None


def _renew(office: BackOffice, grant: Grant, client: Client, bill_id: str, actor: str) -> bool:
    """Enabled, under a new key; False where BILL has no such subscription.

    Until the key is kept here, what BILL signs with it is refused, and comes again seconds later.
    """
    try:
        client.do(SUBSCRIPTIONS, "update", id=bill_id, body={"status": {"enabled": True}})
        made = client.do(SUBSCRIPTIONS, "new_security_key", id=bill_id)
    except NotFoundError:
        return False
    _keep(office, grant, bill_id, str(made["securityKey"]), actor)
    return True


def _keep(office: BackOffice, grant: Grant, bill_id: str, key: str, actor: str) -> None:
    with office.store.begin() as session:
        webhooks.keep(
            session,
            grant,
            bill_id=bill_id,
            sealed=office.box.seal(key),
            at=office.clock(),
            actor=actor,
        )


def unsubscribe(office: BackOffice, grant: Grant, *, actor: str) -> None:
    """Ends the subscription at BILL and forgets it here. Raises UsageError and BillErrors."""
    tenant, known = _known(office, grant)
    with office.client_of(tenant, is_urgent=True) as client:
        bill_id = known.bill_id or _found(client, _what_was_asked(office, known)["url"])
        if bill_id:
            with suppress(NotFoundError):  # it is what is wanted
                client.do(SUBSCRIPTIONS, "delete", id=bill_id)
    _forget(office, grant, actor)


def _what_was_asked(office: BackOffice, known: WebhookSubscription) -> dict[str, str]:
    asked: dict[str, str] = json.loads(office.box.open(known.sealed))
    return asked


def _forget(office: BackOffice, grant: Grant, actor: str) -> None:
    with office.store.begin() as session:
        webhooks.forget(session, grant, at=office.clock(), actor=actor)


def try_out(office: BackOffice, grant: Grant) -> dict[str, Any]:
    """Has BILL send an invented event; its record. TieoutError where that did not come through."""
    tenant, known = _known(office, grant)
    if known.bill_id is None:
        raise UsageError(
            f"The webhooks of {grant.tenant} were asked for and not answered: run tieout webhooks "
            f"on --tenant {grant.tenant} --url {known.url} again."
        )
    with office.client_of(tenant, is_urgent=True) as client:
        sent: dict[str, Any] = client.do(SUBSCRIPTIONS, "test", id=known.bill_id, body={})
    status = sent.get("statusCode")
    if status not in (None, 200):
        raise TieoutError(
            f"BILL's event was answered with {status}: see that {known.url}/webhooks/ leads to "
            "tieout serve."
        )
    return sent


def _known(office: BackOffice, grant: Grant) -> tuple[Tenant, WebhookSubscription]:
    with office.store.read() as session:
        tenant = session.get_one(Tenant, grant.tenant_id)
        return tenant, webhooks.subscription_of(session, grant)


def is_look_due(known: WebhookSubscription, office: BackOffice) -> bool:
    """Whether BILL was not asked for a while how the subscription is."""
    if known.bill_id is None:
        return False
    return known.looked_at is None or known.looked_at + LOOK_EVERY <= office.clock()


def look(office: BackOffice, client: Client, known: WebhookSubscription) -> None:
    """Asks BILL how the subscription is; where it does not answer, what it said last stays."""
    try:
        record = client.get(SUBSCRIPTIONS, known.bill_id or "")
        enabled = (record.get("status") or {}).get("enabled")
        said = "disabled" if enabled is False else "on"
    except NotFoundError:
        said = "gone"
    except BillError:
        said = None
    with office.store.begin() as session:
        webhooks.note_status(session, known, said, office.clock())
