"""Records given as files, served by the sandbox, synced, and asked for on the command line."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from billcom.sandbox.clock import SettableClock
from billcom.sandbox.load import loaded_world
from billcom.sandbox.server import running_sandbox
from billcom.sandbox.wire import encode
from tests.etl.books import golden
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


def test_the_golden_fixture_is_exact_from_files_to_the_command_line(tmp_path: Path) -> None:
    book = golden()
    for resource, name in FILES.items():
        lines = [text_of(record) for record in book[resource]]
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
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
    explained_as_in_the_fixture(shell, tmp_path / "evidence.zip")
    (run,) = shell.json("runs")
    assert [check["count"] for check in run["checks"]] == [0] * len(run["checks"])


def explained_as_in_the_fixture(shell: Shell, pack: Path) -> None:
    """One bucket is one invoice, what is left out says why, and the pack of it holds."""
    asked = ("explain", "ar_aging", "--tenant", "golden", "--as-of", "2025-06-30")
    bucket = (*asked, "--row", "currency=USD", "--column", "d31_60")
    document = shell.json(*bucket)
    (row,) = document["inputs"]["rows"]
    assert (row["document"], row["amount"], row["columns"]) == ("I1", "400.00", "d31_60")
    left_out = {(row["document"], row["reason"]) for row in document["exclusions"]["rows"]}
    assert {("I5", "archived"), ("I4", "payment taken back by then")} <= left_out
    assert document["adds_up"]
    resources = {age["resource"]: age for age in document["data"]["resources"]}
    assert resources["invoices"]["records"] == 6
    assert all(age["changes_read_at"] and age["all_read_at"] for age in resources.values())
    assert shell(*bucket, "--pack", str(pack)).returncode == 0
    verified = shell("explain", "--verify", str(pack))
    assert (verified.returncode, verified.stderr) == (0, "")
    assert "gives the same again" in verified.stdout
