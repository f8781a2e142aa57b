"""`tieout explain`: where a figure comes from, and a pack that proves it."""

from pathlib import Path

import click

from etl.commands.data import Asked, put_question, question_options
from etl.commands.explanation_text import told
from etl.commands.shared import back_office, json_option, print_json, write_whole
from etl.errors import UsageError
from etl.evidence.document import as_document
from etl.evidence.taking import take
from etl.evidence.verification import verify
from etl.explanations.explanation import Narrowing
from etl.metrics.catalogue import find_metric
from etl.metrics.days_given import as_count
from etl.reading import Reader

__all__ = ["explain"]

LISTED = 20


def _verify(context: click.Context, _option: click.Parameter, path: Path | None) -> None:
    if path is None or context.resilient_parsing:
        return
    office = back_office()
    verdict = verify(path, Reader(office.settings, office.store), office.store)
    for sentence in verdict.sentences():
        click.echo(sentence)
    context.exit(0 if verdict.holds else 1)


@click.command()
@click.argument("name", metavar="METRIC")
@question_options
@click.option("--row", "rows", multiple=True, help="Only rows with this cell: column=text.")
@click.option("--column", help="Only what makes this column.")
@click.option("--pack", type=click.Path(path_type=Path), help="Write a zip that proves it.")
@click.option(
    "--verify",
    type=click.Path(path_type=Path),
    is_eager=True,
    expose_value=False,
    callback=_verify,
    help="Say whether such a zip is whole and still true; needs nothing else.",
)
@json_option
def explain(
    name: str,
    slug: str,
    rows: tuple[str, ...],
    column: str | None,
    pack: Path | None,
    as_json: bool,
    **narrowed: str | None,
) -> None:
    """Where a figure comes from: formula, inputs, what is left out and why, age of the data.

    The tables show the 20 largest, or --limit; --json and --pack hold all.
    """
    find_metric(name)
    narrowing = Narrowing(tuple(map(_cell, rows)), column)
    listed = as_count(narrowed["limit"], "rows") or LISTED
    put = put_question(name, slug, narrowed | {"limit": None})
    if pack:
        _write_pack(put, name, narrowing, pack)
        return
    seq = put.published.seq
    most = None if as_json else listed
    found = put.reader.explanation(put.grant, name, put.question, seq, narrowing, most)
    if as_json:
        document = as_document(put.grant, found, put.published, with_lists=True)
        read_at = put.published.read_at.isoformat(timespec="seconds")
        print_json(document | {"bill_read_at": read_at})
        return
    for line in told(found, put.published):
        click.echo(line)


def _cell(given: str) -> tuple[str, str]:
    name, sign, text = given.partition("=")
    if not sign or not name:
        raise UsageError(f"“{given}” names no cell: give --row as column=text.")
    return name, text


def _write_pack(put: Asked, name: str, narrowing: Narrowing, path: Path) -> None:
    office = put.office
    taken = take(
        put.reader,
        office.store,
        put.grant,
        name,
        put.question,
        put.published.seq,
        narrowing,
        office.clock,
    )
    write_whole(path, taken.content)
    click.echo(f"Wrote the evidence to {path}.", err=True)
