"""Receivables: aging by currency and customer, whom to call, unapplied money, statements."""

from dataclasses import replace
from typing import Any

from dashboard import reads
from etl.store import tenants
from etl.store.preferences import Preferences
from tests.dashboard.conftest import Open, opened, texts, tiles
from tests.dashboard.test_isolation import view_of
from tests.dashboard.world import World


def aging(app: Any) -> dict[str, list[Any]]:
    table = app.dataframe[0].value
    return {name: list(map(str, table[name])) for name in table.columns}


def test_the_aging_of_every_currency_is_on_one_page(open_page: Open) -> None:
    app = open_page("alice", "receivables", as_of="2025-06-30")
    assert not app.exception
    assert not app.error
    assert aging(app)["currency"] == ["CAD", "USD"]
    assert aging(app)["d91_plus"] == ["0.0000", "300.0000"]
    assert tiles(app) == {
        "Not overdue": "51.7 %",
        "91+ days overdue": "20.7 %",
        "Weighted age": tiles(app)["Weighted age"],
        "Average delinquency": tiles(app)["Average delinquency"],
    }


def test_age_from_the_invoice_date_is_a_link_of_its_own(open_page: Open) -> None:
    by_due = aging(open_page("alice", "receivables", as_of="2025-06-30"))
    by_invoice = aging(open_page("alice", "receivables", as_of="2025-06-30", age_from="invoice"))
    assert by_due["gross"] == by_invoice["gross"]
    assert by_due["current"] != by_invoice["current"]


def test_every_customer_has_its_ages_its_step_and_its_money(open_page: Open) -> None:
    app = open_page("alice", "receivables", as_of="2025-06-30", currency="USD")
    call, customers, unapplied = (found.value for found in app.dataframe[1:4])
    assert list(call["customer"]) == ["Customer C1", "Customer C4"]
    assert call["next"].iloc[1] == "Call, and hold new work until it is paid"
    assert list(customers["customer"]) == ["Customer C1", "Customer C4", "Customer C3"]
    assert set(unapplied["kind"]) == {"Payment", "Credit memo"}


def test_a_tenants_own_buckets_are_drawn(own_world: World) -> None:
    with own_world.office.store.begin() as session:
        tenant = tenants.find_tenant(session, "harbor")
        tenant.preferences = replace(Preferences(), aging_edges=(7, 14)).as_json()
    for page in ("receivables", "overview"):
        app = opened(own_world, "alice", page, as_of="2025-06-30", currency="USD")
        assert not app.exception
        assert not app.error
    app = opened(own_world, "alice", "receivables", as_of="2025-06-30", currency="USD")
    assert "d8_14" in aging(app)


def test_a_statement_is_of_the_customer_that_is_chosen(open_page: Open, world: World) -> None:
    app = open_page("alice", "receivables", as_of="2025-06-30")
    chosen = app.selectbox(key="statement-harbor")
    assert chosen.options == ["Customer C1", "Customer C2", "Customer C3", "Customer C4"]
    assert "Statement, CSV" in [found.label for found in app.get("download_button")]
    view = view_of(world, "alice", "harbor")
    content = reads.export(view, "customer_statement", customer="C4", currency=None)().decode()
    assert "closing_balance" in content


def test_a_day_on_which_nothing_is_owed_says_so(open_page: Open) -> None:
    shown = texts(open_page("charlie", "receivables", as_of="2025-04-01"))
    assert "Nothing happened up to this day" in shown
