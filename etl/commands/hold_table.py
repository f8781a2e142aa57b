"""The hold list as commands print it: a table, a CSV file, or JSON."""

from datetime import date
from pathlib import Path

import click

from etl.back_office import BackOffice
from etl.commands.shared import print_json, print_table, write_whole
from etl.exports.csv_file import csv_of_records
from etl.holds import demand_rule, holds_on
from etl.metrics.figures import Column
from etl.reading import Reader, today_of
from etl.store.access import Grant

__all__ = ["print_holds"]

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


def print_holds(
    office: BackOffice,
    grant: Grant,
    as_of: date | None,
    *,
    with_clear: bool,
    out: Path | None,
    is_json: bool,
) -> None:
    """Those that are held or watched at the end of a day, today where it is None; or all.

    UsageError where no rule says whom to hold.
    """
    day = as_of or today_of(grant, office.clock())
    with office.store.read() as session:
        holds = holds_on(session, grant, day)
    demand_rule(holds)
    reader = Reader(office.settings, office.store)
    found = holds.listed(reader.snapshot(grant, reader.published(grant).seq))
    listed = [one for one in found if with_clear or one.standing != "clear"]
    if out:
        rows = [{c.name: getattr(one, c.name) for c in COLUMNS} for one in listed]
        write_whole(out, csv_of_records(COLUMNS, rows))
    if is_json:
        customers = [one.as_json() for one in listed]
        print_json({"tenant": grant.tenant, "as_of": day, "customers": customers})
    elif out:
        click.echo(f"Wrote {len(listed):,} customers to {out}.")
    elif listed:
        print_table(SHOWN, [[one.as_json()[name] for name in SHOWN] for one in listed])
    else:
        click.echo("Nobody is held.")
