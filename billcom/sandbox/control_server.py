"""Clock, faults, knobs, call log and deliveries through the control API."""

import asyncio
from dataclasses import MISSING, asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from billcom.sandbox.answers import answer
from billcom.sandbox.calls import Call, CallLog
from billcom.sandbox.clock import SettableClock, timestamp
from billcom.sandbox.control_requests import (
    ControlError,
    demand_known,
    read_object,
    whole_number,
)
from billcom.sandbox.deliveries import Delivery
from billcom.sandbox.faults import ActiveFault, Fault, Faults
from billcom.sandbox.webhooks import Webhooks
from billcom.sandbox.wire import Record
from billcom.sandbox.world import World

_SHOWN_AT_MOST = 1000
_LONGEST_MOVE_S = 100 * 366 * 86_400
_FIELDS = {field.name: field for field in fields(Fault)}
_KINDS: dict[str, tuple[type, ...]] = {
    "kind": (str,),
    "path": (str,),
    "method": (str, type(None)),
    "rate": (float, int),
    "count": (int, type(None)),
    "skip": (int,),
    "status": (int, type(None)),
    "delay_s": (float, int),
    "when": (str,),
}


@dataclass(frozen=True)
class Controls:
    """Everything the control API has its hands on."""

    world: World
    faults: Faults
    calls: CallLog
    webhooks: Webhooks


def server_routes(controls: Controls) -> list[Route]:
    """The routes about all but the books."""
    panel = _Panel(controls)
    return [
        Route("/clock", panel.clock, methods=["GET"]),
        Route("/clock", panel.move_clock, methods=["POST"]),
        Route("/faults", panel.faults, methods=["GET"]),
        Route("/faults", panel.add_fault, methods=["POST"]),
        Route("/faults", panel.clear_faults, methods=["DELETE"]),
        Route("/faults/{id}", panel.remove_fault, methods=["DELETE"]),
        Route("/knobs", panel.knobs, methods=["GET"]),
        Route("/knobs", panel.turn_knobs, methods=["PATCH"]),
        Route("/calls", panel.calls, methods=["GET"]),
        Route("/calls", panel.clear_calls, methods=["DELETE"]),
        Route("/counts", panel.counts, methods=["GET"]),
        Route("/webhooks/deliveries", panel.deliveries, methods=["GET"]),
        Route("/webhooks/drain", panel.drain, methods=["POST"]),
    ]


class _Panel:
    def __init__(self, controls: Controls) -> None:
        self._world = controls.world
        self._faults = controls.faults
        self._calls = controls.calls
        self._webhooks = controls.webhooks

    async def clock(self, _request: Request) -> Response:
        is_settable = isinstance(self._world.clock, SettableClock)
        return answer({"now": timestamp(self._world.clock()), "is_settable": is_settable})

    async def move_clock(self, request: Request) -> Response:
        body, clock = await read_object(request), self._world.clock
        demand_known(body, "advance_s", "now")
        if not isinstance(clock, SettableClock):
            raise ControlError("This sandbox runs on the real time, which cannot be moved.")
        if len(body) != 1:
            raise ControlError("Say either advance_s, in seconds, or now, an instant.")
        if "now" in body:
            clock.set(_instant(body["now"]))
        else:
            clock.advance(_seconds(body["advance_s"]))
        for tenant in self._world.tenants:
            tenant.book.catch_up()
        return await self.clock(request)

    async def faults(self, _request: Request) -> Response:
        return answer([_shown_fault(active) for active in self._faults.list()])

    async def add_fault(self, request: Request) -> Response:
        fault_id = self._faults.add(_read_fault(await read_object(request)))
        return answer({"id": fault_id}, 201)

    async def clear_faults(self, _request: Request) -> Response:
        self._faults.clear()
        return answer([])

    async def remove_fault(self, request: Request) -> Response:
        name = request.path_params["id"]
        try:
            self._faults.remove(int(name))
        except (KeyError, ValueError):
            raise ControlError(f"There is no fault {name}.", 404) from None
        return await self.faults(request)

    async def knobs(self, _request: Request) -> Response:
        return answer(asdict(self._world.knobs))

    async def turn_knobs(self, request: Request) -> Response:
        self._world.use_knobs(self._world.knobs.turned(await read_object(request)))
        return await self.knobs(request)

    async def calls(self, request: Request) -> Response:
        most = whole_number(request.query_params.get("max"), "max", _SHOWN_AT_MOST)
        latest = list(self._calls)[-most:] if most else []
        return answer({"total": self._calls.total, "calls": [_shown_call(c) for c in latest]})

    async def clear_calls(self, _request: Request) -> Response:
        self._calls.clear()
        return answer({"total": 0, "calls": []})

    async def counts(self, _request: Request) -> Response:
        calls = self._calls
        lanes = [
            {"developer_key": key, "organization_id": place, "calls": count}
            for (key, place), count in calls.max_in_flight.items()
        ]
        return answer(
            {
                "max_in_flight": lanes,
                "calls_per_hour": _hours(calls.per_hour),
                "logins_per_hour": _hours(calls.logins_per_hour),
                "violations": {"BDC_1144": 0, "BDC_1322": 0} | dict(calls.violations),
            }
        )

    async def deliveries(self, _request: Request) -> Response:
        latest = self._webhooks.deliveries[-_SHOWN_AT_MOST:]
        return answer([_shown_delivery(delivery) for delivery in latest])

    async def drain(self, request: Request) -> Response:
        body = await read_object(request)
        demand_known(body, "timeout_s")
        timeout_s = _seconds(body.get("timeout_s", 10)).total_seconds()
        try:
            await asyncio.to_thread(self._webhooks.wait_until_drained, timeout_s)
        except TimeoutError as error:
            raise ControlError(str(error)) from None
        return answer({"deliveries": len(self._webhooks.deliveries)})


def _read_fault(body: Record) -> Fault:
    demand_known(body, *_FIELDS)
    if "kind" not in body:
        raise ControlError("A fault has a kind.")
    given: dict[str, Any] = {n: float(v) if isinstance(v, Decimal) else v for n, v in body.items()}
    for name, value in given.items():
        if isinstance(value, bool) or not isinstance(value, _KINDS[name]):
            raise ControlError(f"A fault's {name} cannot be {value!r}.")
    return Fault(**given)


def _shown_fault(active: ActiveFault) -> Record:
    settings = {
        name: value
        for name, value in asdict(active.fault).items()
        if value != _FIELDS[name].default or _FIELDS[name].default is MISSING
    }
    return {"id": active.id, "seen": active.seen, "fired": active.fired, **settings}


def _shown_call(call: Call) -> Record:
    return {**asdict(call), "at": timestamp(call.at)}


def _shown_delivery(delivery: Delivery) -> Record:
    return {**asdict(delivery), "at": timestamp(delivery.at), "body": delivery.body.decode()}


def _hours(counted: Any) -> list[Record]:
    return [
        {"hour": timestamp(hour), "developer_key": key, "count": count}
        for (hour, key), count in counted.items()
    ]


def _instant(value: Any) -> datetime:
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise ControlError(f"{value!r} is not an instant like 2026-12-31T08:00:00Z.") from None
    if found.tzinfo is None:
        raise ControlError(f"{value!r} has no time zone.")
    return found.astimezone(UTC)


def _seconds(value: Any) -> timedelta:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ControlError(f"{value!r} is not a number of seconds.")
    if not 0 <= value <= _LONGEST_MOVE_S:
        raise ControlError("Seconds are from 0 to a hundred years of them.")
    return timedelta(seconds=float(value))
