"""`tieout rates`: exchange rates from a file or a provider, and which are held."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from etl.back_office import BackOffice
from etl.commands.shared import actor, back_office, json_option, print_json, print_table
from etl.errors import RatesError
from etl.exchange.csv_rates import read_csv
from etl.exchange.provider import checked_address
from etl.jobs.fetch_rates import fetch_rates
from etl.reading import today_of
from etl.store.access import command_line_grant
from etl.store.rates import current_rates, record_rates
from etl.store.tenants import find_tenant, prefer

__all__ = ["rates"]

LARGEST_FILE_BYTES = 50 * 1024 * 1024


@click.group()
def rates() -> None:
    """Exchange rates, for totals in a reporting currency."""


def tenant_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Whose rates."""
    return click.option("--tenant", "slug", required=True, help="Whose.")(command)


@rates.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@tenant_option
def import_(file: Path, slug: str) -> None:
    """Record the rates of a CSV with the columns currency,quote,on,rate: all of them or none.

    One unit of currency is rate units of quote on that day.
    """
    office = back_office()
    with office.store.read() as session:
        tenant = find_tenant(session, slug)
    latest = today_of(command_line_grant(tenant), office.clock())
    found = read_csv(_text(file), source=file.name, latest=latest)
    with office.store.begin() as session:
        added = record_rates(session, tenant, found, at=office.clock(), actor=actor())
    _tell(len(found), added, slug)


def _text(file: Path) -> str:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise RatesError(f"{file} cannot be read: {error.strerror}.") from None
    if len(content) > LARGEST_FILE_BYTES:
        raise RatesError(f"{file} is larger than 50 MB: split it.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RatesError(f"{file} is not UTF-8 text: save it as CSV in UTF-8.") from None


def _tell(count: int, added: int, slug: str) -> None:
    click.echo(
        f"Read {count:,} rates, {added:,} of them new; figures have them after the next sync: "
        f"tieout sync {slug}."
    )


@rates.command("fetch")
@tenant_option
@click.option("--url", help="A provider, with {from} and {to}; it is remembered for every day.")
def fetch(slug: str, url: str | None) -> None:
    """Record what a provider has: JSON as the European Central Bank's mirrors give it, or CSV."""
    office = back_office()
    fetched = fetch_rates(office, slug, url and checked_address(url), actor=actor())
    if url:
        remember_provider(office, slug, url)
    click.echo(f"{fetched.host} has rates up to {fetched.newest_on}.", err=True)
    _tell(fetched.count, fetched.added, slug)


def remember_provider(office: BackOffice, slug: str, url: str) -> None:
    """Keeps a provider's address, sealed as it may hold a key."""
    sealed = {"rates_url": office.box.seal(url)}
    with office.store.begin() as session:
        prefer(session, slug, sealed, at=office.clock(), actor=actor())


@rates.command("list")
@tenant_option
@click.option("--currency", help="Only pairs with this one.")
@json_option
def list_(slug: str, currency: str | None, as_json: bool) -> None:
    """The rates that count, newest day first."""
    office = back_office()
    with office.store.read() as session:
        held = current_rates(session, find_tenant(session, slug).id)
    held.sort(key=lambda rate: rate.rate_on, reverse=True)
    facts = [
        {
            "currency": rate.currency,
            "quote": rate.quote,
            "on": rate.rate_on.isoformat(),
            "rate": format(rate.rate, "f"),
            "source": rate.source,
        }
        for rate in held
        if currency in {None, rate.currency, rate.quote}
    ]
    if as_json:
        print_json(facts)
    elif facts:
        print_table(list(facts[0]), [list(row.values()) for row in facts])
    else:
        click.echo("No rate is held yet: bring some in with tieout rates import or fetch.")
