"""`tieout tenant set`: a tenant's own ways to count and to read."""

import click

from etl.back_office import BackOffice
from etl.commands.shared import actor, back_office, print_table
from etl.exchange.provider import checked_address, host_of
from etl.operations.preferences import as_said, changes_of, contracts_of
from etl.store.preferences import Preferences
from etl.store.tenants import find_tenant, prefer

__all__ = ["set_"]


@click.command("set")
@click.argument("slug")
@click.option("--aging-edges", help="Last days of aging buckets, such as 30,60,90.")
@click.option("--aging-basis", type=click.Choice(["due", "invoice"]), help="Count age from which.")
@click.option("--behaviour-edges", help="Last days late of classes of customers, such as 3,7,14.")
@click.option("--grace-days", help="Days after the due date that are forgiven.")
@click.option("--default-terms-days", help="Due date of an invoice without one: so many days on.")
@click.option("--rates-url", help="Provider of exchange rates, asked daily; empty for none.")
@click.option(
    "--contract",
    "contracts",
    multiple=True,
    metavar="RESOURCE=accept|stop",
    help="What a sync does where BILL's records change their form.",
)
@click.option(
    "--second-factor",
    type=click.Choice(["optional", "required"]),
    help="Whether its people need one to sign in with a password.",
)
@click.option(
    "--approve-over",
    metavar="CURRENCY=AMOUNT,…",
    help="Amounts over which an action needs a second person; empty for none.",
)
@click.option(
    "--due-dates",
    type=click.Choice(["terms", "free"]),
    help="Whether due dates of invoices we make follow payment terms.",
)
def set_(slug: str, contracts: tuple[str, ...], **given: str | None) -> None:
    """Set a tenant's preferences; those that are not named stay. Without any, show them."""
    office = back_office()
    with office.store.read() as session:
        known = Preferences.from_json(find_tenant(session, slug).preferences)
    rates_url = given.pop("rates_url")
    changes = changes_of(given)
    if rates_url is not None:
        changes["rates_url"] = office.box.seal(checked_address(rates_url)) if rates_url else None
    if contracts:
        changes["contracts"] = contracts_of(known, contracts)
    if changes:
        with office.store.begin() as session:
            known = prefer(session, slug, changes, at=office.clock(), actor=actor())
    told = _told(known) | {"rates from": _provider(office, known)}
    print_table(["preference", "is"], list(told.items()))


def _told(known: Preferences) -> dict[str, str]:
    told = {name.replace("_", " "): text for name, text in as_said(known).items()}
    modes = ", ".join(f"{name}={mode}" for name, mode in known.contracts)
    holds = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in known.hold_rule)
    return told | {"contracts": modes or "all accept", "hold rule": holds or "none of its own"}


def _provider(office: BackOffice, known: Preferences) -> str:
    """Its host only: the rest of the address may hold a key."""
    return host_of(office.box.open(known.rates_url)) if known.rates_url else "nowhere"
