from billcom.sandbox.businesses import CASCADE
from billcom.sandbox.clock import SettableClock
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
