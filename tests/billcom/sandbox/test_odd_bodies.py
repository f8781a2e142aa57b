"""Whatever is sent, the sandbox answers with a refusal or a record, never with its own failure."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billcom.sandbox.clock import SettableClock
from billcom.sandbox.server import Sandbox
from tests.billcom.sandbox.caller import Caller, Json
from tests.billcom.sandbox.walk import BODIES, Prepared

LEAVES = st.sampled_from(
    [
        *(None, True, False, 0, -1, 0.005, 10**11, 10**30, 1e-9, "", " ", "x" * 5000, "0"),
        *([], {}, [None], [[]], {"id": 7}, "9999-12-31", "0001-01-01", "2026-02-30", "NaN"),
    ]
)
Place = tuple[Any, ...]
# Logging in makes sessions, and is tested where logins are.
WRITES = [key for key in BODIES if key != ("POST", "/v3/login")]


def places(value: Json, path: Place = ()) -> Iterator[Place]:
    """Every place within a body, the body itself included."""
    yield path
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for name, member in inner:
        yield from places(member, (*path, name))


def replaced(body: Json, place: Place, leaf: Json) -> Json:
    if not place:
        return leaf
    changed = copy.deepcopy(body)
    target = changed
    for name in place[:-1]:
        target = target[name]
    target[place[-1]] = leaf
    return changed


@pytest.mark.parametrize(("method", "path"), WRITES)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_an_odd_body_is_answered(
    sandbox: Sandbox, clock: SettableClock, method: str, path: str, data: st.DataObject
) -> None:
    prepared = prepared_once(sandbox, clock)
    body = BODIES[method, path](prepared)
    place = data.draw(st.sampled_from(list(places(body))))
    odd = replaced(body, place, data.draw(LEAVES))
    response = prepared.call(method, path, odd)
    assert response.status_code < 500, (odd, response.text)
    assert prepared.caller.get("/invoices").status_code == 200


def prepared_once(sandbox: Sandbox, clock: SettableClock) -> Prepared:
    """Prepared for the tenants of this test, whatever the number of examples."""
    book = sandbox.world.tenants[0].book
    if book not in _PREPARED:
        _PREPARED.clear()
        _PREPARED[book] = Prepared(Caller(sandbox, sandbox.tenants[0]), clock)
    return _PREPARED[book]


_PREPARED: dict[Any, Prepared] = {}
