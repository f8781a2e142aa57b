"""`tieout notices`: what customers are told by mail, and who is not."""

from collections.abc import Sequence
from typing import Any

import click

from etl.back_office import BackOffice
from etl.commands.channels import channel
from etl.commands.shared import actor, back_office, json_option, print_json, print_table
from etl.commands.suppressions import grant_of, suppress, tenant_option
from etl.commands.templates import template
from etl.errors import UsageError
from etl.jobs.send_notices import plan_of, send_alerts, send_notices
from etl.mail.smtp import sender_of
from etl.notices.composing import Composer, kept_words
from etl.notices.preview import preview_of
from etl.notices.ways import as_sms
from etl.operations.preferences import as_said, changes_of
from etl.reading import Reader, today_of
from etl.store import letters
from etl.store.access import Grant
from etl.store.channels import channels_of, has_any
from etl.store.letters import KINDS, STATUSES
from etl.store.models import Letter
from etl.store.preferences import Preferences
from etl.store.tenants import prefer

__all__ = ["notices"]

SHOWN = ("id", "kind", "channel", "about", "to", "subject", "status", "said")
WAYS = ("reply_to", "reminder_steps", "remind_over", "quiet_hours")

kind_option = click.option(
    "--kind", "kinds", multiple=True, type=click.Choice(KINDS), help="Only these; all if not said."
)


@click.group()
def notices() -> None:
    """Letters to customers: failed payments, receipts, reminders; off until switched on."""


@notices.command("list")
@tenant_option
@click.option("--customer", help="Only this customer's id.")
@click.option("--status", type=click.Choice(STATUSES), help="Only those that are so.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True)
@json_option
def list_(slug: str, customer: str | None, status: str | None, limit: int, as_json: bool) -> None:
    """The newest letters first, those to administrators as well."""
    office = back_office()
    grant = grant_of(office, slug)
    with office.store.read() as session:
        found = letters.listed(
            session, grant.tenant_id, customer_id=customer, status=status, limit=limit
        )
    facts = [_letter_facts(row) for row in found]
    if as_json:
        print_json(facts)
    else:
        print_table(SHOWN, [[one[name] for name in SHOWN] for one in facts])


def _letter_facts(row: Letter) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "channel": row.channel or "mail",
        "customer_id": row.customer_id or None,
        "about": row.about,
        "to": ", ".join(row.recipients),
        "subject": row.subject,
        "text": row.text,
        "status": row.status,
        "said": row.outcome,
        "written_at": row.written_at.isoformat(timespec="seconds"),
        "finished_at": row.finished_at and row.finished_at.isoformat(timespec="seconds"),
    }


@notices.command()
@tenant_option
@kind_option
@click.option("--reply-to", help="Where customers' answers go; needed once.")
@click.option("--steps", "reminder_steps", help="Days from the due date, such as -3,1,7,14,30.")
@click.option("--over", "remind_over", help="Remind only over CURRENCY=AMOUNT,… of a customer.")
@click.option("--quiet-hours", help="No letters from one hour to another, such as 20-8.")
@click.option("--sms", help="What goes by text message too: kinds and steps, as failed_payment,7.")
def on(slug: str, kinds: Sequence[str], sms: str | None, **given: str | None) -> None:
    """Write to customers from today on, of what happens from today on."""
    office = back_office()
    if sms is None:
        sender_of(office.settings)  # says what is missing
    grant = grant_of(office, slug)
    changes = changes_of(given)
    if not (changes.get("reply_to") or grant.preferences.reply_to):
        raise UsageError("Say where customers' answers go: --reply-to billing@example.com.")
    today = today_of(grant, office.clock()).isoformat()
    known = dict.fromkeys(kinds or KINDS, today) | dict(grant.preferences.notices)
    changes["notices"] = tuple((kind, known[kind]) for kind in KINDS if kind in known)
    if sms is not None:
        steps = changes.get("reminder_steps") or grant.preferences.reminder_steps
        since = dict(grant.preferences.sms)
        changes["sms"] = tuple((one, since.get(one, today)) for one in as_sms(sms, steps))
        _refuse_without_channel(office, grant, changes["sms"])
    _prefer(office, slug, changes)


def _refuse_without_channel(office: BackOffice, grant: Grant, wanted: Sequence[object]) -> None:
    with office.store.read() as session:
        has_one = bool(channels_of(session, grant.tenant_id, "sms"))
    if wanted and not has_one:
        raise UsageError(
            "There is no channel for text messages yet: tieout notices channel add NAME --for sms "
            f"--tenant {grant.tenant}."
        )


@notices.command()
@tenant_option
@kind_option
def off(slug: str, kinds: Sequence[str]) -> None:
    """Write to customers no more; what waits is dropped."""
    office = back_office()
    known = grant_of(office, slug).preferences.notices
    left = tuple(one for one in known if kinds and one[0] not in kinds)
    _prefer(office, slug, {"notices": left})


def _prefer(office: BackOffice, slug: str, changes: dict[str, Any]) -> None:
    with office.store.begin() as session:
        now = prefer(session, slug, changes, at=office.clock(), actor=actor())
    _tell(now)


def _tell(now: Preferences) -> None:
    since = dict(now.notices)
    rows = [(kind, f"since {since[kind]}" if kind in since else "off") for kind in KINDS]
    said = as_said(now)
    ways = [(name.replace("_", " "), said[name] or "none") for name in WAYS]
    by_sms = [(f"{what} by text message", f"since {day}") for what, day in now.sms]
    print_table(["letters", "are"], [*rows, *by_sms, *ways])


@notices.command()
@tenant_option
@json_option
def preview(slug: str, as_json: bool) -> None:
    """Exactly what would be sent now, and who would get nothing and why; sends nothing."""
    office = back_office()
    grant = grant_of(office, slug)
    reader = Reader(office.settings, office.store)
    with office.store.read() as session:
        words = kept_words(session, grant.tenant_id)
        by_sms = [one.name for one in channels_of(session, grant.tenant_id, "sms")]
    plans = [plan_of(office, reader, grant, channel) for channel in ("", *by_sms)]
    composer = Composer(office.settings, office.box, grant.tenant, words)
    found = preview_of(composer, grant, plans, today_of(grant, office.clock()))
    if as_json:
        print_json(found)
    else:
        _show(grant, found)


def _show(grant: Grant, found: dict[str, Any]) -> None:
    for letter in found["letters"]:
        subject = f"\nSubject: {letter['subject']}" if letter["subject"] else ""
        click.echo(f"To: {letter['to']}{subject}\n\n{letter['text']}\n")
    for one in found["withheld"]:
        click.echo(f"Not written to {one['customer']} ({one['kind']}): {one['reason']}")
    if not grant.preferences.notices:
        click.echo(f"Letters are off: tieout notices on --tenant {grant.tenant} switches them on.")
    elif not found["letters"]:
        click.echo("Nothing is to be sent now.")


@notices.command()
@json_option
def run(as_json: bool) -> None:
    """Write and send what is due now, of every tenant: what tieout serve does every minute."""
    office = back_office()
    with office.store.read() as session:
        has_channel = has_any(session)
    if not has_channel:
        sender_of(office.settings)
    came_to = dict(sorted((send_alerts(office) + send_notices(office)).items()))
    if as_json:
        print_json(came_to)
    else:
        told = ", ".join(f"{count} {status}" for status, count in came_to.items())
        click.echo(f"Letters: {told or 'none'}.")


notices.add_command(suppress)
notices.add_command(channel)
notices.add_command(template)
