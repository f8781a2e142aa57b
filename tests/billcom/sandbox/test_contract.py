"""The documented shape of every covered endpoint, where the catalogue of endpoints is at hand."""

import json
import os
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from billcom.sandbox.clock import SettableClock
from billcom.sandbox.server import Sandbox
from billcom.sandbox.wire import decode
from tests.billcom.sandbox.caller import Caller, Json
from tests.billcom.sandbox.walk import ENDPOINTS, Prepared

BESIDE = Path(__file__).parents[4] / "shared" / "bill-api" / "endpoints.json"
CATALOGUE = Path(os.environ.get("BILL_ENDPOINTS", BESIDE))
MISSING = "the catalogue of BILL's endpoints is not part of this repository"

# Fields that came after the catalogue was taken down.
LATER = {
    "hasBankAccount": "boolean",
    "authorizedToCharge": "boolean",
    "recordStatus": "string",
    "paymentTermId": "string",
    "createdBy": "string",
    "amount": "number",
    "taxable": "boolean",
    "invoicePdfId": "string",
}


SUBSCRIPTION = {
    "status": {"enabled": "boolean"},
    "events": [{"type": "string", "version": "string"}],
}
EVENT = {
    "id": "string",
    "type": "string",
    "version": "string",
    "subscriptionId": "string",
    "payload": "string",
    "createdTime": "date-time",
    "statusCode": "number",
}
LISTS = {
    "GET (connect-events)/v3/subscriptions": {
        "nextPage": "string",
        "results": [
            {
                **SUBSCRIPTION,
                "id": "string",
                "name": "string",
                "organizationId": "string",
                "notificationUrl": "string",
                "createdTime": "date-time",
                "updatedTime": "date-time",
            }
        ],
    },
    "GET (connect-events)/v3/events/subscription/:subscriptionId": {
        "nextPage": "string",
        "results": [EVENT],
    },
}

FORMS = {
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "date-time": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00"),
}


def strays(value: Json, shape: Json, path: str) -> Iterator[str]:
    """Where `value` has a key or a type that `shape` does not."""
    if isinstance(shape, dict):
        for name, inner in value.items():
            documented = shape.get(name, LATER.get(name))
            if documented is None:
                yield f"{path}.{name}"
            else:
                yield from strays(inner, documented, f"{path}.{name}")
    elif isinstance(shape, list):
        for inner in value:
            yield from strays(inner, shape[0], f"{path}[]")
    elif not fits(value, shape):
        yield f"{path} = {value!r}"


def fits(value: Json, shape: str) -> bool:
    if shape == "boolean":
        return isinstance(value, bool)
    if shape == "number":
        return isinstance(value, int | Decimal) and not isinstance(value, bool)
    form = FORMS.get(shape)
    return isinstance(value, str) and (form is None or bool(form.fullmatch(value)))


def documented() -> list[Json]:
    """The endpoints of the catalogue that this walk covers; none where it is absent."""
    if not CATALOGUE.is_file():
        return []
    endpoints: list[Json] = json.loads(CATALOGUE.read_text(encoding="utf-8"))["endpoints"]
    return endpoints


def shape_of(endpoint: Json) -> Json:
    """The documented shape; the catalogue garbles two fields of a subscription and omits two lists,
    which the guide on webhooks shows (https://developer.bill.com/docs/webhooks).
    """
    ((_status, shape),) = endpoint["responses"].items()
    path = endpoint["path"]
    if "/subscriptions" in path and isinstance(shape, dict) and "notificationUrl" in shape:
        return {**shape, **SUBSCRIPTION}
    return LISTS.get(f"{endpoint['method']} {path}", shape)


@pytest.fixture
def prepared(sandbox: Sandbox, alder: Caller, clock: SettableClock) -> Prepared:
    return Prepared(alder, clock)


@pytest.mark.skipif(not CATALOGUE.is_file(), reason=MISSING)
def test_every_documented_endpoint_is_walked() -> None:
    assert {(e["method"], e["path"]) for e in documented()} <= set(ENDPOINTS)


@pytest.mark.skipif(not CATALOGUE.is_file(), reason=MISSING)
@pytest.mark.parametrize("endpoint", documented(), ids=lambda e: f"{e['method']} {e['path']}")
def test_an_endpoint_answers_in_its_documented_shape(prepared: Prepared, endpoint: Json) -> None:
    (status,) = endpoint["responses"]
    shape = shape_of(endpoint)
    response = prepared.send(endpoint["method"], endpoint["path"])
    assert response.status_code == int(status), response.text
    if shape == "null":
        assert response.content == b""
    else:
        assert list(strays(decode(response.content), shape, "")) == []
