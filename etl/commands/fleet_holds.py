"""`tieout fleetflow hold-list`: for whom to dispatch no more, as a table, a file, or told."""

from pathlib import Path

import click

from etl.back_office import BackOffice
from etl.commands.fleet_shared import link_of, tenant_option
from etl.commands.hold_table import print_holds
from etl.commands.shared import as_date, back_office, json_option
from etl.errors import FleetFlowError, UsageError
from etl.jobs.fleet_work import at_work
from etl.jobs.tell_holds import hold_section, look_at_holds, send_holds
from etl.reading import Reader

__all__ = ["hold_list_command"]


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
    """For whom to dispatch no more, by the rule: held, watched, and why."""
    office = back_office()
    grant, _link = link_of(office, slug)
    print_holds(office, grant, as_date(as_of), with_clear=with_clear, out=out, is_json=as_json)
    if send:
        _send(office, slug)


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
