"""`tieout schedules`: what customers are billed every period, where BILL's recurring invoices fall
short."""

import csv
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import click

from etl.acting.books import published_book
from etl.actions.facts import Customer, known_customer
from etl.back_office import BackOffice
from etl.billing.billing_periods import PERIODS, Cadence
from etl.billing.billing_terms import (
    BILLED,
    Terms,
    checked,
    number_from,
    terms_line,
    usage_line,
)
from etl.commands.outbox import granted
from etl.commands.shared import as_date, back_office, json_option, print_json, print_table
from etl.errors import UsageError
from etl.jobs.issue_schedules import issue_schedules
from etl.jobs.plan_issues import Issue, history, plan_issues, told
from etl.reading import Reader, today_of
from etl.store import billing_schedules, billing_usage
from etl.store.access import Grant, Permission
from etl.store.billing_usage import Noted

__all__ = ["schedules"]

LISTED = ("name", "customer", "period", "billed", "state", "next", "amount", "currency")
ISSUES = ("period", "days", "issued_on", "due_on", "amount", "currency", "state", "receipt", "said")

tenant_option = click.option("--tenant", "slug", required=True, help="Whose.")
as_option = click.option("--as", "email", help="Act as this user of the tenant.")


@click.group()
def schedules() -> None:
    """Invoices that are issued once a period while `tieout serve` runs."""


@schedules.command("list")
@tenant_option
@json_option
def list_(slug: str, as_json: bool) -> None:
    """The schedules, with what each issues next."""
    office, grant = _let_in(slug, None, Permission.READ)
    with office.store.read() as session:
        rows = billing_schedules.schedules(session, grant)
    facts = [told(row, today_of(grant, office.clock())) for row in rows]
    _print(facts, LISTED, "There is no schedule.", {"tenant": slug}, "schedules", is_json=as_json)


@schedules.command()
@click.argument("name")
@tenant_option
@click.option("--customer", "customer_id", required=True, help="The BILL id of who is billed.")
@click.option("--line", "texts", multiple=True, help="TEXT=PRICE or TEXT=QTYxPRICE.")
@click.option("--usage", "usages", multiple=True, help="TEXT=PRICE, times what usage is noted.")
@click.option("--period", type=click.Choice(PERIODS), default="monthly", show_default=True)
@click.option("--start", help="The first day that is billed; today where none is given.")
@click.option("--end", help="The last day that is billed.")
@click.option("--anchor", help="A day on which a period begins; the start where none is given.")
@click.option("--billed", type=click.Choice(BILLED), default="advance", show_default=True)
@click.option("--due-days", type=click.IntRange(0, 365), default=30, show_default=True)
@click.option("--prorate/--whole", default=True, help="Parts of periods cost their days' share.")
@click.option("--item", help="The BILL id of the item its lines are of.")
@as_option
@json_option
def add(name: str, slug: str, email: str | None, *, as_json: bool, **given: Any) -> None:
    """Bill a customer every period; what is due already is issued within a minute."""
    office, grant = _let_in(slug, email, Permission.ACT)
    at = office.clock()
    customer = _customer(office, grant, given["customer_id"])
    terms = checked(_terms(customer, today_of(grant, at), given), today_of(grant, at))
    with office.store.begin() as session:
        billing_schedules.add(session, grant, name, customer.name, terms, at=at)
    _show(office, grant, name, 3, is_json=as_json)


def _customer(office: BackOffice, grant: Grant, customer_id: str) -> Customer:
    reader = Reader(office.settings, office.store)
    customer = known_customer(published_book(reader, grant, office.clock()), customer_id)
    if customer.is_archived:
        raise UsageError(f"{customer.name} is archived: restore the customer first.")
    return customer


def _terms(customer: Customer, today: date, given: dict[str, Any]) -> Terms:
    start = as_date(given["start"]) or today
    anchor = as_date(given["anchor"]) or start
    return Terms(
        cadence=Cadence.of(given["period"], anchor, start, as_date(given["end"])),
        customer_id=customer.id,
        currency=customer.currency,
        lines=(
            *(terms_line(text, customer.currency) for text in given["texts"]),
            *(usage_line(text, customer.currency) for text in given["usages"]),
        ),
        billed=given["billed"],
        due_days=given["due_days"],
        is_prorated=given["prorate"],
        item=given["item"],
    )


@schedules.command()
@click.argument("name")
@tenant_option
@click.option("--line", help="The line of usage, by its text.")
@click.option("--on", help="The day of the usage; today where none is given.")
@click.option("--quantity", help="How many.")
@click.option("--reference", help="Your name for it: the same again is noted once.")
@click.option(
    "--csv",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with the columns reference, line, on and quantity, noted whole or not at all.",
)
@as_option
def usage(name: str, slug: str, email: str | None, file: Path | None, **given: Any) -> None:
    """Note usage; it is on the invoice of its period, or of the next where that is issued."""
    office, grant = _let_in(slug, email, Permission.ACT)
    today = today_of(grant, office.clock())
    rows = _rows_of(file) if file else [given | {"reference": given["reference"] or uuid4().hex}]
    entries = [_noted(row, today) for row in rows]
    with office.store.begin() as session:
        schedule = billing_schedules.find(session, grant, name, locked=True)
        new = billing_usage.note(session, grant, schedule, entries, at=office.clock())
    click.echo(f"Noted {new:,} of {len(entries):,}; the others were there already.")


def _rows_of(file: Path) -> list[dict[str, Any]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            return list(csv.DictReader(lines))
    except (OSError, ValueError, csv.Error) as error:
        raise UsageError(f"{file} is no CSV file that can be read: {error}.") from None


def _noted(row: dict[str, Any], today: date) -> Noted:
    if not all(row.get(name) for name in ("reference", "line", "quantity")):
        raise UsageError("Usage has a reference, a line and a quantity: give each of them.")
    on = as_date(row.get("on") or None) or today
    if on > today:
        raise UsageError(f"{on} has not come yet: usage is noted once there was any.")
    return Noted(row["reference"], row["line"], on, number_from(row["quantity"]))


@schedules.command()
@click.argument("name")
@tenant_option
@as_option
def pause(name: str, slug: str, email: str | None) -> None:
    """Issue no invoice of a schedule until it is resumed."""
    office, grant = _let_in(slug, email, Permission.ACT)
    with office.store.begin() as session:
        billing_schedules.pause(session, grant, name, at=office.clock())
    click.echo(f"The schedule {name} is paused: it issues nothing until it is resumed.")


@schedules.command()
@click.argument("name")
@tenant_option
@as_option
def resume(name: str, slug: str, email: str | None) -> None:
    """Issue invoices again; what fell due in the pause is never billed."""
    office, grant = _let_in(slug, email, Permission.ACT)
    today, at = today_of(grant, office.clock()), office.clock()
    with office.store.begin() as session:
        billing_schedules.resume(session, grant, name, today=today, at=at)
    click.echo(f"The schedule {name} issues again what falls due from {today} on.")


@schedules.command()
@click.argument("name")
@tenant_option
@click.option("--periods", type=click.IntRange(0, 400), default=6, show_default=True)
@json_option
def preview(name: str, slug: str, periods: int, as_json: bool) -> None:
    """The periods of a schedule up to today with what became of each, and the next ones."""
    office, grant = _let_in(slug, None, Permission.READ)
    _show(office, grant, name, periods, is_json=as_json)


@schedules.command()
@click.argument("name", required=False)
@tenant_option
@click.option("--dry-run", is_flag=True, help="Show what would be proposed; change nothing.")
@click.option("--again", is_flag=True, help="Also what was cancelled, refused or expired.")
@as_option
@json_option
def issue(
    name: str | None, slug: str, email: str | None, *, dry_run: bool, again: bool, as_json: bool
) -> None:
    """Propose what is due now, of one schedule or of all: one invoice a period."""
    office, grant = _let_in(slug, email, Permission.ACT)
    if dry_run:
        today = today_of(grant, office.clock())
        found = [one for _, one in plan_issues(office.store, grant, today, name, again=again)]
    else:
        found = issue_schedules(office, grant, name, again=again)
    named = {"tenant": slug, "dry_run": dry_run}
    facts = [_issue_facts(one) for one in found]
    shown = ("schedule", "customer", *ISSUES)
    _print(facts, shown, "Nothing is due.", named, "invoices", is_json=as_json)


def _let_in(slug: str, email: str | None, permission: Permission) -> tuple[BackOffice, Grant]:
    office = back_office()
    return office, granted(office, slug, email, permission)[1]


def _show(office: BackOffice, grant: Grant, name: str, ahead: int, *, is_json: bool) -> None:
    found = history(office.store, grant, name, today_of(grant, office.clock()), ahead)
    facts, named = [_issue_facts(one) for one in found], {"tenant": grant.tenant, "schedule": name}
    _print(facts, ISSUES, "It has no period.", named, "invoices", is_json=is_json)


def _print(
    facts: Sequence[dict[str, Any]],
    shown: Sequence[str],
    none: str,
    named: dict[str, Any],
    under: str,
    *,
    is_json: bool,
) -> None:
    if is_json:
        print_json(named | {under: facts})
    elif facts:
        print_table(shown, [[one[name] for name in shown] for one in facts])
    else:
        click.echo(none)


def _issue_facts(one: Issue) -> dict[str, Any]:
    period = one.period
    return {
        "schedule": one.schedule,
        "customer": one.customer,
        "period": f"{period.first} to {period.last}",
        "days": f"{period.days} of {period.of_days}",
        "issued_on": one.issued_on,
        "due_on": one.due_on,
        "amount": _text(one.amount),
        "currency": one.currency,
        "key": one.key,
        "state": one.row.status if one.row else one.state,
        "receipt": one.row.receipt if one.row else None,
        "said": one.said or None,
    }


def _text(amount: Decimal) -> str:
    return format(amount, "f")
