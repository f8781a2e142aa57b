"""`tieout notices suppress`: who is written to no more, and of what."""

from collections.abc import Sequence
from typing import Any

import click

from etl.back_office import BackOffice
from etl.commands.shared import actor, back_office, json_option, print_json, print_table
from etl.errors import UsageError
from etl.store import suppressions
from etl.store.access import Grant, command_line_grant
from etl.store.models import Suppression
from etl.store.suppressions import SUPPRESSED
from etl.store.tenants import find_tenant

__all__ = ["grant_of", "suppress", "tenant_option"]

SHOWN = ("what", "value", "reason", "by")

tenant_option = click.option("--tenant", "slug", required=True, help="Whose customers.")


def grant_of(office: BackOffice, slug: str) -> Grant:
    """The grant of the command line at a tenant."""
    with office.store.read() as session:
        return command_line_grant(find_tenant(session, slug), actor())


@click.command()
@tenant_option
@click.option("--address", help="Nothing is sent to it.")
@click.option("--phone", help="No text message goes to this number.")
@click.option("--customer", help="Nothing is sent to this customer's id.")
@click.option("--invoice", help="It is in dispute: nobody is reminded of this invoice's id.")
@click.option("--reason", help="Why, in a few words.")
@click.option("--end", is_flag=True, help="Write again.")
@json_option
def suppress(slug: str, reason: str | None, end: bool, as_json: bool, **given: str | None) -> None:
    """Write no more to an address, number or customer, or of an invoice; without any, list them."""
    office = back_office()
    grant = grant_of(office, slug)
    named = [(kind, value) for kind in SUPPRESSED if (value := given[kind])]
    if named:
        _change(office, grant, named, reason, ends=end)
    with office.store.read() as session:
        found = [_suppression(row) for row in suppressions.suppressed(session, grant.tenant_id)]
    if as_json:
        print_json(found)
    else:
        print_table(SHOWN, [[one[name] for name in SHOWN] for one in found])


def _change(
    office: BackOffice,
    grant: Grant,
    named: Sequence[tuple[str, str]],
    reason: str | None,
    *,
    ends: bool,
) -> None:
    if not ends and not reason:
        raise UsageError("Say why: --reason 'asked to be left alone'.")
    at = office.clock()
    with office.store.begin() as session:
        for kind, value in named:
            if ends:
                suppressions.end(session, grant, kind, value, at=at)
            else:
                suppressions.suppress(session, grant, kind, value, reason=reason or "", at=at)


def _suppression(row: Suppression) -> dict[str, Any]:
    return {
        "what": row.kind,
        "value": row.value,
        "reason": row.reason,
        "by": row.added_by,
        "at": row.added_at.isoformat(timespec="seconds"),
    }
