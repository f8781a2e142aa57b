"""Records given as files, served by the sandbox, synced, and asked for on the command line."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from billcom.sandbox.clock import SettableClock
from billcom.sandbox.load import loaded_world
from billcom.sandbox.server import running_sandbox
from billcom.sandbox.wire import encode
from tests.etl.books import Book, golden
from tests.etl.test_commands import Shell
from tests.etl.test_golden_fixture import AGING

FILES = {
    "customers": "customers.ndjson",
    "invoices": "invoices.ndjson",
    "receivable_payments": "receivable-payments.ndjson",
    "credit_memos": "credit-memos.ndjson",
}


def text_of(record: object) -> str:
    encoded = encode(record)
    return encoded.decode() if isinstance(encoded, bytes) else encoded


def in_files(book: Book, folder: Path) -> None:
    for resource, name in FILES.items():
        lines = [text_of(record) for record in book[resource]]
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_the_golden_fixture_is_exact_from_files_to_the_command_line(tmp_path: Path) -> None:
    book = golden()
    in_files(book, tmp_path)
    clock = SettableClock(datetime(2025, 8, 1, 9, tzinfo=UTC))
    shell = Shell(tmp_path / "data")
    with running_sandbox(loaded_world(tmp_path, clock)) as sandbox:
        assert shell.add(sandbox, "golden").returncode == 0
        (report,) = shell.json("sync", "golden")
    expected_rows = {resource: len(book[resource]) for resource in FILES}
    assert report["rows"] == {**expected_rows, "recurring_invoices": 0}
    for as_of, expected in AGING.items():
        document = shell.json("metric", "ar_aging", "--tenant", "golden", "--as-of", as_of)
        found = {row.pop("currency"): list(row.values()) for row in document["rows"]}
        assert json.dumps(found)  # amounts are texts, so nothing here was a float
        assert {
            currency: [Decimal(amount) for amount in amounts] for currency, amounts in found.items()
        } == {
            currency: [Decimal(amount) for amount in line.split()]
            for currency, line in expected.items()
        }
    (run,) = shell.json("runs")
    assert [check["count"] for check in run["checks"]] == [0] * len(run["checks"])


def test_the_golden_fixture_comes_to_2715_dollars_once_there_is_a_rate(tmp_path: Path) -> None:
    in_files(golden(), tmp_path)
    clock = SettableClock(datetime(2025, 8, 1, 9, tzinfo=UTC))
    shell = Shell(tmp_path / "data")
    asked = ("metric", "ar_aging", "--tenant", "golden", "--as-of", "2025-06-30")
    with running_sandbox(loaded_world(tmp_path, clock)) as sandbox:
        assert shell.add(sandbox, "golden").returncode == 0
        (first,) = shell.json("sync", "golden")
        before = shell.json(*asked, "--reporting", "USD")["reporting"]
        assert (before["is_complete"], before["unconverted_count"]) == (False, 1)
        assert before["unconverted"] == [
            {"kind": "open_item", "currency": "CAD", "count": 1, "amount": "2000.00"}
        ]
        assert [row["net"] for row in before["rows"]] == ["1255.00"]
        rates = tmp_path / "rates.csv"
        rates.write_text("currency,quote,on,rate\nCAD,USD,2025-06-30,0.7300\n", encoding="utf-8")
        done = shell("rates", "import", str(rates), "--tenant", "golden")
        assert (done.returncode, done.stderr) == (0, "")
        (second,) = shell.json("sync", "golden")
        (third,) = shell.json("sync", "golden")
    assert first["snapshot"] < second["snapshot"] == third["snapshot"]
    document = shell.json(*asked, "--reporting", "USD")
    assert {row["currency"]: row["net"] for row in document["rows"]} == {
        "USD": "1255.00",
        "CAD": "2000.00",
    }
    reporting = document["reporting"]
    assert [(row["currency"], row["net"]) for row in reporting["rows"]] == [("USD", "2715.00")]
    assert (reporting["currency"], reporting["is_complete"]) == ("USD", True)
    assert reporting["rates"] == [
        {
            "currency": "CAD",
            "quote": "USD",
            "source": "rates.csv",
            "is_inverse": False,
            "first_on": "2025-06-30",
            "last_on": "2025-06-30",
            "closing": "0.73000000",
        }
    ]
    assert "reporting" not in shell.json(*asked)
