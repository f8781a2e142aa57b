"""`tieout late-fees`: what paying late costs, what it would have cost, and proposals of it."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import click

from etl.billing.late_fees import KINDS, Kind, LateFeeRule, totals
from etl.commands.outbox import granted
from etl.commands.shared import as_date, back_office, json_option, print_json, print_table
from etl.errors import UsageError
from etl.jobs.charge_late import Fee, preview_fees, propose_fees
from etl.reading import today_of
from etl.store import late_fee_rules
from etl.store.access import Permission
from etl.store.models import LateFeeRow
from etl.store.tenants import checked_currency

__all__ = ["late_fees"]

SHOWN = ("customer", "invoice", "stage", "charged_on", "days", "fee", "tax", "currency")
USUAL_DAYS = timedelta(days=365)

tenant_option = click.option("--tenant", "slug", required=True, help="Whose late fees.")
as_option = click.option("--as", "email", help="Act as this user of the tenant.")


@click.group("late-fees")
def late_fees() -> None:
    """Late fees by rule: a dry run over the past, and proposals that a second person approves."""


@late_fees.command()
@tenant_option
@click.option("--kind", type=click.Choice(KINDS), required=True, help="daily: per cent a day.")
@click.option("--rate", required=True, help="An amount where flat, else per cent of what is open.")
@click.option("--currency", help="The tenant's own where not said; one rule a currency.")
@click.option("--grace", default=0, type=int, help="Days after the due date that cost nothing.")
@click.option("--minimum", default="0", help="The least that is charged at a time.")
@click.option("--cap", help="The most that an invoice's late fees come to.")
@click.option("--cap-percent", help="The same as per cent of the invoice.")
@click.option("--tax", help="Per cent of tax that is added on a line of its own.")
@click.option("--exempt", multiple=True, help="A customer's id that is never charged.")
@click.option("--since", help="Charge from this day on; from today where not said.")
@click.option("--automatic", is_flag=True, help="tieout serve proposes what is charged.")
@as_option
@json_option
def rule(
    slug: str,
    kind: Kind,
    currency: str | None,
    grace: int,
    exempt: tuple[str, ...],
    since: str | None,
    automatic: bool,
    email: str | None,
    as_json: bool,
    **numbers: str | None,
) -> None:
    """Set what paying late costs in a currency, in place of the rule there was."""
    office = back_office()
    _tenant, grant = granted(office, slug, email, Permission.ADMINISTER)
    given = {name: _number(text) for name, text in numbers.items() if text is not None}
    wanted = LateFeeRule(
        checked_currency(currency or grant.currency),
        kind,
        given["rate"],
        grace,
        given["minimum"],
        given.get("cap"),
        given.get("cap_percent"),
        given.get("tax"),
        frozenset(exempt),
    )
    at = office.clock()
    day = as_date(since) or today_of(grant, at)
    with office.store.begin() as session:
        late_fee_rules.keep(session, grant, wanted, since=day, is_automatic=automatic, at=at)
        rows = late_fee_rules.rules(session, grant.tenant_id)
    _show_rules(rows, is_json=as_json)


def _number(text: str) -> Decimal:
    try:
        return Decimal(text.strip())
    except InvalidOperation:
        raise UsageError(f"“{text[:40]}” is not a number: write it like 1.5.") from None


@late_fees.command()
@tenant_option
@json_option
def show(slug: str, as_json: bool) -> None:
    """The rules there are."""
    office = back_office()
    _tenant, grant = granted(office, slug, None, Permission.READ)
    with office.store.read() as session:
        rows = late_fee_rules.rules(session, grant.tenant_id)
    _show_rules(rows, is_json=as_json)


@late_fees.command()
@tenant_option
@click.option("--currency", help="The tenant's own where not said.")
@as_option
def off(slug: str, currency: str | None, email: str | None) -> None:
    """Charge no more in a currency; what is proposed stays until it is approved or cancelled."""
    office = back_office()
    _tenant, grant = granted(office, slug, email, Permission.ADMINISTER)
    with office.store.begin() as session:
        late_fee_rules.end(session, grant, currency or grant.currency, at=office.clock())
    click.echo(f"{grant.tenant_name} charges no late fees in {currency or grant.currency}.")


@late_fees.command()
@tenant_option
@click.option("--from", "from_on", help="The first day; a year before the last where not said.")
@click.option("--to", "to_on", help="The last day; today where not said.")
@json_option
def preview(slug: str, from_on: str | None, to_on: str | None, as_json: bool) -> None:
    """A dry run: what the rules would have charged on past days, had they always held."""
    office = back_office()
    _tenant, grant = granted(office, slug, None, Permission.READ)
    last = as_date(to_on) or today_of(grant, office.clock())
    first = as_date(from_on) or last - USUAL_DAYS
    with office.store.read() as session:
        rows = late_fee_rules.rules(session, grant.tenant_id)
    if not rows:
        raise UsageError("There is no rule to try: set one with tieout late-fees rule.")
    found = preview_fees(office, grant, [late_fee_rules.rule_of(row) for row in rows], first, last)
    _tell(found, f"{first} to {last}: would have been charged", is_json=as_json)


@late_fees.command()
@tenant_option
@as_option
@json_option
def propose(slug: str, email: str | None, as_json: bool) -> None:
    """Propose what is charged by now: an invoice each, once, that waits for a second person."""
    office = back_office()
    _tenant, grant = granted(office, slug, email, Permission.ACT)
    _tell(propose_fees(office, grant), "Proposed", is_json=as_json)


def _show_rules(rows: Sequence[LateFeeRow], *, is_json: bool) -> None:
    facts = [_rule_facts(row) for row in rows]
    if is_json:
        print_json(facts)
    elif not facts:
        click.echo("No late fees are charged.")
    for one in [] if is_json else facts:
        said = (f"{name.replace('_', ' ')} {value}" for name, value in one.items() if value)
        click.echo("; ".join(said))


def _rule_facts(row: LateFeeRow) -> dict[str, Any]:
    facts = {"since": row.since.isoformat(), "automatic": row.is_automatic}
    return row.rule | facts | {"set_by": row.set_by}


def _tell(found: Sequence[Fee], verb: str, *, is_json: bool) -> None:
    facts = [_fee_facts(one) for one in found]
    sums = totals(one.charge for one in found if not one.refused)
    if is_json:
        texts = {currency: format(amount, "f") for currency, amount in sums.items()}
        print_json({"sums": texts, "fees": facts})
        return
    shown = (*SHOWN, *(("receipt", "said") if any(one["said"] for one in facts) else ()))
    if facts:
        print_table(shown, [[one[name] for name in shown] for one in facts])
    for currency, amount in sums.items():
        count = sum(one.charge.late.currency == currency for one in found if not one.refused)
        click.echo(f"{verb}: {count:,} late fees of {amount:,f} {currency} with tax.")
    if not sums:
        click.echo(f"{verb}: nothing.")


def _fee_facts(one: Fee) -> dict[str, Any]:
    charge, late = one.charge, one.charge.late
    return {
        "key": one.key,
        "customer_id": late.customer_id,
        "customer": late.customer,
        "invoice_id": late.invoice_id,
        "invoice": late.number,
        "stage": charge.stage,
        "charged_on": charge.charged_on.isoformat(),
        "days": charge.days,
        "base": format(charge.base, "f"),
        "fee": format(charge.amount, "f"),
        "tax": format(charge.tax, "f"),
        "currency": late.currency,
        "receipt": one.row.receipt if one.row else None,
        "said": one.refused or (one.row.outcome if one.row else None),
    }
