"""Tenant, day and currency: from the URL, from the sidebar, and from hostile links."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.dashboard.conftest import Open, texts, tiles

NOT_YOURS = "The link names no tenant of yours, so this is Harbor Freight."
NO_DAY = "The link names no day up to today"
NO_CURRENCY = "The link names no currency of this tenant's"


def test_the_switcher_holds_only_ones_own_tenants(open_page: Open) -> None:
    switch = open_page("alice").selectbox(key="tenant_switch")
    assert switch.options == ["Harbor Freight", "Quay Logistics"]


def test_a_single_tenant_is_named_and_not_switched(open_page: Open) -> None:
    app = open_page("bob")
    assert "Harbor Freight" in texts(app)
    assert "tenant_switch" not in [found.key for found in app.selectbox]
    assert "Quay" not in texts(app)


def test_a_link_opens_its_tenant_day_and_currency(open_page: Open) -> None:
    app = open_page("alice", tenant="quay", as_of="2025-06-30", currency="USD")
    assert tiles(app)["Outstanding"] == "$7,777.77"
    assert app.query_params["tenant"] == "quay"
    assert app.query_params["as_of"] == "2025-06-30"


@pytest.mark.parametrize(
    "asked", ["newport", "unknown", "../harbor", "../../etc/passwd", "harbor/../quay", "", "%00"]
)
def test_a_tenant_that_is_not_ones_own_is_never_opened(open_page: Open, asked: str) -> None:
    app = open_page("bob", "customers", tenant=asked)
    assert not app.exception
    assert NOT_YOURS in texts(app)
    assert app.query_params["tenant"] == "harbor"


def test_a_strangers_tenant_and_none_at_all_are_told_the_same(open_page: Open) -> None:
    of_others = open_page("bob", "customers", tenant="quay")
    of_nobody = open_page("bob", "customers", tenant="no-such-tenant")
    assert NOT_YOURS in texts(of_others)
    assert texts(of_others) == texts(of_nobody)


@pytest.mark.parametrize("asked", ["tomorrow", "2025-02-30", "1999-12-31", "20250630x", "", "0"])
def test_a_day_that_is_none_shows_today(open_page: Open, asked: str) -> None:
    app = open_page("alice", "customers", as_of=asked)
    assert not app.exception
    assert NO_DAY in texts(app)
    assert "as_of" not in app.query_params


def test_a_day_to_come_shows_today(open_page: Open) -> None:
    later = datetime.now(UTC).date() + timedelta(days=3)
    assert NO_DAY in texts(open_page("alice", "customers", as_of=later.isoformat()))


@pytest.mark.parametrize("asked", ["XXX", "usd", "'; drop table ledger; --", ""])
def test_a_currency_that_is_none_shows_all(open_page: Open, asked: str) -> None:
    app = open_page("alice", "customers", currency=asked)
    assert not app.exception
    assert NO_CURRENCY in texts(app)
    assert app.selectbox(key="currency_switch").value == "All currencies"


def test_switching_tenants_drops_the_record_and_the_currency_of_the_other(
    open_page: Open,
) -> None:
    app = open_page("alice", "customers", customer="C1", currency="CAD")
    app.selectbox(key="tenant_switch").set_value("quay").run()
    assert app.query_params == {"tenant": "quay"}
    assert not app.error
    assert set(app.dataframe[0].value["customer"]) == {"Customer C1", "Customer C3"}


def test_choices_stay_from_page_to_page(open_page: Open) -> None:
    app = open_page("alice")
    app.selectbox(key="currency_switch").set_value("CAD").run()
    app.date_input(key="day_switch").set_value(date(2025, 6, 30)).run()
    app.switch_page("app_pages/invoices.py").run()
    assert list(app.dataframe[0].value["invoice_number"]) == ["I3"]
    assert app.query_params == {"tenant": "harbor", "as_of": "2025-06-30", "currency": "CAD"}
