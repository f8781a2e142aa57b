import json
from pathlib import Path

import pytest

from billcom.sandbox.clock import SettableClock
from billcom.sandbox.load import LOADABLE, LoadError, loaded_world
from billcom.sandbox.server import running_sandbox
from billcom.sandbox.wire import encode
from billcom.sandbox.world import World
from tests.billcom.sandbox.caller import Caller, money, parsed

CUSTOMER = '{"id":"0cu02KTRWPLMVQZX7d3f","name":"Zoë & Co","newField":{"deep":[1,2.50]},"x":1.10}'
BARE = '{"id": "0cu02BARE", "updatedTime": "2026-01-01T00:00:00Z"}'
INVOICE = (
    '{"id":"00e02QWKLTRPZMNV3h6j","customerId":"0cu02KTRWPLMVQZX7d3f","totalAmount":1110.7500,'
    '"dueAmount":300,"scheduledAmount":250.75,"creditAmount":60.0,"status":"PARTIAL_PAYMENT",'
    '"payments":[{"id":"0ip1","amount":500,"status":"PAID","date":"2026-09-02"},'
    '{"id":"0ip2","amount":250.75,"status":"SCHEDULED","date":"2026-09-22"}],"salesTaxTotal":12.25}'
)
PAYMENT = (
    '{"id":"0rp02TQWRKLMPZNV1d6s","customerId":"0cu02KTRWPLMVQZX7d3f","amount":250.75,'
    '"status":"SCHEDULED","invoicePayments":[{"invoiceId":"00e02QWKLTRPZMNV3h6j","amount":250.75,'
    '"paymentDate":"2026-09-22"}]}'
)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "customers.ndjson").write_text(f"{CUSTOMER}\n\n  {BARE}\r\n", encoding="utf-8")
    (tmp_path / "invoices.ndjson").write_text(INVOICE, encoding="utf-8")
    (tmp_path / "receivable-payments.ndjson").write_text(PAYMENT + "\n", encoding="utf-8")
    return tmp_path


def test_records_come_back_to_the_letter(directory: Path, clock: SettableClock) -> None:
    with running_sandbox(loaded_world(directory, clock)) as sandbox:
        caller = Caller(sandbox, sandbox.tenants[0])
        one = caller.get("/customers/0cu02KTRWPLMVQZX7d3f")
        assert one.text == CUSTOMER
        assert caller.get("/customers").text == f'{{"results":[{BARE},{CUSTOMER}]}}'
        assert caller.get("/invoices").text == f'{{"results":[{INVOICE}]}}'
        assert caller.read("/credit-memos") == {"results": []}


def test_loaded_records_can_be_changed(directory: Path, clock: SettableClock) -> None:
    world = loaded_world(directory, clock)
    with running_sandbox(world) as sandbox:
        caller = Caller(sandbox, sandbox.tenants[0])
        changed = parsed(caller.patch("/customers/0cu02KTRWPLMVQZX7d3f", {"name": "Zoe"}), 200)
        assert changed["name"] == "Zoe"
        assert str(changed["newField"]["deep"][1]) == "2.50"
        moved = parsed(
            caller.patch("/invoices/00e02QWKLTRPZMNV3h6j", {"dueDate": "2026-12-01"}), 200
        )
        assert str(moved["totalAmount"]) == "1110.7500"
        caller.pay(100, ("00e02QWKLTRPZMNV3h6j", 100))
        assert caller.read("/invoices/00e02QWKLTRPZMNV3h6j")["dueAmount"] == 200
        world.tenants[0].book.void_payment("0rp02TQWRKLMPZNV1d6s")
        invoice = caller.read("/invoices/00e02QWKLTRPZMNV3h6j")
        assert [entry["status"] for entry in invoice["payments"]] == ["PAID", "VOID", "PAID"]
        assert invoice["dueAmount"] == money("450.75")
        assert invoice["scheduledAmount"] == 0


def test_records_without_optional_fields_can_be_filtered_and_sorted(
    directory: Path, clock: SettableClock
) -> None:
    with running_sandbox(loaded_world(directory, clock)) as sandbox:
        caller = Caller(sandbox, sandbox.tenants[0])
        found = caller.all("/customers", filters="archived:eq:false", sort="updatedTime:desc,name")
        assert [c["id"] for c in found] == ["0cu02BARE", "0cu02KTRWPLMVQZX7d3f"]
        late = caller.all("/customers", filters="updatedTime:gte:2026-01-01")
        assert [c["id"] for c in late] == ["0cu02BARE"]


def test_a_whole_seeded_book_survives_the_round_trip(
    seeded: World, tmp_path: Path, clock: SettableClock
) -> None:
    book = seeded.tenants[0].book
    tables = {resource.name: book.tables[resource.name] for resource in LOADABLE}
    for table in tables.values():
        lines = b"\n".join(encode(record) for record in table.values())
        (tmp_path / table.resource.file).write_bytes(lines)
    loaded = loaded_world(tmp_path, clock).tenants[0].book
    for name, table in tables.items():
        assert dict(loaded.tables[name]) == dict(table)
    assert loaded.links == book.links
    assert all(loaded.tax_rate(i) == book.tax_rate(i) == r for i, r in loaded.tax_rates.items())


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{", "invoices.ndjson, line 2 is not valid JSON."),
        ("[]", "invoices.ndjson, line 2 is not a JSON object."),
        ('{"name":"x"}', "invoices.ndjson, line 2 has no id."),
        ('{"id":7}', "invoices.ndjson, line 2 has no id."),
        ('{"id":"a","amount":NaN}', "invoices.ndjson, line 2 is not valid JSON."),
        ('{"id":"00e02"}', "invoices.ndjson, line 2 repeats the id 00e02."),
        ("\udcff", "invoices.ndjson, line 2 is not valid JSON."),
        ("[" * 100_000, "invoices.ndjson, line 2 is not valid JSON."),
    ],
)
def test_a_bad_line_is_named(
    tmp_path: Path, clock: SettableClock, line: str, complaint: str
) -> None:
    text = json.dumps({"id": "00e02"}) + "\n" + line
    (tmp_path / "invoices.ndjson").write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(LoadError) as caught:
        loaded_world(tmp_path, clock)
    assert str(caught.value) == complaint


def test_an_empty_directory_is_refused(tmp_path: Path, clock: SettableClock) -> None:
    with pytest.raises(LoadError, match=r"There is no customers\.ndjson"):
        loaded_world(tmp_path, clock)
