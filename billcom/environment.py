"""Where BILL is: its sandbox, its production, or a loopback address standing in."""

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import urlsplit

from billcom.errors import ConfigurationError
from billcom.protocol import Host

__all__ = ["Environment", "World", "resolve"]


class World(StrEnum):
    """BILL's two worlds; they share no data, no user and no key."""

    SANDBOX = "sandbox"
    PRODUCTION = "production"


# https://developer.bill.com/docs/whats-different-in-v3
GATEWAYS = {
    World.SANDBOX: "https://gateway.stage.bill.com/connect",
    World.PRODUCTION: "https://gateway.prod.bill.com/connect",
}


@dataclass(frozen=True, slots=True)
class Environment:
    """A world and the address up to and including `/connect`."""

    world: World
    base_url: str

    def address_of(self, host: Host) -> str:
        """The address of one of BILL's services; the webhooks' stands beside the records'."""
        return self.base_url.removesuffix(Host.CONNECT.value) + host.value

    @property
    def is_loopback(self) -> bool:
        """Whether that is this very machine."""
        return _is_loopback(urlsplit(self.base_url).hostname or "")


def resolve(world: str, base_url: str | None = None) -> Environment:
    """The environment of a world's name, at `base_url` where one is given.

    Plain HTTP is refused except to this machine, so that no key crosses a network unencrypted.
    Raises ConfigurationError with a sentence.
    """
    try:
        chosen = World(world)
    except ValueError:
        raise ConfigurationError(
            f"There is no environment “{world}”: choose sandbox or production."
        ) from None
    return Environment(chosen, _checked(base_url) if base_url else GATEWAYS[chosen])


def _checked(base_url: str) -> str:
    try:
        parts = urlsplit(base_url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        host = None
    if host is None or parts.scheme not in {"http", "https"}:
        raise ConfigurationError(
            f"“{base_url}” is not an address: give it as https://host/connect."
        )
    if parts.username or parts.query or parts.fragment:
        raise ConfigurationError(
            "The address of BILL may hold no user, query or fragment: give it as "
            "https://host/connect."
        )
    if parts.scheme == "http" and not _is_loopback(host):
        raise ConfigurationError(
            f"Plain HTTP to {host} would send the credentials unencrypted: use https."
        )
    return base_url.rstrip("/")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
