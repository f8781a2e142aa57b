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
PRODUCTION_HOST = urlsplit(GATEWAYS[World.PRODUCTION]).hostname


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

    Plain HTTP is refused except to this machine, so that no key crosses a network unencrypted;
    so is the address of the other world. Raises ConfigurationError with a sentence.
    """
    try:
        chosen = World(world)
    except ValueError:
        raise ConfigurationError(
            f"There is no environment “{world}”: choose sandbox or production."
        ) from None
    if not base_url:
        return Environment(chosen, GATEWAYS[chosen])
    environment = Environment(chosen, _checked(base_url))
    _refuse_other_world(environment)
    return environment


def _refuse_other_world(environment: Environment) -> None:
    """What is called production goes to BILL's production or to this machine, and only that."""
    parts = urlsplit(environment.base_url)
    host = (parts.hostname or "").rstrip(".")
    is_gateway = host == PRODUCTION_HOST
    if environment.world is World.SANDBOX and is_gateway:
        raise ConfigurationError(
            f"{host} is BILL's production: say --environment production, or leave the address out."
        )
    if environment.world is World.PRODUCTION and not (is_gateway or environment.is_loopback):
        raise ConfigurationError(
            f"{host} is not BILL's production: leave the address out, or say --environment sandbox."
        )


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
