"""FleetFlow's side for tests: its tables, on SQLite or a real PostgreSQL, and a tenant's link."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from etl.__main__ import main
from etl.back_office import BackOffice
from etl.fleetflow.mapping import read_mapping
from etl.store import fleet_links
from etl.store.access import Grant, command_line_grant
from etl.store.models import FleetLink
from etl.store.tenants import find_tenant
from tests.dashboard.world import World

AUGUST = datetime(2025, 8, 1, 12, 0, tzinfo=UTC)
TABLES = (
    """create table bill_invoices (
        bill_id varchar(40) primary key, state varchar(20) not null, open_amount numeric(14, 2),
        total numeric(14, 2), currency varchar(3), due_on date, paid_on date,
        failed_payment varchar(40), failed_on date, dispatcher varchar(40) default 'nobody')""",
    """create table bill_payments (
        bill_id varchar(40) primary key, state text not null, amount numeric(14, 2), paid_on text,
        failed_on date)""",
    """create table loads (
        load_id integer primary key, load_no varchar(40), carrier varchar(40),
        line_haul numeric(14, 2), money varchar(3), delivered_at timestamp)""",
)
INVOICES = """
[invoices]
table = "bill_invoices"
id = "bill_id"
status = "state"
open_amount = "open_amount"
total = "total"
currency = "currency"
due_on = "due_on"
paid_on = "paid_on"
failed_payment = "failed_payment"
failed_on = "failed_on"
"""
PAYMENTS = """
[payments]
table = "bill_payments"
id = "bill_id"
status = "state"
amount = "amount"
paid_on = "paid_on"
failed_on = "failed_on"
"""
LOADS = """
[loads]
table = "loads"
id = "load_id"
number = "load_no"
customer = "carrier"
amount = "line_haul"
currency = "money"
delivered = "delivered_at"
"""
URL = 'url_from = "FLEETFLOW_URL"\n'


@dataclass
class Fleet:
    """A database of FleetFlow's."""

    url: str
    engine: Engine = field(init=False)

    def __post_init__(self) -> None:
        url = make_url(self.url)
        driver = "postgresql+psycopg" if url.drivername == "postgresql" else url.drivername
        self.engine = create_engine(url.set(drivername=driver))
        for statement in TABLES:
            self.do(statement)

    def do(self, statement: str, **values: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(statement), values)

    def add(self, statement: str, rows: list[dict[str, Any]]) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(statement), rows)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(statement))]

    def states(self, table: str = "bill_invoices") -> dict[str, str]:
        return dict(self.rows(f"select bill_id, state from {table}"))


def link(office: BackOffice, slug: str, mapping: str, **secrets: str) -> None:
    """Connects a tenant as the command does, its secrets given."""
    kept = msgspec.to_builtins(read_mapping(mapping))
    with office.store.begin() as session:
        grant = command_line_grant(find_tenant(session, slug))
        sealed = office.box.seal(json.dumps(secrets))
        fleet_links.connect(session, grant, kept, sealed, at=office.clock(), actor="test")


def link_of(office: BackOffice, slug: str) -> FleetLink:
    with office.store.read() as session:
        return fleet_links.link_of(session, command_line_grant(find_tenant(session, slug)))


def grant_of(office: BackOffice, slug: str) -> Grant:
    with office.store.read() as session:
        return command_line_grant(find_tenant(session, slug))


Tieout = Callable[..., tuple[int, str, str]]
Command = Callable[[World], Tieout]


def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """`tieout fleetflow` of Harbor in this very process: exit code, stdout and stderr."""

    def of(world: World) -> Tieout:
        monkeypatch.setenv("TIEOUT_DATA_DIR", str(world.settings.data_dir))

        def run(*arguments: str, **variables: str) -> tuple[int, str, str]:
            with monkeypatch.context() as context:
                for name, value in variables.items():
                    context.setenv(name, value)
                capsys.readouterr()
                code = main(["fleetflow", *arguments, "--tenant", "harbor"])
            said = capsys.readouterr()
            return code, said.out, said.err

        return run

    return of


class Cut(Exception):  # noqa: N818 - a moment, not a mistake
    """The process ends here."""


def cut_after(function: Callable[..., Any], times: int) -> Callable[..., Any]:
    """The function, but for a process that ends as it is called once more."""
    left = [times]

    def called(*arguments: Any, **more: Any) -> Any:
        if not left[0]:
            raise Cut
        left[0] -= 1
        return function(*arguments, **more)

    return called
