"""`tieout tenant`: connect, list, show, allow writes, remove."""

import click

from billcom.environment import resolve
from etl.back_office import BackOffice
from etl.commands import preferences
from etl.commands.connections import confirm, given_credentials, given_environment
from etl.commands.shared import actor, back_office, json_option, print_json, print_table
from etl.environments import Connection, switch, verify
from etl.errors import UsageError
from etl.store import runs, tenants
from etl.store.models import Tenant
from etl.warehouse.discard import set_aside, sweep

__all__ = ["connect", "tenant"]


@click.group()
def tenant() -> None:
    """Connect BILL organizations."""


tenant.add_command(preferences.set_)


@tenant.command("add")
@click.argument("slug")
@click.option("--name", required=True, help="The name that people see.")
@click.option("--environment", help="sandbox or production [default: BILLCOM_ENVIRONMENT].")
@click.option("--base-url", help="Another address, up to and including /connect.")
@click.option("--time-zone", default="UTC", show_default=True, help="Decides the tenant's day.")
@click.option("--currency", default="USD", show_default=True, help="Of customers without one.")
def add(
    slug: str,
    name: str,
    environment: str | None,
    base_url: str | None,
    time_zone: str,
    currency: str,
) -> None:
    """Connect an organization, its credentials checked by signing in to BILL.

    They come from BILLCOM_API_KEY, BILLCOM_USERNAME, BILLCOM_PASSWORD and BILLCOM_ORG_ID, or are
    asked for.
    """
    office = back_office()
    chosen = given_environment(environment)
    tenants.checked_slug(slug)
    new = tenants.NewTenant(
        slug=slug,
        name=name,
        environment=resolve(chosen, base_url),
        credentials=given_credentials(),
        time_zone=tenants.checked_time_zone(time_zone),
        currency=tenants.checked_currency(currency),
    )
    connect(office, new, actor=actor())
    click.echo(f"Connected {slug} ({name}); its days are those of {time_zone}.")


def connect(office: BackOffice, new: tenants.NewTenant, *, actor: str) -> None:
    """Signs in to BILL with the new tenant's credentials, then keeps it."""
    _refuse_taken(office, new.slug)
    verify(office, Connection(new.environment, new.credentials))
    with office.store.begin() as session:
        tenants.add_tenant(session, office.box, new, at=office.clock(), actor=actor)


def _refuse_taken(office: BackOffice, slug: str) -> None:
    with office.store.read() as session:
        if any(known.slug == slug for known in tenants.all_tenants(session)):
            raise UsageError(f"There is a tenant “{slug}” already: choose another name.")


@tenant.command("credentials")
@click.argument("slug")
def credentials(slug: str) -> None:
    """Replace an organization's credentials, checked by signing in; its history stays.

    They come from where those of `tenant add` come from.
    """
    office = back_office()
    with office.store.read() as session:
        known = tenants.find_tenant(session, slug)
    new = given_credentials()
    verify(office, Connection(resolve(known.environment, known.base_url), new))
    with office.store.begin() as session:
        tenants.replace_credentials(
            session, office.box, slug, new, at=office.clock(), actor=actor()
        )
    click.echo(f"Replaced the credentials of {slug}.")


@tenant.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List the connected organizations."""
    office = back_office()
    with office.store.read() as session:
        facts = [_facts(known) for known in tenants.all_tenants(session)]
    if as_json:
        print_json(facts)
    elif facts:
        print_table(list(facts[0]), [list(row.values()) for row in facts])
    else:
        click.echo("No tenant is connected yet: add one with tieout tenant add.")


def _facts(known: Tenant) -> dict[str, str]:
    return {
        "slug": known.slug,
        "name": known.name,
        "environment": known.environment,
        "time_zone": known.time_zone,
        "currency": known.currency,
        "writes": "allowed" if tenants.may_be_written(known) else "not allowed",
    }


@tenant.command("show")
@click.argument("slug")
@json_option
def show(slug: str, as_json: bool) -> None:
    """Show one connection and its last run; never its secrets."""
    office = back_office()
    with office.store.read() as session:
        known = tenants.find_tenant(session, slug)
        latest = runs.recent_runs(session, known.id, limit=1)
        snapshot = runs.current_snapshot(session, known.id)
    facts = {
        **_facts(known),
        "base_url": known.base_url,
        "organization_id": known.organization_id,
        "last_run": latest[0].status if latest else None,
        "snapshot": snapshot.seq if snapshot else None,
    }
    if as_json:
        print_json(facts)
    else:
        print_table(["what", "is"], list(facts.items()))


@tenant.command("allow-writes")
@click.argument("slug")
@click.option("--yes", is_flag=True, help="Do not ask.")
def allow_writes(slug: str, yes: bool) -> None:
    """Let Tieout write to an organization in BILL's production, once and for all."""
    office = back_office()
    with office.store.read() as session:
        known = tenants.find_tenant(session, slug)
    if tenants.may_be_written(known):
        click.echo(f"Nothing to do: {slug}, in BILL's {known.environment}, may be written to.")
        return
    confirm(
        f"Let Tieout send and archive real invoices of {known.name}?",
        yes=yes,
        otherwise="Say --yes to allow writes without being asked.",
    )
    with office.store.begin() as session:
        tenants.enable_writes(session, slug, at=office.clock(), actor=actor())
    click.echo(f"Tieout may write to {slug} in BILL's production from now on.")


@tenant.command("environment")
@click.argument("slug")
@click.option("--environment", help="sandbox or production [default: BILLCOM_ENVIRONMENT].")
@click.option("--base-url", help="Another address, up to and including /connect.")
@click.option("--discard", is_flag=True, help="Delete what is synced of the world it leaves.")
def environment(slug: str, environment: str | None, base_url: str | None, discard: bool) -> None:
    """Switch an organization between BILL's sandbox and production, checked by signing in.

    The credentials of the new world come from where those of `tenant add` come from. Nothing is
    written there before `tenant allow-writes`.
    """
    office = back_office()
    target = resolve(given_environment(environment), base_url)
    with office.store.read() as session:
        tenants.find_tenant(session, slug)
    to = Connection(target, given_credentials())
    if switch(office, slug, to, discard=discard, actor=actor()):
        click.echo(f"Switched {slug} to BILL's {target.world}: read it with tieout sync {slug}.")
    else:
        click.echo(f"Nothing to do: {slug} is in BILL's {target.world} already.")


@tenant.command("remove")
@click.argument("slug")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(slug: str, yes: bool) -> None:
    """Forget an organization: its credentials, runs, and synced data. BILL keeps its own."""
    office = back_office()
    with office.store.read() as session:
        known = tenants.find_tenant(session, slug)
    confirm(
        f"Remove {known.name} and everything synced of it?",
        yes=yes,
        otherwise="Say --yes to remove a tenant without being asked.",
    )
    # A run of its own keeps any sync away meanwhile; it goes with the tenant.
    run_id = runs.start(office.store, known, trigger="removal", at=office.clock())
    set_aside(office.settings, slug, str(run_id))
    with office.store.begin() as session:
        gone = tenants.find_tenant(session, slug)
        tenants.remove_tenant(session, gone, at=office.clock(), actor=actor())
    sweep(office.settings, slug)
    click.echo(f"Removed {slug}.")
