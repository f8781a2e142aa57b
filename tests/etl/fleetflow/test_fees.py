"""Dispatch fees: their price, one invoice a customer and week whatever happens, and what leaks."""

import csv
import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from billcom.sandbox.server import running_sandbox
from etl.acting import proposing
from etl.back_office import BackOffice
from etl.billing.dispatch_fees import Contract, contract_for, fee_of
from etl.billing.iso_week import Week
from etl.desk import Desk
from etl.errors import RunRefusedError, UsageError
from etl.fleetflow.load import made_load
from etl.jobs import bill_loads as billing
from etl.jobs.bill_loads import Batch, bill_week, plan_week
from etl.jobs.dispatch_outbox import dispatch_outbox
from etl.jobs.fleet_work import at_work
from etl.jobs.judge_loads import judge_loads
from etl.jobs.sync_tenant import sync_tenant
from etl.store import fleet_loads, outbox
from etl.store.models import OutboxRow
from etl.store.tenants import find_tenant, prefer, remove_tenant
from tests.dashboard.world import World, publish
from tests.etl.books import at, golden, invoice
from tests.etl.conftest import connected
from tests.etl.fleetflow.side import Command, Cut, cut_after, grant_of, link
from tests.worlds import written_world

FEES = """
[fees]
start = 2025-07-01
due_days = 5

[[contracts]]
customer = "*"
from = 2025-01-01
currency = "USD"
percent = 5
minimum = 25

[[contracts]]
customer = "C3"
from = 2025-07-23
currency = "USD"
flat = "40.00"
"""
W30 = Week.named("2025-W30")  # July 21 to 27


def load(number: str, customer: str, amount: str, on: str, **more: Any) -> dict[str, Any]:
    return {
        "load_id": number,
        "number": number,
        "customer": customer,
        "amount": Decimal(amount),
        "currency": "USD",
        "delivered_on": date.fromisoformat(on),
        "fault": None,
    } | more


LOADS = (
    load("A-1", "C1", "1000.00", "2025-07-21"),
    load("A-2", "C1", "333.33", "2025-07-27"),
    load("A-3", "C1", "2222.20", "2025-07-28"),
    load("B-1", "C3", "900.00", "2025-07-22"),
    load("B-2", "C3", "900.00", "2025-07-23"),
    load("D-1", "C2", "900.00", "2025-07-23", currency="CAD"),
    load("E-1", "nobody", "900.00", "2025-07-23"),
    load("F-1", "C1", "0", "2025-07-23") | {"amount": None, "fault": "its amount is not a number"},
)


def keep(world: World, loads: Sequence[dict[str, Any]]) -> None:
    with world.office.store.begin() as session:
        fleet_loads.keep(session, grant_of(world.office, "harbor").tenant_id, loads)


@pytest.fixture
def billed(world: World) -> World:
    """Harbor with its loads and contracts, and nothing billed."""
    link(world.office, "harbor", FEES)
    keep(world, LOADS)
    return world


def bill(world: World, week: Week = W30, **more: Any) -> Batch:
    with at_work(world.office, "harbor") as work:
        return bill_week(work, grant_of(world.office, "harbor"), week, **more)


def rows(world: World) -> list[OutboxRow]:
    with world.office.store.read() as session:
        found = outbox.listed(session, grant_of(world.office, "harbor"), limit=100)
        return sorted(found, key=lambda row: row.receipt)


def states(world: World, until: str = "2025-08-01") -> dict[str, str]:
    with at_work(world.office, "harbor") as work:
        day = date.fromisoformat(until)
        found = judge_loads(world.office, grant_of(world.office, "harbor"), work.mapping, day)
    return {one.load.number: one.state for one in found.judged}


@pytest.mark.parametrize(
    ("amount", "currency", "terms", "fee"),
    [
        ("1000.00", "USD", {"percent": "5"}, "50.00"),
        ("333.30", "USD", {"percent": "5"}, "16.67"),  # 16.665: half up
        ("333.29", "USD", {"percent": "5"}, "16.66"),
        ("100.00", "USD", {"percent": "5", "minimum": "25"}, "25.00"),
        ("500.00", "USD", {"percent": "5", "minimum": "25"}, "25.00"),
        ("500.20", "USD", {"percent": "5", "minimum": "25"}, "25.01"),
        ("9999999", "USD", {"flat": "40"}, "40.00"),
        ("1010", "JPY", {"percent": "2.5"}, "25"),
        ("10.1", "KWD", {"percent": "2.5"}, "0.253"),
    ],
)
def test_a_fee_is_exact_and_rounded_once(
    amount: str, currency: str, terms: dict[str, str], fee: str
) -> None:
    exact = {name: Decimal(value) for name, value in terms.items()}
    contract = Contract("*", date(2025, 1, 1), currency, **exact)
    assert str(fee_of(contract, Decimal(amount), currency).amount) == fee


def test_the_newest_contract_of_ones_own_counts_before_everybodys() -> None:
    everybody = Contract("*", date(2025, 5, 1), "USD", flat=Decimal(1))
    old = Contract("C1", date(2025, 1, 1), "USD", flat=Decimal(2))
    new = Contract("C1", date(2025, 6, 1), "USD", flat=Decimal(3))
    terms = (new, everybody, old)
    assert contract_for(terms, "C1", date(2025, 5, 31)) == old
    assert contract_for(terms, "C1", date(2025, 6, 1)) == new
    assert contract_for(terms, "C2", date(2025, 5, 1)) == everybody
    assert contract_for(terms, "C2", date(2025, 4, 30)) is None


@pytest.mark.parametrize(
    ("text", "monday", "sunday"),
    [("2026-W01", "2025-12-29", "2026-01-04"), ("2026-W53", "2026-12-28", "2027-01-03")],
)
def test_a_week_goes_by_its_iso_name(text: str, monday: str, sunday: str) -> None:
    week = Week.named(text)
    assert (str(week.monday), str(week.sunday), str(week)) == (monday, sunday, text)
    assert Week.before(date(2027, 1, 4)) == Week.named("2026-W53")


@pytest.mark.parametrize("text", ["2025-W54", "2025-W53", "2025-30", "0000-W01", "W30"])
def test_what_is_no_week_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is not a week"):
        Week.named(text)


def test_a_week_is_one_invoice_a_customer_with_a_line_a_load(billed: World) -> None:
    batch = bill(billed)
    assert [(one.customer_id, one.amount, len(one.loads)) for one in batch.bills] == [
        ("C1", Decimal("75.00"), 2),
        ("C3", Decimal("85.00"), 2),
    ]
    first, second = rows(billed)
    assert (first.action, first.amount, first.currency) == (
        "invoice.create",
        Decimal("75.00"),
        "USD",
    )
    assert first.input == {
        "customer": {"id": "C1"},
        "invoiceDate": "2025-07-28",
        "dueDate": "2025-08-02",
        "invoiceLineItems": [
            {
                "quantity": "1",
                "price": "50.00",
                "description": "Load A-1, delivered 2025-07-21: 5 %, at least 25 of 1000.00 USD",
            },
            {
                "quantity": "1",
                "price": "25.00",
                "description": "Load A-2, delivered 2025-07-27: 5 %, at least 25 of 333.33 USD",
            },
        ],
    }
    assert [line["price"] for line in second.input["invoiceLineItems"]] == ["45.00", "40.00"]
    reasons = {one.load.number: one.reason for one in batch.left_out}
    assert reasons == {
        "D-1": "the load is in CAD and the contract in USD",
        "E-1": "BILL has no such customer",
        "F-1": "its amount is not a number",
    }


def test_payment_terms_decide_when_it_is_due_unless_the_tenant_is_free_to(billed: World) -> None:
    book = golden()
    stamp = {"createdTime": at("2025-01-01"), "updatedTime": at("2025-01-01")}
    book["payment_terms"] = [{"id": "00p30", "name": "Net 30", "daysDue": 30, **stamp}]
    book["customers"][0] |= {"paymentTermId": "00p30", "updatedTime": at("2025-07-30")}
    publish(billed.office, "harbor", book)
    desk = Desk(billed.settings, billed.office.store, billed.office.clock)
    given = {
        "customer": {"id": "C1"},
        "invoiceDate": "2025-07-28",
        "dueDate": "2025-08-02",
        "invoiceLineItems": [{"quantity": 1, "price": 5}],
    }
    asked = (billed.people["alice"], "harbor", "invoice.create")
    with pytest.raises(UsageError, match="Net 30 an invoice of 2025-07-28 is due on 2025-08-27"):
        desk.preview(*asked, given)
    assert [one.refused for one in bill(billed).bills] == ["", ""]
    ours, others = rows(billed)
    assert "It is due on 2025-08-27 by the payment terms Net 30." in ours.preview
    assert ("dueDate" in ours.input, "dueDate" in others.input) == (False, True)
    with billed.office.store.begin() as session:
        prefer(session, "harbor", {"due_dates": "free"}, at=billed.office.clock(), actor="test")
    assert desk.preview(*asked, given).warnings == ()


def test_again_and_again_there_is_one_and_a_late_load_is_on_the_next_weeks(billed: World) -> None:
    bill(billed)
    before = [(row.receipt, row.input) for row in rows(billed)]
    keep(billed, [load("A-9", "C1", "800.00", "2025-07-22")])
    again = bill(billed)
    assert (again.bills, [(row.receipt, row.input) for row in rows(billed)]) == ((), before)
    assert "A-9" in {one.load.number for one in again.left_out}
    later = replace(billed, office=replace(billed.office, clock=lambda: MONDAY))
    [next_one] = bill(later, Week.named("2025-W31")).bills
    assert [one.load.number for one in next_one.loads] == ["A-9", "A-3"]


MONDAY = datetime(2025, 8, 4, 0, 0, tzinfo=UTC)


def test_when_clocks_change_and_months_end_every_load_is_on_one_invoice(billed: World) -> None:
    first = datetime(2025, 10, 31, tzinfo=UTC)  # clocks go back in Los Angeles on November 2
    zone = {"time_zone": "America/Los_Angeles", "currency": "USD"}
    hours = [first + timedelta(hours=hour) for hour in range(24 * 7)]
    cells = {"customer": "C1", "amount": "1000"}
    hourly = [made_load({**cells, "id": f"H-{at:%d%H}", "delivered": at}, **zone) for at in hours]
    keep(billed, [asdict(one) for one in hourly])
    office = replace(billed.office, clock=lambda: datetime(2025, 11, 20, tzinfo=UTC))
    world = replace(billed, office=office)
    for name in ("2025-W44", "2025-W45", "2025-W44", "2025-W45", "2025-W46"):
        bill(world, Week.named(name))
    lines = [line for row in rows(world) for line in row.input["invoiceLineItems"]]
    named_loads = [line["description"].split(",")[0] for line in lines]
    assert len(named_loads) == len(set(named_loads))
    assert sum(name.startswith("Load H-") for name in named_loads) == 24 * 7
    w44 = next(row for row in rows(world) if "2025-W44 C1" in row.idempotency_key)
    late = [line for line in w44.input["invoiceLineItems"] if "2025-11-02" in line["description"]]
    assert len(late) == 25


def test_a_week_is_billed_once_it_is_over_where_the_tenant_is(billed: World) -> None:
    w31 = Week.named("2025-W31")
    almost = replace(billed.office, clock=lambda: datetime(2025, 8, 3, 23, 59, tzinfo=UTC))
    with pytest.raises(UsageError, match=r"2025-W31 is not over yet in UTC.*2025-08-04"):
        bill(replace(billed, office=almost), w31)
    assert rows(billed) == []
    west = replace(grant_of(billed.office, "harbor"), time_zone="America/Los_Angeles")
    with (
        at_work(replace(billed.office, clock=lambda: MONDAY), "harbor") as work,
        pytest.raises(UsageError, match="Los_Angeles"),
    ):
        bill_week(work, west, w31)
    assert bill(replace(billed, office=replace(billed.office, clock=lambda: MONDAY)), w31).bills


def test_a_dry_run_shows_the_same_and_changes_nothing(billed: World) -> None:
    grant = grant_of(billed.office, "harbor")
    with at_work(billed.office, "harbor") as work:
        planned = plan_week(billed.office, grant, work.mapping, W30)
    assert rows(billed) == []
    assert states(billed)["A-1"] == "unbilled"
    assert [(one.key, one.amount) for one in bill(billed).bills] == [
        (one.key, one.amount) for one in planned.bills
    ]


@pytest.mark.parametrize("moment", ["assign", "propose"])
@pytest.mark.parametrize("after", [0, 1])
def test_killed_at_any_moment_the_next_run_ends_what_was_begun(
    billed: World, monkeypatch: pytest.MonkeyPatch, moment: str, after: int
) -> None:
    place = fleet_loads if moment == "assign" else proposing
    whole = getattr(place, moment)
    monkeypatch.setattr(place, moment, cut_after(whole, after))
    with pytest.raises(Cut):
        bill(billed)
    monkeypatch.setattr(place, moment, whole)
    keep(billed, [load("A-9", "C1", "800.00", "2025-07-22")])
    bill(billed)
    told = {row.input["customer"]["id"]: row for row in rows(billed)}
    assert (len(rows(billed)), sorted(told)) == (2, ["C1", "C3"])
    names = [
        line["description"].split(",")[0]
        for row in rows(billed)
        for line in row.input["invoiceLineItems"]
    ]
    assert len(names) == len(set(names))
    assert {"Load A-1", "Load A-2", "Load B-1", "Load B-2"} <= set(names)


def test_run_twice_at_once_there_is_one_of_each(billed: World) -> None:
    done, refused = [], []

    def run() -> None:
        try:
            done.append(bill(billed))
        except RunRefusedError:
            refused.append(1)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) + len(refused) == 4
    assert [row.input["customer"]["id"] for row in rows(billed)] == ["C1", "C3"]


def test_without_the_claim_even_two_that_planned_the_same_make_one(
    billed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that was halted after it planned goes on when another has billed already."""
    plan = billing.plan_week
    grant = grant_of(billed.office, "harbor")

    def overtaken(*given: Any, **more: Any) -> Batch:
        planned = plan(*given, **more)
        monkeypatch.setattr(billing, "plan_week", plan)
        keep(billed, [load("A-0", "C1", "800.00", "2025-07-21")])
        bill_week(work, grant, W30)
        return planned

    monkeypatch.setattr(billing, "plan_week", overtaken)
    with at_work(billed.office, "harbor") as work:
        bill_week(work, grant, W30)
    assert [len(row.input["invoiceLineItems"]) for row in rows(billed)] == [3, 2]


def cancel(world: World, receipt: int) -> None:
    with world.office.store.begin() as session:
        outbox.cancel(session, grant_of(world.office, "harbor"), receipt, at=world.office.clock())


def test_what_was_cancelled_is_unbilled_with_its_reason_and_proposed_anew_only_when_asked(
    billed: World,
) -> None:
    bill(billed)
    cancel(billed, 1)
    again = bill(billed)
    assert again.bills == ()
    reasons = {one.load.number: one.reason for one in again.left_out}
    assert reasons["A-1"] == "receipt 1 is cancelled"
    [anew] = bill(billed, again=True).bills
    assert (anew.key, anew.amount) == ("fleetflow 2025-W30 C1 2", Decimal("75.00"))
    assert bill(billed, again=True).bills == ()
    assert [row.status for row in rows(billed)] == ["cancelled", "queued", "queued"]


def named(number: str, of: str, lines: Sequence[tuple[str, str]], **more: Any) -> dict[str, Any]:
    total = sum((Decimal(amount) for _, amount in lines), Decimal(0))
    items = [
        {"description": said, "amount": Decimal(amount), "quantity": 1, "price": Decimal(amount)}
        for said, amount in lines
    ]
    whole = invoice(number, of, str(total), "2025-07-28", "2025-08-02", **more)
    return whole | {"invoiceLineItems": items}


def test_unbilled_twice_billed_and_mispriced_loads_are_told_in_money(
    billed: World, tmp_path: Path, command: Command
) -> None:
    book = golden()
    book["invoices"] += [
        named("N1", "C1", [("Load A-1 Reno to Boise", "50.00"), ("Load #A-2.", "24.00")]),
        named("N2", "C1", [("LOAD NO. A-1", "50.00")]),
        named("N3", "C3", [("load a-3, B-1", "45.00"), ("Load: B-2", "40.00")]),
        named("N4", "C1", [("Load A-3", "111.11")], archived=True, recordStatus="INACTIVE"),
    ]
    publish(billed.office, "harbor", book)
    tieout = command(billed)
    code, told, said = tieout("loads", "--json")
    assert (code, said) == (0, "")
    found = {one["load"]: one for one in json.loads(told)["loads"]}
    assert {name: (one["state"], one["difference"]) for name, one in found.items()} == {
        "A-1": ("twice", "50.00"),
        "A-2": ("mispriced", "-1.00"),
        "A-3": ("unbilled", "-111.11"),
        "B-1": ("unbilled", "-45.00"),
        "B-2": ("billed", "0.00"),
        "D-1": ("unbilled", None),
        "E-1": ("unbilled", "-45.00"),
        "F-1": ("unbilled", None),
    }
    assert found["A-1"]["invoices"] == "N1, N2"
    sums = {(one["state"], one["currency"]): one for one in json.loads(told)["sums"]}
    assert sums["unbilled", "USD"]["difference"] == "-201.11"
    assert sums["unbilled", "CAD"]["without_difference"] == 1
    out = tmp_path / "unbilled.csv"
    assert tieout("loads", "--unbilled", "--out", str(out))[0] == 0
    lines = list(csv.DictReader(out.read_text().splitlines()))
    assert {line["load"]: line["fee"] for line in lines}["A-3"] == "111.11"
    assert "twice: 1 loads, 50.00 USD" in tieout("loads", "--twice")[1]


def test_a_load_billed_to_another_customer_or_in_another_currency_is_mispriced(
    billed: World,
) -> None:
    book = golden()
    book["invoices"] += [
        named("N1", "C3", [("Load A-1", "50.00")]),
        named("N2", "C2", [("Load A-2", "25.00")]),
    ]
    publish(billed.office, "harbor", book)
    with at_work(billed.office, "harbor") as work:
        grant = grant_of(billed.office, "harbor")
        found = judge_loads(billed.office, grant, work.mapping, date(2025, 8, 1)).judged
    told = {one.load.number: (one.state, one.reason) for one in found}
    assert told["A-1"] == ("mispriced", "it is billed to another customer")
    assert told["A-2"] == ("mispriced", "the load is in USD and the invoice in CAD")


def test_the_command_line_bills_a_week_once(billed: World, command: Command) -> None:
    tieout = command(billed)
    shown = json.loads(tieout("bill", "--week", "2025-W30", "--dry-run", "--json")[1])
    assert [one["amount"] for one in shown["invoices"]] == ["75.00", "85.00"]
    assert rows(billed) == []
    done = json.loads(tieout("bill", "--week", "2025-W30", "--json")[1])
    assert [one["receipt"] for one in done["invoices"]] == [1, 2]
    _, told, _ = tieout("bill", "--week", "2025-W30")
    assert "nothing is left to propose" in told
    code, _, said = tieout("bill", "--week", "30")
    assert (code, "is not a week" in said) == (2, True)
    code, _, said = tieout("bill", "--week", "2999-W01")
    assert (code, "is not over yet" in said) == (2, True)


@pytest.fixture
def harbor(office: BackOffice) -> Iterator[tuple[BackOffice, Any]]:
    with running_sandbox(written_world()) as sandbox:
        yield office, connected(office, sandbox, slug="harbor").book


def test_through_the_outbox_into_bills_book_and_back_as_billed(
    harbor: tuple[BackOffice, Any],
) -> None:
    office, book = harbor
    made = book.create_customer({"name": "Harlow", "email": "ap@h.example"})
    sync_tenant(office, "harbor")
    link(office, "harbor", FEES)
    world = World(office.settings, office, {})
    name = made["id"]
    keep(world, [load("X-1", name, "1000", "2025-07-21"), load("X-2", name, "40", "2025-07-22")])
    invoices = len(book.invoices)
    for _ in range(2):
        bill(world)
        dispatch_outbox(office)
    assert len(book.invoices) == invoices + 1
    [row] = rows(world)
    assert (row.status, str(book.invoices[row.result_id]["totalAmount"])) == ("done", "75.00")
    assert states(world) == {"X-1": "proposed", "X-2": "proposed"}
    sync_tenant(office, "harbor")
    assert states(world) == {"X-1": "billed", "X-2": "billed"}
    book.archive_invoice(row.result_id)
    sync_tenant(office, "harbor")
    assert states(world) == {"X-1": "unbilled", "X-2": "unbilled"}
    assert bill(world).bills == ()
    [anew] = bill(world, again=True).bills
    assert anew.amount == Decimal("75.00")


def test_a_tenant_takes_its_fleetflow_with_it(billed: World) -> None:
    with billed.office.store.begin() as session:
        tenant_id = grant_of(billed.office, "harbor").tenant_id
        assert fleet_loads.delivered(session, tenant_id, date(2025, 7, 1), date(2025, 8, 1))
        remove_tenant(session, find_tenant(session, "harbor"), at=MONDAY, actor="test")
        assert not fleet_loads.delivered(session, tenant_id, date(2025, 7, 1), date(2025, 8, 1))
