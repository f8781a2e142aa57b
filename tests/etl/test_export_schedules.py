"""A schedule's life in the operational store, in both databases."""

from datetime import timedelta

import pytest

from billcom.environment import resolve
from billcom.session import Credentials
from etl.back_office import BackOffice
from etl.store import alerts, export_schedules, tenants
from etl.store import exports as history
from etl.store.access import Grant, command_line_grant
from etl.store.models import ExportSchedule
from tests.etl.conftest import NOW

pytestmark = pytest.mark.both_databases
FACTS = {"metric": "ar_aging", "filters": {}, "as_of": "2026-11-23", "format": "csv"}


def arranged(office: BackOffice) -> tuple[Grant, int]:
    """A tenant and the id of its one schedule, due now."""
    new = tenants.NewTenant(
        slug="cascade",
        name="Cascade",
        environment=resolve("sandbox", "http://127.0.0.1:1/connect"),
        credentials=Credentials("org", "user", "key", "password"),
        time_zone="UTC",
        currency="USD",
    )
    with office.store.begin() as session:
        tenant = tenants.add_tenant(session, office.box, new, at=NOW, actor="test")
        grant = command_line_grant(tenant)
        row = ExportSchedule(
            name="aging",
            view="ar_aging",
            narrowing={},
            format="csv",
            rhythm="daily",
            at_time="07:00",
            day_told="today",
            kind="folder",
            target={"path": "/srv/x"},
            created_by="test",
            created_at=NOW,
            due_at=NOW,
        )
        export_schedules.add(session, grant, row, actor="test")
        return grant, row.id


def test_a_claim_is_one_processs_until_its_lease_ends(office: BackOffice) -> None:
    _grant, row_id = arranged(office)
    with office.store.begin() as session:
        assert export_schedules.due(session, NOW) == [row_id]
        assert export_schedules.claim(session, row_id, NOW) is not None
    with office.store.begin() as session:
        assert export_schedules.due(session, NOW) == []
        assert export_schedules.claim(session, row_id, NOW) is None
        later = NOW + export_schedules.LEASE + timedelta(seconds=1)
        assert export_schedules.due(session, later) == [row_id]


def test_who_lost_its_claim_records_nothing(office: BackOffice) -> None:
    _grant, row_id = arranged(office)
    later = NOW + export_schedules.LEASE + timedelta(seconds=1)
    with office.store.begin() as session:
        slow = export_schedules.claim(session, row_id, NOW)
        assert slow is not None
        session.expunge(slow)
        assert export_schedules.claim(session, row_id, later) is not None
        assert not export_schedules.succeed(session, slow, next_due=None, seq=1, at=later)


def test_it_fails_waits_succeeds_and_is_told_of(office: BackOffice) -> None:
    grant, row_id = arranged(office)
    with office.store.begin() as session:
        row = export_schedules.claim(session, row_id, NOW)
        assert row is not None
        assert export_schedules.fail(session, row, "No room.", at=NOW)
        history.record_delivered(
            session, grant, row.name, FACTS, went_to="folder", at=NOW, failed="No room."
        )
    with office.store.begin() as session:
        assert len(alerts.open_alerts(session)) == 1
        assert export_schedules.due(session, NOW) == []
        later = NOW + timedelta(minutes=1)
        row = export_schedules.claim(session, row_id, later)
        assert row is not None
        due = NOW + timedelta(days=1)
        assert export_schedules.succeed(session, row, next_due=due, seq=7, at=later)
    with office.store.read() as session:
        assert list(alerts.open_alerts(session)) == []
        kept = session.get_one(ExportSchedule, row_id)
        assert (kept.due_at, kept.last_seq, kept.failures) == (due, 7, 0)
        assert [row.outcome for row in history.history(session, grant)] == ["failed"]
