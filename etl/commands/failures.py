"""`tieout failures`: what people know of failed payments and BILL does not tell."""

import click

from etl.commands.shared import actor, back_office
from etl.jobs.enter_reason import enter_reason
from etl.reading import Reader
from etl.store.access import command_line_grant
from etl.store.tenants import find_tenant

__all__ = ["failures"]


@click.group()
def failures() -> None:
    """Failed payments."""


@failures.command("reason")
@click.argument("payment")
@click.argument("code")
@click.option("--tenant", "slug", required=True, help="Whose.")
@click.option("--note", help="What else the bank's notice says.")
def reason(payment: str, code: str, slug: str, note: str | None) -> None:
    """Enter the bank's CODE for a failed PAYMENT, such as R01; `unknown` takes one back."""
    office = back_office()
    with office.store.read() as session:
        grant = command_line_grant(find_tenant(session, slug))
    reader = Reader(office.settings, office.store)
    entered = enter_reason(
        reader, office.store, grant, payment, code, note, at=office.clock(), by=actor()
    )
    click.echo(
        f"Entered {entered.code} for payment {payment}; figures have it after the next sync: "
        f"tieout sync {slug}."
    )
