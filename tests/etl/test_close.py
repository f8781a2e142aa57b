"""Closing a month over the real path, and what is told of it afterwards."""

import sqlite3
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from etl.back_office import BackOffice
from etl.errors import NoSnapshotError, UsageError
from etl.jobs.close_month import as_json, close_month, find_close, verify
from etl.jobs.month_figures import FIGURES
from etl.jobs.restatements import Restatement, restatement_of
from etl.metrics.catalogue import find_metric
from etl.metrics.figures import Question
from etl.store import audit, closes
from etl.store.models import AuditEntry, Close
from etl.warehouse.places import folder_of
from tests.etl.lived import Life, day, lives

MONTH = "2026-03"


@pytest.fixture
def life(office: BackOffice) -> Iterator[Life]:
    """March of a small business, lived and synced on the first of April."""
    with lives(office, "2026-03-02T15:00:00", "cascade", "quay") as (cascade, quay):
        quay.customer("Harlow")
        quay.invoice("Q-1", "Harlow", "77.00", "2026-03-02", "2026-03-20")
        cascade.customer("Harlow")
        cascade.customer("Birch")
        cascade.invoice("1001", "Harlow", "450.10", "2026-03-02", "2026-03-09")
        cascade.invoice("1002", "Birch", "1200.00", "2026-02-20", "2026-03-01")
        cascade.pay("P-1", "Birch", "600.00", "2026-03-04", {"1002": "600.00"})
        cascade.sync()
        cascade.at("2026-04-01T15:00:00")
        cascade.sync()
        quay.sync()
        yield cascade


def closed(life: Life, *, again: bool = False) -> Close:
    return close_month(
        life.reader,
        life.office.store,
        life.grant,
        MONTH,
        at=life.office.clock(),
        by="ada@cascade.example",
        again=again,
    )


def restated(life: Life) -> Restatement:
    close = find_close(life.office.store, life.grant, MONTH)
    return restatement_of(life.reader, life.grant, close, life.reader.published(life.grant).seq)


def told(found: Restatement) -> list[tuple[Any, ...]]:
    return [
        (row["kind"], row["change"], row["before"], row["after"], row["receivables"])
        for row in found.documents.records()
    ]


def moved(found: Restatement, metric: str, figure: str) -> Decimal:
    title = find_metric(metric).metric.title
    return sum(
        (
            row["difference"]
            for row in found.figures.records()
            if (row["metric"], row["figure"]) == (title, figure)
        ),
        Decimal(0),
    )


def total(found: Restatement, column: str) -> Decimal:
    return sum((row[column] for row in found.documents.records()), Decimal(0))


@pytest.mark.both_databases
def test_a_month_is_closed_with_its_figures_and_the_audit_trail_says_so(life: Life) -> None:
    close = closed(life)
    assert (close.month, close.seq) == (MONTH, life.reader.published(life.grant).seq)
    assert set(close.figures["figures"]) == set(FIGURES)
    (aging,) = close.figures["figures"]["ar_aging"]["rows"]
    assert (aging["gross"], aging["net"]) == ("1050.10", "1050.10")
    assert close.figures["figures"]["dso"]["asked"]["from_on"] == "2026-03-01"
    with life.office.store.read() as session:
        entry = session.query(AuditEntry).order_by(AuditEntry.id.desc()).first()
        assert audit.first_break(session) is None
    assert entry is not None
    assert (entry.what, entry.actor) == ("month.closed", "ada@cascade.example")
    assert entry.detail["sha256"] == close.sha256
    assert as_json(life.grant, close)["figures"]["as_of"] == "2026-03-31"


def test_a_month_that_is_not_over_where_the_tenant_is_is_not_closed(life: Life) -> None:
    life.at("2026-04-01T04:59:00")  # the last minute of March in Chicago
    with pytest.raises(UsageError, match="2026-03 is not over in America/Chicago"):
        closed(life)
    life.at("2026-05-01T15:00:00")
    with pytest.raises(UsageError, match="BILL was not read since 2026-04 ended"):
        close_month(
            life.reader, life.office.store, life.grant, "2026-04", at=life.clock(), by="ada"
        )


def test_a_month_that_is_none_is_told(life: Life) -> None:
    for month in ("2026-13", "2026-3", "March", "2026-03-01", ""):
        with pytest.raises(UsageError, match="is not a month"):
            close_month(
                life.reader, life.office.store, life.grant, month, at=life.clock(), by="ada"
            )


@pytest.mark.both_databases
def test_closing_twice_is_refused_unless_again_and_the_old_close_stays(life: Life) -> None:
    first = closed(life)
    with pytest.raises(UsageError, match=r"was closed by ada@cascade\.example on 2026-04-01"):
        closed(life)
    second = closed(life, again=True)
    with life.office.store.read() as session:
        assert [one.id for one in closes.all_closes(session, life.grant.tenant_id)] == [
            second.id,
            first.id,
        ]
    assert find_close(life.office.store, life.grant, MONTH).id == second.id


def test_nothing_changed_says_so_also_after_a_later_month(life: Life) -> None:
    closed(life)
    assert not restated(life).is_restated
    life.at("2026-04-20T15:00:00")
    life.invoice("1003", "Birch", "75.00", "2026-04-02", "2026-05-02")
    life.pay("P-2", "Birch", "100.00", "2026-04-03", {"1002": "100.00"})
    life.book.archive_invoice(life.named["1001"])  # in April: it lowers April
    life.sync()
    found = restated(life)
    assert (found.documents.rows, found.figures.rows) == ((), ())


def test_documents_dated_back_are_listed_and_add_up_to_what_the_figures_moved_by(
    life: Life,
) -> None:
    closed(life)
    life.at("2026-04-20T15:00:00")
    life.pay("P-2", "Birch", "250.00", "2026-03-28", {"1002": "200.00"})
    life.invoice("1003", "Birch", "75.00", "2026-03-30", "2026-04-30")
    life.book.create_credit_memo(
        {
            "customerId": life.named["Harlow"],
            "referenceNumber": "CM-1",
            "creditDate": "2026-03-31",
            "creditMemoLineItems": [{"quantity": 1, "price": "10.10", "description": "Late"}],
        }
    )
    life.sync()
    found = restated(life)
    kinds = {row["kind"]: row for row in found.documents.records()}
    assert {row["change"] for row in kinds.values()} == {"added"}
    assert {str(row["observed_on"]) for row in kinds.values()} == {"2026-04-20"}
    assert "payment applied 2026-03-28 200.00 (1002)" in kinds["payment"]["after"]
    assert kinds["invoice"]["document"] == "1003"
    assert kinds["invoice"]["customer"] == "Birch"
    assert total(found, "receivables") == moved(found, "ar_aging", "Net")
    assert total(found, "receivables") == Decimal("75.00") - 250 - Decimal("10.10")
    assert total(found, "invoiced") == moved(found, "invoiced_by_month", "Amount")
    assert total(found, "collected") == moved(found, "collected_by_month", "Amount") == 200
    assert moved(found, "revenue_bridge", "Receivables after") == total(found, "receivables")


def test_a_due_date_that_moved_is_listed_though_no_amount_changed(life: Life) -> None:
    closed(life)
    life.at("2026-04-20T15:00:00")
    life.book.change_invoice(life.named["1001"], {"dueDate": "2026-04-09"})
    life.sync()
    found = restated(life)
    assert told(found) == [
        ("invoice", "due date", "due date 2026-03-09", "due date 2026-04-09", Decimal("0.00"))
    ]
    assert moved(found, "ar_aging", "Current") == Decimal("450.10")
    assert moved(found, "ar_aging", "Net") == 0


def test_a_payment_voided_later_does_not_touch_the_month(
    life: Life,
) -> None:
    closed(life)
    life.at("2026-04-20T15:00:00")
    life.book.void_payment(next(iter(life.book.payments)))
    life.sync()
    assert not restated(life).documents.rows


@pytest.mark.both_databases
def test_the_pinned_snapshot_outlives_all_that_come_after(life: Life) -> None:
    close = closed(life)
    for number in range(6):
        life.at(f"2026-04-{number + 10}T15:00:00")
        life.invoice(f"20{number}", "Birch", "1.00", "2026-04-01", "2026-05-01")
        life.sync()
    kept = sorted(int(file.stem) for file in life_snapshots(life))
    assert close.seq in kept
    assert len(kept) == 4
    assert not restated(life).is_restated
    assert verify(life.reader, life.office.store, life.grant, close) == []


def life_snapshots(life: Life) -> list[Any]:
    return list(folder_of(life.office.settings, life.slug).snapshots.glob("*.duckdb"))


def test_a_close_proves_itself_until_its_file_or_its_figures_are_touched(life: Life) -> None:
    close = closed(life)
    store, grant = life.office.store, life.grant
    assert verify(life.reader, store, grant, close) == []
    file = folder_of(life.office.settings, life.slug).snapshot(close.seq)
    content = file.read_bytes()
    file.write_bytes(content + b"\0")
    assert "was changed" in verify(life.reader, store, grant, close)[0]
    file.unlink()
    assert "is gone" in verify(life.reader, store, grant, close)[0]
    file.write_bytes(content)
    with sqlite3.connect(life.office.settings.data_dir / "tieout.db") as database:
        database.execute("update closes set figures = replace(figures, '1050.10', '1060.10')")
    tampered = find_close(store, grant, MONTH)
    found = verify(life.reader, store, grant, tampered)
    assert "hash differs" in found[0]
    assert "gives other figures now for" in found[1]
    assert "ar_aging" in found[1]
    with sqlite3.connect(life.office.settings.data_dir / "tieout.db") as database:
        database.execute("update closes set sha256 = ?", ("0" * 64,))
    tampered = find_close(store, grant, MONTH)
    assert any("audit trail" in one for one in verify(life.reader, store, grant, tampered))


def test_a_close_of_one_tenant_is_none_of_another(life: Life) -> None:
    close = closed(life)
    other = Life(life.office, life.clock, life.book, "quay")
    with pytest.raises(UsageError, match="is not closed"):
        find_close(life.office.store, other.grant, MONTH)
    with pytest.raises(NoSnapshotError):
        life.reader.figures(other.grant, "ar_aging", Question(as_of=day("2026-03-31")), close.seq)
    quays = closed(other)
    (aging,) = quays.figures["figures"]["ar_aging"]["rows"]
    assert aging["net"] == "77.00"
    assert not restated(other).is_restated
