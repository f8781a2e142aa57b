"""`tieout outbox`: what was proposed, what became of it, and who approves it."""

from datetime import datetime
from typing import Any

import click

from etl.back_office import BackOffice
from etl.commands.shared import actor, back_office, json_option, print_json, print_table
from etl.errors import UnknownTenantError
from etl.jobs.dispatch_outbox import dispatch_outbox
from etl.store import outbox as rows
from etl.store.access import Grant, Permission, authorize, command_line_grant
from etl.store.models import OutboxRow, Tenant
from etl.store.tenants import find_tenant
from etl.store.users import find_user

__all__ = ["granted", "outbox", "show"]

STATUSES = (*rows.OPEN, "done", "refused", "failed", "unknown", "cancelled", "expired")
WENT_WRONG = rows.ENDED | {"unknown"}

tenant_option = click.option("--tenant", "slug", required=True, help="Whose outbox.")
as_option = click.option("--as", "email", help="Act as this user of the tenant.")


def granted(
    office: BackOffice, slug: str, email: str | None, permission: Permission
) -> tuple[Tenant, Grant]:
    """The tenant, and the grant of a user of it, or of the command line itself."""
    with office.store.read() as session:
        tenant = find_tenant(session, slug)
        if email is None:
            return tenant, command_line_grant(tenant, actor())
        user = find_user(session, email)
        if user is None:
            raise UnknownTenantError(f"{email} is not a user of {slug}: see tieout user list.")
        return tenant, authorize(session, user.id, slug, permission, at=office.clock())


@click.group()
def outbox() -> None:
    """Actions that were proposed, and what became of them."""


@outbox.command("list")
@tenant_option
@click.option("--status", "statuses", multiple=True, type=click.Choice(STATUSES))
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True)
@json_option
def list_(slug: str, statuses: tuple[str, ...], limit: int, as_json: bool) -> None:
    """The newest actions first."""
    office = back_office()
    _tenant, grant = granted(office, slug, None, Permission.READ)
    with office.store.read() as session:
        found = rows.listed(session, grant, statuses=statuses, limit=limit)
    _print_many(grant, found, is_json=as_json)


@outbox.command("show")
@click.argument("receipt", type=int)
@tenant_option
@json_option
def show_(receipt: int, slug: str, as_json: bool) -> None:
    """One action by its RECEIPT, as it stands; exit status 1 where it was not done."""
    office = back_office()
    _tenant, grant = granted(office, slug, None, Permission.READ)
    with office.store.read() as session:
        row = rows.find_receipt(session, grant, receipt)
    show(grant, row, is_json=as_json)


@outbox.command()
@click.argument("receipt", type=int)
@tenant_option
@as_option
@json_option
def approve(receipt: int, slug: str, email: str | None, as_json: bool) -> None:
    """Let an action be carried out that somebody else proposed."""
    office = back_office()
    _tenant, grant = granted(office, slug, email, Permission.APPROVE)
    with office.store.begin() as session:
        row = rows.approve(session, grant, receipt, at=office.clock())
    show(grant, row, is_json=as_json)


@outbox.command()
@click.argument("receipt", type=int)
@tenant_option
@as_option
@json_option
def cancel(receipt: int, slug: str, email: str | None, as_json: bool) -> None:
    """Take back an action that was not sent yet."""
    office = back_office()
    _tenant, grant = granted(office, slug, email, Permission.ACT)
    with office.store.begin() as session:
        row = rows.cancel(session, grant, receipt, at=office.clock())
    if as_json:
        print_json(facts_of(grant, row))
    else:
        click.echo(f"Receipt {receipt} is cancelled: nothing was sent.")


@outbox.command()
@json_option
def dispatch(as_json: bool) -> None:
    """Carry out what is due now, of every tenant: what tieout serve does every second."""
    changed = dispatch_outbox(back_office())
    if as_json:
        print_json({"changed": changed})
    elif changed:
        click.echo(f"Changed: {', '.join(changed)}.")
    else:
        click.echo("Nothing changed in any book.")


def show(grant: Grant, row: OutboxRow, *, is_json: bool) -> None:
    """Prints an action as it stands; exit status 1 where it came to a bad end."""
    if is_json:
        print_json(facts_of(grant, row))
    else:
        for name, value in facts_of(grant, row).items():
            if value not in (None, ""):
                click.echo(f"{name.replace('_', ' ')}: {value}")
    if row.status in WENT_WRONG:
        click.echo(f"Receipt {row.receipt} is {row.status}: {row.outcome}", err=True)
        raise click.exceptions.Exit(1)


def facts_of(grant: Grant, row: OutboxRow) -> dict[str, Any]:
    """An action as commands give it; amounts are texts."""
    return {
        "receipt": row.receipt,
        "tenant": grant.tenant,
        "action": row.action,
        "status": row.status,
        "said": row.outcome,
        "document": row.document,
        "bill_id": row.bill_id or None,
        "result_id": row.result_id,
        "link": row.link,
        "preview": row.preview,
        "amount": None if row.amount is None else format(row.amount, "f"),
        "currency": row.currency,
        "key": row.idempotency_key,
        "proposed_by": row.proposed_by,
        "proposed_at": _instant(row.proposed_at),
        "approved_by": row.approved_by,
        "expires_at": _instant(row.expires_at),
        "tried_at": _instant(row.not_before),
        "finished_at": _instant(row.finished_at),
        "sends": row.sends,
    }


def _instant(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None


def _print_many(grant: Grant, found: list[OutboxRow], *, is_json: bool) -> None:
    facts = [facts_of(grant, row) for row in found]
    if is_json:
        print_json(facts)
        return
    shown = ("receipt", "action", "document", "amount", "currency", "status", "said")
    print_table(shown, [[one[name] for name in shown] for one in facts])
