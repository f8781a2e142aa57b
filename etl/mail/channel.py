"""Saying something over a channel: a text message or a chat, by an address of Apprise's kind.

The address is a secret, since it holds a service's keys: it is in no sentence and in no log.
"""

import logging
import re
from collections.abc import Callable, Collection
from urllib.parse import quote, urlsplit

from apprise import Apprise, AppriseAsset, NotifyBase
from apprise.common import NotifyFormat, PersistentStoreMode

from etl.errors import DeliveryError, MailLostError, MailRefusedError, UsageError
from etl.settings import LOOPBACK

__all__ = ["PHONE", "checked_channel", "placed", "say"]

PHONE = "{phone}"
TIMEOUT_S = 30
LONGEST_URL = 2000
# What it logs names addresses: it is looked at below, and goes nowhere else.
_SAID = logging.getLogger("apprise")
_SAID.setLevel(logging.DEBUG)
_SAID.propagate = False
_SAID.addHandler(logging.NullHandler())
logging.getLogger("urllib3").setLevel(logging.ERROR)  # it logs paths, which hold keys
# What surely was not taken: nobody was there to take it.
NEVER_REACHED = re.compile(
    r"NewConnectionError|NameResolutionError|ConnectTimeout|SSLCertVerificationError"
)
ANSWERED = re.compile(r"\berror\s*=\s*(\d{3})\b")
COMES_AGAIN = (408, 425, 429)
OURS = AppriseAsset(storage_mode=PersistentStoreMode.MEMORY, app_id="Tieout", app_desc="Tieout")


def checked_channel(url: str, *, to_phones: bool) -> None:
    """UsageError with one sentence for an address that must not, or cannot, be used."""
    if len(url) > LONGEST_URL or url.count(PHONE) != to_phones:
        raise UsageError(
            f"The address of a channel for text messages has {PHONE} once, where the number goes."
            if to_phones
            else f"The address of a channel for alerts is a whole one, without {PHONE}."
        )
    service = _service(placed(url, "+12085550100"))
    if service is None:
        raise UsageError("This is no address that Apprise knows: see its list of services.")
    if not _is_private(service, url):
        raise UsageError(
            "This address does not go out encrypted: give the form that does, such as jsons:// "
            "for json://, and keep its certificate checked."
        )
    if len(service) != 1:  # of which some may fail, or a retry tell it twice
        raise UsageError("The address of a channel names one place alone, and no retry.")


def placed(url: str, phone: str) -> str:
    """The address with a number in its place."""
    return url.replace(PHONE, quote(phone.removeprefix("+"), safe=""))


def _service(url: str) -> NotifyBase | None:
    try:
        return Apprise.instantiate(url, asset=OURS)
    except Exception:  # noqa: BLE001 - whatever it stumbles over, it is no address
        return None


def _is_private(service: NotifyBase, url: str) -> bool:
    """Whether nothing leaves this machine in the clear, nor for whoever says they are it."""
    parts = urlsplit(url)
    if parts.scheme.lower() in _names(service.secure_protocol):
        return bool(service.verify_certificate)
    # What only knows this very machine, such as its own log, tells nobody anything.
    return bool(service.secure_protocol) and parts.hostname in LOOPBACK


def _names(protocol: str | Collection[str] | None) -> Collection[str]:
    return (protocol,) if isinstance(protocol, str) else protocol or ()


def say(
    url: str, title: str, body: str, *, name: str, about_to: Callable[[], None] = lambda: None
) -> None:
    """Says it once over the channel `name`; `about_to` is called when only that is left to do.

    DeliveryError where it surely did not go; MailRefusedError where it never will;
    MailLostError where the service may have taken it.
    """
    service = _service(url)
    if service is None:
        raise DeliveryError(f"The channel {name} cannot be used: add it anew.")
    service.socket_connect_timeout = service.socket_read_timeout = TIMEOUT_S
    world, heard = Apprise(asset=OURS), list[str]()
    world.add(service)
    about_to()
    is_taken = world.notify(
        body=body,
        title=title,
        body_format=NotifyFormat.TEXT,  # names of BILL's users mark up nothing
        log_callback=lambda entry, _service: heard.append(entry.message),
        log_level=logging.DEBUG,
    )
    if not is_taken:
        raise _trouble(name, "\n".join(heard))


def _trouble(name: str, heard: str) -> DeliveryError:
    if NEVER_REACHED.search(heard):
        return DeliveryError(f"The channel {name} cannot be reached: it is tried again.")
    answer = ANSWERED.search(heard)
    status = int(answer[1]) if answer else 0
    if status in COMES_AGAIN:
        return DeliveryError(f"The channel {name} did not take it ({status}): it is tried again.")
    if 300 <= status < 500:
        return MailRefusedError(f"The channel {name} refuses it ({status}): look at its service.")
    return MailLostError(
        f"The channel {name} may have taken it, but did not say so ({status or 'no answer'}): look "
        "at its service before sending it again."
    )
