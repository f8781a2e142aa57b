"""`tieout close` and `restatements`: pinning a month, and what changed of it since."""

from collections.abc import Sequence
from typing import Any

import click

from etl.commands.shared import actor, back_office, json_option, print_json, print_table
from etl.errors import StoreError, UsageError
from etl.jobs import close_month as closing
from etl.jobs.restatements import Restatement, restatement_of
from etl.metrics.figures import Figures
from etl.reading import Reader
from etl.store import closes
from etl.store.access import command_line_grant
from etl.store.models import Close
from etl.store.tenants import find_tenant

__all__ = ["close", "restatements"]

SHOWN = ("kind", "document", "customer", "change", "before", "after", "observed_on")
EFFECTS = ("currency", "receivables", "invoiced", "tax", "collected")


@click.command()
@click.argument("slug", metavar="TENANT")
@click.argument("month", required=False)
@click.option("--again", is_flag=True, help="Close a closed month anew; the old close is kept.")
@click.option("--verify", "checks", is_flag=True, help="Prove that a close stands as it was made.")
@click.option("--list", "lists", is_flag=True, help="Show the months that are closed.")
@json_option
def close(
    slug: str, month: str | None, again: bool, checks: bool, lists: bool, as_json: bool
) -> None:
    """Close a MONTH such as 2026-10: pin its snapshot and its figures."""
    if lists == (month is not None) or lists + again + checks > 1:
        raise UsageError("Give a month as YYYY-MM, with --again or --verify, or --list alone.")
    office = back_office()
    with office.store.read() as session:
        grant = command_line_grant(find_tenant(session, slug))
        known = closes.all_closes(session, grant.tenant_id)
    reader = Reader(office.settings, office.store)
    if month is None:
        _show([closing.as_json(grant, one) for one in known], as_json)
        return
    if checks:
        found = closing.find_close(office.store, grant, month)
        _told(found, closing.verify(reader, office.store, grant, found), as_json)
        return
    made = closing.close_month(
        reader, office.store, grant, month, at=office.clock(), by=actor(), again=again
    )
    facts = closing.as_json(grant, made)
    if as_json:
        print_json(facts)
    else:
        click.echo(f"Closed {month} of {slug}: snapshot {made.seq}, figures {made.sha256}.")
    if not facts["figures"]["ties_out"]:
        click.echo("Its figures do not tie out to BILL's: see tieout runs.", err=True)


def _show(facts: Sequence[dict[str, Any]], as_json: bool) -> None:
    shown = ("month", "closed_at", "closed_by", "snapshot", "sha256")
    if as_json:
        print_json([{name: one[name] for name in ("tenant", *shown)} for one in facts])
    else:
        print_table(shown, [[one[name] for name in shown] for one in facts])


def _told(found: Close, findings: Sequence[str], as_json: bool) -> None:
    if as_json:
        facts = {"month": found.month, "snapshot": found.seq, "sha256": found.sha256}
        print_json({**facts, "stands": not findings, "findings": list(findings)})
    if findings:
        raise StoreError(f"The close of {found.month} does not stand. {' '.join(findings)}")
    if not as_json:
        click.echo(f"The close of {found.month} stands: snapshot {found.seq} gives its figures.")


@click.command()
@click.argument("slug", metavar="TENANT")
@click.argument("month")
@json_option
def restatements(slug: str, month: str, as_json: bool) -> None:
    """What changed of a closed MONTH since: its documents, and the figures they moved."""
    office = back_office()
    with office.store.read() as session:
        grant = command_line_grant(find_tenant(session, slug))
    reader = Reader(office.settings, office.store)
    found = closing.find_close(office.store, grant, month)
    restated = restatement_of(reader, grant, found, reader.published(grant).seq)
    if as_json:
        print_json({"tenant": grant.tenant, **restated.as_json()})
    elif restated.is_restated:
        _print(restated)
    else:
        click.echo(f"Nothing of {month} changed since it was closed.")


def _print(restated: Restatement) -> None:
    _print_columns(restated.documents, (*SHOWN, *EFFECTS))
    click.echo()
    _print_columns(restated.figures, restated.figures.names)


def _print_columns(figures: Figures, names: Sequence[str]) -> None:
    headings = {column.name: column.heading for column in figures.metric.columns}
    rows = [[record[name] for name in names] for record in figures.records()]
    print_table([headings[name] for name in names], rows)
