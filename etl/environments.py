"""BILL's worlds: proving a connection, and switching a tenant from one world to the other."""

import time

from billcom.client import Client, Surroundings
from billcom.throttle import LocalThrottle
from etl.back_office import BackOffice
from etl.errors import TieoutError, UsageError
from etl.store import runs, tenants
from etl.store.models import Run, Tenant
from etl.store.worlds import Connection, has_kept, is_at, move
from etl.warehouse.discard import put_back, set_aside, sweep
from etl.warehouse.places import folder_of

__all__ = ["Connection", "switch", "verify"]


def verify(office: BackOffice, target: Connection) -> None:
    """Signs in to BILL; raises the BillError that says why it cannot."""
    throttle = LocalThrottle(office.settings.hourly_budget, office.clock)
    around = Surroundings(sleep=_short_sleep)
    with Client(target.environment, target.credentials, throttle, around) as client:
        client.sign_in()


def _short_sleep(seconds: float) -> None:
    # A person waits: an address that cannot be reached is told after seconds, not a minute.
    time.sleep(min(seconds, 0.5))


def switch(office: BackOffice, slug: str, target: Connection, *, discard: bool, actor: str) -> bool:
    """Connects a tenant to another world, once its sign-in there succeeded; False if it is there.

    What was synced is deleted where `discard` says so, and a UsageError where it does not.

    In this order, so that one killed anywhere can be asked for again and old data is never under
    the new world: the tenant is claimed, its folder set aside, the store moved in one transaction,
    and the folder deleted. RunRefusedError while a sync or an action is under way.
    """
    tenant = _found(office, slug)
    if is_at(tenant, target):
        sweep(office.settings, slug)
        return False
    if not discard:
        _refuse_to_lose(office, tenant)
    verify(office, target)
    run_id = runs.start(office.store, tenant, trigger="switch", at=office.clock())
    try:
        if not discard:
            _refuse_to_lose(office, tenant)  # a sync may have ended since
        _move(office, tenant, run_id, target, actor)
    except Exception as error:
        _end(office, run_id, str(error), type(error).__name__)
        raise
    sweep(office.settings, slug)
    return True


def _found(office: BackOffice, slug: str) -> Tenant:
    with office.store.read() as session:
        return tenants.find_tenant(session, slug)


def _refuse_to_lose(office: BackOffice, tenant: Tenant) -> None:
    with office.store.read() as session:
        keeps = has_kept(session, tenant.id)
    if keeps or folder_of(office.settings, tenant.slug).path.exists():
        raise UsageError(
            f"What is synced of {tenant.slug} is of BILL's {tenant.environment} and must not be "
            "mixed with anything else: say --discard to delete it, or connect the other "
            "organization under a name of its own."
        )


def _move(office: BackOffice, tenant: Tenant, run_id: int, target: Connection, actor: str) -> None:
    set_aside(office.settings, tenant.slug, str(run_id))
    try:
        with office.store.begin() as session:
            known = session.get_one(Tenant, tenant.id, with_for_update=True)
            move(session, office.box, known, target, at=office.clock(), actor=actor)
            runs.finish(session.get_one(Run, run_id), at=office.clock())
    except TieoutError:  # refused, so the transaction changed nothing
        put_back(office.settings, tenant.slug, str(run_id))
        raise


def _end(office: BackOffice, run_id: int, error: str, kind: str) -> None:
    with office.store.begin() as session:
        run = session.get_one(Run, run_id)
        runs.finish(run, at=office.clock(), error=error, error_kind=kind)
