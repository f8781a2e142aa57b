"""`tieout fleetflow loads` and `bill`: what loads came to in money, and a week's invoices."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from etl.back_office import BackOffice
from etl.billing.iso_week import Week
from etl.commands.fleet_shared import link_of, tenant_option
from etl.commands.outbox import granted
from etl.commands.shared import (
    as_date,
    back_office,
    json_option,
    print_json,
    print_table,
    write_whole,
)
from etl.exports.csv_file import csv_of_records
from etl.fleetflow.judging import STATES, Judged
from etl.fleetflow.mapping import mapping_from
from etl.jobs.bill_loads import Batch, Bill, bill_week, plan_week
from etl.jobs.fleet_work import at_work
from etl.jobs.judge_loads import judge_loads
from etl.jobs.read_loads import read_loads
from etl.metrics.figures import Column
from etl.reading import today_of
from etl.store.access import Grant, Permission

__all__ = ["bill", "loads"]

COLUMNS = (
    Column("load", "text", "Load"),
    Column("delivered_on", "date", "Delivered"),
    Column("customer_id", "id", "Customer id"),
    Column("customer", "text", "Customer"),
    Column("state", "text", "State"),
    Column("load_amount", "money", "Load amount"),
    Column("fee", "money", "Fee"),
    Column("billed", "money", "Billed"),
    Column("difference", "money", "Difference"),
    Column("currency", "text", "Currency"),
    Column("invoices", "text", "Invoices"),
    Column("reason", "text", "Reason"),
)
SHOWN = tuple(column.name for column in COLUMNS if column.name != "customer_id")


@click.command()
@tenant_option
@click.option("--unbilled", "state", flag_value="unbilled", help="Delivered and on no invoice.")
@click.option("--twice", "state", flag_value="twice", help="On more than one line.")
@click.option("--mispriced", "state", flag_value="mispriced", help="At another fee than agreed.")
@click.option("--until", help="Delivered until this day; today where none is given.")
@click.option("--out", type=click.Path(path_type=Path), help="Write them to a CSV file.")
@json_option
def loads(slug: str, state: str | None, until: str | None, out: Path | None, as_json: bool) -> None:
    """What became of delivered loads, with the money that is missing or too much."""
    office = back_office()
    grant, link = link_of(office, slug)
    day = as_date(until) or today_of(grant, office.clock())
    found = judge_loads(office, grant, mapping_from(link.mapping), day).judged
    wanted = [one for one in found if state in {None, one.state}]
    rows = [_row(one) for one in wanted]
    if out:
        write_whole(out, csv_of_records(COLUMNS, rows))
    if as_json:
        sums = [_texts(line) for line in _sums(wanted)]
        print_json({"tenant": slug, "until": day, "sums": sums, "loads": [_texts(r) for r in rows]})
    elif out:
        click.echo(f"Wrote {len(rows):,} loads to {out}.")
    else:
        _show(wanted, rows)


def _row(one: Judged) -> dict[str, Any]:
    return {
        "load": one.load.number,
        "delivered_on": one.load.delivered_on,
        "customer_id": one.customer.customer_id if one.customer else "",
        "customer": one.customer.name if one.customer else one.load.customer,
        "state": one.state,
        "load_amount": one.load.amount,
        "fee": one.fee,
        "billed": one.billed,
        "difference": one.difference,
        "currency": one.currency,
        "invoices": ", ".join(sorted({line.invoice_number for line in one.lines})),
        "reason": one.reason,
    }


def _texts(row: dict[str, Any]) -> dict[str, Any]:
    """Amounts as texts, as all of JSON has them."""
    return {k: format(v, "f") if isinstance(v, Decimal) else v for k, v in row.items()}


def _sums(found: Sequence[Judged]) -> list[dict[str, Any]]:
    """Number and money by state and currency; a load without a known difference is counted."""
    sums = []
    for state in STATES:
        ones = [one for one in found if one.state == state]
        for currency in sorted({one.currency for one in ones}):
            own = [one for one in ones if one.currency == currency]
            known = [one.difference for one in own if one.difference is not None]
            sums.append(
                {
                    "state": state,
                    "currency": currency,
                    "loads": len(own),
                    "difference": sum(known, Decimal(0)),
                    "without_difference": len(own) - len(known),
                }
            )
    return sums


def _show(found: Sequence[Judged], rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        click.echo("No such load.")
        return
    print_table(SHOWN, [[_texts(row)[name] for name in SHOWN] for row in rows])
    for line in _sums(found):
        click.echo(
            f"{line['state']}: {line['loads']:,} loads, {line['difference']:,f} {line['currency']}"
        )


@click.command()
@tenant_option
@click.option("--week", "name", help="Such as 2026-W47; the last that is over where none is given.")
@click.option("--dry-run", is_flag=True, help="Show what would be proposed; change nothing.")
@click.option("--again", is_flag=True, help="Also what was cancelled, refused or archived.")
@click.option("--as", "email", help="Act as this user of the tenant.")
@json_option
def bill(
    slug: str, name: str | None, *, dry_run: bool, again: bool, email: str | None, as_json: bool
) -> None:
    """Propose a week's dispatch fees: an invoice a customer, a line a load, each once."""
    office = back_office()
    _tenant, grant = granted(office, slug, email, Permission.ACT)
    week = Week.named(name) if name else _last_week(office, grant)
    if dry_run:
        _grant, link = link_of(office, slug)
        batch = plan_week(office, grant, mapping_from(link.mapping), week, again=again)
    else:
        with at_work(office, slug) as work:
            if work.mapping.loads:
                read_loads(work)
            batch = bill_week(work, grant, week, again=again)
    if as_json:
        print_json(_batch_facts(grant, batch, is_dry=dry_run))
    else:
        _tell(batch, is_dry=dry_run)


def _last_week(office: BackOffice, grant: Grant) -> Week:
    return Week.before(today_of(grant, office.clock()))


def _batch_facts(grant: Grant, batch: Batch, *, is_dry: bool) -> dict[str, Any]:
    return {
        "tenant": grant.tenant,
        "week": str(batch.week),
        "dry_run": is_dry,
        "invoices": [_bill_facts(one) for one in batch.bills],
        "taken_up": [row.receipt for row in batch.taken_up],
        "left_out": [_texts(_row(one)) for one in batch.left_out],
    }


def _bill_facts(one: Bill) -> dict[str, Any]:
    return {
        "key": one.key,
        "customer_id": one.customer_id,
        "customer": one.customer,
        "loads": len(one.loads),
        "amount": format(one.amount, "f"),
        "currency": one.currency,
        "receipt": one.row.receipt if one.row else None,
        "status": one.row.status if one.row else None,
        "said": one.refused or (one.row.outcome if one.row else None),
    }


def _tell(batch: Batch, *, is_dry: bool) -> None:
    shown = ("customer", "loads", "amount", "currency", "receipt", "status", "said")
    facts = [_bill_facts(one) for one in batch.bills]
    if facts:
        print_table(shown, [[one[name] for name in shown] for one in facts])
    for currency in sorted({one.currency for one in batch.bills}):
        own = [one.amount for one in batch.bills if one.currency == currency]
        verb = "would be" if is_dry else "are"
        total = f"{sum(own, Decimal(0)):,f} {currency}"
        click.echo(f"{batch.week}: {len(own):,} invoices of {total} {verb} proposed.")
    if not facts:
        click.echo(f"{batch.week}: nothing is left to propose.")
    if batch.taken_up:
        receipts = ", ".join(str(row.receipt) for row in batch.taken_up)
        click.echo(f"An earlier run was ended: receipts {receipts}.")
    if batch.left_out:
        click.echo(f"{len(batch.left_out):,} loads are on none: tieout fleetflow loads --unbilled.")
