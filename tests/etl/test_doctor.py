"""`tieout doctor`: every check once well and once failing, with what mends it."""

import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from billcom.reach import Reach
from billcom.sandbox.clock import SettableClock
from billcom.sandbox.server import Sandbox, running_sandbox
from etl.__main__ import cli
from etl.back_office import BackOffice
from etl.doctor.examine import TENANT, examine
from etl.doctor.finding import Finding, State
from etl.doctor.visit import Visit
from etl.doctor.way import found
from etl.errors import UnknownTenantError
from etl.extract.plan import PLAN
from etl.jobs.sync_tenant import sync_tenant
from etl.store import alerts, runs
from etl.store.models import CircuitRow, Run, SnapshotRow, Tenant
from etl.store.tenants import enable_writes, find_tenant
from etl.warehouse.places import folder_of
from tests.billcom.scripted import LOGIN, Asked, Reply, Scripted, problem, serving
from tests.billcom.secured import certificate_for, serving_tls
from tests.etl.conftest import connected
from tests.etl.mailbox import mail_server
from tests.worlds import written_world

Change = Callable[[BackOffice, Tenant], None]
SESSION = Reply(body={"organizationId": "008org", "userId": "006user", "mfaStatus": "DISABLED"})
EMPTY = Reply(body={"results": []})


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox(written_world()) as running:
        yield running


@pytest.fixture
def well(office: BackOffice, sandbox: Sandbox) -> BackOffice:
    """A tenant that was synced just now."""
    connected(office, sandbox)
    sync_tenant(office, "cascade")
    return office


def looked(office: BackOffice, slug: str | None = None, **more: str) -> dict[str, Finding]:
    env = {"TIEOUT_DATA_DIR": str(office.settings.data_dir)} | more
    return {row.check: row.finding for row in examine(slug, env)}


def change(office: BackOffice, act: Change) -> None:
    with office.store.begin() as session:
        tenant = find_tenant(session, "cascade")
        act(office, tenant)


def at(office: BackOffice, base_url: str) -> dict[str, Finding]:
    """What is found of the tenant at another address, its organization being that of LOGIN."""
    with office.store.begin() as session:
        tenant = find_tenant(session, "cascade")
        tenant.base_url, tenant.organization_id = base_url, "008org"
    return looked(office)


def test_all_is_well_and_costs_no_sign_in_and_changes_no_book(
    well: BackOffice, sandbox: Sandbox
) -> None:
    before = len(list(sandbox.calls))
    findings = looked(well)
    states = {check: finding.state for check, finding in findings.items()}
    assert states.pop("address") is State.SKIPPED
    assert states.pop("mail") is State.SKIPPED
    assert states.pop("data folder") in {State.OK, State.WARNING}  # the disk is not ours
    assert set(states.values()) == {State.OK}
    assert set(findings) >= {check.name for check in TENANT}
    asked = list(sandbox.calls)[before:]
    assert [call.path for call in asked if call.path.endswith("/login")] == []
    assert [(call.method, call.status) for call in asked if call.method != "GET"] == [
        ("PATCH", 404)
    ]
    assert len(asked) == 2 + len(PLAN)  # the session, each list, and the change that is refused


def test_a_mail_server_lets_us_in_or_is_told_of(office: BackOffice) -> None:
    sender = {"TIEOUT_SMTP_FROM": "tieout@books.example"}
    with mail_server() as (box, port):
        url = f"smtp://localhost:{port}"
        assert looked(office, TIEOUT_SMTP_URL=url, **sender)["mail"].state is State.OK
    assert box.taken == []
    gone = looked(office, TIEOUT_SMTP_URL=url, **sender)["mail"]
    assert (gone.state, "check TIEOUT_SMTP_URL" in gone.saw) == (State.FAILED, True)


def test_an_unknown_tenant_is_told(well: BackOffice) -> None:
    with pytest.raises(UnknownTenantError):
        looked(well, "nobody")


# What is wrong with the installation.


def broken_house(env: dict[str, str]) -> dict[str, Finding]:
    return {row.check: row.finding for row in examine(None, env)}


def test_a_wrong_setting_ends_the_examination() -> None:
    findings = broken_house({"TIEOUT_SYNC_EVERY_S": "soon"})
    assert findings["settings"].state is State.FAILED
    assert "TIEOUT_SYNC_EVERY_S" in findings["settings"].saw
    assert "variable" in findings["settings"].fix
    assert {finding.state for finding in findings.values()} == {State.FAILED, State.SKIPPED}


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    findings = broken_house({"TIEOUT_DATA_DIR": str(tmp_path / "none")})
    assert "TIEOUT_DATA_DIR" in findings["data folder"].fix
    assert not (tmp_path / "none").exists()


def test_a_folder_that_others_can_read_is_a_warning(well: BackOffice) -> None:
    well.settings.data_dir.chmod(0o755)
    finding = looked(well)["data folder"]
    assert (finding.state, finding.fix) == (
        State.WARNING,
        f"chmod 700 {well.settings.data_dir}",
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_a_failure(well: BackOffice) -> None:
    well.settings.data_dir.chmod(0o500)
    try:
        finding = looked(well)["data folder"]
    finally:
        well.settings.data_dir.chmod(0o700)
    assert (finding.state, finding.fix[:5]) == (State.FAILED, "chown")


def test_a_store_that_cannot_be_read_is_a_row_and_no_traceback(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / "tieout.db").write_text("this is no database at all, but long enough to be one")
    findings = broken_house({"TIEOUT_DATA_DIR": str(tmp_path)})
    assert findings["operational store"].state is State.FAILED
    assert findings["operational store"].fix
    assert findings["secret key"].state is State.SKIPPED


def test_a_store_of_a_newer_version_is_told(well: BackOffice) -> None:
    with well.store.begin() as session:
        session.execute(text("update alembic_version set version_num = '9999'"))
    finding = looked(well)["operational store"]
    assert (finding.state, "newer Tieout" in finding.saw) == (State.FAILED, True)


def test_a_changed_audit_entry_is_found(well: BackOffice) -> None:
    with well.store.begin() as session:
        session.execute(text("update audit set actor = 'mallory' where id = 1"))
    finding = looked(well)["audit trail"]
    assert (finding.state, "entry 1" in finding.saw) == (State.FAILED, True)
    assert "backup" in finding.fix


def test_a_lost_or_foreign_key_is_told_with_the_tenants_it_concerns(well: BackOffice) -> None:
    key = well.settings.data_dir / "secret.key"
    kept = key.read_text()
    key.unlink()
    finding = looked(well)["secret key"]
    assert (finding.state, "is gone" in finding.saw) == (State.FAILED, True)
    assert not key.exists()
    key.write_text("A" * 43 + "=")
    findings = looked(well)
    assert findings["secret key"].state is State.FAILED
    assert "tieout tenant credentials cascade" in findings["secret key"].fix
    assert findings["login"].state is State.FAILED
    key.write_text(kept)
    key.chmod(0o644)
    assert looked(well)["secret key"].fix == f"chmod 600 {key}"


# What is wrong between us and BILL.


def test_a_key_of_the_other_world_is_told_so_and_tried_once(well: BackOffice) -> None:
    with well.store.begin() as session:
        find_tenant(session, "cascade").environment = "production"
    wrong_key = problem("BDC_1102", "Developer key is invalid.", 401)
    with serving(Scripted(EMPTY, login=wrong_key)) as script:
        first, second = at(well, script.base_url), looked(well)
    assert script.logins == 1
    for findings in (first, second):
        assert findings["login"].state is State.FAILED
        assert "BILL's production does not accept this developer key" in findings["login"].saw
        assert "BILL's sandbox" in findings["login"].saw
        assert "tieout tenant credentials cascade" in findings["login"].fix
        assert "tieout tenant environment cascade --environment sandbox" in findings["login"].fix
        assert findings["list of invoices"].state is State.SKIPPED
        assert findings["limits"].state is State.OK


def test_a_page_in_front_of_bill_is_told_so(well: BackOffice) -> None:
    page = Reply(200, "<!doctype html><html>Sign in to the guest network</html>")
    with serving(Scripted(EMPTY, login=page)) as script:
        finding = at(well, script.base_url)["login"]
    assert (finding.state, "HTML page" in finding.saw) == (State.FAILED, True)
    assert "stands between" in finding.fix


@pytest.mark.parametrize(
    ("base_url", "check", "said"),
    [
        ("http://127.0.0.1:9/connect", "login", "cannot be reached"),
        ("https://127.0.0.1:9/connect", "address", "does not take a connection"),
        ("https://bill.invalid/connect", "address", "No name server"),
    ],
)
def test_a_host_that_cannot_be_reached_is_told(
    well: BackOffice, base_url: str, check: str, said: str
) -> None:
    findings = at(well, base_url)
    assert (findings[check].state, said in findings[check].saw) == (State.FAILED, True)
    assert "check the address" in findings[check].fix
    assert findings["session"].state is State.SKIPPED


def test_an_address_of_the_wrong_world_is_told(well: BackOffice) -> None:
    finding = at(well, "https://gateway.prod.bill.com/connect")["address"]
    assert (finding.state, finding.fix) == (State.FAILED, "tieout tenant environment cascade")


def test_a_host_that_does_not_prove_to_be_bill_is_told(well: BackOffice, tmp_path: Path) -> None:
    certificate = certificate_for("localhost", tmp_path, datetime.now(UTC) + timedelta(days=30))
    with serving_tls(certificate) as base_url:
        finding = at(well, base_url)["address"]
    assert (finding.state, "self-signed" in finding.saw) == (State.FAILED, True)
    assert "inspects its traffic" in finding.fix


@pytest.mark.parametrize(("days", "state"), [(60, State.OK), (3, State.WARNING)])
def test_a_certificate_that_ends_soon_is_a_warning(
    well: BackOffice, days: int, state: State
) -> None:
    with well.store.read() as session:
        visit = Visit(well, find_tenant(session, "cascade"))
    until = visit.now + timedelta(days=days, hours=1)
    finding = found(Reach(("203.0.113.7",), 0.01, 0.02, until), visit)
    assert (finding.state, f"for {days} days" in finding.saw) == (state, True)


class Choosy(Scripted):
    """Answers like BILL, but for the one path that ends so."""

    def __init__(self, end: str, reply: Reply) -> None:
        super().__init__(EMPTY)
        self.end, self.other = end, reply

    def reply_to(self, asked: Asked) -> Reply:
        if asked.path.endswith(self.end):
            return self.other
        if asked.path.endswith("/login"):
            return LOGIN
        if asked.method == "PATCH":
            return problem(None, "There is no such customer.", 404)
        return SESSION if asked.path.endswith("/session") else EMPTY


DENIED = problem(None, "Current user or organization does not have valid permissions.", 403)


@pytest.mark.parametrize(
    ("end", "reply", "check", "state", "said", "fix"),
    [
        ("/nothing", EMPTY, "login", State.OK, "signed in anew", ""),
        (
            "/session",
            Reply(body={"organizationId": "008other"}),
            "session",
            State.FAILED,
            "008other",
            "credentials of 008org",
        ),
        ("/invoices", DENIED, "list of invoices", State.FAILED, "valid permissions", "grant"),
        ("/customers", Reply(503), "list of customers", State.FAILED, "fault", "wait"),
        ("/nothing", EMPTY, "list of invoices", State.OK, "empty", ""),
        ("/0cu00000000000000000", DENIED, "write permission", State.FAILED, "writing", "role"),
        (
            "/0cu00000000000000000",
            problem(None, "email: must not be blank", 400),
            "write permission",
            State.OK,
            "declined",
            "",
        ),
        (
            "/0cu00000000000000000",
            Reply(502),
            "write permission",
            State.WARNING,
            "did not say",
            "later",
        ),
        (
            "/0cu00000000000000000",
            Reply(body={"id": "0cu1"}),
            "write permission",
            State.WARNING,
            "cannot have",
            "later",
        ),
    ],
)
def test_what_the_user_may_not_do_is_told_with_its_fix(
    well: BackOffice, end: str, reply: Reply, check: str, state: State, said: str, fix: str
) -> None:
    with serving(Choosy(end, reply)) as script:
        finding = at(well, script.base_url)[check]
    assert (finding.state, said in finding.saw, fix in finding.fix) == (state, True, True)


def test_a_production_tenant_is_not_written_to_before_somebody_allows_it(
    well: BackOffice, sandbox: Sandbox
) -> None:
    change(well, lambda _office, tenant: setattr(tenant, "environment", "production"))
    before = len(list(sandbox.calls))
    finding = looked(well)["write permission"]
    assert finding.state is State.SKIPPED
    assert finding.fix.endswith("tieout tenant allow-writes cascade")
    assert {call.method for call in list(sandbox.calls)[before:]} <= {"GET"}
    with well.store.begin() as session:
        enable_writes(session, "cascade", at=well.clock(), actor="test")
    assert looked(well)["write permission"].state is State.OK


def test_a_clock_that_is_off_is_a_warning(office: BackOffice) -> None:
    clock = SettableClock(datetime.now(UTC) + timedelta(seconds=90))
    world = written_world()
    world.use_clock(clock)
    with running_sandbox(world) as sandbox:
        connected(office, sandbox)
        ahead = looked(office)["clock"]
        clock.set(datetime.now(UTC) - timedelta(seconds=90))
        behind = looked(office)["clock"]
    assert [ahead.state, behind.state] == [State.WARNING, State.WARNING]
    assert ("ahead" in ahead.saw, "behind" in behind.saw) == (True, True)
    assert "time service" in ahead.fix


# How the tenant stands.


def circuit_row(office: BackOffice, tenant: Tenant, retry_in: timedelta) -> CircuitRow:
    now = office.clock()
    facts = {"state": "open", "failures": 5, "trips": 1}
    return CircuitRow(
        tenant_id=tenant.id, host=tenant.base_url, retry_at=now + retry_in, changed_at=now, **facts
    )


def test_an_open_circuit_is_a_failure_and_nothing_is_sent(
    well: BackOffice, sandbox: Sandbox
) -> None:
    with well.store.begin() as session:
        tenant = find_tenant(session, "cascade")
        session.add(circuit_row(well, tenant, timedelta(minutes=5)))
        alerts.raise_alert(session, tenant.id, "circuit_open", "BILL failed.", well.clock())
    before = sandbox.calls.total
    findings = looked(well)
    assert findings["circuit"].state is State.FAILED
    assert "wait until" in findings["circuit"].fix
    assert findings["login"].state is State.SKIPPED
    assert sandbox.calls.total == before
    assert findings["alerts"].state is State.WARNING
    assert "BILL failed." in findings["alerts"].saw


def test_an_hour_that_is_spent_is_a_failure(well: BackOffice) -> None:
    env = {"TIEOUT_DATA_DIR": str(well.settings.data_dir), "TIEOUT_HOURLY_BUDGET": "1"}
    finding = {row.check: row.finding for row in examine(None, env)}["limits"]
    assert finding.state is State.FAILED
    assert "TIEOUT_HOURLY_BUDGET" in finding.fix


def test_a_tenant_that_was_never_synced_is_a_warning(office: BackOffice, sandbox: Sandbox) -> None:
    connected(office, sandbox)
    findings = looked(office, "cascade")
    for check in ("last run", "freshness"):
        assert findings[check].state is State.WARNING
        assert "tieout sync cascade" in findings[check].fix


@pytest.mark.parametrize(
    ("status", "state", "fix"),
    [
        ("failed", State.FAILED, "wait; if it lasts, look at BILL's status page; then"),
        ("pending", State.WARNING, "by itself"),
        ("stale", State.WARNING, "tieout sync cascade"),
    ],
)
def test_a_last_run_that_did_not_succeed_is_told(
    well: BackOffice, status: str, state: State, fix: str
) -> None:
    with well.store.begin() as session:
        (run,) = runs.recent_runs(session, limit=1)
        known = session.get_one(Run, run.id)
        known.status, known.error, known.error_kind = status, "BILL has a fault.", "ServerError"
    finding = looked(well)["last run"]
    assert (finding.state, fix in finding.fix) == (state, True)


def test_what_is_shown_may_be_old_or_gone(well: BackOffice) -> None:
    with well.store.begin() as session:
        (run,) = runs.recent_runs(session, limit=1)
        session.get_one(Run, run.id).finished_at = well.clock() - timedelta(hours=5)
    finding = looked(well)["freshness"]
    assert (finding.state, "5 h ago" in finding.saw) == (State.WARNING, True)
    assert "tieout serve" in finding.fix
    with well.store.read() as session:
        seq = session.query(SnapshotRow).one().seq
    folder_of(well.settings, "cascade").snapshot(seq).unlink()
    assert looked(well)["freshness"].state is State.FAILED


# The command.


def run(office: BackOffice, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[str, int]:
    monkeypatch.setenv("TIEOUT_DATA_DIR", str(office.settings.data_dir))
    done = CliRunner().invoke(cli, ["doctor", *arguments], standalone_mode=False)
    assert done.exception is None
    return done.stdout, done.return_value


def test_the_command_prints_one_document_without_secrets(
    well: BackOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, code = run(well, monkeypatch, "cascade", "--json")
    document = json.loads(said)
    assert (code, set(document), document["ok"]) == (0, {"checks", "ok"}, True)
    for row in document["checks"]:
        assert list(row) == ["tenant", "check", "state", "saw", "fix"]
    for secret in ("not-a-secret", "sandbox-devkey"):
        assert secret not in said


def test_the_command_names_the_fix_under_what_failed(
    well: BackOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(well, lambda _office, tenant: setattr(tenant, "base_url", "http://127.0.0.1:9/connect"))
    said, code = run(well, monkeypatch)
    assert code == 1
    lines = said.splitlines()
    (session,) = [n for n, line in enumerate(lines) if line.startswith("cascade  session")]
    assert "failed" in lines[session]
    assert lines[session + 1].startswith("    -> check the address")
