"""`tieout export-history`: what was exported, by whom and to where."""

import click

from etl.commands.shared import back_office, json_option, print_json, print_table
from etl.store import exports
from etl.store.access import command_line_grant
from etl.store.tenants import find_tenant

__all__ = ["export_history"]

SHOWN = ("at", "by", "view", "as_of", "format", "rows", "sha256", "outcome", "went_to")


@click.command("export-history")
@click.option("--tenant", "slug", required=True, help="Whose.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, help="So many, newest first.")
@json_option
def export_history(slug: str, limit: int, as_json: bool) -> None:
    """Every export taken or delivered, with its hash."""
    with back_office().store.read() as session:
        grant = command_line_grant(find_tenant(session, slug))
        rows = [exports.as_json(row) for row in exports.history(session, grant, limit)]
    if as_json:
        print_json(rows)
    else:
        print_table(SHOWN, [[row[name] for name in SHOWN] for row in rows])
