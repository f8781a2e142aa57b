"""A tenant whose book is full of hostile texts, read from a sandbox as any other."""

from pathlib import Path
from typing import Any

from billcom.environment import resolve
from billcom.sandbox.server import running_sandbox
from billcom.session import Credentials
from etl.back_office import BackOffice, open_back_office
from etl.commands.tenants import connect
from etl.desk import Desk, open_desk
from etl.jobs.dispatch_outbox import dispatch_outbox
from etl.jobs.sync_tenant import sync_tenant
from etl.metrics.figures import Question
from etl.settings import load_settings
from etl.store import tenants, users
from tests import hostile
from tests.dashboard.world import PASSWORD, World
from tests.worlds import written_world

SLUG = "hostile"


def hostile_world(path: Path) -> World:
    """The hostile book, synced from a sandbox, and what an administrator typed beside it."""
    settings = load_settings({"TIEOUT_DATA_DIR": str(path)})
    office = open_back_office(settings)
    world = written_world([hostile.BUSINESS])
    hostile.poison(world.tenants[0].book)
    with running_sandbox(world) as sandbox:
        known = sandbox.tenants[0]
        credentials = Credentials(
            known.organization_id, known.username, known.developer_key, known.password
        )
        environment = resolve("sandbox", sandbox.base_url)
        new = tenants.NewTenant(SLUG, hostile.SCRIPT, environment, credentials, "UTC", "USD")
        connect(office, new, actor=hostile.MARKDOWN)
        assert sync_tenant(office, SLUG).error is None
        made = World(settings, office, {"olga": _administrator(office)})
        _typed(made)
        dispatch_outbox(office)
    return made


def _administrator(office: BackOffice) -> int:
    with office.store.begin() as session:
        tenant = tenants.find_tenant(session, SLUG)
        person = users.add_membership(
            session,
            "olga@harbor.example",
            tenant,
            "admin",
            password=PASSWORD,
            at=office.clock(),
            actor=hostile.FORMULA,
        )
        return person.id


def _typed(world: World) -> None:
    """A view, an export, a reason, notes of customers, and actions, all with such texts."""
    olga, desk = world.people["olga"], open_desk(world.settings)
    desk.views.save(olga, SLUG, "invoices", hostile.FORMULA, {"q": hostile.SQL}, is_shared=True)
    about = Question(as_of=desk.today(olga, SLUG), search=hostile.SCRIPT)
    desk.export(olga, SLUG, "invoices", about, desk.published(olga, SLUG).seq)
    failed = rows(desk, olga, "failure_cases")[0]
    desk.enter_reason(olga, SLUG, failed["payment_id"], "R01", hostile.SCRIPT)
    for invoice in rows(desk, olga, "invoices", state="overdue")[:2]:
        given = {"id": invoice["invoice_id"]}
        desk.propose(olga, SLUG, "invoice.archive", given, invoice["invoice_id"])
    for customer in rows(desk, olga, "customers"):
        noted = {"customerId": customer["customer_id"], "text": hostile.MARKDOWN}
        desk.propose(olga, SLUG, "customer.note", noted, customer["customer_id"])


def rows(desk: Desk, who: int, metric: str, **narrowed: Any) -> list[dict[str, Any]]:
    about = Question(as_of=desk.today(who, SLUG), **narrowed)
    return desk.figures(who, SLUG, metric, about, desk.published(who, SLUG).seq).records()
