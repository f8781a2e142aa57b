"""What several commands of FleetFlow need."""

from pathlib import Path

import click

from etl.back_office import BackOffice
from etl.commands.shared import actor
from etl.errors import UsageError
from etl.store import fleet_links
from etl.store.access import Grant, command_line_grant
from etl.store.models import FleetLink
from etl.store.tenants import find_tenant

__all__ = ["link_of", "tenant_option", "text_of"]

tenant_option = click.option("--tenant", "slug", required=True, help="Whose FleetFlow.")


def text_of(file: Path) -> str:
    """A file's text; UsageError where it cannot be read."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{file} is not UTF-8 text.") from None


def link_of(office: BackOffice, slug: str) -> tuple[Grant, FleetLink]:
    """A tenant's link, and the command line's grant; UsageError where it has none."""
    with office.store.read() as session:
        grant = command_line_grant(find_tenant(session, slug), actor())
        return grant, fleet_links.link_of(session, grant)
