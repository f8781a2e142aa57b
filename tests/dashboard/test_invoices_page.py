"""The invoices' page: filters in the address, views that are kept, several invoices at once."""

from typing import Any

import pytest
from sqlalchemy import func, select

from dashboard import actions, reads
from dashboard.session import PendingBulk
from etl.errors import NotAllowedError, UnknownTenantError, UsageError
from etl.store.models import OutboxRow
from tests.dashboard.conftest import Open, button, opened, texts
from tests.dashboard.world import World, publish
from tests.etl.books import customer, golden, invoice

DAY = "2025-06-30"


def numbers(app: Any) -> list[str]:
    return list(app.dataframe[0].value["invoice_number"]) if app.dataframe else []


def rows(world: World) -> int:
    with world.office.store.read() as session:
        return session.scalar(select(func.count(OutboxRow.id))) or 0


def test_a_link_narrows_as_it_says(open_page: Open) -> None:
    app = open_page(
        "alice", "invoices", as_of=DAY, state="overdue", amount_from="500", due_to="2025-05-30"
    )
    assert numbers(app) == ["I3", "I1"]
    assert "Only those overdue, of 500 and more, due up to 30 May 2025" in texts(app)


def test_what_is_chosen_is_in_the_address_and_clears_from_there(open_page: Open) -> None:
    app = open_page("alice", "invoices", as_of=DAY)
    app.segmented_control(key="invoice-state").set_value("overdue").run()
    app.text_input(key="invoice-amount_from").set_value("1000").run()
    app.text_input(key="invoice-search").input("c2").run()
    words = ("state", "amount_from", "q")
    assert [app.query_params[name] for name in words] == ["overdue", "1000", "c2"]
    assert numbers(app) == ["I3"]
    button(app, "Clear filters").click().run()
    assert not set(words) & set(app.query_params)
    assert len(numbers(app)) > 1
    assert app.text_input(key="invoice-search").value == ""


def test_a_word_without_sense_is_told_and_narrows_nothing(open_page: Open) -> None:
    app = open_page("alice", "invoices", as_of=DAY, state="lost", amount_to="' or 1=1")
    assert not app.error
    assert "“state” of this link makes no sense" in texts(app)
    assert "“amount_to” of this link makes no sense" in texts(app)
    assert len(numbers(app)) == 6


def test_whoever_comes_back_finds_their_filters(open_page: Open) -> None:
    app = open_page("alice", "invoices", as_of=DAY, state="overdue")
    narrowed = numbers(app)
    app.switch_page("app_pages/customers.py")
    for name in ("state", "as_of"):
        app.query_params.pop(name, None)
    app.run()
    app.switch_page("app_pages/invoices.py").run()
    assert app.query_params["state"] == "overdue"
    assert numbers(app) == narrowed


def test_a_view_is_kept_shared_and_used_by_another_member(own_world: World) -> None:
    app = opened(own_world, "alice", "invoices", as_of=DAY, state="archived")
    app.text_input(key="keep-name").set_value("Gone")
    app.toggle(key="keep-shared").set_value(True)
    button(app, "Keep view").click().run()
    assert not app.error, texts(app)
    other = opened(own_world, "bob", "invoices", as_of=DAY)
    assert len(numbers(other)) > 1
    button(other, "Gone").click().run()
    assert numbers(other) == ["I5"]
    assert other.query_params["state"] == "archived"
    stranger = opened(own_world, "charlie", "invoices")
    assert "Gone" not in [found.label for found in stranger.button]


def test_a_customer_is_a_filter_like_any_other_and_is_kept_with_a_view(own_world: World) -> None:
    app = opened(own_world, "alice", "invoices", invoice="I1", as_of=DAY)
    button(app, "Only theirs").click().run()
    assert numbers(app) == ["I2", "I1"]
    app.text_input(key="keep-name").set_value("First customer")
    button(app, "Keep view").click().run()
    again = opened(own_world, "alice", "invoices", as_of=DAY, state="paid")
    button(again, "First customer").click().run()
    assert numbers(again) == ["I2", "I1"]
    assert (again.query_params["customer"], "state" in again.query_params) == ("C1", False)


def test_another_tenant_does_not_get_the_filters_of_the_one_before(open_page: Open) -> None:
    app = open_page("alice", "invoices", tenant="harbor", customer="C1", as_of=DAY)
    app.selectbox(key="tenant_switch").select("quay").run()
    assert "customer" not in app.query_params
    assert not app.error
    app.switch_page("app_pages/customers.py").run()
    app.switch_page("app_pages/invoices.py").run()
    assert "customer" not in app.query_params


def test_a_viewer_has_no_boxes_to_tick_and_shares_nothing(open_page: Open) -> None:
    app = open_page("bob", "invoices", as_of=DAY, q="I")
    assert "Tick rows" not in texts(app)
    assert not app.toggle
    assert "Tick rows" in texts(open_page("alice", "invoices", as_of=DAY))


def test_an_invoice_shows_its_terms_lines_settlements_and_changes(own_world: World) -> None:
    book = golden()
    book["invoices"][0]["invoiceLineItems"] = [
        {"description": "Load 9", "quantity": 1, "price": 1000}
    ]
    publish(own_world.office, "harbor", book)
    app = opened(own_world, "alice", "invoices", invoice="I1")
    assert "None in BILL" in texts(app)
    assert list(app.dataframe[1].value["description"]) == ["Load 9"]
    app.segmented_control(key="invoice-part").set_value("Payments and credits").run()
    assert list(app.dataframe[1].value["settled_by"]) == ["payment"]
    app.segmented_control(key="invoice-part").set_value("Changes").run()
    changes = app.dataframe[1].value
    assert "Invoice line items" in list(changes["field"])
    assert not app.error


def test_several_are_previewed_at_once_and_what_cannot_be_is_left_out(world: World) -> None:
    bulk = actions.preview_all(
        world.people["alice"], "harbor", "invoice.archive", ["I1", "I2", "I3", "I5"]
    )
    assert {preview.document for preview in bulk.previews} == {"I1", "I2", "I3"}
    assert bulk.left_out == (("I5", "Invoice I5 is archived already."),)
    assert [(code, str(amount)) for code, amount in bulk.open_amounts] == [
        ("CAD", "2000.00"),
        ("USD", "900.00"),
    ]


def test_each_is_mailed_to_its_own_customer_or_left_out(own_world: World) -> None:
    book = golden()
    book["customers"].append(customer("C9", email=None))
    book["invoices"].append(invoice("I9", "C9", "5.00", "2025-06-01", "2025-07-01"))
    publish(own_world.office, "harbor", book)
    bulk = actions.preview_all(
        own_world.people["alice"], "harbor", "invoice.email", ["I2", "I3", "I9"]
    )
    sent_to = {given["id"]: given["recipient"]["to"] for given in bulk.givens}
    assert sent_to == {"I2": ["c1@carrier.example"], "I3": ["c2@carrier.example"]}
    assert bulk.left_out == (("I9", "Its customer has no e-mail address in BILL."),)


def test_a_double_click_makes_one_effect_an_invoice(world: World) -> None:
    alice, before, key = world.people["alice"], rows(world), actions.new_key()
    bulk = actions.preview_all(alice, "harbor", "invoice.email", ["I1", "I2", "I3"])
    first = actions.propose_all(alice, "harbor", bulk, key)
    second = actions.propose_all(alice, "harbor", bulk, key)
    assert [row.outbox_id for row in first] == [row.outbox_id for row in second]
    assert len({row.outbox_id for row in first}) == 3
    assert rows(world) == before + 3


def test_a_bulk_under_another_actions_key_changes_nothing(world: World) -> None:
    alice, key = world.people["alice"], actions.new_key()
    emails = actions.preview_all(alice, "harbor", "invoice.email", ["I2"])
    actions.propose_all(alice, "harbor", emails, key)
    before = rows(world)
    archives = actions.preview_all(alice, "harbor", "invoice.archive", ["I1", "I2"])
    with pytest.raises(UsageError, match="already names another action"):
        actions.propose_all(alice, "harbor", archives, key)
    assert rows(world) == before


def test_viewers_and_strangers_do_nothing_to_several(world: World) -> None:
    bulk = actions.preview_all(world.people["alice"], "harbor", "invoice.archive", ["I2"])
    for who, refusal in (("bob", NotAllowedError), ("charlie", UnknownTenantError)):
        with pytest.raises(refusal):
            actions.preview_all(world.people[who], "harbor", "invoice.archive", ["I2"])
        with pytest.raises(refusal):
            actions.propose_all(world.people[who], "harbor", bulk, actions.new_key())


def pending_payment(world: World, *invoice_ids: str) -> Any:
    app = opened(world, "alice", "invoices", as_of=DAY)
    app.session_state["pending_action"] = PendingBulk(
        "payment.record", "harbor", invoice_ids, actions.new_key()
    )
    return app.run()


def test_one_payment_settles_several_invoices_the_first_due_first(own_world: World) -> None:
    book = golden()
    book["invoices"].append(invoice("I9", "C1", "5.00", "2025-06-01", "2025-02-01"))
    publish(own_world.office, "harbor", book)
    app = pending_payment(own_world, "I1", "I9")
    amount = next(field for field in app.text_input if field.label.startswith("Amount in"))
    before = amount.value
    amount.set_value("25.00").run()
    app.button(key="confirm-action").click().run()
    assert not app.exception
    with own_world.office.store.read() as session:
        row = session.scalars(select(OutboxRow)).one()
    assert before == "405.00"
    assert row.action == "payment.record"
    assert row.input["amount"] == "25.00"
    assert row.input["invoices"] == [
        {"id": "I9", "amount": "5.00"},
        {"id": "I1", "amount": "20.00"},
    ]


@pytest.mark.parametrize("ids", [("I1", "I3"), ("I1", "QI1"), ("nothing",)])
def test_one_payment_is_of_one_customers_open_invoices(world: World, ids: tuple[str, ...]) -> None:
    app = pending_payment(world, *ids)
    assert "Choose open invoices of one customer" in texts(app)
    assert "confirm-action" not in {found.key for found in app.button}


@pytest.mark.parametrize("ids", [["I2", "QI1"], ["nothing"], [f"I{n}" for n in range(201)]])
def test_unknown_or_too_many_invoices_are_refused_as_a_whole(world: World, ids: list[str]) -> None:
    with pytest.raises(UsageError):
        actions.preview_all(world.people["alice"], "harbor", "invoice.archive", ids)


def test_a_view_of_another_members_tenant_cannot_be_reached(world: World) -> None:
    with pytest.raises(UnknownTenantError):
        reads.desk().views.of_page(world.people["charlie"], "harbor", "invoices")
    with pytest.raises(UnknownTenantError):
        actions.save_view(
            world.people["charlie"], "harbor", "invoices", "Mine", {}, is_shared=False
        )
