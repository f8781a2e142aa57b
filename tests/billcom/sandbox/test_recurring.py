from datetime import datetime, timedelta
from typing import Any

import pytest

from billcom.sandbox.clock import HOME_ZONE, SettableClock
from billcom.sandbox.ids import dice
from billcom.sandbox.live import Life
from billcom.sandbox.world import World
from tests.billcom.sandbox.caller import Caller, Json, messages, money, parsed


@pytest.fixture
def customer_id(alder: Caller) -> str:
    return str(alder.customer()["id"])


def body(customer_id: str, due: str, period: str = "WEEKLY", **schedule: Any) -> Json:
    return {
        "customerId": customer_id,
        "schedule": {"period": period, "frequency": 1, "nextDueDate": due, **schedule},
        "recurringInvoiceLineItems": [{"amount": 325, "quantity": 1, "description": "Dispatch"}],
    }


def at(clock: SettableClock, day: str) -> None:
    clock.set(datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=HOME_ZONE))


def due_dates(caller: Caller) -> list[str]:
    caller.log_in()
    return [i["dueDate"] for i in caller.all("/invoices", sort="dueDate")]


def test_a_template_reads_back_whole(alder: Caller, customer_id: str) -> None:
    given = {**body(customer_id, "2026-10-05"), "description": "Weekly", "sendEmail": False}
    made = alder.create("/recurring-invoices", given)
    (line,) = made["recurringInvoiceLineItems"]
    assert (line["amount"], line["price"], line["quantity"]) == (325, money("325.00"), 1)
    assert made["schedule"] == given["schedule"]
    assert alder.read(f"/recurring-invoices/{made['id']}") == made
    assert alder.all("/recurring-invoices", filters="archived:eq:false") == [made]


def test_an_invoice_is_written_days_in_advance_and_numbered_by_its_due_date(
    alder: Caller, customer_id: str, clock: SettableClock
) -> None:
    alder.create("/recurring-invoices", body(customer_id, "2026-10-05", daysInAdvance=5))
    at(clock, "2026-09-29")
    assert due_dates(alder) == []
    at(clock, "2026-09-30")
    alder.log_in()
    (invoice,) = alder.all("/invoices")
    assert invoice["invoiceNumber"] == invoice["dueDate"] == "2026-10-05"
    assert invoice["invoiceDate"] == "2026-09-30"
    assert (invoice["customerId"], invoice["totalAmount"]) == (customer_id, 325)
    (template,) = alder.all("/recurring-invoices")
    assert template["schedule"]["nextDueDate"] == "2026-10-12"


def test_dates_gone_by_are_caught_up_on_at_once(alder: Caller, customer_id: str) -> None:
    alder.create("/recurring-invoices", body(customer_id, "2026-09-01"))
    assert due_dates(alder) == ["2026-09-01", "2026-09-08", "2026-09-15"]


def test_nothing_is_written_after_the_end(
    alder: Caller, customer_id: str, clock: SettableClock
) -> None:
    alder.create("/recurring-invoices", body(customer_id, "2026-09-21", endDate="2026-09-28"))
    at(clock, "2027-01-01")
    assert due_dates(alder) == ["2026-09-21", "2026-09-28"]


def test_the_last_of_the_month_stays_the_last(
    alder: Caller, customer_id: str, clock: SettableClock
) -> None:
    alder.create("/recurring-invoices", body(customer_id, "2026-12-31", "MONTHLY"))
    at(clock, "2027-03-31")
    assert due_dates(alder) == ["2026-12-31", "2027-01-31", "2027-02-28", "2027-03-31"]


@pytest.mark.parametrize(
    ("period", "frequency", "following"),
    [
        ("DAILY", 10, "2026-09-28"),
        ("WEEKLY", 2, "2026-10-02"),
        ("MONTHLY", 3, "2026-12-18"),
        ("YEARLY", 1, "2027-09-18"),
    ],
)
def test_every_period_has_its_length(
    alder: Caller, customer_id: str, period: str, frequency: int, following: str
) -> None:
    given = body(customer_id, "2026-09-18", period, frequency=frequency)
    made = alder.create("/recurring-invoices", given)
    assert alder.read(f"/recurring-invoices/{made['id']}")["schedule"]["nextDueDate"] == following


def test_two_templates_give_two_invoices_of_one_number(alder: Caller, customer_id: str) -> None:
    for _ in range(2):
        alder.create("/recurring-invoices", body(customer_id, "2026-09-18"))
    first, second = alder.all("/invoices")
    assert first["invoiceNumber"] == second["invoiceNumber"] == "2026-09-18"
    kept = {"invoiceNumber": "2026-09-18", "dueDate": "2026-12-01"}
    assert alder.patch(f"/invoices/{first['id']}", kept).status_code == 200
    new = {"customer": {"id": customer_id}, "invoiceLineItems": [{"quantity": 1, "price": 1}]}
    assert alder.post("/invoices", {**new, **kept}).status_code == 422


def test_a_change_is_for_invoices_to_come(
    alder: Caller, customer_id: str, clock: SettableClock
) -> None:
    made = alder.create("/recurring-invoices", body(customer_id, "2026-09-18"))
    line = {"id": made["recurringInvoiceLineItems"][0]["id"], "amount": 400, "quantity": 1}
    path = f"/recurring-invoices/{made['id']}"
    parsed(alder.patch(path, {"recurringInvoiceLineItems": [line]}), 200)
    at(clock, "2026-09-25")
    assert due_dates(alder) == ["2026-09-18", "2026-09-25"]
    assert [i["totalAmount"] for i in alder.all("/invoices", sort="dueDate")] == [325, 400]


def test_put_replaces_lines_and_schedule(alder: Caller, customer_id: str) -> None:
    made = alder.create("/recurring-invoices", body(customer_id, "2026-10-05"))
    given = body(customer_id, "2026-11-02", "MONTHLY")
    changed = parsed(alder.put(f"/recurring-invoices/{made['id']}", given), 200)
    assert changed["schedule"] == given["schedule"]
    assert changed["id"] == made["id"]
    old, new = (t["recurringInvoiceLineItems"][0]["id"] for t in (made, changed))
    assert old != new


def test_an_archived_template_rests_and_catches_up_when_restored(
    alder: Caller, customer_id: str, clock: SettableClock
) -> None:
    made = alder.create("/recurring-invoices", body(customer_id, "2026-09-21"))
    alder.act(f"/recurring-invoices/{made['id']}/archive")
    at(clock, "2026-09-29")
    assert due_dates(alder) == []
    alder.act(f"/recurring-invoices/{made['id']}/restore")
    assert due_dates(alder) == ["2026-09-21", "2026-09-28"]


def test_a_schedule_moved_twice_still_gives_one_invoice_a_date(
    alder: Caller, customer_id: str, clock: SettableClock
) -> None:
    made = alder.create("/recurring-invoices", body(customer_id, "2026-09-21"))
    for due in ("2026-09-22", "2026-09-23"):
        alder.patch(f"/recurring-invoices/{made['id']}", {"schedule": {"nextDueDate": due}})
    at(clock, "2026-09-29")
    assert due_dates(alder) == ["2026-09-23"]


def test_an_invoice_is_mailed_when_the_template_says_so(
    alder: Caller, customer_id: str, world: World
) -> None:
    given = {**body(customer_id, "2026-09-18"), "sendEmail": True}
    alder.create("/recurring-invoices", given)
    assert due_dates(alder) == ["2026-09-18"]
    assert len(world.tenants[0].book.emails) == 1


def test_a_living_book_writes_what_has_fallen_due(
    alder: Caller, customer_id: str, world: World, clock: SettableClock
) -> None:
    alder.create("/recurring-invoices", body(customer_id, "2026-10-05"))
    at(clock, "2026-10-06")
    book = world.tenants[0].book
    Life(book, dice("life")).happen()
    assert "2026-10-05" in {i["invoiceNumber"] for i in book.invoices.values()}


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        ({"period": "HOURLY"}, "schedule.period: must be one of"),
        ({"frequency": 0}, "schedule.frequency: must be a whole number from 1 to 999"),
        ({"frequency": 1.5}, "schedule.frequency: must be a whole number from 1 to 999"),
        ({"nextDueDate": None}, "schedule.nextDueDate: must not be null"),
        ({"nextDueDate": "2020-01-01"}, "schedule.nextDueDate: must be at most two years ago"),
        ({"endDate": "2026-01-01"}, "schedule.endDate: must not be before nextDueDate"),
        ({"daysInAdvance": -1}, "schedule.daysInAdvance: must be a whole number from 0 to 365"),
    ],
)
def test_a_wrong_schedule_is_named(
    alder: Caller, customer_id: str, schedule: Json, message: str
) -> None:
    given = body(customer_id, "2026-10-05")
    given["schedule"].update(schedule)
    (found,) = messages(alder.post("/recurring-invoices", given), 400)
    assert found.startswith(message)


def test_the_calendar_may_end(alder: Caller, customer_id: str, clock: SettableClock) -> None:
    made = alder.create(
        "/recurring-invoices", body(customer_id, "2026-09-18", "YEARLY", frequency=999)
    )
    clock.advance(timedelta(days=1))
    alder.log_in()
    schedule = alder.read(f"/recurring-invoices/{made['id']}")["schedule"]
    assert schedule["nextDueDate"] == "3025-09-18"
