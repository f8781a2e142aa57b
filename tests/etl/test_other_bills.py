"""Syncs from servers that keep BILL's contract in other ways than our sandbox does."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from billcom.environment import resolve
from billcom.session import Credentials
from etl.back_office import BackOffice
from etl.errors import UsageError
from etl.jobs.sync_tenant import sync_tenant
from etl.store import tenants
from etl.store.runs import recent_runs
from etl.store.sessions import refusal_of
from tests.billcom.scripted import LOGIN, Asked, Reply, Scripted, problem, serving
from tests.etl.books import at, customer, golden, invoice
from tests.etl.dumps import dump

PATHS = {
    "/connect/v3/customers": "customers",
    "/connect/v3/invoices": "invoices",
    "/connect/v3/receivable-payments": "receivable_payments",
    "/connect/v3/credit-memos": "credit_memos",
    "/connect/v3/recurring-invoices": "recurring_invoices",
    "/connect/v3/users": "users",
    "/connect/v3/organizations/008org/payment-terms": "payment_terms",
}
KEY = Credentials("008org", "desk@x.example", "not-a-key", "not-a-password")


class OtherBill(Scripted):
    """Lists with offset cursors; knows `updatedTime` and `archived` filters, and its manners."""

    def __init__(self, book: dict[str, list[dict[str, Any]]]) -> None:
        super().__init__(LOGIN)
        self.book = book
        self.hides_archived = False
        self.sorts = True
        self.size = 100
        self.calls = 0
        self.after_page = lambda: None
        self.refusals: dict[str, Reply] = {}
        self.organization: dict[str, Any] = {}

    def reply_to(self, asked: Asked) -> Reply:
        self.calls += 1
        if asked.path.endswith("/login"):
            return self.login
        if asked.path in self.refusals:
            return self.refusals[asked.path]
        if asked.path.startswith("/connect/v3/organizations/") and asked.path not in PATHS:
            of = asked.path.split("/")[4]
            return Reply(body={"id": of, "name": "Cascade", **self.organization})
        start = int(asked.query.get("page", ["0"])[0])
        size = min(self.size, int(asked.query["max"][0]))
        resource = PATHS.get(asked.path, asked.path.rsplit("/", 1)[1].replace("-", "_"))
        found = self._found(resource, asked.query.get("filters", [""])[0])
        if self.sorts and "updatedTime:asc" in asked.query.get("sort", []):
            found = sorted(found, key=lambda record: record.get("updatedTime", ""))
        page = found[start : start + size]
        more = {"nextPage": str(start + size)} if start + size < len(found) else {"nextPage": ""}
        body = json.dumps({"results": page, **more}, default=float)
        self.after_page()
        return Reply(body=body)

    def _found(self, resource: str, filters: str) -> list[dict[str, Any]]:
        found = self.book.get(resource, [])
        if "archived:eq:true" in filters:
            found = [record for record in found if record.get("archived")]
        elif self.hides_archived:
            found = [record for record in found if not record.get("archived")]
        for clause in filters.split(","):
            name, _, rest = clause.partition(":")
            operator, _, value = rest.partition(":")
            if name == "updatedTime":
                since = datetime.fromisoformat(value.strip('"'))
                found = [
                    record
                    for record in found
                    if (changed := datetime.fromisoformat(record["updatedTime"])) > since
                    or (operator == "gte" and changed == since)
                ]
        return found


@pytest.fixture
def bill() -> Iterator[OtherBill]:
    with serving(OtherBill(golden())) as server:
        assert isinstance(server, OtherBill)
        yield server


def connect(office: BackOffice, server: OtherBill, organization: str = "008org") -> None:
    key = Credentials(organization, KEY.username, KEY.developer_key, KEY.password)
    new = tenants.NewTenant(
        "cascade", "Cascade", resolve("sandbox", server.base_url), key, "UTC", "USD"
    )
    with office.store.begin() as session:
        tenants.add_tenant(session, office.box, new, at=office.clock(), actor="test")


def held(office: BackOffice) -> int:
    """How many invoices are in the tenant's history."""
    return sum(row[1] == "invoices" for row in dump(office.settings, "cascade")["raw_heads"])


def invoices(count: int, updated: str = "2025-06-01") -> list[dict[str, Any]]:
    return [
        invoice(f"I{n:05}", "C1", "1.00", "2025-06-01", "2025-07-01", updatedTime=at(updated))
        for n in range(count)
    ]


def test_the_golden_fixture_comes_over_an_empty_next_page(
    office: BackOffice, bill: OtherBill
) -> None:
    bill.size = 2
    connect(office, bill)
    assert sync_tenant(office, "cascade").error is None
    assert held(office) == len(bill.book["invoices"])


def test_archived_records_are_found_where_lists_leave_them_out(
    office: BackOffice, bill: OtherBill
) -> None:
    bill.hides_archived = True
    connect(office, bill)
    assert sync_tenant(office, "cascade").error is None
    assert held(office) == len(bill.book["invoices"])
    gone = bill.book["invoices"][1]
    gone |= {"archived": True, "updatedTime": at("2025-08-02")}
    assert sync_tenant(office, "cascade").rows["invoices"] == 1


def test_a_list_out_of_order_that_breaks_off_is_read_again_whole(
    office: BackOffice, bill: OtherBill
) -> None:
    bill.sorts = False
    book = invoices(1500)
    for n, record in enumerate(book):
        record["updatedTime"] = at(f"2025-06-{30 - n % 30:02}")
    bill.book = {"customers": [customer("C1")], "invoices": book}
    connect(office, bill)
    pages = [0]

    def fail_once() -> None:
        pages[0] += 1
        if pages[0] == 14:
            bill.size = 0

    bill.after_page = fail_once
    assert sync_tenant(office, "cascade").error is not None
    bill.size, bill.after_page = 100, lambda: None
    assert sync_tenant(office, "cascade").error is None
    assert held(office) == 1500


def test_a_change_dated_far_ahead_hides_nothing_that_follows(
    office: BackOffice, bill: OtherBill
) -> None:
    bill.book = {"customers": [customer("C1")], "invoices": invoices(2)}
    bill.book["invoices"][0]["updatedTime"] = "2099-01-01T00:00:00.000+00:00"
    connect(office, bill)
    sync_tenant(office, "cascade")
    soon = (datetime.now(UTC) + timedelta(days=1, minutes=1)).isoformat(timespec="milliseconds")
    bill.book["invoices"].append(
        invoice("I9", "C1", "5.00", "2025-06-01", "2025-07-01", updatedTime=soon)
    )
    assert sync_tenant(office, "cascade").rows["invoices"] == 1


def test_a_bulk_import_is_not_read_over_and_over(office: BackOffice, bill: OtherBill) -> None:
    bill.book = {"customers": [customer("C1")], "invoices": invoices(1200)}
    connect(office, bill)
    sync_tenant(office, "cascade")
    office.shared.sessions.clear()
    report = sync_tenant(office, "cascade")
    assert report.api_calls <= 6
    bill.book["invoices"][7] |= {"archived": True, "updatedTime": at("2025-06-02")}
    assert sync_tenant(office, "cascade").rows["invoices"] == 1


def test_a_record_that_showed_late_is_found_by_looking_back(
    office: BackOffice, bill: OtherBill
) -> None:
    bill.book = {"customers": [customer("C1")], "invoices": invoices(3)}
    connect(office, bill)
    sync_tenant(office, "cascade")
    earlier = "2025-06-01T11:55:00.000+00:00"
    bill.book["invoices"].append(
        invoice("I9", "C1", "5.00", "2025-06-01", "2025-07-01", updatedTime=earlier)
    )
    assert sync_tenant(office, "cascade").rows["invoices"] == 1


def test_after_a_week_everything_is_read_again(office: BackOffice, bill: OtherBill) -> None:
    from dataclasses import replace  # noqa: PLC0415

    bill.book = {"customers": [customer("C1")], "invoices": invoices(3)}
    connect(office, bill)
    sync_tenant(office, "cascade")
    hidden = invoice("I0", "C1", "5.00", "2025-01-01", "2025-02-01", updatedTime=at("2025-01-01"))
    bill.book["invoices"].insert(0, hidden)
    assert sync_tenant(office, "cascade").rows["invoices"] == 0
    later = replace(office, clock=lambda: datetime.now(UTC) + timedelta(days=8))
    assert sync_tenant(later, "cascade").rows["invoices"] == 1


def test_an_answer_of_nothing_empties_nothing(office: BackOffice, bill: OtherBill) -> None:
    connect(office, bill)
    sync_tenant(office, "cascade")
    before = dump(office.settings, "cascade")
    bill.book = {}
    for full in (False, True):
        report = sync_tenant(office, "cascade", full=full)
        assert set(report.rows.values()) == {0}
    after = dump(office.settings, "cascade")
    for reads in ("watermarks", "enumerations"):
        del before[reads], after[reads]
    assert after == before


def test_another_organizations_history_is_never_mixed_in(
    office: BackOffice, bill: OtherBill
) -> None:
    connect(office, bill)
    sync_tenant(office, "cascade")
    with office.store.begin() as session:
        tenants.find_tenant(session, "cascade").organization_id = "008other"
    report = sync_tenant(office, "cascade")
    assert report.error is not None
    assert "another organization's" in report.error


def test_a_snapshot_that_is_gone_is_made_again(office: BackOffice, bill: OtherBill) -> None:
    connect(office, bill)
    sync_tenant(office, "cascade")
    for file in (office.settings.warehouse_dir / "cascade" / "snapshots").iterdir():
        file.unlink()
    report = sync_tenant(office, "cascade")
    assert report.snapshot == report.run_id
    assert dump(office.settings, "cascade")["invoices"]


def test_half_a_character_stops_no_sync(office: BackOffice, bill: OtherBill) -> None:
    bill.book["customers"][0]["name"] = "Harlow \ud83d Carriers"
    connect(office, bill)
    assert sync_tenant(office, "cascade").error is None


def test_refused_credentials_are_not_tried_at_every_turn(
    office: BackOffice, bill: OtherBill
) -> None:
    connect(office, bill)
    bill.login = problem("BDC_1101", "do not match our records.", 401)
    before = bill.calls
    for _ in range(3):
        assert "user name and password" in (sync_tenant(office, "cascade").error or "")
    assert bill.calls == before + 1
    now = datetime.now(UTC)
    with office.store.begin() as session:
        tenant = tenants.find_tenant(session, "cascade")
        assert refusal_of(session, tenant.id, KEY, now)
        assert not refusal_of(session, tenant.id, KEY, now + timedelta(hours=7))
        tenants.replace_credentials(session, office.box, "cascade", KEY, at=now, actor="test")
        assert not refusal_of(session, tenant.id, KEY, now)
        stranger = Credentials("008other", "u", "k", "p")
        with pytest.raises(UsageError, match="name of its own"):
            tenants.replace_credentials(
                session, office.box, "cascade", stranger, at=now, actor="test"
            )


@pytest.mark.parametrize("status", [403, 404])
def test_a_list_that_may_not_be_read_is_noted_and_the_rest_goes_on(
    office: BackOffice, bill: OtherBill, status: int
) -> None:
    bill.refusals["/connect/v3/recurring-invoices"] = problem("BDC_1", "Not for you.", status)
    connect(office, bill)
    report = sync_tenant(office, "cascade")
    assert (report.status, report.error) == ("succeeded", None)
    assert report.note is not None
    assert report.note.startswith("recurring invoices were not read: ")
    assert held(office) == len(bill.book["invoices"])
    with office.store.read() as session:
        (run,) = recent_runs(session)
    assert (run.status, run.error) == ("succeeded", report.note)


def test_a_list_that_must_be_read_still_ends_the_run(office: BackOffice, bill: OtherBill) -> None:
    bill.refusals["/connect/v3/invoices"] = problem("BDC_1", "Not for you.", 403)
    connect(office, bill)
    assert sync_tenant(office, "cascade").status == "failed"


def test_of_the_organization_and_of_users_only_what_names_them_is_kept(
    office: BackOffice, bill: OtherBill
) -> None:
    bill.organization = {"taxId": "12-3456789", "companyOwner": {"name": "A. Person"}}
    bill.book["users"] = [{"id": "U1", "firstName": "Ada", "email": "ada@desk.example"}]
    connect(office, bill)
    assert sync_tenant(office, "cascade").error is None
    held = {row[0]: row[4] for row in dump(office.settings, "cascade")["raw_records"]}
    assert json.loads(held["users"]) == {"id": "U1", "firstName": "Ada"}
    assert json.loads(held["organizations"]) == {"id": "008org", "name": "Cascade"}


def test_a_reference_list_that_is_refused_is_noted_and_asked_for_again_a_day_later(
    office: BackOffice, bill: OtherBill
) -> None:
    path = "/connect/v3/organizations/008org/payment-terms"
    bill.refusals[path] = problem("BDC_1171", "Not here.", 404)
    connect(office, bill)
    first = sync_tenant(office, "cascade")
    assert first.error is None
    assert "payment terms were not read" in str(first.note)
    assert sync_tenant(office, "cascade").note is None
    del bill.refusals[path]
    bill.book["payment_terms"] = [{"id": "00p1", "name": "Net 30", "daysDue": 30}]
    tomorrow = datetime.now(UTC) + timedelta(days=1, minutes=1)
    later = replace(office, clock=lambda: tomorrow)
    assert sync_tenant(later, "cascade").rows["payment_terms"] == 1
