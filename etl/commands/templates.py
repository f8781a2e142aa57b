"""`tieout notices template`: a tenant's own words for its letters."""

from pathlib import Path

import click

from etl.commands.fleet_shared import text_of
from etl.commands.shared import back_office, json_option, print_json
from etl.commands.suppressions import grant_of, tenant_option
from etl.notices.own_words import OwnWords, checked, split, usual
from etl.reading import today_of
from etl.store import letter_words
from etl.store.letters import KINDS

__all__ = ["template"]

kind_argument = click.argument("kind", type=click.Choice(KINDS))


@click.group()
def template() -> None:
    """A tenant's own words for its letters to customers."""


@template.command()
@kind_argument
@tenant_option
@json_option
def show(kind: str, slug: str, as_json: bool) -> None:
    """The words that are used, as a file for `set` has them: the first line is the subject."""
    office = back_office()
    grant = grant_of(office, slug)
    with office.store.read() as session:
        row = letter_words.current(session, grant.tenant_id, kind)
    words = OwnWords(row.subject, row.text) if row else usual(kind)
    if as_json:
        facts = {
            "kind": kind,
            "subject": words.subject,
            "text": words.text,
            "version": row.version if row else None,
            "set_by": row.set_by if row else None,
            "set_at": row.set_at.isoformat(timespec="seconds") if row else None,
        }
        print_json(facts)
    else:
        click.echo(f"{words.subject}\n\n{words.text}", nl=False)


@template.command("set")
@kind_argument
@click.argument("file", type=click.Path(path_type=Path))
@tenant_option
def set_(kind: str, file: Path, slug: str) -> None:
    """Use a file's words from now on, if they work; the foot of a letter is added to them."""
    office = back_office()
    grant = grant_of(office, slug)
    words = checked(grant, kind, split(text_of(file)), today_of(grant, office.clock()))
    with office.store.begin() as session:
        version = letter_words.keep(
            session, grant, kind, words.subject, words.text, at=office.clock()
        )
    click.echo(f"Kept as version {version}: tieout notices preview --tenant {slug} shows letters.")


@template.command()
@kind_argument
@tenant_option
def reset(kind: str, slug: str) -> None:
    """Use Tieout's own words again; the versions there were are kept."""
    office = back_office()
    grant = grant_of(office, slug)
    with office.store.begin() as session:
        letter_words.reset(session, grant, kind, at=office.clock())
    click.echo(f"The words of {kind} are Tieout's own again.")
