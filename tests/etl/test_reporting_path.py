"""The fixture's total in a reporting currency, from files to the command line."""

from datetime import UTC, datetime
from pathlib import Path

from billcom.sandbox.clock import SettableClock
from billcom.sandbox.load import loaded_world
from billcom.sandbox.server import running_sandbox
from billcom.sandbox.wire import encode
from tests.etl.books import Book, golden
from tests.etl.test_commands import Shell

FILES = {
    "customers": "customers.ndjson",
    "invoices": "invoices.ndjson",
    "receivable_payments": "receivable-payments.ndjson",
    "credit_memos": "credit-memos.ndjson",
}


def in_files(book: Book, folder: Path) -> None:
    for resource, name in FILES.items():
        texts = [encode(record) or b"" for record in book[resource]]
        lines = [text.decode() if isinstance(text, bytes) else text for text in texts]
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


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
