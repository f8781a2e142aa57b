"""Full reads that prove the book complete, and say so where it is not."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from etl.back_office import BackOffice
from etl.jobs.sync_tenant import RunReport, sync_tenant
from etl.reading import Reader
from etl.store.access import command_line_grant
from etl.store.alerts import open_alerts
from etl.store.runs import recent_runs
from etl.store.tenants import find_tenant
from etl.warehouse.places import folder_of
from etl.warehouse.snapshot import Hub, open_work
from tests.billcom.scripted import serving
from tests.etl.books import at, customer, golden
from tests.etl.dumps import dump
from tests.etl.test_other_bills import OtherBill, connect, invoices


@pytest.fixture
def bill(office: BackOffice) -> Iterator[OtherBill]:
    with serving(OtherBill(golden())) as server:
        assert isinstance(server, OtherBill)
        connect(office, server)
        yield server


def newest(office: BackOffice) -> dict[str, tuple[int, int, int, list[str]]]:
    """By resource of the current snapshot: listed, held, not listed, and which were not."""
    files = folder_of(office.settings, "cascade")
    seq = max(int(file.stem) for file in files.snapshots.glob("*.duckdb"))
    sql = "select resource, listed, held, not_listed, missing from enumerations"
    hub = Hub(files)
    rows = hub.snapshot(seq).rows(sql)
    hub.close()
    return {name: (listed, held, gone, ids) for name, listed, held, gone, ids in rows}


def alerting(office: BackOffice) -> set[str]:
    with office.store.read() as session:
        return {alert.kind for alert in open_alerts(session)}


def kinds(report: RunReport) -> set[tuple[str, str, str]]:
    return {(one["resource"], one["kind"], one["subject"]) for one in report.notices}


def tied_out(office: BackOffice) -> bool:
    with office.store.read() as session:
        grant = command_line_grant(find_tenant(session, "cascade"))
    return Reader(office.settings, office.store).published(grant).ties_out


def test_a_first_read_lists_all_that_is_held_and_adds_up_each_currency(
    office: BackOffice, bill: OtherBill
) -> None:
    report = sync_tenant(office, "cascade")
    assert report.notices == ()
    assert newest(office)["invoices"] == (6, 6, 0, [])
    sums = {row[0]: row[4] for row in dump(office.settings, "cascade")["enumerations"]}
    assert {(s["field"], s["currency"]): s["amount"] for s in sums["invoices"]} == {
        ("totalAmount", "USD"): Decimal("2850.0000"),
        ("dueAmount", "USD"): Decimal("2000.0000"),
        ("totalAmount", "CAD"): Decimal("2000.0000"),
        ("dueAmount", "CAD"): Decimal("2000.0000"),
    }
    assert tied_out(office)


def test_a_record_that_bill_no_longer_lists_is_named_and_kept(
    office: BackOffice, bill: OtherBill
) -> None:
    sync_tenant(office, "cascade")
    gone = bill.book["invoices"].pop(2)
    report = sync_tenant(office, "cascade", full=True)
    assert report.status == "succeeded"
    assert kinds(report) == {("invoices", "shrunken_book", gone["id"])}
    assert "BILL listed 5 invoices and 6 are held: 1 of them (I3)" in report.notices[0]["sentence"]
    assert newest(office)["invoices"] == (5, 6, 1, [gone["id"]])
    assert "shrunken_book:invoices" in alerting(office)
    assert not tied_out(office)
    with office.store.read() as session:
        assert recent_runs(session)[0].notices == list(report.notices)

    bill.book["invoices"].append(gone)
    assert sync_tenant(office, "cascade", full=True).notices == ()
    assert alerting(office) == set()
    assert tied_out(office)


def test_a_list_that_comes_empty_is_noticed_and_nothing_is_dropped(
    office: BackOffice, bill: OtherBill
) -> None:
    sync_tenant(office, "cascade")
    memos = bill.book.pop("credit_memos")
    report = sync_tenant(office, "cascade", full=True)
    assert kinds(report) == {("credit_memos", "zero_rows", memos[0]["id"])}
    assert newest(office)["credit_memos"] == (0, 1, 1, [memos[0]["id"]])
    assert alerting(office) == {"tie_out", "zero_rows:credit_memos"}
    again = sync_tenant(office, "cascade")
    assert again.notices == ()
    assert "zero_rows:credit_memos" in alerting(office)


@pytest.mark.parametrize("full", [False, True])
def test_a_read_of_all_that_breaks_off_is_still_right_when_a_later_run_ends_it(
    office: BackOffice, bill: OtherBill, *, full: bool
) -> None:
    book = invoices(1500)
    for n, record in enumerate(book):
        record["createdTime"] = record["updatedTime"] = at(f"2025-06-{1 + n // 60:02}")
    bill.book = {"customers": [customer("C1")], "invoices": book}
    if full:
        sync_tenant(office, "cascade")
        bill.book["invoices"] = book[:40] + book[41:]
    pages = [0]

    def break_off() -> None:
        pages[0] += 1
        if pages[0] == 15:
            bill.size = 0

    bill.after_page = break_off
    assert sync_tenant(office, "cascade", full=full).status == "failed"
    bill.size, bill.after_page = 100, lambda: None
    report = sync_tenant(office, "cascade")
    assert report.status == "succeeded"
    expected = (1499, 1500, 1, ["I00040"]) if full else (1500, 1500, 0, [])
    assert newest(office)["invoices"] == expected
    with open_work(folder_of(office.settings, "cascade")) as connection:
        assert connection.execute("select count(*) from enumerating").fetchall() == [(0,)]
