"""`tieout fleetflow hold-list`: for whom to dispatch no more, as a table, a file, or told."""

from pathlib import Path

import click

from etl.back_office import BackOffice
from etl.commands.fleet_shared import link_of, tenant_option
from etl.commands.shared import (
    as_date,
    back_office,
    json_option,
    print_json,
    print_table,
    write_whole,
)
from etl.errors import FleetFlowError, UsageError
from etl.exports.csv_file import csv_of_records
from etl.fleetflow.hold_list import Holding, hold_list
from etl.fleetflow.mapping import mapping_from
from etl.jobs.fleet_work import at_work
from etl.jobs.tell_holds import hold_section, look_at_holds, send_holds
from etl.metrics.figures import Column
from etl.reading import Reader, today_of

__all__ = ["hold_list_command"]

COLUMNS = (
    Column("customer_id", "id", "Customer id"),
    Column("account_number", "text", "Account number"),
    Column("customer", "text", "Customer"),
    Column("standing", "text", "Standing"),
    Column("reason", "text", "Reason"),
    Column("unpaid", "count", "Overdue invoices"),
    Column("days_late", "count", "Days late"),
    Column("overdue_amount", "money", "Overdue"),
    Column("open_amount", "money", "Open"),
    Column("currency", "text", "Currency"),
)
SHOWN = ("customer", "standing", "unpaid", "days_late", "overdue_amount", "currency", "reason")


@click.command("hold-list")
@tenant_option
@click.option("--as-of", help="At the end of this day; today where none is given.")
@click.option("--all", "with_clear", is_flag=True, help="Also whom it is clear to dispatch for.")
@click.option("--out", type=click.Path(path_type=Path), help="Write it to a CSV file.")
@click.option("--send", is_flag=True, help="Tell FleetFlow's webhook now, where anything changed.")
@json_option
def hold_list_command(
    slug: str, as_of: str | None, *, with_clear: bool, out: Path | None, send: bool, as_json: bool
) -> None:
    """For whom to dispatch no more, by the mapping's rule: held, watched, and why."""
    office = back_office()
    grant, link = link_of(office, slug)
    day = as_date(as_of) or today_of(grant, office.clock())
    reader = Reader(office.settings, office.store)
    rule = hold_section(mapping_from(link.mapping)).rule()
    found = hold_list(reader.snapshot(grant, reader.published(grant).seq), rule, day)
    listed = [one for one in found if with_clear or one.standing != "clear"]
    if out:
        rows = [{c.name: getattr(one, c.name) for c in COLUMNS} for one in listed]
        write_whole(out, csv_of_records(COLUMNS, rows))
    if as_json:
        customers = [one.as_json() for one in listed]
        print_json({"tenant": slug, "as_of": day, "customers": customers})
    elif out:
        click.echo(f"Wrote {len(listed):,} customers to {out}.")
    else:
        _show(listed)
    if send:
        _send(office, slug)


def _show(listed: list[Holding]) -> None:
    if listed:
        print_table(SHOWN, [[one.as_json()[name] for name in SHOWN] for one in listed])
    else:
        click.echo("Nobody is held.")


def _send(office: BackOffice, slug: str) -> None:
    with at_work(office, slug, with_database=False) as work:
        if not hold_section(work.mapping).webhook:
            raise UsageError("The mapping names no webhook in [hold]: nothing is sent.")
        look_at_holds(work, Reader(office.settings, office.store))
        event = send_holds(work)
    if event is None:
        click.echo("FleetFlow knows already, or is told again later.", err=True)
    elif event.status == "delivered":
        click.echo("FleetFlow was told.", err=True)
    else:
        raise FleetFlowError(event.said or "FleetFlow was not told.")
