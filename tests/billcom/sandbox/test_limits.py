from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import httpx
import pytest

from billcom.sandbox.clock import SettableClock
from billcom.sandbox.knobs import Knobs
from billcom.sandbox.limits import Limits
from billcom.sandbox.server import Sandbox, running_sandbox
from billcom.sandbox.world import World
from tests.billcom.sandbox.caller import Caller, login_body, parsed


@contextmanager
def limited(world: World, limits: Limits | None, latency_ms: int = 0) -> Iterator[Sandbox]:
    with running_sandbox(world, limits=limits, latency_ms=latency_ms) as sandbox:
        yield sandbox


def burst(caller: Caller, calls: int) -> list[httpx.Response]:
    """Responses to calls made all at once."""
    with ThreadPoolExecutor(calls) as pool:
        return list(pool.map(lambda _: caller.get("/invoices"), range(calls)))


def test_bills_own_limits_are_the_default() -> None:
    assert Limits() == Limits(20_000, 200, 3)


@pytest.mark.parametrize("status", [422, 429])
def test_the_hour_is_used_up_until_the_next_full_hour(
    world: World, clock: SettableClock, status: int
) -> None:
    world.use_knobs(Knobs(rate_limit_status=status))
    with limited(world, Limits(calls_per_hour=3)) as sandbox:
        caller = Caller(sandbox, sandbox.tenants[0])
        assert [caller.get("/invoices").status_code for _ in range(3)] == [200, 200, status]
        (error,) = parsed(caller.get("/invoices"), status)
        assert (error["code"], error["category"]) == ("BDC_1144", "DOWNSTREAM")
        assert error["message"] == "Max number of allowed requests per hour reached: 3."
        assert Caller(sandbox, sandbox.tenants[1]).get("/invoices").status_code == 200
        clock.advance(timedelta(minutes=29, seconds=44))  # 20:59:59
        assert caller.get("/invoices").status_code == status
        clock.advance(timedelta(seconds=1))
        assert caller.get("/invoices").status_code == 200


def test_refused_calls_count_and_calls_without_a_session_too(world: World) -> None:
    with limited(world, Limits(calls_per_hour=4)) as sandbox:
        caller = Caller(sandbox, sandbox.tenants[0])
        for _ in range(3):
            assert caller.http.get("/invoices", headers={"sessionId": "x"}).status_code == 401
        assert caller.get("/invoices").status_code == 422


def test_logins_have_an_hourly_limit_of_their_own(world: World, clock: SettableClock) -> None:
    with limited(world, Limits(logins_per_hour=2)) as sandbox:
        url, body = f"{sandbox.base_url}/v3/login", login_body(sandbox.tenants[0])
        assert httpx.post(url, json=body).status_code == 200
        assert httpx.post(url, json={**body, "password": "wrong"}).status_code == 401
        (error,) = parsed(httpx.post(url, json=body), 422)
        assert error["message"] == "Max number of allowed requests per hour reached: 2."
        clock.advance(timedelta(hours=1))
        assert httpx.post(url, json=body).status_code == 200


def test_three_calls_of_a_key_may_be_open_for_an_organization(world: World) -> None:
    with limited(world, Limits(), latency_ms=250) as sandbox:
        caller, other = (Caller(sandbox, tenant) for tenant in sandbox.tenants)
        with ThreadPoolExecutor(1) as pool:
            beside = pool.submit(burst, other, 3)
            responses = burst(caller, 5)
        refused = [r for r in responses if r.status_code == 422]
        assert len(refused) == 2
        (error,) = parsed(refused[0], 422)
        assert error["code"] == "BDC_1322"
        assert error["message"] == "Max number of concurrent requests per organization reached."
        assert [r.status_code for r in beside.result()] == [200, 200, 200]
        assert caller.get("/invoices").status_code == 200
        lane = (caller.tenant.developer_key, caller.tenant.organization_id)
        assert sandbox.calls.max_in_flight[lane] == 4


def test_a_call_that_fails_frees_its_place(world: World) -> None:
    with limited(world, Limits(in_flight=1)) as sandbox:
        caller = Caller(sandbox, sandbox.tenants[0])
        assert [caller.get("/nothing").status_code for _ in range(3)] == [404, 404, 404]


def test_without_limits_calls_in_flight_are_still_counted(world: World) -> None:
    with limited(world, None, latency_ms=200) as sandbox:
        caller = Caller(sandbox, sandbox.tenants[0])
        assert {r.status_code for r in burst(caller, 5)} == {200}
        assert max(sandbox.calls.max_in_flight.values()) == 5
