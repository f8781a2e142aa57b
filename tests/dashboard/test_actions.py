"""Acting on invoices: who may, what is refused, and that one confirmation is one effect."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select
from streamlit.testing.v1 import AppTest

from dashboard import actions, reads
from etl.actions.action import Preview
from etl.desk import Outcome
from etl.errors import NotAllowedError, TieoutError, UnknownTenantError, UsageError
from etl.store.models import CustomerNote, OutboxRow
from etl.store.tenants import prefer
from tests.dashboard.conftest import Open, button, opened, texts
from tests.dashboard.world import World

EMAIL, ARCHIVE = "invoice.email", "invoice.archive"
TO = "payables@carrier.example"
ACTIONS = pytest.mark.parametrize("action", [EMAIL, ARCHIVE])


def given_for(action: str, invoice: str, to: str = TO) -> dict[str, Any]:
    return {"id": invoice} | ({"recipient": {"to": [to]}} if action == EMAIL else {})


def rows(world: World) -> int:
    with world.office.store.read() as session:
        return session.scalar(select(func.count(OutboxRow.id))) or 0


def previewed(world: World, who: str, action: str, invoice: str, slug: str = "harbor") -> Preview:
    given = given_for(action, invoice, TO)
    return actions.preview(world.people[who], slug, action, given)


def proposed(world: World, who: str, action: str, invoice: str, key: str = "") -> Outcome:
    given = given_for(action, invoice, TO)
    return actions.propose(world.people[who], "harbor", action, given, key or actions.new_key())


@ACTIONS
def test_an_operator_sees_what_will_happen_and_may_have_it(world: World, action: str) -> None:
    assert "I2" in previewed(world, "alice", action, "I2").sentence
    outcome = proposed(world, "alice", action, "I2")
    assert (outcome.status, outcome.document) == ("queued", "I2")
    assert outcome.proposed_by == "alice@harbor.example"


@ACTIONS
def test_a_viewer_may_not_act(world: World, action: str) -> None:
    with pytest.raises(NotAllowedError, match="viewer"):
        previewed(world, "bob", action, "I2")
    before = rows(world)
    with pytest.raises(NotAllowedError):
        proposed(world, "bob", action, "I2")
    assert rows(world) == before


@ACTIONS
def test_a_role_at_one_tenant_is_none_at_another(world: World, action: str) -> None:
    with pytest.raises(NotAllowedError):
        previewed(world, "alice", action, "QI1", slug="quay")


@ACTIONS
def test_a_stranger_hears_of_no_such_tenant(world: World, action: str) -> None:
    with pytest.raises(UnknownTenantError):
        previewed(world, "charlie", action, "I2")
    before = rows(world)
    with pytest.raises(UnknownTenantError):
        proposed(world, "charlie", action, "I2")
    assert rows(world) == before


@ACTIONS
@pytest.mark.parametrize("invoice", ["QI1", "no-such-id", "' or 1=1 --", "../I2", ""])
def test_an_invoice_that_is_not_this_tenants_is_none(
    world: World, action: str, invoice: str
) -> None:
    with pytest.raises(TieoutError):
        previewed(world, "alice", action, invoice)


def test_there_are_no_other_actions(world: World) -> None:
    with pytest.raises(UsageError, match="There is no action"):
        previewed(world, "alice", "invoice.delete", "I2")


@pytest.mark.parametrize(
    "recipient", ["", "nobody", "a@b, c@d", "a@b c", "<a@b>", "a@b\r\nbcc:x@y"]
)
def test_an_address_that_is_none_proposes_nothing(world: World, recipient: str) -> None:
    given = given_for(EMAIL, "I2", recipient)
    with pytest.raises(UsageError, match="is not an e-mail address"):
        actions.preview(world.people["alice"], "harbor", EMAIL, given)


@ACTIONS
def test_an_archived_invoice_is_left_alone(world: World, action: str) -> None:
    with pytest.raises(UsageError, match="archived already"):
        previewed(world, "alice", action, "I5")


@ACTIONS
def test_the_same_key_twice_is_one_row(world: World, action: str) -> None:
    key, before = actions.new_key(), rows(world)
    first = proposed(world, "alice", action, "I2", key)
    second = proposed(world, "alice", action, "I2", key)
    assert first.outbox_id == second.outbox_id
    assert rows(world) == before + 1


def test_a_key_names_one_effect_only(world: World) -> None:
    key = actions.new_key()
    proposed(world, "alice", EMAIL, "I2", key)
    with pytest.raises(UsageError, match="already names another action"):
        proposed(world, "alice", ARCHIVE, "I2", key)


def test_keys_are_never_the_same() -> None:
    assert len({actions.new_key() for _ in range(1000)}) == 1000


def test_actions_are_listed_for_members_only(world: World) -> None:
    proposed(world, "alice", ARCHIVE, "I3")
    listed: Callable[[str, str], Any] = lambda who, slug: reads.desk().outbox(  # noqa: E731
        world.people[who], slug
    )
    assert "I3" in [outcome.document for outcome in listed("bob", "harbor")]
    assert listed("charlie", "quay") == []


def test_a_viewer_reads_why_there_are_no_buttons(open_page: Open) -> None:
    app = open_page("bob", "invoices", invoice="I2")
    assert "Your role here is viewer, which reads." in texts(app)
    assert not {"Send by e-mail", "Archive invoice"} & {found.label for found in app.button}


def test_a_dialog_keeps_its_key_until_it_is_closed(own_world: World) -> None:
    app = opened(own_world, "alice", "invoices", invoice="I2")
    app.button(key=f"offer-{ARCHIVE}").click().run()
    key = app.session_state["pending_action"].key
    assert "BILL will archive invoice I2" in texts(app)
    assert app.run().session_state["pending_action"].key == key
    app.button(key="cancel-action").click().run()
    assert "pending_action" not in app.session_state
    assert rows(own_world) == 0


@ACTIONS
def test_confirming_proposes_one_row_and_shows_it(own_world: World, action: str) -> None:
    app = opened(own_world, "alice", "invoices", invoice="I2")
    app.button(key=f"offer-{action}").click().run()
    assert rows(own_world) == 0
    app.button(key="confirm-action").click().run()
    assert not app.exception
    assert rows(own_world) == 1
    assert "pending_action" not in app.session_state
    outcome = reads.desk().outbox(own_world.people["alice"], "harbor")[0]
    assert (outcome.action, outcome.document, outcome.status) == (action, "I2", "queued")


def test_the_recipient_is_the_customers_until_it_is_changed(own_world: World) -> None:
    app = opened(own_world, "alice", "invoices", invoice="I2")
    app.button(key=f"offer-{EMAIL}").click().run()
    to = next(found for found in app.text_input if found.label == "To")
    assert to.value == "c1@carrier.example"
    to.input("not an address").run()
    assert "is not an e-mail address" in texts(app)
    assert app.button(key="confirm-action").disabled
    assert rows(own_world) == 0


def offered(world: World, action: str, who: str = "alice", **url: str) -> AppTest:
    page = "customers" if "customer" in url else "invoices"
    app = opened(world, who, page, **url)
    return app.button(key=f"offer-{action}").click().run()


def confirmed(app: AppTest) -> AppTest:
    app = app.button(key="confirm-action").click().run()
    assert not app.exception
    return app


def newest(world: World) -> Outcome:
    return reads.desk().outbox(world.people["alice"], "harbor")[0]


def test_a_payment_link_is_waited_for_and_shown(own_world: World) -> None:
    app = confirmed(offered(own_world, "invoice.payment_link", invoice="I2"))
    assert "BILL is being asked." in texts(app)
    row = newest(own_world)
    with own_world.office.store.begin() as session:
        kept = session.get_one(OutboxRow, row.outbox_id)
        kept.status, kept.link = "done", "https://pay.example/i/abc"
    app = app.run()
    assert [code.value for code in app.code] == ["https://pay.example/i/abc"]
    assert newest(own_world).link is None  # lists do not give it away
    with pytest.raises(NotAllowedError):
        reads.desk().outcome(own_world.people["bob"], "harbor", row.receipt)


def test_a_payment_of_more_than_is_open_says_what_stays_unapplied(own_world: World) -> None:
    app = offered(own_world, "payment.record", invoice="I2")
    still_open = Decimal(app.text_input(key=key_of(app, "amount")).value)
    app.text_input(key=key_of(app, "amount")).input(str(still_open + 5)).run()
    assert "5.00 USD stays unapplied" in texts(app)
    confirmed(app)
    assert (newest(own_world).action, newest(own_world).amount) == (
        "payment.record",
        still_open + 5,
    )


@pytest.mark.parametrize("typed", ["", "ten", "-1", "1.005"])
def test_an_amount_that_is_none_cannot_be_confirmed(own_world: World, typed: str) -> None:
    app = offered(own_world, "payment.charge", invoice="I2")
    app.text_input(key=key_of(app, "amount")).input(typed).run()
    assert app.button(key="confirm-action").disabled
    assert rows(own_world) == 0


def test_a_charge_shows_its_odds_before_the_click(own_world: World) -> None:
    app = offered(own_world, "payment.charge", invoice="I2")
    assert "Bank debits returned:" in texts(app)
    confirmed(app)
    assert newest(own_world).action == "payment.charge"


def test_a_promise_is_kept_with_its_customer(own_world: World) -> None:
    app = offered(own_world, "customer.promise", customer="C1")
    app.text_input(key=key_of(app, "amount")).input("120.50").run()
    confirmed(app)
    with own_world.office.store.read() as session:
        (note,) = session.scalars(select(CustomerNote))
    assert (note.customer_id, note.amount) == ("C1", Decimal("120.50"))
    assert note.noted_by == "alice@harbor.example"


def test_an_empty_note_is_not_kept(own_world: World) -> None:
    app = offered(own_world, "customer.note", customer="C1")
    assert app.button(key="confirm-action").disabled


def test_an_approver_sees_what_waits_and_lets_it_happen(own_world: World) -> None:
    with own_world.office.store.begin() as session:
        changes = {"approve_over": (("USD", "0"),)}
        prefer(session, "harbor", changes, at=own_world.office.clock(), actor="test")
    proposed(own_world, "alice", ARCHIVE, "I2")
    assert newest(own_world).status == "proposed"
    app = opened(own_world, "alice", "invoices")
    assert "Approve" not in {found.label for found in app.button}
    app = opened(own_world, "ada", "invoices")
    assert "BILL will archive invoice I2" in texts(app)
    button(app, "Approve").click().run()
    assert (newest(own_world).status, newest(own_world).approved_by) == (
        "queued",
        "ada@harbor.example",
    )
    button(app.run(), "Cancel it").click().run()
    assert newest(own_world).status == "cancelled"


def key_of(app: AppTest, name: str) -> str:
    return f"{name}-{app.session_state['pending_action'].key}"
