"""`tieout user`: people who sign in to the dashboard."""

import sys

import click

from etl.commands.shared import actor, back_office, json_option, print_json, print_table
from etl.entrance import Entrance
from etl.entry import Doorway
from etl.errors import UsageError
from etl.settings import user_password
from etl.store import audit, second_factors, tenants, users
from etl.store.access import ROLES
from etl.store.embed_links import EMBED_ROLES, LONGEST_MINUTES
from etl.store.passwords import make_up
from etl.store.visits import end_visits, open_visits

__all__ = ["user"]


@click.group()
def user() -> None:
    """People who sign in, and what they may do where."""


@user.command("add")
@click.argument("email")
@click.option("--tenant", "slug", required=True, help="Where.")
@click.option("--role", required=True, help=f"One of {', '.join(ROLES)}.")
def add(email: str, slug: str, role: str) -> None:
    """Give a person a role at a tenant.

    A new person's password comes from TIEOUT_USER_PASSWORD, is asked for on a terminal, or else
    is made up and printed once.
    """
    office = back_office()
    with office.store.read() as session:
        is_new = users.find_user(session, email) is None
    password, made_up = _password() if is_new else (None, False)
    with office.store.begin() as session:
        known = tenants.find_tenant(session, slug)
        users.add_membership(
            session, email, known, role, password=password, at=office.clock(), actor=actor()
        )
    click.echo(f"{email} is {role} at {slug}.")
    if made_up:
        click.echo(f"Password (shown once): {password}")


def _password() -> tuple[str, bool]:
    given = user_password()
    if given:
        return given, False
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True)), False
    return make_up(), True


@user.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List people and their roles."""
    office = back_office()
    with office.store.read() as session:
        facts = [
            {"email": person.email, "tenant": member.tenant.slug, "role": member.role}
            for person in users.all_users(session)
            for member in person.memberships
        ]
    if as_json:
        print_json(facts)
    elif facts:
        print_table(["email", "tenant", "role"], [list(row.values()) for row in facts])
    else:
        click.echo("Nobody may sign in yet: add somebody with tieout user add.")


@user.command("remove")
@click.argument("email")
@click.option("--tenant", "slug", help="Only the role at this tenant; else the whole user.")
def remove(email: str, slug: str | None) -> None:
    """Take a role away, or the whole user."""
    office = back_office()
    with office.store.begin() as session:
        if slug:
            known = tenants.find_tenant(session, slug)
            users.remove_membership(session, email, known, at=office.clock(), actor=actor())
        else:
            users.remove_user(session, email, at=office.clock(), actor=actor())
    click.echo(f"Removed {email}{f' from {slug}' if slug else ''}.")


@user.command("password")
@click.argument("email")
def password(email: str) -> None:
    """Set a new password; it also ends a lock-out."""
    office = back_office()
    with office.store.read() as session:
        if users.find_user(session, email) is None:
            raise UsageError(f"There is no user {email}: see tieout user list.")
    new, made_up = _password()
    with office.store.begin() as session:
        users.set_password(session, email, new, at=office.clock(), actor=actor())
    click.echo(f"Set the password of {email}.")
    if made_up:
        click.echo(f"Password (shown once): {new}")


@user.command("sessions")
@click.argument("email")
@click.option("--revoke", is_flag=True, help="End them all.")
@json_option
def sessions(email: str, revoke: bool, as_json: bool) -> None:
    """Where a person is signed in, and since when; `--revoke` signs them out everywhere."""
    office = back_office()
    at = office.clock()
    with office.store.begin() as session:
        person = users.must_find(session, email)
        rows = [
            {
                "opened_at": f"{visit.opened_at:%Y-%m-%d %H:%M}",
                "used_at": f"{visit.used_at:%Y-%m-%d %H:%M}",
                "by": visit.kind,
                "device": visit.device,
            }
            for visit in open_visits(session, person.id, at=at)
        ]
        if revoke:
            facts = {"email": person.email, "sessions": end_visits(session, person.id, at=at)}
            audit.append(session, at=at, actor=actor(), what="sessions.revoked", detail=facts)
    if as_json:
        print_json(rows)
    elif rows:
        print_table(["opened (UTC)", "used", "by", "device"], [list(row.values()) for row in rows])
    else:
        click.echo(f"{person.email} is signed in nowhere.")
    if revoke:
        click.echo(f"Ended {len(rows)} sessions of {person.email}.", err=True)


@user.command("second-factor")
@click.argument("email")
@click.option("--reset", is_flag=True, help="Forget their authenticator and recovery codes.")
def second_factor(email: str, reset: bool) -> None:
    """Whether a person has a second factor; `--reset` lets them set up another."""
    office = back_office()
    with office.store.begin() as session:
        person = users.must_find(session, email)
        if reset:
            second_factors.reset(session, person, at=office.clock(), actor=actor())
        has_one = second_factors.has_second_factor(session, person.id)
        left = second_factors.codes_left(session, person.id)
    is_on = f"on, with {left} recovery codes left" if has_one else "off"
    click.echo(f"The second factor of {person.email} is {is_on}.")


@user.command("embed-link")
@click.argument("email")
@click.option("--tenant", "slug", required=True, help="Which tenant it shows.")
@click.option("--role", type=click.Choice(EMBED_ROLES), default="viewer", show_default=True)
@click.option(
    "--minutes", type=click.IntRange(1, LONGEST_MINUTES), default=LONGEST_MINUTES, show_default=True
)
def embed_link(email: str, slug: str, role: str, minutes: int) -> None:
    """A link for a frame in another system: one tenant, one role, good once and for minutes."""
    office = back_office()
    entrance = Entrance(Doorway(office.settings, office.store, office.box, office.clock))
    click.echo(entrance.make_link(email, slug, role, minutes, actor=actor()))
