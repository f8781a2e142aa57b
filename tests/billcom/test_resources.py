"""The table of resources and verbs, against BILL's own list of endpoints where that is at hand."""

import json
import os
import re
from pathlib import Path

import pytest

from billcom.errors import ValidationError
from billcom.protocol import Host, Shape
from billcom.resources import (
    BANK_ACCOUNTS,
    CREDIT_MEMOS,
    CUSTOMERS,
    EVENTS,
    INVOICES,
    RESOURCES,
    SUBSCRIPTIONS,
    TABLE,
    request_for,
)

SHARED = Path(__file__).parents[3] / "shared" / "bill-api" / "endpoints.json"
ENDPOINTS = Path(os.environ.get("BILL_ENDPOINTS", SHARED))
# What receivables do not need: second factors, health, and inviting users.
NOT_NEEDED = re.compile(r"/v3/(mfa/|health$|login$)")


def known() -> set[tuple[str, str]]:
    """Every call of the table, ids written `:id`."""
    return {
        (
            verb.method,
            ("(connect-events)" if resource.host is Host.EVENTS else "")
            + re.sub(r"\{\w+\}", ":id", resource.path + verb.path),
        )
        for resource in TABLE
        for verb in resource.verbs.values()
    }


@pytest.mark.skipif(not ENDPOINTS.exists(), reason="BILL's list of endpoints is not at hand")
def test_every_endpoint_of_receivables_has_its_row_and_verb() -> None:
    listed = {
        (each["method"], re.sub(r":\w+", ":id", each["path"]))
        for each in json.loads(ENDPOINTS.read_text())["endpoints"]
    }
    missing = {(method, path) for method, path in listed - known() if not NOT_NEEDED.search(path)}
    assert missing == set()


@pytest.mark.skipif(not ENDPOINTS.exists(), reason="BILL's list of endpoints is not at hand")
def test_every_verb_expects_the_shape_that_is_documented() -> None:
    documented = {
        (each["method"], re.sub(r":\w+", ":id", each["path"])): next(
            iter(each["responses"].values()), None
        )
        for each in json.loads(ENDPOINTS.read_text())["endpoints"]
    }
    for resource in TABLE:
        for verb in resource.verbs.values():
            at = "(connect-events)" if resource.host is Host.EVENTS else ""
            path = at + re.sub(r"\{\w+\}", ":id", resource.path + verb.path)
            shape = documented.get((verb.method, path))
            if isinstance(shape, list):
                assert verb.shape is Shape.LIST
            elif isinstance(shape, dict) and "results" in shape:
                assert verb.shape is Shape.PAGE
            elif isinstance(shape, dict) and shape and verb.shape is not Shape.ANY:
                bulk = len(shape) == 1 and isinstance(next(iter(shape.values())), list)
                assert (
                    verb.shape is (Shape.RECORDS if bulk else Shape.RECORD) or verb.name == "list"
                )


@pytest.mark.parametrize("resource", TABLE, ids=lambda r: r.name)
def test_every_verb_makes_a_request_with_its_ids_in_place(resource: object) -> None:
    assert resource in RESOURCES.values()
    for verb in resource.verbs.values():  # type: ignore[attr-defined]
        template = resource.path + verb.path  # type: ignore[attr-defined]
        ids = {name: f"x-{name}" for name in re.findall(r"\{(\w+)\}", template)}
        request = request_for(resource, verb.name, ids)  # type: ignore[arg-type]
        assert "{" not in request.path
        assert all(value in request.path for value in ids.values())
        assert request.endpoint == f"{verb.method} {template}"


def test_an_id_cannot_leave_its_place_in_the_path() -> None:
    request = request_for(INVOICES, "archive", {"id": "../customers/0cu1?x=1"})
    assert request.path == "/v3/invoices/..%2Fcustomers%2F0cu1%3Fx%3D1/archive"


def test_idempotency_keys_go_with_the_two_posts_that_take_one_and_are_never_the_same() -> None:
    first, second = (request_for(SUBSCRIPTIONS, "create", body={}) for _ in range(2))
    assert first.headers["x-idempotent-key"] != second.headers["x-idempotent-key"]
    assert first.may_repeat
    assert request_for(SUBSCRIPTIONS, "new_security_key", {"id": "s"}).headers
    assert not request_for(SUBSCRIPTIONS, "test", {"id": "s"}).may_repeat


@pytest.mark.parametrize("resource", [r for r in TABLE if r.host is Host.CONNECT])
def test_no_write_to_the_book_may_be_repeated_blindly(resource: object) -> None:
    for verb in resource.verbs.values():  # type: ignore[attr-defined]
        ids = dict.fromkeys(re.findall(r"\{(\w+)\}", resource.path + verb.path), "x")  # type: ignore[attr-defined]
        request = request_for(resource, verb.name, ids)  # type: ignore[arg-type]
        assert request.may_repeat == (verb.method == "GET")


@pytest.mark.parametrize(
    ("resource", "verb", "ids", "body", "reason"),
    [
        (INVOICES, "void", {"id": "00e1"}, None, "knows no “void” of invoices"),
        (CUSTOMERS, "replace", {"id": "0cu1"}, None, "knows no “replace” of customers"),
        (INVOICES, "get", {}, None, "needs the id 'id'"),
        (INVOICES, "get", {"id": ""}, None, "takes no empty id"),
        (INVOICES, "list", {"id": "00e1"}, None, "none named"),
        (BANK_ACCOUNTS, "get", {"id": "cba1"}, None, "needs the id 'customer_id'"),
        (CREDIT_MEMOS, "bulk_create", {}, [{}] * 51, "at most 50 records"),
        (EVENTS, "resend", {"id": "e"}, None, "needs the id 'subscription_id'"),
    ],
)
def test_what_the_table_does_not_have_is_not_sent(
    resource: object, verb: str, ids: dict[str, str], body: object, reason: str
) -> None:
    with pytest.raises(ValidationError, match=reason):
        request_for(resource, verb, ids, body=body)  # type: ignore[arg-type]
