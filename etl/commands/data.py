"""`tieout sync`, `runs`, `metric`, `export`: bringing data in and getting figures out."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from etl import exports
from etl.back_office import BackOffice
from etl.commands.shared import (
    as_date,
    back_office,
    json_option,
    print_json,
    print_table,
    write_whole,
)
from etl.errors import RunRefusedError, TieoutError, UsageError
from etl.extract.days import Days
from etl.jobs.know_past import end_of, know_past
from etl.jobs.sync_tenant import RunReport, refused_report, sync_tenant
from etl.metrics.catalogue import find_metric
from etl.metrics.days_given import as_count, as_edges
from etl.metrics.figures import Converted, Figures, Question
from etl.money import rounded
from etl.reading import Published, Reader, asked, today_of
from etl.store import exports as export_history
from etl.store import runs as run_ledger
from etl.store import tenants
from etl.store.access import Grant, command_line_grant
from etl.store.failure_reasons import current_reasons
from etl.store.models import Run
from etl.store.rates import current_rates

__all__ = ["Asked", "export", "metric", "put_question", "question_options", "runs", "sync"]


@click.command()
@click.argument("slugs", nargs=-1, metavar="[SLUG]...")
@click.option("--full", is_flag=True, help="Read every record again, not only changed ones.")
@click.option("--from", "from_on", help="With --to: read again what was created or changed from …")
@click.option("--to", "to_on", help="… to this day, and nothing else.")
@json_option
def sync(
    slugs: tuple[str, ...], full: bool, from_on: str | None, to_on: str | None, as_json: bool
) -> int:
    """Read BILL now: one run a tenant, of all tenants or of those named."""
    if full and (from_on or to_on):
        raise UsageError("--full reads everything again: give it, or --from and --to.")
    office = back_office()
    days = Days.asked(as_date(from_on), as_date(to_on), now=office.clock())
    reports = [_synced(office, slug, full, days) for slug in _chosen(office, slugs)]
    if as_json:
        print_json([report.as_json() for report in reports])
    else:
        _print_reports(reports)
    for report in reports:
        if said := report.error or report.note:
            click.echo(f"{report.tenant}: {said}", err=True)
        for notice in report.notices:
            click.echo(f"{report.tenant}: {notice['sentence']}", err=True)
    return 1 if any(report.status != "succeeded" for report in reports) else 0


def _chosen(office: BackOffice, slugs: tuple[str, ...]) -> list[str]:
    """The named tenants, all of them known; or every one there is."""
    with office.store.read() as session:
        named = [tenants.find_tenant(session, slug).slug for slug in dict.fromkeys(slugs)]
        chosen = named or [tenant.slug for tenant in tenants.all_tenants(session)]
    if not chosen:
        raise TieoutError("No tenant is connected yet: add one with tieout tenant add.")
    return chosen


def _synced(office: BackOffice, slug: str, full: bool, days: Days | None) -> RunReport:
    if sys.stderr.isatty():
        click.echo(f"Reading {slug} …", err=True)
    try:
        return sync_tenant(office, slug, full=full, days=days)
    except RunRefusedError as reason:
        return refused_report(slug, str(reason))


def _print_reports(reports: list[RunReport]) -> None:
    print_table(
        ["tenant", "run", "status", "rows", "calls", "seconds", "snapshot"],
        [
            [r.tenant, r.run_id, r.status, sum(r.rows.values()), r.api_calls, r.seconds, r.snapshot]
            for r in reports
        ],
    )


@click.command()
@click.option("--tenant", "slug", help="Only this tenant's.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@json_option
def runs(slug: str | None, limit: int, as_json: bool) -> None:
    """The newest runs, with what they brought and why they failed."""
    office = back_office()
    with office.store.read() as session:
        tenant_id = tenants.find_tenant(session, slug).id if slug else None
        slugs = {tenant.id: tenant.slug for tenant in tenants.all_tenants(session)}
        facts = [
            _run_facts(run, slugs[run.tenant_id])
            for run in run_ledger.recent_runs(session, tenant_id, limit)
        ]
    if as_json:
        print_json(facts)
        return
    shown = ("run_id", "tenant", "status", "trigger", "started_at", "api_calls", "error")
    print_table(shown, [[run[name] for name in shown] for run in facts])


def _run_facts(run: Run, slug: str) -> dict[str, Any]:
    return {
        "run_id": run.id,
        "tenant": slug,
        "status": run.status,
        "trigger": run.trigger,
        "started_at": run.started_at.isoformat(timespec="seconds"),
        "finished_at": run.finished_at and run.finished_at.isoformat(timespec="seconds"),
        "rows": run.rows,
        "api_calls": run.api_calls,
        "snapshot": run.snapshot_seq,
        "checks": run.checks,
        "error": run.error,
        "notices": run.notices or [],
        "scope": run.scope,
    }


def question_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What narrows a metric."""
    for option in reversed(
        (
            click.option("--tenant", "slug", required=True, help="Whose."),
            click.option("--as-of", help="The day the figures are true for [default: today]."),
            click.option("--known-on", help="As it was known at the end of this day."),
            click.option("--from", "from_on", help="First day."),
            click.option("--to", "to_on", help="Last day."),
            click.option("--currency", help="Only this one."),
            click.option("--customer", help="Only this customer's id."),
            click.option("--invoice", help="Only this invoice's id."),
            click.option("--record", help="Only this record's id."),
            click.option("--search", help="Only rows that hold this text."),
            click.option(
                "--state",
                type=click.Choice(["upcoming", "open", "overdue", "paid", "archived"]),
                help="Only invoices in this state.",
            ),
            click.option(
                "--basis",
                type=click.Choice(["due", "invoice"]),
                help="Count age from the due or the invoice date [default: due].",
            ),
            click.option("--edges", help="Last days of buckets or classes, such as 30,60,90."),
            click.option("--grace-days", help="Days after the due date that are forgiven."),
            click.option("--limit", help="So many rows of a list."),
            click.option("--reporting", help="Tell the total of all in this currency as well."),
        )
    ):
        command = option(command)
    return command


@click.command()
@click.argument("name")
@question_options
@json_option
def metric(name: str, slug: str, as_json: bool, **narrowed: str | None) -> None:
    """Any catalogued metric of a tenant."""
    find_metric(name)
    grant, figures, _published = _answer(name, slug, narrowed)
    if as_json:
        print_json(exports.as_json(grant, figures))
        return
    _print_figures(figures)
    if figures.converted:
        _print_converted(figures.converted)


def _print_figures(figures: Figures) -> None:
    print_table([column.heading for column in figures.metric.columns], figures.rows)


def _print_converted(converted: Converted) -> None:
    click.echo(f"\nIn {converted.currency}, each document at the rate of its day:")
    _print_figures(converted.figures)
    for missing in converted.unconverted:
        amount = rounded(missing.amount, missing.currency)
        click.echo(
            f"Not in it, without a rate: {missing.kind} {missing.currency} {amount:,f} "
            f"({missing.count:,} documents); list them with tieout metric unconverted."
        )


@click.command()
@click.argument("view")
@question_options
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The file to write.")
@click.option(
    "--format",
    "format_",
    type=click.Choice([*exports.FORMATS, "pdf"]),
    help="What to write [default: what the file's ending says, else csv].",
)
@click.option("--bom", is_flag=True, help="Mark the file as UTF-8 for Excel.")
@click.option("--lf", is_flag=True, help="End lines with LF, not CRLF.")
def export(
    view: str,
    slug: str,
    out: Path,
    format_: str | None,
    bom: bool,
    lf: bool,
    **narrowed: str | None,
) -> None:
    """The file that a page would give, and beside it one that says what it is."""
    find_metric(view)
    format_ = format_ or exports.format_of(out.name)
    if format_ != "csv" and (bom or lf):
        raise UsageError("--bom and --lf are for CSV only.")
    grant, figures, published = _answer(view, slug, narrowed)
    office = back_office()
    if format_ == "pdf":
        reader = Reader(office.settings, office.store)
        made = exports.make_statement(reader, grant, figures, published)
    else:
        line_end = "\n" if lf else "\r\n"
        made = exports.make_export(
            grant, figures, published, format_=format_, line_end=line_end, with_bom=bom
        )
    write_whole(out, made.content)
    write_whole(out.with_name(out.name + ".facts.json"), made.facts_json.encode())
    with office.store.begin() as session:
        export_history.record_taken(
            session, grant, made.facts, went_to=str(out.absolute()), at=office.clock()
        )
    click.echo(f"Wrote {len(figures.rows):,} rows to {out}.", err=True)


def _refuse_unused(name: str, narrowed: dict[str, str | None]) -> None:
    """An option that a metric does not know would silently narrow nothing."""
    spelled = {
        "as_of": "--as-of",
        "from_on": "--from",
        "to_on": "--to",
        "grace_days": "--grace-days",
    }
    metric = find_metric(name).metric
    unused = narrowed.keys() - set(metric.parameters) - {"known_on"}
    unused -= {"reporting" if metric.needs else ""}
    for option in sorted(unused):
        if narrowed[option] is not None:
            raise UsageError(f"{name} cannot be narrowed by {spelled.get(option, f'--{option}')}.")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a command asks of a metric, for whom, and where the answer is read."""

    office: BackOffice
    grant: Grant
    reader: Reader
    published: Published
    question: Question


def put_question(name: str, slug: str, narrowed: dict[str, str | None]) -> Asked:
    """The question of a command's options; UsageError where one makes no sense."""
    _refuse_unused(name, narrowed)
    days = {key: as_date(narrowed[key]) for key in ("as_of", "from_on", "to_on", "known_on")}
    for code in (narrowed["currency"], narrowed["reporting"]):
        if code:
            tenants.checked_currency(code)
    if days["from_on"] and days["to_on"] and days["from_on"] > days["to_on"]:
        raise UsageError("--from must not be after --to.")
    office = back_office()
    with office.store.read() as session:
        tenant = tenants.find_tenant(session, slug)
    grant = command_line_grant(tenant)
    today, known_on = today_of(grant, office.clock()), days["known_on"]
    reader = Reader(office.settings, office.store)
    published = reader.published(grant)
    if known_on:
        with office.store.read() as session:
            until = end_of(known_on, tenant.time_zone)
            rates = current_rates(session, tenant.id, recorded_before=until)
            reasons = current_reasons(session, tenant.id, recorded_before=until)
        know_past(office.settings, tenant, known_on, today, rates, reasons)
    question = asked(
        grant,
        name,
        as_of=days["as_of"] or known_on or today,
        known_on=known_on,
        from_on=days["from_on"],
        to_on=days["to_on"],
        currency=narrowed["currency"],
        customer=narrowed["customer"],
        invoice=narrowed["invoice"],
        record=narrowed["record"],
        search=narrowed["search"],
        state=narrowed["state"],
        basis=narrowed["basis"],
        edges=as_edges(narrowed["edges"]),
        grace_days=as_count(narrowed["grace_days"]),
        limit=as_count(narrowed["limit"], "rows"),
        reporting=narrowed["reporting"],
    )
    return Asked(office, grant, reader, published, question)


def _answer(
    name: str, slug: str, narrowed: dict[str, str | None]
) -> tuple[Grant, Figures, Published]:
    put = put_question(name, slug, narrowed)
    figures = put.reader.figures(put.grant, name, put.question, put.published.seq)
    return put.grant, figures, put.published
