"""What lands of a record: its own text, with exact amounts, once."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billcom.paging import Page
from etl.extract.incoming import read_in
from etl.extract.land import Lander, prepare
from etl.extract.plan import PLAN
from etl.warehouse.places import TenantFolder
from etl.warehouse.snapshot import Connection, open_work

INVOICES = next(step for step in PLAN if step.resource.name == "invoices")
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
AMOUNTS_LANDED = """
select from_json(payload, '{"totalAmount": "VARCHAR"}').totalAmount::decimal(19, 4)
from raw_records
order by bill_id[4:]::integer
"""


def text_of(amount: str = "1.10", **more: object) -> bytes:
    fields = {"id": "00e1", "updatedTime": "2026-11-01T08:00:00.000+00:00", **more}
    return json.dumps(fields)[:-1].encode() + f', "totalAmount": {amount}}}'.encode()


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    with open_work(TenantFolder(tmp_path)) as opened:
        prepare(opened)
        yield opened


def landed(connection: Connection, *texts: bytes) -> int:
    incoming = read_in(INVOICES, [Page(texts, None)])
    return Lander(connection, "cascade", 1).land(INVOICES, incoming, NOON, advances=True)


def test_a_record_lands_as_bill_wrote_it(connection: Connection) -> None:
    text = text_of("300.00", invoiceNumber="é 😀")
    landed(connection, text)
    ((payload, changed),) = connection.execute(
        "select payload, record_updated_at::timestamp from raw_records"
    ).fetchall()
    assert payload.encode() == text
    assert changed == datetime(2026, 11, 1, 8)  # noqa: DTZ001 (DuckDB's own, in UTC)


def test_the_same_record_in_another_order_is_no_new_version(connection: Connection) -> None:
    assert landed(connection, text_of(), b'{"id": "00e2", "a": 1, "b": {"c": 2, "d": 3.0}}') == 2
    reordered = b'{"b": {"d": 3.0, "c": 2},  "a": 1, "id": "00e2"}'
    assert landed(connection, text_of(), reordered) == 0
    assert landed(connection, reordered.replace(b"3.0", b"4.0")) == 1


def test_a_record_twice_in_a_batch_lands_as_it_was_last(connection: Connection) -> None:
    assert landed(connection, text_of("1.00"), text_of("2.00")) == 1
    assert connection.execute(AMOUNTS_LANDED).fetchall() == [(Decimal("2.00"),)]


AMOUNTS = st.decimals(
    Decimal("-99999999999999.9999"), Decimal("99999999999999.9999"), places=4
) | st.decimals(Decimal("-99999999999.99"), Decimal("99999999999.99"), places=2)


@settings(deadline=None)
@given(st.lists(AMOUNTS, min_size=50, max_size=200))
def test_every_amount_comes_out_of_the_database_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, amounts: list[Decimal]
) -> None:
    texts = [text_of(str(amount), id=f"00e{n}") for n, amount in enumerate(amounts)]
    with open_work(TenantFolder(tmp_path_factory.mktemp("amounts"))) as connection:
        prepare(connection)
        landed(connection, *texts)
        rows = connection.execute(AMOUNTS_LANDED).fetchall()
    assert [amount for (amount,) in rows] == amounts


@pytest.mark.parametrize("moment", ["yesterday", 7, None, {"at": 1}])
def test_a_record_with_an_odd_date_lands_without_one(
    connection: Connection, moment: object
) -> None:
    assert landed(connection, text_of(updatedTime=moment)) == 1
    ((changed,),) = connection.execute("select record_updated_at from raw_records").fetchall()
    assert changed is None
