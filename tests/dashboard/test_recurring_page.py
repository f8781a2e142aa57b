"""The part Recurring of the page Revenue: both lists, and pausing and resuming on it."""

from datetime import date
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import reads
from etl.billing.billing_periods import Cadence
from etl.billing.billing_terms import Terms, terms_line
from etl.errors import NotAllowedError, UnknownTenantError
from etl.store import billing_schedules
from etl.store.access import command_line_grant
from etl.store.tenants import find_tenant
from tests.dashboard.conftest import opened, texts
from tests.dashboard.world import World, publish, quay
from tests.etl.vector_books import schedule

NAME = "desk-q1"


@pytest.fixture
def billing(own_world: World) -> World:
    """Quay with a weekly recurring invoice, one that is paused, and a schedule of our own."""
    templates = [
        schedule("S1", "Q1", "100.00", "WEEKLY", 2, "2025-05-05", description="Dispatch *desk*"),
        schedule("S2", "Q2", "900.00", "MONTHLY", 1, "2025-05-05", archived=True),
    ]
    publish(own_world.office, "quay", quay() | {"recurring_invoices": templates})
    first = date(2099, 1, 31)
    lines = (terms_line("Desk=250.00", "USD"),)
    terms = Terms(Cadence("monthly", first, first), "Q1", "USD", lines)
    with own_world.office.store.begin() as session:
        grant = command_line_grant(find_tenant(session, "quay"))
        at = own_world.office.clock()
        billing_schedules.add(session, grant, NAME, "Customer C1", terms, at=at)
    return own_world


def recurring(world: World, who: str, **url: str) -> AppTest:
    app = opened(world, who, "revenue", tenant="quay", part="recurring", **url)
    assert not app.exception
    assert not app.error
    return app


def newest(world: World) -> Any:
    return reads.desk().outbox(world.people["charlie"], "quay")[0]


def test_both_lists_say_state_next_date_and_amount(billing: World) -> None:
    app = recurring(billing, "alice")  # who only reads Quay
    listed = next(f.value for f in app.dataframe if "every" in f.value.columns)
    assert list(listed["every"]) == ["2 weeks", "month"]
    assert [str(one)[:10] for one in listed["next_due_on"]] == ["2026-12-01"] * 2
    assert "monthly, next 250.00 USD on 2099-01-31" in texts(app)
    assert not [one for one in app.button if one.label in {"Pause", "Resume"}]


@pytest.mark.parametrize(("template", "action"), [("S1", "pause"), ("S2", "resume")])
def test_one_confirmation_is_one_effect(billing: World, template: str, action: str) -> None:
    app = recurring(billing, "charlie", recurring=template)
    app.button(key=f"offer-recurring.{action}").click().run()
    assert "BILL will" in texts(app)
    app.button(key="confirm-action").click().run()
    assert not app.exception
    outcome = newest(billing)
    assert (outcome.action, outcome.bill_id) == (f"recurring.{action}", template)
    assert outcome.status == "queued"


def test_a_schedule_of_ours_is_paused_and_resumed(billing: World) -> None:
    app = recurring(billing, "charlie")
    app.button(key=f"billing-{NAME}").click().run()
    assert "monthly, paused" in texts(app)
    app.button(key=f"billing-{NAME}").click().run()
    assert "monthly, next 250.00 USD" in texts(app)


def test_who_only_reads_may_not_pause_and_a_stranger_sees_nothing(billing: World) -> None:
    desk, people = reads.desk(), billing.people
    with pytest.raises(NotAllowedError):
        desk.billing.pause(people["alice"], "quay", NAME)
    with pytest.raises(UnknownTenantError):
        desk.billing.of_tenant(people["bob"], "quay")
    assert [one["state"] for one in desk.billing.of_tenant(people["alice"], "quay")] == ["going"]
