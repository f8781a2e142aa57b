"""Entering the bank's reason of a failed payment: who may, what is refused, and what is kept."""

import pytest
from sqlalchemy import select

from dashboard import actions, reads
from etl.errors import NotAllowedError, UnknownTenantError, UsageError
from etl.store.failure_reasons import current_reasons
from etl.store.models import AuditEntry, FailureReason
from tests.dashboard.world import World

FAILED = "P2"


def enter(world: World, who: str, code: str, payment: str = FAILED, note: str = "") -> None:
    actions.enter_reason(world.people[who], "harbor", payment, code, note)


def kept(world: World) -> list[tuple[str, str | None]]:
    with world.office.store.read() as session:
        rows = session.scalars(select(FailureReason).order_by(FailureReason.id))
        return [(row.code, row.note) for row in rows]


def test_the_newest_reason_counts_and_those_before_are_kept(own_world: World) -> None:
    enter(own_world, "alice", "r02")
    enter(own_world, "ada", "R01", note=" Notice of 3 March ")
    assert kept(own_world) == [("R02", None), ("R01", "Notice of 3 March")]
    waiting = reads.desk().reasons_to_come(own_world.people["bob"], "harbor")
    assert {payment: reason.code for payment, reason in waiting.items()} == {FAILED: "R01"}
    assert waiting[FAILED].entered_by == "ada@harbor.example"


def test_an_entry_is_in_the_audit_trail(own_world: World) -> None:
    enter(own_world, "alice", "R01", note="secret")
    with own_world.office.store.read() as session:
        last = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert last is not None
        assert (last.what, last.actor) == ("failure_reason.entered", "alice@harbor.example")
        assert last.detail == {"reason": 1, "payment": FAILED, "code": "R01"}


def test_who_only_reads_and_who_is_a_stranger_enter_nothing(own_world: World) -> None:
    with pytest.raises(NotAllowedError, match="viewer"):
        enter(own_world, "bob", "R01")
    with pytest.raises(UnknownTenantError):
        enter(own_world, "charlie", "R01")
    assert kept(own_world) == []


@pytest.mark.parametrize(
    ("code", "payment", "said"),
    [
        ("R99", FAILED, "is no reason"),
        ("lost_card", FAILED, "is no reason"),
        ("PAID>VOID", FAILED, "is no reason"),
        ("", FAILED, "is no reason"),
        ("R01", "P1", "No payment “P1” failed"),
        ("R01", "p2", "No payment “p2” failed"),
        ("R01", "nothing", "No payment “nothing” failed"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_sentence(
    own_world: World, code: str, payment: str, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        enter(own_world, "alice", code, payment)
    assert kept(own_world) == []


def test_a_long_note_is_refused(own_world: World) -> None:
    with pytest.raises(UsageError, match="at most 500"):
        enter(own_world, "alice", "R01", note="x" * 501)


def test_a_reason_is_of_its_tenant_alone(own_world: World) -> None:
    enter(own_world, "alice", "R01")
    with own_world.office.store.read() as session:
        assert [len(current_reasons(session, tenant_id)) for tenant_id in (1, 2)] == [1, 0]
