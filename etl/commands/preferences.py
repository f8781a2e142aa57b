"""`tieout tenant set`: a tenant's own ways to count and to read."""

from collections.abc import Callable
from typing import Any

import click

from etl.back_office import BackOffice
from etl.commands.shared import actor, as_count, as_edges, back_office, print_table
from etl.errors import UsageError
from etl.exchange.provider import checked_address, host_of
from etl.extract.plan import PLAN
from etl.metrics.aging import checked_edges
from etl.store.preferences import CONTRACT_MODES, ContractMode, Preferences
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
def set_(slug: str, contracts: tuple[str, ...], **given: str | None) -> None:
    """Set a tenant's preferences; those that are not named stay. Without any, show them."""
    office = back_office()
    with office.store.read() as session:
        known = Preferences.from_json(find_tenant(session, slug).preferences)
    rates_url = given.pop("rates_url")
    changes = _changes(given)
    if rates_url is not None:
        changes["rates_url"] = office.box.seal(checked_address(rates_url)) if rates_url else None
    if contracts:
        changes["contracts"] = _contracts(known, contracts)
    if changes:
        with office.store.begin() as session:
            known = prefer(session, slug, changes, at=office.clock(), actor=actor())
    told = _told(known) | {"rates from": _provider(office, known)}
    print_table(["preference", "is"], list(told.items()))


def _changes(given: dict[str, str | None]) -> dict[str, Any]:
    read: dict[str, Callable[[str], Any]] = {
        "aging_edges": lambda text: checked_edges(as_edges(text) or ()),
        "aging_basis": str,
        "behaviour_edges": lambda text: checked_edges(as_edges(text) or ()),
        "grace_days": as_count,
        "default_terms_days": as_count,
        "second_factor": str,
    }
    return {name: read[name](text) for name, text in given.items() if text is not None}


def _contracts(known: Preferences, given: tuple[str, ...]) -> tuple[tuple[str, ContractMode], ...]:
    """Those that were, with the given ones changed."""
    modes = dict(known.contracts)
    resources = {step.resource.name for step in PLAN}
    for text in given:
        resource, _, said = text.partition("=")
        mode = next((mode for mode in CONTRACT_MODES if mode == said), None)
        if resource not in resources or mode is None:
            raise UsageError(
                f"“{text}” is no contract: give RESOURCE=accept or RESOURCE=stop, with one of "
                f"{', '.join(sorted(resources))}."
            )
        modes[resource] = mode
    return tuple(sorted(modes.items()))


def _told(known: Preferences) -> dict[str, str]:
    return {
        "aging edges": _days(known.aging_edges, "30,60,90"),
        "aging basis": known.aging_basis,
        "behaviour edges": _days(known.behaviour_edges, "15,45,90"),
        "grace days": str(known.grace_days),
        "default terms days": str(known.default_terms_days),
        "contracts": ", ".join(f"{name}={mode}" for name, mode in known.contracts) or "all accept",
        "second factor": known.second_factor,
    }


def _provider(office: BackOffice, known: Preferences) -> str:
    """Its host only: the rest of the address may hold a key."""
    return host_of(office.box.open(known.rates_url)) if known.rates_url else "nowhere"


def _days(edges: tuple[int, ...] | None, usual: str) -> str:
    return ",".join(map(str, edges)) if edges else usual
