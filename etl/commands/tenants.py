"""`tieout tenant`: connect, list, show, remove."""

import shutil
import sys
import time

import click

from billcom.client import Client, Surroundings
from billcom.environment import Environment, resolve
from billcom.session import Credentials
from billcom.throttle import LocalThrottle
from etl.back_office import BackOffice
from etl.commands.shared import actor, back_office, json_option, print_json, print_table
from etl.errors import UsageError
from etl.settings import bill_environment
from etl.store import runs, tenants
from etl.store.models import Tenant
from etl.warehouse.places import folder_of

__all__ = ["connect", "tenant"]

PROMPTS = {
    "BILLCOM_API_KEY": "Developer key",
    "BILLCOM_USERNAME": "User name (or sync token name)",
    "BILLCOM_PASSWORD": "Password (or sync token value)",
    "BILLCOM_ORG_ID": "Organization id",
}


@click.group()
def tenant() -> None:
    """Connect BILL organizations."""


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
    chosen = environment or bill_environment().get("BILLCOM_ENVIRONMENT")
    if not chosen:
        raise UsageError("Say --environment sandbox or --environment production.")
    tenants.checked_slug(slug)
    new = tenants.NewTenant(
        slug=slug,
        name=name,
        environment=resolve(chosen, base_url),
        credentials=_credentials(),
        time_zone=tenants.checked_time_zone(time_zone),
        currency=tenants.checked_currency(currency),
    )
    connect(office, new, actor=actor())
    click.echo(f"Connected {slug} ({name}); its days are those of {time_zone}.")


def connect(office: BackOffice, new: tenants.NewTenant, *, actor: str) -> None:
    """Signs in to BILL with the new tenant's credentials, then keeps it."""
    _refuse_taken(office, new.slug)
    _check_login(office, new.environment, new.credentials)
    with office.store.begin() as session:
        tenants.add_tenant(session, office.box, new, at=office.clock(), actor=actor)


def _refuse_taken(office: BackOffice, slug: str) -> None:
    with office.store.read() as session:
        if any(known.slug == slug for known in tenants.all_tenants(session)):
            raise UsageError(f"There is a tenant “{slug}” already: choose another name.")


def _check_login(office: BackOffice, environment: Environment, credentials: Credentials) -> None:
    throttle = LocalThrottle(office.settings.hourly_budget, office.clock)
    around = Surroundings(sleep=_short_sleep)
    with Client(environment, credentials, throttle, around) as client:
        client.sign_in()


def _short_sleep(seconds: float) -> None:
    # A person waits: an address that cannot be reached is told after seconds, not a minute.
    time.sleep(min(seconds, 0.5))


def _credentials() -> Credentials:
    given = bill_environment()
    facts = {name: given.get(name) or _ask(name) for name in PROMPTS}
    return Credentials(
        organization_id=facts["BILLCOM_ORG_ID"].strip(),
        username=facts["BILLCOM_USERNAME"].strip(),
        developer_key=facts["BILLCOM_API_KEY"].strip(),
        password=facts["BILLCOM_PASSWORD"],
    )


def _ask(name: str) -> str:
    if not sys.stdin.isatty():
        raise UsageError(f"{name} is not set, and there is no terminal to ask for it.")
    is_secret = name in {"BILLCOM_API_KEY", "BILLCOM_PASSWORD"}
    return str(click.prompt(PROMPTS[name], hide_input=is_secret))


@tenant.command("credentials")
@click.argument("slug")
def credentials(slug: str) -> None:
    """Replace an organization's credentials, checked by signing in; its history stays.

    They come from where those of `tenant add` come from.
    """
    office = back_office()
    with office.store.read() as session:
        known = tenants.find_tenant(session, slug)
    new = _credentials()
    _check_login(office, resolve(known.environment, known.base_url), new)
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


@tenant.command("remove")
@click.argument("slug")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(slug: str, yes: bool) -> None:
    """Forget an organization: its credentials, runs, and synced data. BILL keeps its own."""
    office = back_office()
    with office.store.read() as session:
        known = tenants.find_tenant(session, slug)
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError("Say --yes to remove a tenant without being asked.")
        click.confirm(f"Remove {known.name} and everything synced of it?", abort=True)
    # A run of its own keeps any sync away meanwhile; it goes with the tenant.
    runs.start(office.store, known, trigger="removal", at=office.clock())
    folder = folder_of(office.settings, slug).path
    if folder.exists():
        shutil.rmtree(folder)
    with office.store.begin() as session:
        gone = tenants.find_tenant(session, slug)
        tenants.remove_tenant(session, gone, at=office.clock(), actor=actor())
    click.echo(f"Removed {slug}.")
