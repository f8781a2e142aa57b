"""`tieout failures` as a script sees it: a reason counts with the next sync."""

from collections.abc import Iterator

import pytest

from billcom.sandbox.businesses import BUSINESSES
from billcom.sandbox.server import running_sandbox
from tests.etl.test_commands import Shell
from tests.worlds import written_world

OF = ("--tenant", "cascade")


@pytest.fixture(scope="module")
def tieout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """One tenant, synced."""
    shell = Shell(tmp_path_factory.mktemp("failures"))
    with running_sandbox(written_world((BUSINESSES[0],))) as sandbox:
        assert shell.add(sandbox, "cascade").returncode == 0
        assert shell("sync", "cascade").returncode == 0
        yield shell


def reason_of(tieout: Shell, payment: str) -> str:
    rows = tieout.json("metric", "failed_payments", *OF)["rows"]
    return next(str(row["reason"]) for row in rows if row["payment_id"] == payment)


def test_a_reason_counts_after_the_next_sync_and_can_be_taken_back(tieout: Shell) -> None:
    rows = tieout.json("metric", "failed_payments", *OF)["rows"]
    payment = next(row["payment_id"] for row in rows if row["rail"] == "ach")
    done = tieout("failures", "reason", payment, "r01", *OF, "--note", "Notice of 3 March")
    assert (done.returncode, "Entered R01" in done.stdout) == (0, True)
    assert reason_of(tieout, payment) == "unknown"
    first = tieout.json("sync", "cascade")[0]["snapshot"]
    assert reason_of(tieout, payment) == "R01"
    assert tieout.json("sync", "cascade")[0]["snapshot"] == first
    assert tieout("failures", "reason", payment, "unknown", *OF).returncode == 0
    assert tieout("sync", "cascade").returncode == 0
    assert reason_of(tieout, payment) == "unknown"


def test_a_wrong_payment_code_or_tenant_is_told_in_one_sentence(tieout: Shell) -> None:
    payment = tieout.json("metric", "failed_payments", *OF)["rows"][0]["payment_id"]
    for arguments, code, said in (
        (("nothing", "R01", *OF), 2, "No payment “nothing” failed"),
        ((payment, "R99", *OF), 2, "is no reason"),
        ((payment, "R01", "--tenant", "nobody"), 1, "no tenant"),
    ):
        done = tieout("failures", "reason", *arguments)
        assert (done.returncode, done.stdout) == (code, "")
        assert said in done.stderr
        assert done.stderr.count("\n") == 1
