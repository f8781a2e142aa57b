"""The tenants a sandbox serves, each a book and the invented credentials that open it."""

from collections.abc import Iterable
from dataclasses import dataclass

from billcom.sandbox import organizations, users
from billcom.sandbox.book import Book
from billcom.sandbox.clock import Clock
from billcom.sandbox.ids import Ids, dice
from billcom.sandbox.knobs import Knobs


@dataclass(frozen=True)
class Credentials:
    """What it takes to log in to one organization. Nothing here is a secret."""

    name: str
    organization_id: str
    developer_key: str
    username: str
    password: str
    sync_token_name: str | None = None
    sync_token_value: str | None = None


@dataclass(frozen=True)
class Tenant:
    """One organization."""

    credentials: Credentials
    book: Book


def empty_tenant(key: str, name: str, clock: Clock, seed: int = 0) -> Tenant:
    """A tenant with nothing in its book. Its ids follow from `seed` and `key`."""
    # Ids come from a generator of their own: whatever else is drawn, they stay the same.
    ids = Ids(dice(f"{seed} {key} ids"))
    credentials = _invented(key, name, ids.new("008"))
    book = Book(clock, ids)
    organizations.found(book, credentials.organization_id, name)
    users.found(book, credentials.username)
    return Tenant(credentials, book)


class World:
    """All tenants, sharing one clock."""

    def __init__(self, tenants: Iterable[Tenant], clock: Clock) -> None:
        """Every tenant's book follows `clock` from now on."""
        self.tenants = tuple(tenants)
        self.use_clock(clock)
        self.use_knobs(Knobs())

    def use_clock(self, clock: Clock) -> None:
        """Let every book take its time from `clock`."""
        self.clock = clock
        for tenant in self.tenants:
            tenant.book.clock = clock

    def use_knobs(self, knobs: Knobs) -> None:
        """Let every book, and the server, behave by `knobs` from now on."""
        self.knobs = knobs
        for tenant in self.tenants:
            tenant.book.knobs = knobs

    def tenant(self, name_or_organization_id: str) -> Tenant:
        """The tenant of this name or organization id; raises KeyError."""
        for tenant in self.tenants:
            given = tenant.credentials
            if name_or_organization_id in (given.name, given.organization_id):
                return tenant
        raise KeyError(name_or_organization_id)


def _invented(key: str, name: str, organization_id: str) -> Credentials:
    # Nobody could take these for real ones.
    return Credentials(
        name=name,
        organization_id=organization_id,
        developer_key=f"sandbox-devkey-{key}",
        username=f"desk@{key}.example",
        password=f"not-a-secret-{key}",
        sync_token_name=f"sync-token-{key}",
        sync_token_value=f"not-a-secret-token-{key}",
    )
