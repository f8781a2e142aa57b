"""Every page: full, empty, waiting for its first sync, and with something broken."""

import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import streamlit as st

from dashboard import navigation, reads
from dashboard.components import revenue_parts
from dashboard.ready import make_ready
from etl.desk import Desk
from etl.errors import StoreError
from etl.store import hold_overrides
from etl.store.access import command_line_grant
from etl.store.tenants import find_tenant
from tests.dashboard.conftest import Open, button, opened, texts, tiles
from tests.dashboard.world import World, fail_run, publish
from tests.etl.books import golden

PAGES = [line.file.removesuffix(".py") for line in navigation.PAGES]
SECRET = "a detail of the machine"


def test_the_menu_is_the_folder() -> None:
    files = {path.name for path in navigation.FOLDER.glob("*.py")} - {"__init__.py"}
    assert files == {
        *(line.file for line in navigation.PAGES + navigation.FOR_ADMINISTRATORS),
        "account.py",
    }


@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows_its_figures_their_age_and_the_tie_out(open_page: Open, page: str) -> None:
    app = open_page("alice", page, as_of="2025-06-30")
    assert not app.exception
    assert not app.error
    assert app.title[0].value == navigation.PAGES[PAGES.index(page)].title
    assert "BILL read" in texts(app)
    assert app.dataframe or page == "exports"  # nothing was exported yet
    assert [found.label for found in app.get("download_button")]


@pytest.mark.parametrize("page", PAGES)
def test_before_the_first_sync_a_page_says_what_will_be_there(open_page: Open, page: str) -> None:
    app = open_page("wendy", page)
    assert not app.exception
    assert "Nothing has been read from BILL yet" in texts(app)
    assert navigation.PAGES[PAGES.index(page)].promise in texts(app)
    assert not app.dataframe


@pytest.mark.parametrize("page", PAGES)
def test_a_fault_is_one_sentence_without_a_traceback(
    open_page: Open, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError(SECRET)

    st.cache_resource.clear()
    monkeypatch.setattr(Desk, "figures", broken)
    app = open_page("alice", page)
    assert not app.exception
    assert "a fault of Tieout's own" in texts(app)
    assert SECRET not in texts(app)


@pytest.mark.parametrize("page", PAGES)
def test_what_a_person_can_help_is_told_as_it_is(
    open_page: Open, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(*_: Any, **__: Any) -> None:
        raise StoreError("The operational store is locked: try again.")

    monkeypatch.setattr(Desk, "grants", closed)
    app = open_page("alice", page)
    assert not app.exception
    assert "The operational store is locked: try again." in texts(app)


@pytest.mark.parametrize("page", PAGES)
def test_a_day_before_everything_is_empty_and_says_so(open_page: Open, page: str) -> None:
    app = open_page("alice", page, as_of="2001-01-01")
    assert not app.exception
    assert not app.error


def test_whoever_has_no_tenant_hears_how_to_get_one(open_page: Open) -> None:
    app = open_page("nora")
    assert "You have no tenant yet" in texts(app)
    assert "tieout user add nora@nowhere.example" in texts(app)
    assert not app.dataframe


def test_the_tiles_are_what_came_what_is_owed_and_what_is_expected(open_page: Open) -> None:
    shown = tiles(open_page("alice", as_of="2025-06-30", currency="USD"))
    assert shown == {
        "Collected this month": "$0.00",
        "Outstanding": "$1,450.00",
        "Overdue": "$700.00",
        "DSO": "207.1 days",
        "Failed, open": "1",
        "Expected, 4 weeks": shown["Expected, 4 weeks"],
        "Collected today": "$0.00",
        "Collected this week": "$0.00",
        "CEI": "7.9",
        "91+ days overdue": "$300.00",
        "Unapplied": "−$195.00",
        "Forecasts that held": "–",
    }


def test_currencies_are_shown_one_at_a_time_and_never_added(open_page: Open) -> None:
    app = open_page("alice", as_of="2025-06-30")
    assert tiles(app)["Outstanding"] == "$1,450.00"
    app.segmented_control(key="charts-in-harbor").set_value("CAD").run()
    assert tiles(app)["Outstanding"] == "CA$2,000.00"


def test_differences_are_counted_and_listed(own_world: World) -> None:
    publish(own_world.office, "harbor", golden(), findings=3)
    shown = texts(opened(own_world, "alice"))
    assert "3 exceptions" in shown
    assert "I2: we compute 1.00 USD, BILL has 2.00" in shown


def test_a_difference_opens_the_record_it_is_about(own_world: World) -> None:
    book = golden()
    next(one for one in book["invoices"] if one["id"] == "I2")["dueAmount"] = Decimal("499.99")
    publish(own_world.office, "harbor", book)
    app = opened(own_world, "alice", tenant="harbor")
    links = [link.proto for link in app.get("page_link") if link.proto.label == "I2"]
    assert links
    for link in links:
        assert link.page == "invoices"
        assert parse_qs(link.query_string)["invoice"] == ["I2"]
        assert parse_qs(link.query_string)["tenant"] == ["harbor"]


def test_after_a_failed_sync_the_figures_stay_and_the_reason_is_told(own_world: World) -> None:
    fail_run(own_world.office, "harbor", "BILL did not answer.")
    app = opened(own_world, "alice", as_of="2025-06-30")
    assert "BILL did not answer. The figures below are those of" in texts(app)
    assert tiles(app)["Outstanding"] == "$1,450.00"


def test_a_failed_first_sync_is_told_where_the_figures_would_be(own_world: World) -> None:
    fail_run(own_world.office, "newport", "BILL refused the password.")
    shown = texts(opened(own_world, "wendy"))
    assert "The first sync did not end well" in shown
    assert "BILL refused the password." in shown


def test_a_newer_snapshot_is_shown_and_not_what_was_cached(own_world: World) -> None:
    app = opened(own_world, "alice", as_of="2025-06-30", currency="USD")
    book = golden()
    book["invoices"][1]["totalAmount"] += 10
    book["invoices"][1]["dueAmount"] += 10
    publish(own_world.office, "harbor", book)
    assert tiles(app.run())["Outstanding"] == "$1,460.00"


def test_revenue_covers_the_months_that_are_chosen(open_page: Open) -> None:
    app = open_page("alice", "revenue", as_of="2025-06-30", months="12")
    assert not app.error
    months = list(app.dataframe[0].value["month"].astype(str))
    assert months == sorted(months, reverse=True)
    assert months[0] == "2025-06-01"
    app.segmented_control(key="switch-months").set_value("all").run()
    assert not app.error
    assert app.query_params["months"] in ("all", ["all"])


def test_revenue_to_date_is_beside_the_month_and_year_before(open_page: Open) -> None:
    app = open_page("alice", "revenue", as_of="2025-06-30", currency="USD")
    assert tiles(app) == {
        "Invoiced, Jun": "−$170.00",
        "Invoiced, year": "$1,930.00",
        "Collected, Jun": "$0.00",
        "Collected, year": "$600.00",
        "Recognised, Jun": "$630.00",
        "Recognised, year": "$1,930.00",
    }


@pytest.mark.parametrize("part", revenue_parts.PARTS)
def test_every_part_of_revenue_is_a_link_and_shows_its_table(open_page: Open, part: str) -> None:
    app = open_page("alice", "revenue", as_of="2025-06-30", part=part)
    assert not app.exception
    assert not app.error
    assert app.segmented_control(key="switch-part").value == part
    assert app.dataframe or "BILL has no recurring invoice here" in texts(app)


@pytest.mark.parametrize("dimension", ["item", "class", "department", "location", "job"])
def test_revenue_is_switched_between_what_lines_are_filed_under(
    open_page: Open, dimension: str
) -> None:
    app = open_page("alice", "revenue", as_of="2025-06-30", part="by", by=dimension)
    assert not app.error
    assert dimension in app.dataframe[0].value.columns


def test_the_bridge_says_that_it_closes(open_page: Open) -> None:
    app = open_page("alice", "revenue", as_of="2025-06-30", part="bridge")
    assert "Closes to the cent" in texts(app)
    assert set(app.dataframe[0].value["difference"]) == {0}


def test_a_failure_without_a_reason_says_not_known_yet(open_page: Open) -> None:
    app = open_page("alice", "failed_payments")
    row = app.dataframe[0].value.iloc[0]
    assert (row["customer"], row["meaning"]) == ("Customer C4", "Not known yet")
    app = open_page("alice", "failed_payments", cases="every")
    row = app.dataframe[0].value.iloc[0]
    assert list(row["reason"]) == ["Not known yet"]
    assert list(row["basis"]) == ["Inferred"]


def test_searching_customers_narrows_the_list(open_page: Open) -> None:
    app = open_page("alice", "customers")
    app.text_input(key="customer-search").input("c3").run()
    assert list(app.dataframe[0].value["customer"]) == ["Customer C3"]
    assert app.query_params["q"] == "c3"
    app.text_input(key="customer-search").input("nobody at all").run()
    assert "No customer matches." in texts(app)


def test_one_customer_has_balances_open_items_history_and_payments(open_page: Open) -> None:
    app = open_page("alice", "customers", customer="C1", as_of="2025-06-30")
    assert "Customer C1" in texts(app)
    assert tiles(app)["Balance"] == "$780.00"
    assert list(app.dataframe[0].value["event"]) == [
        "Credit memo issued",
        "Invoice issued",
        "Payment received",
        "Invoice issued",
    ]
    for part, count in (("Open items", 2), ("Payments", 1), ("Statement", 6)):
        app.segmented_control(key="customer-part").set_value(part).run()
        assert not app.error
        assert len(app.dataframe[0].value) == count
    button(app, "All customers").click().run()
    assert "customer" not in app.query_params


def test_a_customers_cards_say_how_they_pay_how_old_it_is_and_how_to_reach_them(
    open_page: Open,
) -> None:
    shown = texts(open_page("alice", "customers", customer="C1", as_of="2025-06-30"))
    assert "not enough history" in shown
    assert "c1@carrier.example" in shown.replace(":gray[", "").replace("]", "")
    assert "$1,200.00" in shown or "$900.00" in shown
    assert "of open" in shown


def test_a_customers_page_says_by_whom_why_and_until_when_it_is_held(own_world: World) -> None:
    office = own_world.office
    assert "On hold" not in texts(opened(own_world, "alice", "customers", customer="C4"))
    with office.store.begin() as session:
        grant = command_line_grant(find_tenant(session, "harbor"), "ada@harbor.example")
        today, until = office.clock().date(), date(2099, 1, 1)
        said = {"until": until, "reason": "[cheque](x) bounced", "today": today}
        hold_overrides.add(session, grant, "C4", "hold", at=office.clock(), **said)
    app = opened(own_world, "alice", "customers", customer="C4")
    assert not app.exception
    told = "On hold: held by ada@harbor.example until 2099-01-01: [cheque](x) bounced"
    assert told in texts(app)


def test_a_customers_own_currency_decides_whatever_the_view_is_in(open_page: Open) -> None:
    app = open_page("alice", "customers", customer="C2", as_of="2025-06-30", currency="USD")
    assert tiles(app)["Open"] == "CA$2,000.00"
    app = open_page("alice", "customers", customer="C2", as_of="2025-06-30", reporting="USD")
    assert tiles(app)["Open"] == "CA$2,000.00"


def test_a_statement_covers_the_period_that_is_chosen(open_page: Open) -> None:
    app = open_page("alice", "customers", customer="C1", as_of="2025-06-30")
    app.segmented_control(key="customer-part").set_value("Statement").run()
    app.segmented_control(key="statement-period").set_value("This month").run()
    lines = app.dataframe[0].value
    assert lines["event"].iloc[0] == "Opening balance"
    assert str(lines["on"].iloc[0]) == "2025-06-01"
    assert "From 1 Jun 2025 to 30 Jun 2025" in texts(app)


def test_invoices_narrow_by_state_text_and_customer(open_page: Open) -> None:
    app = open_page("alice", "invoices", customer="C3")
    assert set(app.dataframe[0].value["customer"]) == {"Customer C3"}
    button(app, "Show all").click().run()
    app.segmented_control(key="invoice-state").set_value("archived").run()
    assert list(app.dataframe[0].value["invoice_number"]) == ["I5"]
    app.text_input(key="invoice-search").input("no such").run()
    assert "No invoice matches" in texts(app)


def test_an_invoice_opens_beside_the_list(open_page: Open) -> None:
    app = open_page("alice", "invoices", invoice="I2")
    assert "I2" in [title.value for title in app.subheader]
    assert button(app, "Send by e-mail")
    button(app, "Close").click().run()
    assert "invoice" not in app.query_params


def test_an_unknown_record_in_the_address_is_told(open_page: Open) -> None:
    assert "No such invoice" in texts(open_page("alice", "invoices", invoice="nothing"))
    assert "No such customer" in texts(open_page("alice", "customers", customer="nothing"))


def test_every_page_is_loaded_before_the_first_visitor(world: World) -> None:
    make_ready()
    for line in (*navigation.PAGES, *navigation.FOR_ADMINISTRATORS):
        assert f"dashboard.app_pages.{Path(line.file).stem}" in sys.modules
    assert reads.desk().grants(world.people["bob"])
