"""`tieout holds`: for whom to dispatch no more, by which rule, and what people said instead."""

from collections.abc import Sequence
from pathlib import Path

import click

from etl.acting.books import published_book
from etl.actions.facts import known_customer
from etl.billing.hold_rule import HoldRule
from etl.commands.hold_table import print_holds
from etl.commands.outbox import granted
from etl.commands.shared import as_date, back_office, json_option
from etl.errors import UsageError
from etl.reading import Reader, today_of
from etl.store import hold_overrides
from etl.store.access import Permission
from etl.store.hold_overrides import Said
from etl.store.tenants import prefer

__all__ = ["holds"]

tenant_option = click.option("--tenant", "slug", required=True, help="Whose customers.")
as_option = click.option("--as", "email", help="Act as this user of the tenant.")
Count = click.IntRange(1, 10_000)


@click.group()
def holds() -> None:
    """The hold list: for whom to dispatch no more."""


@holds.command("list")
@tenant_option
@click.option("--as-of", help="At the end of this day; today where none is given.")
@click.option("--all", "with_clear", is_flag=True, help="Also whom it is clear to dispatch for.")
@click.option("--out", type=click.Path(path_type=Path), help="Write it to a CSV file.")
@json_option
def list_(
    slug: str, as_of: str | None, *, with_clear: bool, out: Path | None, as_json: bool
) -> None:
    """Who is held or watched, and why: by the rule, or by whom and until when."""
    office = back_office()
    _tenant, grant = granted(office, slug, None, Permission.READ)
    print_holds(office, grant, as_date(as_of), with_clear=with_clear, out=out, is_json=as_json)


@holds.command()
@tenant_option
@click.option("--unpaid", type=Count, help="Held from so many overdue invoices on.")
@click.option("--days-late", type=Count, help="Held where the oldest is so many days late.")
@click.option("--watch-unpaid", type=Count, help="The same for being watched.")
@click.option("--watch-days-late", type=Count, help="The same for being watched.")
@click.option("--off", is_flag=True, help="No rule of the tenant's own any more.")
@as_option
def rule(slug: str, off: bool, email: str | None, **counts: int | None) -> None:
    """Set who is held, in place of the rule there was and of FleetFlow's mapping."""
    office = back_office()
    _tenant, grant = granted(office, slug, email, Permission.ADMINISTER)
    wanted = HoldRule(**counts)
    if wanted.holds_anybody == off:
        raise UsageError("Say who is held: --unpaid, --days-late or both; or --off.")
    kept = tuple((name, count) for name, count in counts.items() if count is not None)
    with office.store.begin() as session:
        change = {"hold_rule": () if off else kept}
        prefer(session, slug, change, at=office.clock(), actor=grant.user)
    said = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in kept)
    click.echo(f"{grant.tenant_name} holds by {said or 'no rule of its own'}.")


@holds.command()
@tenant_option
@click.option("--customer", required=True, help="The customer's id.")
@click.option("--hold", "said", flag_value="hold", help="Hold it, whatever the rule says.")
@click.option("--release", "said", flag_value="clear", help="Do not, whatever the rule says.")
@click.option("--end", "said", flag_value="rule", help="The rule decides again.")
@click.option("--until", help="To the end of this day; today where none is given.")
@click.option("--reason", required=True, help="Why, in a few words.")
@as_option
def override(
    slug: str, customer: str, said: Said | None, until: str | None, reason: str, email: str | None
) -> None:
    """Hold or release a customer until a day; for approvers and administrators, and audited."""
    if said is None:
        raise UsageError("Say --hold, --release or --end.")
    office = back_office()
    _tenant, grant = granted(office, slug, email, Permission.APPROVE)
    at = office.clock()
    today = today_of(grant, at)
    reader = Reader(office.settings, office.store)
    name = known_customer(published_book(reader, grant, at), customer).name
    day = as_date(until) or today
    with office.store.begin() as session:
        hold_overrides.add(
            session, grant, customer, said, until=day, reason=reason, today=today, at=at
        )
    click.echo(_told(name, said, str(day)))


def _told(name: str, said: Said, day: str) -> str:
    told: dict[str, Sequence[str]] = {
        "hold": (name, f"is held until {day}."),
        "clear": (name, f"is not held until {day}, whatever the rule says."),
        "rule": (name, "is held by the rule again, or not."),
    }
    return " ".join(told[said])
