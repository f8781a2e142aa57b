"""The webhooks of a sandbox: changes of invoices become events, events become deliveries."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from billcom.sandbox.changes import Change
from billcom.sandbox.deliveries import Courier, Delivery, Desk, Pace
from billcom.sandbox.errors import UnknownRecordError
from billcom.sandbox.events import Event, event_type, invoice_event
from billcom.sandbox.faults import Faults
from billcom.sandbox.knobs import Knobs
from billcom.sandbox.subscriptions import Replays, Subscription, Subscriptions
from billcom.sandbox.wire import Record
from billcom.sandbox.world import World

HISTORY = timedelta(days=180)


class Webhooks:
    """Subscriptions, the history of their events, and the courier. Any thread may call."""

    def __init__(self, world: World, *, faults: Faults, pace: Pace) -> None:
        """Watch the world with `watching`."""
        self._world = world
        self._lock = threading.RLock()
        self._events: dict[str, Event] = {}
        self._statuses: dict[str, int | None] = {}
        self.subscriptions = Subscriptions(self._now)
        self.replays = Replays(self._now)
        desk = Desk(
            subscription=self.subscriptions.get,
            disable=self._disable,
            noted=self._note,
            now=self._now,
            knobs=lambda: self.knobs,
        )
        self.courier = Courier(desk, faults=faults, pace=pace)

    @property
    def knobs(self) -> Knobs:
        """How the world behaves now."""
        return self._world.knobs

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """Every try so far, oldest first."""
        return tuple(self.courier.deliveries)

    def wait_until_drained(self, timeout_s: float = 10.0) -> None:
        """Wait until every event has been taken or given up; raises TimeoutError."""
        self.courier.wait_until_drained(timeout_s)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Hear of every change in the world's books while the block runs."""
        tenants = self._world.tenants
        for tenant in tenants:
            tenant.book.lock.listener = self._listener(tenant.credentials.organization_id)
        try:
            yield
        finally:
            for tenant in tenants:
                tenant.book.lock.listener = None
            self.courier.stop()

    @contextmanager
    def locked(self) -> Iterator[Subscriptions]:
        """The subscriptions, to one caller at a time."""
        with self._lock:
            yield self.subscriptions

    def history(self, subscription_id: str, entity_id: str | None) -> list[Record]:
        """A subscription's events as the API lists them, oldest first, none older than 180 days."""
        since = self._now() - HISTORY
        with self._lock:
            return [
                self.event_record(event)
                for event in self._events.values()
                if event.subscription_id == subscription_id
                and event.created_at >= since
                and entity_id in (None, event.entity_id)
            ]

    def event(self, subscription_id: str, event_id: str) -> Event:
        """One event of a subscription; raises UnknownRecordError."""
        found = self._events.get(event_id)
        if found is None or found.subscription_id != subscription_id:
            raise UnknownRecordError("event", event_id)
        return found

    def event_record(self, event: Event) -> Record:
        """An event as the API shows it, with what the receiver answered last."""
        return event.record(self._statuses.get(event.id))

    def happened(self, kind: str, invoice: Record, subscription: Subscription) -> Event:
        """A new event for one subscription, in its history and not yet sent."""
        event = invoice_event(
            kind,
            invoice,
            place=(subscription.organization_id, subscription.id),
            now=self._now(),
            knobs=self.knobs,
        )
        with self._lock:
            self._events[event.id] = event
        return event

    def _listener(self, organization_id: str) -> Callable[[Change], None]:
        return lambda change: self._tell(organization_id, change)

    def _tell(self, organization_id: str, change: Change) -> None:
        kind = event_type(change, self.knobs)
        if kind is None:
            return
        with self._lock:
            for subscription in self.subscriptions.of(organization_id):
                if subscription.wants(kind):
                    self.courier.deliver(self.happened(kind, change.after, subscription))

    def _disable(self, subscription_id: str) -> None:
        with self._lock:
            self.subscriptions.disable(subscription_id)

    def _note(self, delivery: Delivery) -> None:
        with self._lock:
            self._statuses[delivery.event_id] = delivery.status

    def _now(self) -> datetime:
        return self._world.clock()
