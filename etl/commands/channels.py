"""`tieout notices channel`: ways beside mail, for alerts and for customers' text messages."""

import sys

import click

from etl.commands.shared import back_office, json_option, print_json, print_table
from etl.commands.suppressions import grant_of, tenant_option
from etl.errors import UsageError
from etl.mail.phone import dialled
from etl.store import channels
from etl.store.channels import PURPOSES
from etl.store.models import NoticeChannel

__all__ = ["channel"]

SHOWN = ("name", "for", "added_by", "added_at")
TITLE, BODY = (
    "Tieout: a test",
    "This is a test of {tenant}'s channel {name}. There is nothing to do.",
)


@click.group()
def channel() -> None:
    """Alerts to a chat, text messages to customers: by addresses of Apprise's kind."""


@channel.command()
@click.argument("name")
@tenant_option
@click.option("--for", "purpose", type=click.Choice(PURPOSES), required=True)
def add(name: str, slug: str, purpose: str) -> None:
    """Keep a channel; its address is asked for, or read from standard input, and sealed."""
    from etl.mail.channel import checked_channel  # noqa: PLC0415 - loading Apprise takes 0.2 s

    office = back_office()
    grant = grant_of(office, slug)
    url = _address()
    checked_channel(url, to_phones=purpose == "sms")
    with office.store.begin() as session:
        channels.add(session, grant, name, purpose, office.box.seal(url), at=office.clock())
    click.echo(f"Kept {name}: tieout notices channel test {name} --tenant {slug} tries it.")


def _address() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Address", hide_input=True)).strip()
    return sys.stdin.readline().strip()


@channel.command("list")
@tenant_option
@json_option
def list_(slug: str, as_json: bool) -> None:
    """The channels; their addresses are shown to nobody."""
    office = back_office()
    grant = grant_of(office, slug)
    with office.store.read() as session:
        found = [_facts(row) for row in channels.channels_of(session, grant.tenant_id)]
    if as_json:
        print_json(found)
    else:
        print_table(SHOWN, [[one[name] for name in SHOWN] for one in found])


def _facts(row: NoticeChannel) -> dict[str, str]:
    at = row.added_at.isoformat(timespec="seconds")
    return {"name": row.name, "for": row.purpose, "added_by": row.added_by, "added_at": at}


@channel.command()
@click.argument("name")
@tenant_option
def remove(name: str, slug: str) -> None:
    """Forget a channel; what waits to go over it is dropped."""
    office = back_office()
    grant = grant_of(office, slug)
    with office.store.begin() as session:
        channels.remove(session, grant, name, at=office.clock())
    click.echo(f"Removed {name}.")


@channel.command()
@click.argument("name")
@tenant_option
@click.option("--phone", help="Where a text message goes.")
def test(name: str, slug: str, phone: str | None) -> None:
    """Say something over a channel now."""
    from etl.mail.channel import placed, say  # noqa: PLC0415 - loading Apprise takes 0.2 s

    office = back_office()
    grant = grant_of(office, slug)
    with office.store.read() as session:
        row = channels.named(session, grant, name)
    number = _number(row, phone)
    body = BODY.format(tenant=grant.tenant_name, name=name)
    say(placed(office.box.open(row.sealed), number), TITLE, body, name=name)
    click.echo(f"The channel {name} took it.")


def _number(row: NoticeChannel, phone: str | None) -> str:
    number = dialled(phone or "") if row.purpose == "sms" else ""
    if number is None:
        raise UsageError("Say where the text message goes: --phone +12085550100.")
    return number
