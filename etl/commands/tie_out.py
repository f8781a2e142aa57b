"""`tieout tie-out`: our figures of the last snapshot beside BILL's, and what does not agree."""

from typing import Any

import click

from etl.commands.shared import back_office, json_option, print_json, print_table
from etl.reading import Published, Reader
from etl.store import tenants
from etl.store.access import command_line_grant

__all__ = ["tie_out"]


@click.command("tie-out")
@click.argument("slug")
@json_option
def tie_out(slug: str, as_json: bool) -> int:
    """Show how a tenant's figures tie out to BILL's; exit code 1 where they do not."""
    office = back_office()
    with office.store.read() as session:
        grant = command_line_grant(tenants.find_tenant(session, slug))
    published = Reader(office.settings, office.store).published(grant)
    if as_json:
        print_json(
            {"tenant": slug, "snapshot": published.seq, "checks": list(published.checks)}
            | {"ties_out": published.ties_out}
        )
    else:
        _print(published)
    return 0 if published.ties_out else 1


def _print(published: Published) -> None:
    compared = [one for check in published.checks for one in check.get("compared", ())]
    names = ("what", "currency", "bills", "ours", "difference")
    print_table(
        ["what", "currency", "BILL", "ours", "difference"], [_cells(c, names) for c in compared]
    )
    click.echo()
    print_table(["check", "exceptions"], [[c["check"], c["count"]] for c in published.checks])
    for check in published.checks:
        _print_findings(check)


def _cells(row: dict[str, Any], names: tuple[str, ...]) -> list[Any]:
    return [row[name] for name in names]


def _print_findings(check: dict[str, Any]) -> None:
    if not check["count"]:
        return
    click.echo(f"\n{check['check']}:")
    print_table(["document", "finding"], check["findings"])
    if check["count"] > len(check["findings"]):
        click.echo(f"… and {check['count'] - len(check['findings']):,} more.")
