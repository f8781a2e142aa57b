"""Webhook subscriptions: who wants to hear of what, and where."""

import secrets
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from billcom.sandbox.clock import timestamp
from billcom.sandbox.errors import (
    InvalidRequestError,
    SubscriptionRefusedError,
    UnknownRecordError,
)
from billcom.sandbox.events import CATALOG, VERSION
from billcom.sandbox.fields import Fields
from billcom.sandbox.wire import Record

MOST_SUBSCRIPTIONS = 10
_REPLAY_FOR = timedelta(hours=24)


@dataclass(frozen=True)
class Subscription:
    """One subscription of one organization."""

    id: str
    organization_id: str
    security_key: str
    created_at: datetime
    updated_at: datetime
    name: str
    is_enabled: bool
    events: frozenset[str]
    url: str

    def wants(self, event_type: str) -> bool:
        """Whether it is to be told of such an event now."""
        return self.is_enabled and event_type in self.events

    def record(self) -> Record:
        """As the API shows it, without its key."""
        return {
            "id": self.id,
            "name": self.name,
            "organizationId": self.organization_id,
            "status": {"enabled": self.is_enabled},
            "events": [{"type": kind, "version": VERSION} for kind in sorted(self.events)],
            "notificationUrl": self.url,
            "createdTime": timestamp(self.created_at),
            "updatedTime": timestamp(self.updated_at),
        }


class Subscriptions(Mapping[str, Subscription]):
    """All organizations' subscriptions by id; whoever calls holds the webhooks' lock."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        """None yet."""
        self._now = now
        self._rows: dict[str, Subscription] = {}

    def __getitem__(self, subscription_id: str) -> Subscription:
        return self._rows[subscription_id]

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._rows))

    def __len__(self) -> int:
        return len(self._rows)

    def of(self, organization_id: str) -> list[Subscription]:
        """An organization's, oldest first."""
        return [s for s in self._rows.values() if s.organization_id == organization_id]

    def find(self, organization_id: str, subscription_id: str) -> Subscription:
        """One of an organization's; raises UnknownRecordError."""
        found = self._rows.get(subscription_id)
        if found is None or found.organization_id != organization_id:
            raise UnknownRecordError("subscription", subscription_id)
        return found

    def add(self, organization_id: str, body: object) -> Subscription:
        """A new one; raises InvalidRequestError or SubscriptionRefusedError."""
        now = self._now()
        made = Subscription(
            id=str(uuid.uuid4()),
            organization_id=organization_id,
            security_key=secrets.token_urlsafe(32),
            created_at=now,
            updated_at=now,
            name="",
            is_enabled=True,
            events=frozenset(),
            url="",
        )
        made = _read(made, body, whole=True)
        if len(self.of(organization_id)) >= MOST_SUBSCRIPTIONS:
            raise SubscriptionRefusedError(
                f"An organization has at most {MOST_SUBSCRIPTIONS} subscriptions."
            )
        return self._put(made)

    def change(self, subscription: Subscription, body: object, *, whole: bool) -> Subscription:
        """With PUT's whole body, or with the part of it that PATCH takes."""
        return self._put(_read(subscription, body, whole=whole))

    def renew_key(self, subscription: Subscription) -> Subscription:
        """With another security key."""
        return self._put(replace(subscription, security_key=secrets.token_urlsafe(32)))

    def disable(self, subscription_id: str) -> None:
        """Nothing is sent until the owner enables it again."""
        if subscription_id in self._rows:
            self._put(replace(self._rows[subscription_id], is_enabled=False))

    def remove(self, subscription: Subscription) -> None:
        """There never was one."""
        del self._rows[subscription.id]

    def _put(self, changed: Subscription) -> Subscription:
        for other in self.of(changed.organization_id):
            if other.id != changed.id and (other.events, other.url) == (
                changed.events,
                changed.url,
            ):
                raise SubscriptionRefusedError(
                    "There is a subscription with these events and this notificationUrl."
                )
        stored = replace(changed, updated_at=self._now())
        self._rows[stored.id] = stored
        return stored


class Replays:
    """Answers to requests with an idempotent key, given again for the same key within a day."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        """None yet."""
        self._now = now
        self._answers: dict[tuple[str, ...], tuple[datetime, Record]] = {}

    def answer(self, place: tuple[str, ...], key: str | None, act: Callable[[], Record]) -> Record:
        """What `act` returns, or returned for this key; only success is kept. Raises
        InvalidRequestError for a key that is no UUID4.
        """
        name = (*place, _uuid4(key))
        at, known = self._answers.get(name, (None, None))
        if at is not None and known is not None and self._now() - at < _REPLAY_FOR:
            return known
        made = act()
        self._answers[name] = (self._now(), made)
        return made


def _uuid4(text: str | None) -> str:
    try:
        found = uuid.UUID(text or "")
    except ValueError:
        found = None
    if found is None or found.version != 4:
        raise InvalidRequestError(["X-Idempotent-Key: must be a UUID4"])
    return str(found)


def _read(subscription: Subscription, body: object, *, whole: bool) -> Subscription:
    fields = Fields(body)
    name = fields.text("name", required=whole or fields.has("name"))
    status = fields.child("status")
    enabled = status.flag("enabled") if status else None
    url = fields.text("notificationUrl", required=whole or fields.has("notificationUrl"))
    if url is not None and not _is_fit(url):
        fields.problem("notificationUrl", "must be an HTTPS URL")
    events = _read_events(fields) if whole else subscription.events
    fields.check()
    return replace(
        subscription,
        name=name or subscription.name,
        is_enabled=subscription.is_enabled if enabled is None else enabled,
        events=events,
        url=url or subscription.url,
    )


def _read_events(fields: Fields) -> frozenset[str]:
    found = []
    for event in fields.children("events", required=True):
        found.append(event.choice("type", CATALOG, required=True) or "")
        if str(event.raw("version")) != VERSION:
            event.problem("version", f"must be {VERSION}")
    return frozenset(found)


def _is_fit(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and (parts.scheme == "https" or _is_local(parts))
    except ValueError:
        return False


def _is_local(parts: SplitResult) -> bool:
    # BILL wants HTTPS; on this machine a certificate would prove nothing.
    host = parts.hostname or ""
    if parts.scheme != "http":
        return False
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
