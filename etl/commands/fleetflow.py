"""`tieout fleetflow`: a tenant's FleetFlow, what was written back to it, and what it owes us."""

import json
from pathlib import Path
from typing import Any

import click
import msgspec

from etl.back_office import BackOffice
from etl.commands.fleet_fees import bill, loads
from etl.commands.fleet_holds import hold_list_command
from etl.commands.fleet_shared import link_of, tenant_option, text_of
from etl.commands.shared import actor, back_office, json_option, print_json
from etl.errors import UsageError
from etl.fleetflow.csv_loads import read_loads as loads_of_csv
from etl.fleetflow.database import FleetDatabase, checked_url
from etl.fleetflow.loads import load_table
from etl.fleetflow.mapping import FleetMapping, mapping_from, read_mapping
from etl.fleetflow.statuses import outgoing
from etl.fleetflow.webhook import read_key
from etl.jobs.fleet_work import at_work, opened
from etl.jobs.push_statuses import push_statuses
from etl.jobs.read_loads import keep_loads, read_loads
from etl.reading import Reader
from etl.settings import fleetflow_variable
from etl.store import fleet_events, fleet_links
from etl.store.access import command_line_grant
from etl.store.models import FleetEvent, FleetLink
from etl.store.tenants import find_tenant

__all__ = ["fleetflow"]


@click.group()
def fleetflow() -> None:
    """FleetFlow: loads in, statuses out, dispatch fees, and whom to hold."""


fleetflow.add_command(loads)
fleetflow.add_command(bill)
fleetflow.add_command(hold_list_command)


@fleetflow.command()
@click.argument("file", type=click.Path(path_type=Path))
@tenant_option
def connect(file: Path, slug: str) -> None:
    """Keep the mapping FILE (TOML), once its tables are found as it says; the variables that it
    names are sealed with it."""
    office = back_office()
    mapping = read_mapping(text_of(file))
    secrets = _secrets(mapping)
    told = _looked_at(mapping, secrets.get("url"))
    kept = msgspec.to_builtins(mapping)
    sealed = office.box.seal(json.dumps(secrets))
    with office.store.begin() as session:
        grant = command_line_grant(find_tenant(session, slug))
        fleet_links.connect(session, grant, kept, sealed, at=office.clock(), actor=actor())
    _tell(told)
    click.echo(f"FleetFlow is connected to {slug}.")


def _secrets(mapping: FleetMapping) -> dict[str, str]:
    secrets = {}
    if mapping.needs_database and mapping.url_from:
        url = fleetflow_variable(mapping.url_from)
        secrets["url"] = checked_url(mapping.url_from, url)
    if mapping.hold and mapping.hold.secret_from:
        secrets["webhook"] = fleetflow_variable(mapping.hold.secret_from)
        read_key(mapping.hold.secret_from, secrets["webhook"])
    return secrets


def _looked_at(mapping: FleetMapping, url: str | None) -> list[str]:
    """A line for every table that is as the mapping says."""
    if url is None:
        return []
    database = FleetDatabase(url)
    try:
        return checked_tables(mapping, database)
    finally:
        database.close()


def checked_tables(mapping: FleetMapping, database: FleetDatabase) -> list[str]:
    """The tables a mapping names, found; FleetFlowError for the first that is not as it says."""
    found = []
    with database.begin() as connection:
        for out in outgoing(mapping):
            table = out.table(connection)
            found.append(f"{out.section}: {len(table.c)} columns of {table.name} are written")
        if mapping.loads:
            table = load_table(connection, mapping.loads)
            found.append(f"loads: {len(table.c)} columns of {table.name} are read")
    return found


def _tell(lines: list[str]) -> None:
    for line in lines:
        click.echo(line)


@fleetflow.command()
@tenant_option
def disconnect(slug: str) -> None:
    """Forget the mapping and what was sealed with it; loads stay, so that none is billed twice."""
    office = back_office()
    with office.store.begin() as session:
        grant = command_line_grant(find_tenant(session, slug))
        fleet_links.disconnect(session, grant, at=office.clock(), actor=actor())
    click.echo(f"FleetFlow is no longer connected to {slug}.")


@fleetflow.command()
@tenant_option
@json_option
def check(slug: str, as_json: bool) -> None:
    """Look whether FleetFlow's tables are as the mapping says; nothing is written."""
    office = back_office()
    _grant, link = link_of(office, slug)
    mapping = mapping_from(link.mapping)
    with opened(office, link) as database:
        told = checked_tables(mapping, database) if database else []
    if as_json:
        print_json({"tenant": slug, "found": told})
    else:
        _tell(told or ["The mapping names no tables."])


@fleetflow.command()
@tenant_option
@json_option
def push(slug: str, as_json: bool) -> None:
    """Write the statuses of the current snapshot back now, as tieout serve does by itself."""
    office = back_office()
    with at_work(office, slug) as work:
        if not outgoing(work.mapping):
            raise UsageError("The mapping names no [invoices] and no [payments] to write.")
        done = push_statuses(work, Reader(office.settings, office.store))
    facts = {"tenant": slug, "snapshot": done.seq, "read": done.read, "written": done.written}
    if as_json:
        print_json(facts)
        return
    for section, count in done.read.items():
        click.echo(f"{section}: {count:,} looked at, {done.written[section]:,} written.")


@fleetflow.command()
@tenant_option
@click.option("--csv", "file", type=click.Path(path_type=Path), help="From a file instead.")
@json_option
def read(slug: str, file: Path | None, as_json: bool) -> None:
    """Read the loads of FleetFlow's table now, as tieout serve does every quarter of an hour."""
    office = back_office()
    if file is None:
        with at_work(office, slug) as work:
            count = read_loads(work)
    else:
        count = _from_file(office, slug, text_of(file))
    if as_json:
        print_json({"tenant": slug, "loads": count})
    else:
        click.echo(f"Read {count:,} loads.")


def _from_file(office: BackOffice, slug: str, text: str) -> int:
    with office.store.read() as session:
        grant = command_line_grant(find_tenant(session, slug), actor())
    loads = loads_of_csv(text, time_zone=grant.time_zone, currency=grant.currency)
    keep_loads(office, grant, loads)
    return len(loads)


@fleetflow.command()
@tenant_option
@json_option
def status(slug: str, as_json: bool) -> None:
    """How far statuses, loads and the hold list are, and what failed."""
    office = back_office()
    grant, link = link_of(office, slug)
    with office.store.read() as session:
        event = fleet_events.newest(session, grant.tenant_id)
    facts = facts_of(slug, link, event)
    if as_json:
        print_json(facts)
        return
    for name, value in facts.items():
        if value not in (None, ""):
            click.echo(f"{name.replace('_', ' ')}: {value}")


def facts_of(slug: str, link: FleetLink, event: FleetEvent | None) -> dict[str, Any]:
    """A link as commands give it; nothing of what is sealed."""
    return {
        "tenant": slug,
        "connected_by": link.connected_by,
        "connected_at": link.connected_at.isoformat(timespec="seconds"),
        "pushed_snapshot": link.pushed_seq,
        "pushed_at": link.pushed_at and link.pushed_at.isoformat(timespec="seconds"),
        "pushing": link.place or None,
        "loads_read_at": link.loads_read_at and link.loads_read_at.isoformat(timespec="seconds"),
        "reading_loads_after": link.loads_after or None,
        "failures": link.failures,
        "said": link.said,
        "tried_at": link.not_before and link.not_before.isoformat(timespec="seconds"),
        "hold_list": event and event.status,
        "hold_list_made_at": event and event.made_at.isoformat(timespec="seconds"),
        "hold_list_said": event and event.said,
    }
