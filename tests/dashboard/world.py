"""A small world without BILL: two tenants with the same customer names, one still waiting.

Alice operates Harbor and reads Quay, Ada approves at Harbor and reads Quay, Bob reads Harbor, Olga
administers Harbor and Newport and reads Quay,
Charlie operates Quay and is a stranger to Harbor, Wendy reads Newport, which has nothing yet, and
Nora has no tenant.
"""

import shutil
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from billcom.environment import resolve
from billcom.session import Credentials
from etl.back_office import BackOffice, open_back_office
from etl.settings import Settings, load_settings
from etl.store import runs, tenants, users
from etl.store.models import Run, Tenant
from etl.store.tenants import NewTenant
from etl.transform import runner
from etl.transform.checking import run_checks
from etl.warehouse.places import folder_of
from etl.warehouse.snapshot import build_snapshot, open_work
from tests.etl.books import Book, Lineage, customer, golden, invoice, payment

PASSWORD = "a password for tests"
PEOPLE = {
    "alice@harbor.example": (("harbor", "operator"), ("quay", "viewer")),
    "bob@harbor.example": (("harbor", "viewer"),),
    "olga@harbor.example": (("harbor", "admin"), ("quay", "viewer"), ("newport", "admin")),
    "ada@harbor.example": (("harbor", "approver"), ("quay", "viewer")),
    "charlie@quay.example": (("quay", "operator"),),
    "wendy@newport.example": (("newport", "viewer"),),
    "nora@nowhere.example": (),
}
NAMES = {"harbor": "Harbor Freight", "quay": "Quay Logistics", "newport": "Newport Lines"}


@dataclass(frozen=True, slots=True)
class World:
    """The world's settings, and the ids of its people by first name."""

    settings: Settings
    office: BackOffice
    people: dict[str, int]


def quay() -> dict[str, list[dict[str, Any]]]:
    """Quay's book: customers named as Harbor's are, with amounts of their own."""
    return {
        "customers": [
            customer("Q1", name="Customer C1"),
            customer("Q2", name="Customer C3"),
        ],
        "invoices": [
            invoice("QI1", "Q1", "7777.77", "2025-05-01", "2025-05-31"),
            invoice("QI2", "Q2", "88.00", "2025-06-01", "2025-07-01", dueAmount=Decimal("0.00")),
        ],
        "receivable_payments": [payment("QP1", "Q2", "88.00", "2025-06-15", {"QI2": "88.00"})],
    }


def make_world(path: Path) -> World:
    """The whole world in a folder."""
    settings = load_settings({"TIEOUT_DATA_DIR": str(path)})
    office = open_back_office(settings)
    for slug in NAMES:
        _add_tenant(office, slug)
    publish(office, "harbor", golden())
    publish(office, "quay", quay())
    people = {email.partition("@")[0]: _add_person(office, email) for email in PEOPLE}
    return World(settings, office, people)


def copied_world(pristine: World, path: Path) -> World:
    """A world of one's own, as the pristine one was left: nobody may have that open."""
    pristine.office.store.engine.dispose()
    shutil.copytree(pristine.settings.data_dir, path)
    settings = load_settings({"TIEOUT_DATA_DIR": str(path)})
    return World(settings, open_back_office(settings), pristine.people)


def _add_tenant(office: BackOffice, slug: str) -> None:
    new = NewTenant(
        slug=slug,
        name=NAMES[slug],
        environment=resolve("sandbox", "http://127.0.0.1:1/connect"),
        credentials=Credentials(f"org-{slug}", "user", "key", "password"),
        time_zone="UTC",
        currency="USD",
    )
    with office.store.begin() as session:
        tenants.add_tenant(session, office.box, new, at=office.clock(), actor="test")


def _add_person(office: BackOffice, email: str) -> int:
    with office.store.begin() as session:
        # Everybody starts somewhere: a person is made together with a first role.
        for slug, role in PEOPLE[email] or (("newport", "viewer"),):
            tenant = tenants.find_tenant(session, slug)
            person = users.add_membership(
                session, email, tenant, role, password=PASSWORD, at=office.clock(), actor="test"
            )
        if not PEOPLE[email]:
            users.remove_membership(session, email, tenant, at=office.clock(), actor="test")
        return person.id


def publish(office: BackOffice, slug: str, book: Book, *, findings: int = 0) -> int:
    """Publishes a book as a run would; gives the snapshot's sequence.

    `findings` makes a check report so many differences.
    """
    with office.store.read() as session:
        tenant = tenants.find_tenant(session, slug)
    run_id = runs.start(office.store, tenant, trigger="test", at=office.clock())
    lineage = Lineage(folder_of(office.settings, slug).path)
    lineage.run_id = run_id - 1
    lineage.load(book, "2025-08-01")
    with open_work(lineage.folder) as connection:
        runner.transform(connection, runner.Facts(slug, "UTC", "USD"))
        checks = [result.as_json() for result in run_checks(connection)]
        with build_snapshot(connection, lineage.folder, run_id):
            runner.build_marts(connection, seq=run_id, run_id=run_id)
    if findings:
        rows = [[f"I{number}", "we compute 1.00 USD, BILL has 2.00"] for number in range(findings)]
        checks[0] = {"check": "balances_match_bill", "count": findings, "findings": rows}
    with office.store.begin() as session:
        run = session.get_one(Run, run_id)
        at = office.clock()
        runs.publish(session, run, seq=run_id, fingerprint=f"{slug}-{run_id}", checks=checks, at=at)
        runs.finish(run, at=at)
    return run_id


def fail_run(office: BackOffice, slug: str, error: str) -> None:
    """A run of the tenant that failed."""
    with office.store.read() as session:
        tenant: Tenant = tenants.find_tenant(session, slug)
    run_id = runs.start(office.store, tenant, trigger="test", at=office.clock())
    with office.store.begin() as session:
        runs.finish(session.get_one(Run, run_id), at=office.clock(), error=error)
