"""Events on their way: posted, tried again, given up. A thread with an event loop of its own."""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from billcom.sandbox.events import Event, sign
from billcom.sandbox.faults import Fault, Faults
from billcom.sandbox.knobs import Knobs
from billcom.sandbox.subscriptions import Subscription

SIGNATURE = "x-bill-sha-signature"
_RETRIES_AFTER_S = (2, 4, 8, 16)
_HELD_AT_MOST_S = 30.0
_KEPT = 100_000
_AT_ONCE = 16


@dataclass(frozen=True)
class Pace:
    """How patient deliveries are: waits between tries are divided by `speed`."""

    speed: float = 1.0
    timeout_s: float = 10.0


BILLS_PACE = Pace()


@dataclass(frozen=True)
class Delivery:
    """One try. `status` is None where no answer came in time; `fault` what was done to it."""

    event_id: str
    event_type: str
    subscription_id: str
    url: str
    body: bytes
    signature: str
    attempt: int
    status: int | None
    at: datetime
    fault: str | None = None

    @property
    def is_accepted(self) -> bool:
        """Only 200 counts."""
        return self.status == 200


class Desk:
    """What the courier asks and tells the webhooks it works for."""

    def __init__(
        self,
        *,
        subscription: Callable[[str], Subscription | None],
        disable: Callable[[str], None],
        noted: Callable[[Delivery], None],
        now: Callable[[], datetime],
        knobs: Callable[[], Knobs],
    ) -> None:
        """Each a function of the webhooks; `subscription` gives None for one that is gone."""
        self.subscription = subscription
        self.disable = disable
        self.noted = noted
        self.now = now
        self.knobs = knobs


class Courier:
    """Delivers events until it is stopped; any thread may hand them over."""

    def __init__(self, desk: Desk, *, faults: Faults, pace: Pace) -> None:
        """Nothing runs before the first event, so a sandbox without webhooks costs nothing."""
        self._desk = desk
        self._faults = faults
        self._pace = pace
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._under_way = 0
        self._idle = threading.Condition()
        self._held: dict[str, asyncio.Event] = {}
        self.deliveries: deque[Delivery] = deque(maxlen=_KEPT)

    def deliver(self, event: Event) -> None:
        """Send an event, with all the patience there is for it."""
        self._submit(self._see_through(event))

    async def deliver_once(self, event: Event) -> int | None:
        """Send an event one time; returns what the receiver answered."""
        future = self._submit(self._try(event, 1))
        delivery: Delivery = await asyncio.wrap_future(future)
        return delivery.status

    def wait_until_drained(self, timeout_s: float) -> None:
        """Wait until nothing is on its way; raises TimeoutError."""
        deadline = time.monotonic() + timeout_s
        with self._idle:
            while self._under_way:
                if not self._idle.wait(max(0.0, deadline - time.monotonic())):
                    raise TimeoutError(f"{self._under_way} webhook events are still on their way.")

    def stop(self) -> None:
        """Drop whatever is on its way."""
        with self._starting:
            if self._loop is None or self._thread is None:
                return
            asyncio.run_coroutine_threadsafe(self._wind_up(), self._loop).result(timeout=5)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(timeout=5)
            self._loop.close()
            self._loop = self._thread = None

    def _submit(self, work: Coroutine[Any, Any, Any]) -> "Future[Any]":
        with self._idle:
            self._under_way += 1
        future = asyncio.run_coroutine_threadsafe(work, self._running())
        future.add_done_callback(self._one_less)
        return future

    def _one_less(self, _future: "Future[Any]") -> None:
        with self._idle:
            self._under_way -= 1
            self._idle.notify_all()

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._starting:
            if self._loop is None:
                self._loop = loop = asyncio.new_event_loop()
                # Whose certificate it is does not matter to a pretend BILL.
                self._client = httpx.AsyncClient(timeout=self._pace.timeout_s, verify=False)  # noqa: S501
                self._room = asyncio.Semaphore(_AT_ONCE)
                self._thread = threading.Thread(
                    target=loop.run_forever, name="webhooks", daemon=True
                )
                self._thread.start()
            return self._loop

    async def _wind_up(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._client.aclose()

    async def _see_through(self, event: Event) -> None:
        faults = {fault.kind: fault for fault in self._faults.draw_webhook(event.type)}
        if "webhook_drop" in faults:
            return
        if "webhook_delay" in faults:
            await asyncio.sleep(faults["webhook_delay"].delay_s)
        if "webhook_reorder" in faults and event.subscription_id not in self._held:
            await self._let_pass(event.subscription_id)
        if await self._first_tries(event, faults):
            return
        if not await self._dead_letter(event):
            self._desk.disable(event.subscription_id)

    async def _first_tries(self, event: Event, faults: dict[str, Fault]) -> bool:
        """Whether the event was taken, or nobody wants it any more."""
        forged = "webhook_forge" in faults
        done = await self._try(event, 1, is_forged=forged)
        if "webhook_duplicate" in faults:
            await self._try(event, 1, fault="webhook_duplicate")
        self._let_go(event.subscription_id)
        for attempt, after_s in enumerate(_RETRIES_AFTER_S, start=2):
            if done.is_accepted or not self._is_wanted(event):
                return True
            await asyncio.sleep(after_s / self._pace.speed)
            if self._is_wanted(event):
                done = await self._try(event, attempt)
        return done.is_accepted

    async def _dead_letter(self, event: Event) -> bool:
        first = 2 + len(_RETRIES_AFTER_S)
        for attempt in range(first, first + self._desk.knobs().webhook_dead_letter_tries):
            await asyncio.sleep(self._desk.knobs().webhook_dead_letter_s / self._pace.speed)
            if not self._is_wanted(event) or (await self._try(event, attempt)).is_accepted:
                return True
        return False

    def _is_wanted(self, event: Event) -> bool:
        subscription = self._desk.subscription(event.subscription_id)
        return subscription is not None and subscription.is_enabled

    async def _let_pass(self, subscription_id: str) -> None:
        """Wait until another event of the subscription has been sent, or long enough."""
        passed = self._held[subscription_id] = asyncio.Event()
        try:
            async with asyncio.timeout(_HELD_AT_MOST_S / self._pace.speed):
                await passed.wait()
        except TimeoutError:
            pass

    def _let_go(self, subscription_id: str) -> None:
        held = self._held.pop(subscription_id, None)
        if held is not None:
            held.set()

    async def _try(
        self, event: Event, attempt: int, *, is_forged: bool = False, fault: str | None = None
    ) -> Delivery:
        subscription = self._desk.subscription(event.subscription_id)
        url, key = (subscription.url, subscription.security_key) if subscription else ("", "")
        signature = sign(f"not {key}" if is_forged else key, event.body)
        status = await self._post(url, event.body, signature) if subscription else None
        delivery = Delivery(
            event_id=event.id,
            event_type=event.type,
            subscription_id=event.subscription_id,
            url=url,
            body=event.body,
            signature=signature,
            attempt=attempt,
            status=status,
            at=self._desk.now(),
            fault="webhook_forge" if is_forged else fault,
        )
        self.deliveries.append(delivery)
        self._desk.noted(delivery)
        return delivery

    async def _post(self, url: str, body: bytes, signature: str) -> int | None:
        headers = {"content-type": "application/json", SIGNATURE: signature}
        try:
            # httpx limits each wait; a receiver that drips would stretch them for ever.
            async with self._room, asyncio.timeout(self._pace.timeout_s):
                return (await self._client.post(url, content=body, headers=headers)).status_code
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError):
            return None
