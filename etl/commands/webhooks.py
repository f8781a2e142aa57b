"""`tieout webhooks`: whether BILL tells a tenant's changes at once."""

from typing import Any

import click

from etl.back_office import BackOffice
from etl.commands.shared import actor, back_office, json_option, print_json, print_table
from etl.jobs.webhook_subscriptions import subscribe, try_out, unsubscribe
from etl.store.access import Grant, command_line_grant
from etl.store.models import WebhookSubscription
from etl.store.tenants import find_tenant
from etl.store.webhook_events import waiting
from etl.store.webhooks import all_subscriptions

__all__ = ["webhooks"]

SHOWN = ("tenant", "status", "url", "last_event", "received", "waiting", "refused")

tenant_option = click.option("--tenant", "slug", required=True, help="Whose invoices.")


@click.group()
def webhooks() -> None:
    """Be told by BILL at once of changes."""


def _grant(office: BackOffice, slug: str) -> Grant:
    with office.store.read() as session:
        return command_line_grant(find_tenant(session, slug), actor())


@webhooks.command()
@tenant_option
@click.option("--url", required=True, help="Where tieout serve is reached from outside: https://…")
def on(slug: str, url: str) -> None:
    """Have BILL tell of invoices; again, where it stopped."""
    office = back_office()
    subscribe(office, _grant(office, slug), url, actor=actor())
    click.echo(f"BILL tells changes of {slug} at {url}: try it with tieout webhooks test.")


@webhooks.command()
@tenant_option
def off(slug: str) -> None:
    """End it; changes are then found by the regular syncs alone."""
    office = back_office()
    unsubscribe(office, _grant(office, slug), actor=actor())
    click.echo(f"BILL tells no more of {slug}.")


@webhooks.command()
@tenant_option
def test(slug: str) -> None:
    """Have BILL send an invented event."""
    office = back_office()
    sent = try_out(office, _grant(office, slug))
    click.echo(f"BILL sent event {sent.get('id', '')}; see tieout webhooks list.")


@webhooks.command("list")
@json_option
def list_(as_json: bool) -> None:
    """Every tenant's subscription, and how many events wait for a sync."""
    office = back_office()
    with office.store.read() as session:
        open_events = {each.slug: each.events for each in waiting(session)}
        found = [
            _facts(row, slug, open_events.get(slug, 0)) for row, slug in all_subscriptions(session)
        ]
    if as_json:
        print_json(found)
    else:
        print_table(SHOWN, [[one[name] for name in SHOWN] for one in found])


def _facts(row: WebhookSubscription, slug: str, events: int) -> dict[str, Any]:
    return {
        "tenant": slug,
        "bill_id": row.bill_id,
        "status": row.status,
        "url": row.url,
        "last_event": row.seen_at and row.seen_at.isoformat(timespec="seconds"),
        "received": row.received,
        "waiting": events,
        "refused": row.refused,
    }
