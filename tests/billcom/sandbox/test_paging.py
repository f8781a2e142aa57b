"""Walking the pages of any list, in any size, order and selection, meets every record once."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billcom.sandbox.listing import parse_query
from billcom.sandbox.resources import Kind, Resource
from billcom.sandbox.table import Table
from billcom.sandbox.wire import Record, decode
from billcom.sandbox.world import World

NAMES = [
    "customers",
    "invoices",
    "receivable-payments",
    "credit-memos",
    "recurring-invoices",
    "users",
    "payment-terms",
    "classifications/items",
    "classifications/chart-of-accounts",
]
ORDERED = {Kind.NUMBER, Kind.DAY, Kind.INSTANT}


@st.composite
def queries(draw: st.DrawFn, table: Table) -> dict[str, str]:
    """A `max`, and perhaps a sort and a filter whose value some record has."""
    resource = table.resource
    found = {"max": str(draw(st.integers(min_value=7, max_value=100)))}
    fields = draw(st.lists(st.sampled_from(sorted(resource.sortable)), max_size=2, unique=True))
    if fields:
        found["sort"] = ",".join(f"{f}:{draw(st.sampled_from(['asc', 'desc']))}" for f in fields)
    if draw(st.booleans()):
        found["filters"] = draw(clauses(resource, list(table.values())))
    return found


@st.composite
def clauses(draw: st.DrawFn, resource: Resource, records: list[Record]) -> str:
    field = draw(st.sampled_from(sorted(set(resource.filterable) - set(resource.aliases))))
    kind = resource.filterable[field]
    operators = ["eq", "ne"] + (["gt", "lte"] if kind in ORDERED else [])
    value = draw(st.sampled_from(records)).get(field)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if value is None or '"' in text:
        return "createdTime:gte:2000-01-01"
    return f'{field}:{draw(st.sampled_from(operators))}:"{text}"'


def walked(table: Table, parameters: dict[str, str]) -> list[str]:
    found: list[str] = []
    page: dict[str, Any] = {"nextPage": ""}
    while "nextPage" in page:
        query = parse_query({**parameters, "page": page["nextPage"]}, table.resource)
        page = decode(table.page(query))
        assert len(page["results"]) <= int(parameters["max"])
        found += [record["id"] for record in page["results"]]
    return found


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_every_admitted_record_comes_once(seeded: World, name: str, data: st.DataObject) -> None:
    table = seeded.tenants[0].book.tables[name]
    parameters = data.draw(queries(table))
    admitted = [
        record["id"]
        for record in table.values()
        if all(c.admits(record) for c in parse_query(parameters, table.resource).clauses)
    ]
    found = walked(table, parameters)
    assert len(found) == len(set(found))
    assert set(found) == set(admitted)
