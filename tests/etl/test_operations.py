"""What administrators see and change of a tenant's running; everybody else gets nothing."""

import csv
import io
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from billcom.admission import Allowance
from billcom.breaker import Health as Ending
from billcom.telemetry import Call
from etl.desk import Desk, open_desk
from etl.errors import NotAllowedError, RunRefusedError, TieoutError, UnknownTenantError, UsageError
from etl.notices.own_words import usual
from etl.operations.console import Operations
from etl.store import alerts, asked_runs, audit, runs, users
from etl.store.audit_search import Wanted
from etl.store.circuits import StoredBreaker
from etl.store.models import AuditEntry, Run, Tenant
from etl.store.telemetry import Recorder
from etl.store.tenants import connection_of, find_tenant
from tests.dashboard.world import PASSWORD, World, copied_world, make_world

HOSTILE = '<script>alert(1)</script> =HYPERLINK("x") \'; drop table audit; --'
WORDS = usual("receipt")
Ask = Callable[[Operations, int, str], Any]
READS: dict[str, Ask] = {
    "runs": lambda ours, who, slug: ours.ledger.runs(who, slug),
    "outbox": lambda ours, who, slug: ours.ledger.outbox(who, slug),
    "letters": lambda ours, who, slug: ours.ledger.letters(who, slug),
    "limits": lambda ours, who, slug: ours.health.limits(who, slug),
    "circuits": lambda ours, who, slug: ours.health.circuits(who, slug),
    "latencies": lambda ours, who, slug: ours.health.latencies(who, slug),
    "errors": lambda ours, who, slug: ours.health.errors(who, slug),
    "alerts": lambda ours, who, slug: ours.health.alerts(who, slug),
    "told": lambda ours, who, slug: ours.webhooks.told(who, slug),
    "find": lambda ours, who, slug: ours.trail.find(who, slug, Wanted()),
    "export": lambda ours, who, slug: ours.trail.export(who, slug, Wanted()),
    "verify": lambda ours, who, slug: ours.trail.verify(who, slug),
    "written": lambda ours, who, slug: ours.wording.written(who, slug, "receipt"),
    "preview": lambda ours, who, slug: ours.wording.preview(who, slug, "receipt", WORDS),
    "connected": lambda ours, who, slug: ours.tenancy.connected(who, slug),
    "members": lambda ours, who, slug: ours.people.members(who, slug),
}
CHANGES: dict[str, Ask] = {
    "sync_now": lambda ours, who, slug: ours.ledger.sync_now(who, slug),
    "calls": lambda ours, who, slug: ours.ledger.calls(who, slug, Run(tenant_id=1)),
    "prefer": lambda ours, who, slug: ours.tenancy.prefer(who, slug, {"grace_days": "5"}),
    "grant_role": lambda ours, who, slug: ours.people.grant_role(
        who, slug, "new@x.example", "admin"
    ),
    "keep": lambda ours, who, slug: ours.wording.keep(who, slug, "receipt", WORDS, 0),
    "reset": lambda ours, who, slug: ours.wording.reset(who, slug, "receipt", 0),
    "remove": lambda ours, who, slug: ours.people.remove(who, slug, "bob@harbor.example"),
    "reset_password": lambda ours, who, slug: ours.people.reset_password(
        who, slug, "bob@harbor.example"
    ),
    "reset_second_factor": lambda ours, who, slug: ours.people.reset_second_factor(
        who, slug, "bob@harbor.example"
    ),
}


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("operations"))


@pytest.fixture
def world(pristine: World, tmp_path: Path) -> World:
    return copied_world(pristine, tmp_path / "data")


@pytest.fixture
def desk(world: World) -> Desk:
    return open_desk(world.settings)


def entries(world: World, what: str) -> list[AuditEntry]:
    with world.office.store.read() as session:
        return session.query(AuditEntry).filter(AuditEntry.what == what).all()


def tenant_of(world: World, slug: str) -> Tenant:
    with world.office.store.read() as session:
        return find_tenant(session, slug)


def called(world: World, slug: str, *calls: dict[str, Any]) -> None:
    recorder = Recorder(world.office.store, world.office.clock)
    observe = recorder.observer_of(tenant_of(world, slug).id)
    usual = {
        "at": world.office.clock(),
        "endpoint": "GET /invoices",
        "status": 200,
        "codes": (),
        "error": "",
        "attempt": 1,
        "waited_s": 0.0,
        "taken_s": 0.2,
        "size_bytes": 100,
    }
    for call in calls:
        observe(Call(**(usual | call)))
    recorder.flush()


def test_every_question_is_asked_here() -> None:
    parts = vars(Operations(None)).values()  # type: ignore[arg-type]
    questions = {
        name
        for part in parts
        for name, found in vars(type(part)).items()
        if callable(found) and not name.startswith("_")
    }
    assert questions == set(READS | CHANGES)


@pytest.mark.parametrize("read", READS)
def test_an_administrator_is_answered(world: World, read: str) -> None:
    READS[read](open_desk(world.settings).operations, world.people["olga"], "harbor")


@pytest.mark.parametrize("question", READS | CHANGES)
@pytest.mark.parametrize("who", ["alice", "ada", "bob"])
def test_who_does_not_administer_gets_nothing(pristine: World, question: str, who: str) -> None:
    ours = open_desk(pristine.settings).operations
    with pytest.raises(NotAllowedError, match="may not do this"):
        (READS | CHANGES)[question](ours, pristine.people[who], "harbor")


@pytest.mark.parametrize("question", READS | CHANGES)
@pytest.mark.parametrize("who", ["charlie", "wendy", "nora"])
def test_a_stranger_gets_nothing(pristine: World, question: str, who: str) -> None:
    ours = open_desk(pristine.settings).operations
    with pytest.raises(UnknownTenantError):
        (READS | CHANGES)[question](ours, pristine.people[who], "harbor")


@pytest.mark.parametrize("question", READS | CHANGES)
def test_an_administrator_of_one_tenant_gets_nothing_of_another(
    pristine: World, question: str
) -> None:
    ours = open_desk(pristine.settings).operations
    with pytest.raises(NotAllowedError):
        (READS | CHANGES)[question](ours, pristine.people["olga"], "quay")


def test_runs_are_the_tenants_with_what_they_called(world: World, desk: Desk) -> None:
    tenant, clock = tenant_of(world, "harbor"), world.office.clock
    runs.start(world.office.store, tenant, trigger="test", at=clock())
    called(world, "harbor", {}, {"taken_s": 0.3, "error": "ServerError"})
    called(world, "quay", {"endpoint": "GET /customers"})
    latest, before = desk.operations.ledger.runs(world.people["olga"], "harbor")
    assert [latest.status, before.status] == ["running", "succeeded"]
    (seen,) = desk.operations.ledger.calls(world.people["olga"], "harbor", latest)
    assert (seen.endpoint, seen.calls, seen.failed, seen.size_bytes) == ("GET /invoices", 2, 1, 200)
    assert seen.taken_s == pytest.approx(0.5)


def test_a_sync_is_asked_for_once_and_taken_up_by_the_next_run(world: World, desk: Desk) -> None:
    store, tenant, clock = world.office.store, tenant_of(world, "harbor"), world.office.clock
    ask, olga = desk.operations.ledger.sync_now, world.people["olga"]
    number = ask(olga, "harbor")
    with pytest.raises(RunRefusedError, match=f"Run {number} waits to go on already"):
        ask(olga, "harbor")
    with store.read() as session:
        assert asked_runs.asked(session, clock()) == ["harbor"]
        assert not runs.is_put_off(session, tenant.id, clock())
    assert runs.start(store, tenant, trigger="person", at=clock()) == number
    with pytest.raises(RunRefusedError, match="under way already"):
        ask(olga, "harbor")
    with store.read() as session:
        assert asked_runs.asked(session, clock()) == []
    (entry,) = entries(world, "sync.requested")
    assert (entry.actor, entry.tenant) == ("olga@harbor.example", "harbor")


def test_latencies_and_errors_are_the_tenants_of_a_day(world: World, desk: Desk) -> None:
    long_ago = world.office.clock() - timedelta(hours=25)
    called(
        world,
        "harbor",
        {},
        {"error": "ThrottledError", "codes": ("BDC_1144",), "status": 429},
        {"error": "ServerError", "at": long_ago},
    )
    called(world, "quay", {"error": "AuthenticationError"})
    health, olga = desk.operations.health, world.people["olga"]
    (latency,) = health.latencies(olga, "harbor")
    assert (latency.endpoint, latency.calls, latency.failed) == ("GET /invoices", 2, 1)
    (error,) = health.errors(olga, "harbor")
    assert (error.error, error.codes, error.calls) == ("ThrottledError", "BDC_1144", 1)


def test_limits_tell_what_is_left_of_the_hour(world: World, desk: Desk) -> None:
    tenant, olga = tenant_of(world, "harbor"), world.people["olga"]
    _environment, credentials = connection_of(world.office.box, tenant)
    assert desk.operations.health.limits(olga, "harbor").tenant_calls == 0
    throttle = world.office.throttle_of(tenant, credentials, is_urgent=True)
    with throttle.call():
        during = desk.operations.health.limits(olga, "harbor")
    after = desk.operations.health.limits(olga, "harbor")
    assert (during.in_flight, after.in_flight) == (1, 0)
    assert (after.tenant_calls, after.key_calls, after.sign_ins) == (1, 1, 0)
    assert (after.tenant_most, after.places) == (
        world.settings.hourly_budget,
        Allowance().in_flight,
    )
    assert after.renewed_at > world.office.clock()


def test_circuits_and_alerts_are_the_tenants(world: World, desk: Desk) -> None:
    store, clock = world.office.store, world.office.clock
    breaker = StoredBreaker(store, tenant_of(world, "quay"), "quay.example", clock=clock)
    ours = StoredBreaker(store, tenant_of(world, "harbor"), "harbor.example", clock=clock)
    for one in (breaker, ours):
        for _ in range(10):
            one.settle(Ending.FAILING)
    health, olga = desk.operations.health, world.people["olga"]
    assert [row.host for row in health.circuits(olga, "harbor")] == ["harbor.example"]
    (alert,) = health.alerts(olga, "harbor")
    assert (alert.kind, alert.cleared_at) == ("circuit_open", None)
    with store.begin() as session:
        alerts.clear_all(session, tenant_of(world, "harbor").id, clock())
    (over,) = health.alerts(olga, "harbor")
    assert over.cleared_at is not None


def wanted_by(desk: Desk, world: World, **wanted: Any) -> list[str]:
    page = desk.operations.trail.find(world.people["olga"], "harbor", Wanted(**wanted))
    return [entry.what for entry in page.entries]


def note(
    world: World, what: str, slug: str | None = "harbor", actor: str = "t", **facts: Any
) -> None:
    with world.office.store.begin() as session:
        audit.append(
            session, at=world.office.clock(), actor=actor, what=what, tenant=slug, detail=facts
        )


def test_the_trail_is_searched_by_who_what_document_and_time(world: World, desk: Desk) -> None:
    note(world, "invoice.archived", actor="Zoe", document="INV-é%_1")
    note(world, "invoice.archived", slug="quay", actor="Zoe", document="INV-é%_1")
    assert wanted_by(desk, world, who="zoe") == ["invoice.archived"]
    assert wanted_by(desk, world, what="ARCHIVED") == ["invoice.archived"]
    assert wanted_by(desk, world, document="-é%_") == ["invoice.archived"]
    assert wanted_by(desk, world, document="é__") == []
    now = world.office.clock()
    assert wanted_by(desk, world, who="zoe", until=now - timedelta(hours=1)) == []
    assert wanted_by(desk, world, who="zoe", since=now - timedelta(hours=1)) == ["invoice.archived"]


def test_the_trail_tells_of_members_signing_in_and_of_no_stranger(world: World, desk: Desk) -> None:
    note(world, "user.signed_in", slug=None, actor="bob@harbor.example", by="password")
    note(world, "user.signed_in", slug=None, actor="charlie@quay.example", by="password")
    note(world, "password.changed", slug=None, actor="bob@harbor.example", email="x@quay.example")
    page = desk.operations.trail.find(world.people["olga"], "harbor", Wanted())
    own = [entry.actor for entry in page.entries if entry.what == "user.signed_in"]
    assert own == ["bob@harbor.example"]
    assert not any("quay" in entry.detail for entry in page.entries)


def test_what_another_organization_did_under_the_same_name_is_not_shown(
    world: World, desk: Desk
) -> None:
    with world.office.store.begin() as session:
        session.execute(
            update(Tenant)
            .where(Tenant.slug == "harbor")
            .values(created_at=world.office.clock() + timedelta(hours=1))
        )
    assert wanted_by(desk, world) == []


def test_the_trail_is_read_a_page_at_a_time(world: World, desk: Desk) -> None:
    for number in range(60):
        note(world, "thing.happened", number=number)
    wanted, olga = Wanted(what="thing."), world.people["olga"]
    first, second = (desk.operations.trail.find(olga, "harbor", wanted, n) for n in (1, 2))
    assert (first.total, first.pages, len(first.entries), len(second.entries)) == (60, 2, 50, 10)
    assert first.entries[0].detail == "number 59"
    assert second.entries[-1].detail == "number 0"


def test_the_chain_is_verified_and_a_change_is_found(world: World, desk: Desk) -> None:
    note(world, "thing.happened")
    olga = world.people["olga"]
    good = desk.operations.trail.verify(olga, "harbor")
    assert (good.broken_at, good.entries > 1) == (None, True)
    assert [entry.actor for entry in entries(world, "audit.verified")] == ["olga@harbor.example"]
    (changed,) = entries(world, "thing.happened")
    with world.office.store.begin() as session:
        session.execute(
            update(AuditEntry).where(AuditEntry.id == changed.id).values(actor="somebody else")
        )
    assert desk.operations.trail.verify(olga, "harbor").broken_at == changed.id


def test_the_trail_as_csv_is_safe_and_audited(world: World, desk: Desk) -> None:
    note(world, "thing.happened", actor=HOSTILE, document="=1+1")
    note(world, "thing.happened", actor="=cmd")
    content = desk.operations.trail.export(world.people["olga"], "harbor", Wanted(what="thing."))
    newest, oldest = csv.DictReader(io.StringIO(content.decode()))
    assert (newest["actor"], oldest["actor"]) == ("'=cmd", HOSTILE)
    assert oldest["detail"] == "document =1+1"
    assert len(newest["hash"]) == 64
    (taken,) = entries(world, "export.taken")
    assert (taken.tenant, taken.detail["metric"]) == ("harbor", "audit trail")


def test_a_connection_is_told_without_its_secrets(world: World, desk: Desk) -> None:
    found = desk.operations.tenancy.connected(world.people["olga"], "harbor")
    assert (found.organization_id, found.trouble, found.rates_from) == ("org-harbor", None, None)
    with world.office.store.begin() as session:
        session.execute(update(Tenant).values(credentials="sealed by another key"))
    found = desk.operations.tenancy.connected(world.people["olga"], "harbor")
    assert found.trouble is not None
    assert "another key" in found.trouble
    assert "sealed by" not in str(asdict(found))


def test_preferences_are_set_as_the_command_sets_them(world: World, desk: Desk) -> None:
    tenancy, olga = desk.operations.tenancy, world.people["olga"]
    said = tenancy.connected(olga, "harbor").preferences
    tenancy.prefer(olga, "harbor", said, [])
    assert entries(world, "preferences.set") == []  # nothing is another than it was
    tenancy.prefer(olga, "harbor", {**said, "aging_edges": "10,20"}, ["invoices"])
    found = tenancy.connected(olga, "harbor")
    assert (found.preferences["aging_edges"], list(found.stops)) == ("10,20", ["invoices"])
    tenancy.prefer(olga, "harbor", {"grace_days": "3"})
    assert list(tenancy.connected(olga, "harbor").stops) == ["invoices"]
    assert entries(world, "preferences.set")[-1].actor == "olga@harbor.example"


@pytest.mark.parametrize(
    "said",
    [
        {"aging_edges": "30,20"},
        {"grace_days": "soon"},
        {"aging_basis": "moon"},
        {"second_factor": "never"},
        {"rates_url": "http://127.0.0.1/"},
    ],
)
def test_a_preference_that_makes_no_sense_changes_nothing(
    world: World, desk: Desk, said: dict[str, str]
) -> None:
    with pytest.raises(UsageError):
        desk.operations.tenancy.prefer(world.people["olga"], "harbor", said)
    assert entries(world, "preferences.set") == []


def test_somebody_new_gets_a_password_once_and_somebody_known_none(
    world: World, desk: Desk
) -> None:
    people, olga, now = desk.operations.people, world.people["olga"], world.office.clock()
    password = people.grant_role(olga, "harbor", "New@x.example", "viewer")
    assert password is not None
    with world.office.store.begin() as session:
        checked = users.check_password(session, "new@x.example", password, at=now)
        assert not isinstance(checked, str)
    assert people.grant_role(olga, "harbor", "charlie@quay.example", "viewer") is None
    roles = {person.email: person.role for person in people.members(olga, "harbor")}
    assert (roles["new@x.example"], roles["charlie@quay.example"]) == ("viewer", "viewer")
    people.grant_role(olga, "harbor", "new@x.example", "approver")
    people.remove(olga, "harbor", "charlie@quay.example")
    roles = {person.email: person.role for person in people.members(olga, "harbor")}
    assert roles["new@x.example"] == "approver"
    assert "charlie@quay.example" not in roles
    assert [grant.tenant for grant in desk.grants(world.people["charlie"])] == ["quay"]


def test_a_password_is_reset_only_where_that_opens_no_other_tenant(
    world: World, desk: Desk
) -> None:
    people, olga, now = desk.operations.people, world.people["olga"], world.office.clock()
    password = people.reset_password(olga, "harbor", "bob@harbor.example")
    with world.office.store.begin() as session:
        assert not isinstance(
            users.check_password(session, "bob@harbor.example", password, at=now), str
        )
    for reset in (people.reset_password, people.reset_second_factor):
        with pytest.raises(NotAllowedError, match="other tenants as well"):
            reset(olga, "harbor", "alice@harbor.example")  # she reads Quay, too
        with pytest.raises(NotAllowedError, match="has no role"):
            reset(olga, "harbor", "charlie@quay.example")
    with world.office.store.begin() as session:
        kept = users.check_password(session, "alice@harbor.example", PASSWORD, at=now)
        assert not isinstance(kept, str)
    (told,) = entries(world, "password.changed")
    assert (told.tenant, told.actor) == ("harbor", "olga@harbor.example")


def test_nobody_changes_their_own_standing(world: World, desk: Desk) -> None:
    people, olga, own = desk.operations.people, world.people["olga"], " OLGA@harbor.example"
    for change in (
        lambda: people.grant_role(olga, "harbor", own, "viewer"),
        lambda: people.remove(olga, "harbor", own),
        lambda: people.reset_password(olga, "harbor", own),
        lambda: people.reset_second_factor(olga, "harbor", own),
    ):
        with pytest.raises(NotAllowedError, match="ask another administrator"):
            change()


@pytest.mark.parametrize(("email", "role"), [("no address", "viewer"), ("a@b.example", "king")])
def test_a_bad_address_or_role_adds_nobody(world: World, desk: Desk, email: str, role: str) -> None:
    before = desk.operations.people.members(world.people["olga"], "harbor")
    with pytest.raises(TieoutError):
        desk.operations.people.grant_role(world.people["olga"], "harbor", email, role)
    assert desk.operations.people.members(world.people["olga"], "harbor") == before
