"""The way to BILL, looked at without calling it: its name, its host, its certificate."""

import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from billcom.environment import Environment
from billcom.errors import UnreachableError, UntrustedHostError

__all__ = ["Reach", "goes_through_proxy", "reach"]

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Reach:
    """How a host was found: its addresses, the seconds that took its name and its connection.

    `certificate_until` is None where plain HTTP is spoken.
    """

    addresses: tuple[str, ...]
    named_s: float
    connected_s: float
    certificate_until: datetime | None


def goes_through_proxy(environment: Environment) -> bool:
    """Whether calls go through a proxy of this machine's environment, as the client's would."""
    parts = urlsplit(environment.base_url)
    if environment.is_loopback or proxy_bypass(parts.hostname or ""):
        return False
    return bool({parts.scheme, "all"} & getproxies().keys())


def reach(
    environment: Environment, timeout_s: float = 5.0, context: ssl.SSLContext | None = None
) -> Reach:
    """Finds the host and looks at its certificate; nothing is asked of it.

    `context`: whom to trust, by default whom the client trusts. Raises UnreachableError and
    UntrustedHostError.
    """
    parts = urlsplit(environment.base_url)
    is_tls = parts.scheme == "https"
    host, port = parts.hostname or "", parts.port or (443 if is_tls else 80)
    started = time.perf_counter()
    addresses = _addresses(host, port, timeout_s)
    named = time.perf_counter()
    until = None
    try:
        with socket.create_connection((host, port), timeout_s) as connection:
            if is_tls:
                context = context or httpx.create_ssl_context(trust_env=not environment.is_loopback)
                until = _certificate_until(connection, host, context)
    except ssl.SSLCertVerificationError as error:
        raise UntrustedHostError(
            f"{host} does not prove that it is BILL ({error.verify_message}). Nothing was sent."
        ) from None
    except ssl.SSLError as error:
        raise UntrustedHostError(
            f"{host} does not speak TLS as BILL does ({error.reason}). Nothing was sent."
        ) from None
    except OSError as error:
        reason = "no answer in time" if isinstance(error, TimeoutError) else error.strerror
        raise UnreachableError(f"{host} does not take a connection ({reason}).") from None
    return Reach(addresses, named - started, time.perf_counter() - named, until)


def _addresses(host: str, port: int, timeout_s: float) -> tuple[str, ...]:
    try:
        found = _within(timeout_s, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    except (OSError, UnicodeError):
        raise UnreachableError(f"No name server knows an address of {host}.") from None
    except queue.Empty:
        raise UnreachableError(
            f"No name server answered for {host} within {timeout_s:.0f} seconds."
        ) from None
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))


def _within(timeout_s: float, ask: Callable[[], Result]) -> Result:
    """What `ask` answers; queue.Empty where it takes too long: asking for a name has no limit."""
    answers: queue.Queue[Any] = queue.Queue()

    def work() -> None:
        try:
            answers.put((ask(), None))
        except (OSError, UnicodeError) as error:
            answers.put((None, error))

    threading.Thread(target=work, daemon=True).start()
    answer, error = answers.get(timeout=timeout_s)
    if error:
        raise error
    result: Result = answer
    return result


def _certificate_until(
    connection: socket.socket, host: str, context: ssl.SSLContext
) -> datetime | None:
    with context.wrap_socket(connection, server_hostname=host) as secured:
        certificate = secured.getpeercert()
    ends = certificate.get("notAfter") if certificate else None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(ends)), UTC) if ends else None
