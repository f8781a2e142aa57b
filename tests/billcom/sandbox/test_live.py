from billcom.sandbox.businesses import CASCADE
from billcom.sandbox.clock import SettableClock
from billcom.sandbox.expectations import Expectations
from billcom.sandbox.ids import dice
from billcom.sandbox.live import Life
from billcom.sandbox.seed import seeded_world
from billcom.sandbox.world import empty_tenant
from tests.billcom.sandbox.conftest import FRIDAY


def test_in_time_everything_happens() -> None:
    book = seeded_world(7, SettableClock(FRIDAY), businesses=[CASCADE]).tenants[0].book
    life = Life(book, dice("life"))
    said = " ".join(life.happen() or "" for _ in range(120))
    for word in ("written", "received", "scheduled", "cleared", "returned", "added"):
        assert word in said
    assert len(book.invoices) > 600
    assert len(book.customers) > 40
    for invoice in book.invoices.values():
        assert invoice["dueAmount"] >= 0


def test_in_an_empty_book_only_customers_come() -> None:
    book = empty_tenant("alder", "Alder", SettableClock(FRIDAY)).book
    life = Life(book, dice("life"))
    assert {(life.happen() or "").rpartition(" ")[2] for _ in range(5)} == {"added"}


def test_customers_pay_about_when_and_how_they_usually_do() -> None:
    def invoice(number: int, customer: str, due: str, **fields: object) -> dict[str, object]:
        return {"id": f"00e{number}", "customerId": customer, "dueDate": due, **fields}

    paid = [{"status": "PAID", "date": "2026-08-15"}]
    habits = Expectations(
        [invoice(1, "late", "2026-08-01", payments=paid)],
        [{"customerId": "late", "onlinePayment": False, "receivablesType": "CASH"}],
    )
    open_ones = [invoice(n, "prompt", f"2026-10-{n:02d}") for n in range(11, 30)]
    late, prompt = invoice(2, "late", "2026-09-04"), invoice(3, "prompt", "2026-09-18")
    nearest = habits.nearest([*open_ones, late, prompt], FRIDAY.date())
    assert nearest[:2] == [late, prompt]
    assert (habits.payment_type(late), habits.payment_type(prompt)) == ("CASH", "CHECK")
