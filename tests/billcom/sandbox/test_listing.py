from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billcom.sandbox.book import Book
from billcom.sandbox.businesses import CASCADE
from billcom.sandbox.clock import SettableClock, timestamp
from billcom.sandbox.filters import parse_filters
from billcom.sandbox.listing import parse_query
from billcom.sandbox.resources import INVOICES
from billcom.sandbox.server import running_sandbox
from billcom.sandbox.wire import decode
from billcom.sandbox.world import World, empty_tenant
from tests.billcom.sandbox.caller import Caller, Json, messages

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def put_invoice(book: Book, number: int, **fields: Any) -> str:
    """Invoice `number` of twelve: made a day after the one before, changed in reverse order."""
    record = {
        "id": book.ids.new("00e"),
        "archived": number % 4 == 0,
        "invoiceNumber": f"INV-{number}",
        "customerId": f"0cu02{number % 3:015d}",
        "status": ("OPEN", "PAID_IN_FULL", "SCHEDULED")[number % 3],
        "totalAmount": Decimal(number % 5).scaleb(-1) + 100,
        "invoiceDate": f"2026-03-{number + 1:02d}",
        "dueDate": f"2026-04-{number % 4 + 1:02d}",
        "createdTime": timestamp(START + timedelta(days=number)),
        "updatedTime": timestamp(START + timedelta(days=40 - number)),
    }
    return str(book.invoices.put({**record, **fields})["id"])


@pytest.fixture(scope="module")
def listed() -> Iterator[Caller]:
    world = World([empty_tenant("alder", "Alder", SettableClock(START))], SettableClock(START))
    book = world.tenants[0].book
    for number in range(12):
        put_invoice(book, number)
    book.create_customer({"name": "Happy, Hauling", "email": "a@x.example"})
    book.create_customer({"name": "happenstance", "email": "b@x.example"})
    with running_sandbox(world) as sandbox:
        yield Caller(sandbox, sandbox.tenants[0])


def numbers(listed: Caller, **params: object) -> list[int]:
    return [int(i["invoiceNumber"][4:]) for i in listed.all("/invoices", **params)]


def test_without_parameters_all_rows_come_in_order_of_creation(listed: Caller) -> None:
    assert numbers(listed) == list(range(12))


def test_a_page_has_20_rows_unless_told(alder: Caller, world: World) -> None:
    for number in range(23):
        put_invoice(world.tenants[0].book, number)
    page = alder.read("/invoices")
    assert len(page["results"]) == 20
    assert "prevPage" not in page
    last = alder.read("/invoices", page=page["nextPage"])
    assert len(last["results"]) == 3
    assert "nextPage" not in last


@pytest.mark.parametrize("rows", ["0", "101", "-1", "abc", "1.5", "", "٣", "1e1", "9999999"])
def test_max_must_be_1_to_100(listed: Caller, rows: str) -> None:
    assert messages(listed.get("/invoices", max=rows), 400) == [
        "max: must be a number from 1 to 100"
    ]


def test_unknown_parameters_are_ignored(listed: Caller) -> None:
    assert len(numbers(listed, status="OPEN", anything="x")) == 12


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("updatedTime:asc", list(range(11, -1, -1))),
        ("createdTime:desc", list(range(11, -1, -1))),
        ("invoiceDate", list(range(12))),
        ("dueDate:asc,createdTime:desc", [8, 4, 0, 9, 5, 1, 10, 6, 2, 11, 7, 3]),
        ("dueDate:desc,createdTime", [3, 7, 11, 2, 6, 10, 1, 5, 9, 0, 4, 8]),
        ("totalAmount:desc, createdTime", [4, 9, 3, 8, 2, 7, 1, 6, 11, 0, 5, 10]),
    ],
)
def test_sort_orders_by_several_fields(listed: Caller, sort: str, expected: list[int]) -> None:
    assert numbers(listed, sort=sort, max=5) == expected


@pytest.mark.parametrize("sort", ["customerId", "nothing:asc", "dueDate:up", ",", "dueDate:"])
def test_an_unknown_sort_is_refused(listed: Caller, sort: str) -> None:
    if sort == "dueDate:":  # an empty direction is the same as none
        assert len(numbers(listed, sort=sort)) == 12
    else:
        assert messages(listed.get("/invoices", sort=sort), 400)[0].startswith("sort: ")


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ("archived:eq:false", [1, 2, 3, 5, 6, 7, 9, 10, 11]),
        ("archived:ne:false", [0, 4, 8]),
        ("invoiceNumber:eq:INV-7", [7]),
        ('invoiceNumber:eq:"INV-7"', [7]),
        ("invoiceNumber:sw:INV-1", [1, 10, 11]),
        ('invoiceNumber:sw:"inv"', []),
        ('invoiceNumber:in:"INV-2,INV-3"', [2, 3]),
        ('invoiceNumber:nin:"INV-0,INV-1,INV-2,INV-3,INV-4"', [5, 6, 7, 8, 9, 10, 11]),
        ("status:eq:OPEN", [0, 3, 6, 9]),
        ('status:in:"OPEN,SCHEDULED",archived:eq:true', [0, 8]),
        ("totalAmount:gte:100.40", [4, 9]),
        ("totalAmount:eq:100.4", [4, 9]),
        ("totalAmount:gt:100.3", [4, 9]),
        ("dueDate:lt:2026-04-02", [0, 4, 8]),
        ("dueDate:lte:2026-04-01,invoiceDate:gt:2026-03-01", [4, 8]),
        ("createdTime:gte:2026-03-10T12:00:00.000Z", [9, 10, 11]),
        ('createdTime:gte:"2026-03-10T12:00:00.000Z"', [9, 10, 11]),
        ("createdTime:gt:2026-03-10T12:00:00.000", [10, 11]),
        ("createdTime:gt:2026-03-10T12:00:00", [10, 11]),
        ("createdTime:gte:2026-03-10T12:00", [9, 10, 11]),
        ("createdTime:gte:2026-03-10", [9, 10, 11]),
        ("createdTime:gte:2026-03-10T05:00:00.000-07:00", [9, 10, 11]),
        ("createdTime:gte:2026-03-10T14:00:00.000+0200", [9, 10, 11]),
        ("createdTime:gte:2026-03-10T14:00:00.000+02", [9, 10, 11]),
        ("updatedTime:lt:2026-03-31T12:00:00.000Z", [11]),
        ("createdTime:eq:2026-03-01T12:00:00.000Z", [0]),
    ],
)
def test_filters_select(listed: Caller, filters: str, expected: list[int]) -> None:
    assert numbers(listed, filters=filters) == expected


def test_a_comma_within_quotes_does_not_end_a_clause(listed: Caller) -> None:
    found = listed.all("/customers", filters='name:eq:"Happy, Hauling",archived:eq:false')
    assert [customer["name"] for customer in found] == ["Happy, Hauling"]
    assert len(listed.all("/customers", filters='name:sw:"hap"')) == 1


@pytest.mark.parametrize(
    "filters",
    [
        "nothing:eq:1",
        "dueAmount:eq:1",
        "status:like:OPEN",
        "status:gt:OPEN",
        "status:eq:OVERDUE",
        "archived:sw:t",
        "archived:eq:yes",
        "totalAmount:gt:much",
        "totalAmount:gt:NaN",
        "dueDate:gt:yesterday",
        "updatedTime:gt:2026-13-01",
        "updatedTime:gt:20260301",
        "updatedTime:gt:",
        "updatedTime",
        "invoiceNumber:in:A,B",
        'invoiceNumber:eq:"A',
        ",",
    ],
)
def test_a_filter_that_cannot_be_understood_is_refused(listed: Caller, filters: str) -> None:
    assert messages(listed.get("/invoices", filters=filters), 400)[0].startswith("filters: ")


def test_archived_rows_are_listed_unless_filtered_out(listed: Caller) -> None:
    assert {i["archived"] for i in listed.all("/invoices")} == {True, False}


def test_a_list_pages_back_to_where_it_began(listed: Caller) -> None:
    pages = list(listed.pages("/invoices", max=5))
    back = listed.read("/invoices", max=5, page=pages[2]["prevPage"])
    assert back["results"] == pages[1]["results"]
    first = listed.read("/invoices", max=5, page=back["prevPage"])
    assert first["results"] == pages[0]["results"]
    assert "prevPage" not in first
    assert listed.read("/invoices", max=5, page=first["nextPage"])["results"] == back["results"]


def test_a_page_token_can_be_used_again_and_with_another_size(listed: Caller) -> None:
    token = listed.read("/invoices", max=5)["nextPage"]
    once = listed.read("/invoices", max=5, page=token)
    assert listed.read("/invoices", max=5, page=token) == once
    assert len(listed.read("/invoices", max=7, page=token)["results"]) == 7


def test_a_token_of_another_list_filter_or_sort_is_refused(listed: Caller) -> None:
    token = listed.read("/invoices", max=5, sort="dueDate")["nextPage"]
    refused = ["page: not a page of this list"]
    assert messages(listed.get("/invoices", page=token), 400) == refused
    assert messages(listed.get("/invoices", page=token, sort="dueDate:desc"), 400) == refused
    filtered = listed.get("/invoices", page=token, sort="dueDate", filters="archived:eq:false")
    assert messages(filtered, 400) == refused
    assert messages(listed.get("/credit-memos", page=token), 400) == refused


@pytest.mark.parametrize("token", ["2", "garbage!", "e30=", "bnVsbA==", "W10=", "eyJxIjoxfQ=="])
def test_a_made_up_token_is_refused(listed: Caller, token: str) -> None:
    assert messages(listed.get("/invoices", page=token), 400) == ["page: not a page of this list"]


def test_rows_that_come_and_change_meanwhile_hide_no_other(alder: Caller, world: World) -> None:
    book = world.tenants[0].book
    ids = [put_invoice(book, number) for number in range(12)]
    page = alder.read("/invoices", max=4, sort="updatedTime:asc")
    # One of the page already read moves to the end, and a new one comes before all others.
    moved = page["results"][0]
    book.invoices.put({**moved, "updatedTime": timestamp(START + timedelta(days=90))})
    put_invoice(book, 12, updatedTime=timestamp(START))
    seen = [record["id"] for record in page["results"]]
    while "nextPage" in page:
        page = alder.read("/invoices", max=4, sort="updatedTime:asc", page=page["nextPage"])
        seen += [record["id"] for record in page["results"]]
    assert set(seen) >= set(ids)
    assert seen[-1] == moved["id"]


def test_a_row_gone_from_its_place_does_not_stop_the_list(alder: Caller, world: World) -> None:
    book = world.tenants[0].book
    ids = [put_invoice(book, number) for number in range(6)]
    page = alder.read("/invoices", max=3, filters="archived:eq:false", sort="createdTime")
    last = page["results"][-1]
    book.archive_invoice(last["id"])
    rest = alder.read(
        "/invoices", filters="archived:eq:false", sort="createdTime", page=page["nextPage"]
    )
    shown = [record["id"] for record in page["results"] + rest["results"]]
    assert shown == [i for i in ids if ids.index(i) % 4]


@settings(max_examples=40, deadline=None)
@given(
    rows=st.integers(1, 100),
    sort=st.sampled_from(
        ["", "dueDate", "totalAmount:desc", "dueDate:desc,updatedTime", "createdTime"]
    ),
    filters=st.sampled_from(["", "archived:eq:true", "dueDate:gt:2026-01-01"]),
)
def test_paging_shows_every_row_once_whatever_the_size(
    seeded: World, rows: int, sort: str, filters: str
) -> None:
    table = seeded.tenant(CASCADE.name).book.invoices
    query = {"max": str(rows), "sort": sort, "filters": filters}
    shown: list[str] = []
    page: Json = {"nextPage": ""}
    while "nextPage" in page:
        parameters = {**query, "page": page["nextPage"]}
        page = decode(table.page(parse_query(parameters, INVOICES)))
        shown += [record["id"] for record in page["results"]]
    clauses = parse_filters(filters, INVOICES)
    expected = {i for i, record in table.items() if all(c.admits(record) for c in clauses)}
    assert len(shown) == len(expected)
    assert set(shown) == expected
