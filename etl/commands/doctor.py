"""`tieout doctor`: is everything well, and if not, what mends it?"""

import logging

import click

from etl.commands.shared import json_option, print_json, table_lines
from etl.doctor.check import Row
from etl.doctor.examine import examine
from etl.doctor.finding import State

__all__ = ["doctor"]


@click.command()
@click.argument("slug", required=False)
@json_option
def doctor(slug: str | None, as_json: bool) -> int:
    """Verify everything end to end, of one tenant or of all, without changing BILL's books."""
    # What goes wrong is in the table; the log may lie in the very folder that cannot be written.
    logging.basicConfig(handlers=[logging.NullHandler()])
    rows = list(examine(slug))
    is_ok = not any(row.finding.state is State.FAILED for row in rows)
    if as_json:
        print_json({"checks": [row.as_json() for row in rows], "ok": is_ok})
    else:
        _print(rows)
    return 0 if is_ok else 1


def _print(rows: list[Row]) -> None:
    """A table, with what to do under each row that has something."""
    cells = [[row.tenant, row.check, row.finding.state, row.finding.saw] for row in rows]
    heading, *lines = table_lines(["tenant", "check", "state", "saw"], cells)
    click.echo(heading)
    for row, line in zip(rows, lines, strict=True):
        click.echo(line)
        if row.finding.fix:
            click.echo(f"    -> {row.finding.fix}")
