"""`tieout export-schedule`: what is exported by itself."""

import json
from pathlib import Path
from typing import Any

import click

from etl.back_office import BackOffice
from etl.commands.shared import actor, back_office, json_option, print_json, print_table
from etl.errors import TieoutError, UsageError
from etl.exports import FORMATS
from etl.exports.rhythm import DAYS_TOLD, Rhythm
from etl.exports.schedule import WEEKDAYS, Destination, Wanted, arranged, checked_narrowing, told
from etl.exports.storage import checked_endpoint
from etl.jobs.run_exports import run_export
from etl.settings import storage_keys
from etl.store import export_schedules, users
from etl.store.access import Grant, command_line_grant
from etl.store.tenants import find_tenant

__all__ = ["export_schedule"]

SHOWN = ("name", "view", "format", "when", "as_of", "to", "next", "said")

tenant_option = click.option("--tenant", "slug", required=True, help="Whose.")


@click.group("export-schedule")
def export_schedule() -> None:
    """Exports that are made and delivered by themselves while `tieout serve` runs."""


@export_schedule.command()
@click.argument("name")
@click.argument("view")
@tenant_option
@click.option("--format", "format_", type=click.Choice(list(FORMATS)), default="csv")
@click.option("--daily", "rhythm", flag_value="daily", help="Every day, at --at.")
@click.option("--weekly", "rhythm", flag_value="weekly", help="On the weekday --on.")
@click.option("--monthly", "rhythm", flag_value="monthly", help="On the day --on; 31 is the last.")
@click.option("--after-sync", "rhythm", flag_value="after_sync", help="When a sync changed data.")
@click.option("--at", "at_time", default="07:00", show_default=True, help="Tenant's local time.")
@click.option("--on", "on_day", help="mon to sun, or 1 to 31.")
@click.option("--as-of", "day_told", type=click.Choice(DAYS_TOLD), default="today")
@click.option("--from", "from_on", help="First day: month-start, year-start or YYYY-MM-DD.")
@click.option("--currency", help="Only this one.")
@click.option("--customer", help="Only this customer's id.")
@click.option("--search", help="Only rows that hold this text.")
@click.option("--state", help="Only invoices in this state.")
@click.option("--folder", help="Deliver to this folder, given from the root.")
@click.option("--bucket", help="Deliver to this bucket; keys from AWS_… variables are sealed.")
@click.option("--endpoint", default="https://s3.amazonaws.com", help="The storage's address.")
@click.option("--region", default="us-east-1")
@click.option("--prefix", default="", help="Put before the file's name in the bucket.")
@click.option("--email", "emails", multiple=True, help="Send to this member of the tenant.")
def add(name: str, view: str, slug: str, format_: str, rhythm: str | None, **given: Any) -> None:
    """Arrange an export of VIEW under NAME."""
    office = back_office()
    if rhythm is None:
        raise UsageError("Say when: --daily, --weekly, --monthly or --after-sync.")
    when = Rhythm.of(rhythm, given["at_time"], _day(given["on_day"]))
    names = ("from_on", "currency", "customer", "search", "state")
    narrowing = checked_narrowing(view, {field: given[field] for field in names})
    now = office.clock()
    with office.store.begin() as session:
        grant = command_line_grant(find_tenant(session, slug))
        wanted = Wanted(name, view, format_, when, given["day_told"], narrowing)
        new = arranged(grant, wanted, _destination(office, grant, given), by=actor(), at=now)
        export_schedules.add(session, grant, new, actor=actor())
    click.echo(f"{name} is arranged: {told(new)['when']}.", err=True)


def _day(text: str | None) -> int | None:
    if text in WEEKDAYS:
        return WEEKDAYS.index(text) + 1
    if text is None or not text.isascii() or not text.isdecimal():
        return None
    return int(text)


def _destination(office: BackOffice, grant: Grant, given: dict[str, Any]) -> Destination:
    """The one destination that was named."""
    named = [name for name in ("folder", "bucket", "emails") if given[name]]
    if len(named) != 1:
        raise UsageError("Say where to, once: --folder, --bucket or --email.")
    if given["folder"]:
        return Destination("folder", {"path": _folder(given["folder"])})
    if given["bucket"]:
        return Destination("s3", _bucket(given), _sealed_keys(office))
    with office.store.read() as session:
        members = users.checked_members(session, grant, given["emails"])
    return Destination("email", {"recipients": members})


def _folder(text: str) -> str:
    if not Path(text).is_absolute():
        raise UsageError(f"“{text}” is no folder given from the root, as in /srv/exports.")
    return text


def _bucket(given: dict[str, Any]) -> dict[str, str]:
    names = ("bucket", "prefix", "region")
    return {name: given[name] for name in names} | {"endpoint": checked_endpoint(given["endpoint"])}


def _sealed_keys(office: BackOffice) -> str:
    keys = storage_keys()
    if keys is None:
        raise UsageError("Give the storage's keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.")
    return office.box.seal(json.dumps(keys))


@export_schedule.command("list")
@tenant_option
@json_option
def list_(slug: str, as_json: bool) -> None:
    """What is arranged for a tenant; keys are never shown."""
    with back_office().store.read() as session:
        grant = command_line_grant(find_tenant(session, slug))
        rows = [told(row) for row in export_schedules.schedules(session, grant)]
    if as_json:
        print_json(rows)
    else:
        print_table(SHOWN, [[row[name] for name in SHOWN] for row in rows])


@export_schedule.command()
@click.argument("name")
@tenant_option
def remove(name: str, slug: str) -> None:
    """Arrange it no longer; the history stays."""
    office = back_office()
    with office.store.begin() as session:
        grant = command_line_grant(find_tenant(session, slug))
        export_schedules.remove(session, grant, name, at=office.clock(), actor=actor())


@export_schedule.command()
@click.argument("name")
@tenant_option
def run(name: str, slug: str) -> None:
    """Carry it out now, as it was last due; the file of that day is replaced."""
    office = back_office()
    with office.store.read() as session:
        row = export_schedules.find(session, command_line_grant(find_tenant(session, slug)), name)
    if (failed := run_export(office, row.id)) is not None:
        raise TieoutError(failed)
    click.echo(f"{name} was delivered to {told(row)['to']}.", err=True)
