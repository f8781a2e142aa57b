"""Small books of BILL records, and the way from them to a snapshot without a network."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from billcom.paging import Page
from billcom.resources import RESOURCES
from etl.billing.entered_reason import EnteredReason
from etl.exchange.rate import Rate
from etl.extract.incoming import read_in
from etl.extract.land import Lander, prepare
from etl.extract.plan import PLAN, REFERENCE_PLAN, Step
from etl.transform import runner
from etl.transform.checking import run_checks
from etl.transform.runner import Facts
from etl.warehouse.places import TenantFolder
from etl.warehouse.snapshot import Hub, Snapshot, build_snapshot, open_work

Book = Mapping[str, Sequence[dict[str, Any]]]


def at(day: str) -> str:
    """Noon of a day as BILL writes it."""
    return f"{day}T12:00:00.000+00:00"


def customer(customer_id: str, currency: str = "USD", **more: Any) -> dict[str, Any]:
    return {
        "id": customer_id,
        "archived": False,
        "name": f"Customer {customer_id}",
        "email": f"{customer_id.lower()}@carrier.example",
        "invoiceCurrency": currency,
        "createdTime": at("2025-01-02"),
        "updatedTime": at("2025-01-02"),
    } | more


def invoice(
    invoice_id: str, of: str, total: str, issued: str, due: str, **more: Any
) -> dict[str, Any]:
    return {
        "id": invoice_id,
        "archived": False,
        "recordStatus": "ACTIVE",
        "invoiceNumber": invoice_id,
        "customerId": of,
        "invoiceDate": issued,
        "dueDate": due,
        "totalAmount": Decimal(total),
        "dueAmount": Decimal(total),
        "scheduledAmount": Decimal("0.00"),
        "creditAmount": Decimal("0.00"),
        "status": "OPEN",
        "createdTime": at(issued),
        "updatedTime": at(issued),
    } | more


def payment(
    payment_id: str, of: str, amount: str, on: str, to: Mapping[str, str], **more: Any
) -> dict[str, Any]:
    applied = sum((Decimal(part) for part in to.values()), Decimal(0))
    return {
        "id": payment_id,
        "customerId": of,
        "amount": Decimal(amount),
        "unappliedAmount": Decimal(amount) - applied,
        "paymentDate": on,
        "receivablesType": "ACH",
        "status": "PAID",
        "onlinePayment": True,
        "invoicePayments": [
            {"invoiceId": invoice_id, "amount": Decimal(part), "paymentDate": on}
            for invoice_id, part in to.items()
        ],
        "createdTime": at(on),
        "updatedTime": at(on),
    } | more


def credit_memo(memo_id: str, of: str, amount: str, on: str, **more: Any) -> dict[str, Any]:
    return {
        "id": memo_id,
        "customerId": of,
        "referenceNumber": memo_id,
        "creditDate": on,
        "archived": False,
        "amount": Decimal(amount),
        "appliedAmount": Decimal("0.00"),
        "status": "NOT_APPLIED",
        "usage": [],
        "createdTime": at(on),
        "updatedTime": at(on),
    } | more


def golden() -> dict[str, list[dict[str, Any]]]:
    """The golden fixture of the metrics page as BILL holds it on 2025-08-01.

    It was drawn to hit the edges: due today, 31, 60 and 91 days, a part payment, a returned one,
    an archived invoice, money in the future, two kinds of unapplied money, a second currency.
    """
    paid = {"status": "PAID_IN_FULL", "dueAmount": Decimal("0.00")}
    return {
        "customers": [
            customer("C1"),
            customer("C2", "CAD"),
            customer("C3"),
            customer("C4"),
        ],
        "invoices": [
            invoice(
                "I1",
                "C1",
                "1000.00",
                "2025-04-01",
                "2025-05-01",
                dueAmount=Decimal("400.00"),
                status="PARTIAL_PAYMENT",
                updatedTime=at("2025-05-20"),
            ),
            invoice("I2", "C1", "500.00", "2025-06-01", "2025-06-30"),
            invoice("I3", "C2", "2000.00", "2025-05-10", "2025-05-30"),
            invoice("I4", "C4", "300.00", "2025-03-01", "2025-03-31", updatedTime=at("2025-04-12")),
            invoice(
                "I5",
                "C3",
                "800.00",
                "2025-05-15",
                "2025-06-14",
                archived=True,
                recordStatus="INACTIVE",
                updatedTime=at("2025-06-20"),
            ),
            invoice(
                "I6",
                "C3",
                "250.00",
                "2025-06-20",
                "2025-07-20",
                updatedTime=at("2025-07-02"),
                **paid,
            ),
        ],
        "receivable_payments": [
            payment("P1", "C1", "600.00", "2025-05-20", {"I1": "600.00"}),
            payment(
                "P2",
                "C4",
                "300.00",
                "2025-04-10",
                {"I4": "300.00"},
                status="VOID",
                updatedTime=at("2025-04-12"),
            ),
            payment("P3", "C3", "75.00", "2025-06-25", {}),
            payment("P4", "C3", "250.00", "2025-07-02", {"I6": "250.00"}),
        ],
        "credit_memos": [credit_memo("CM1", "C1", "120.00", "2025-06-10")],
    }


def golden_on(day: str) -> dict[str, list[dict[str, Any]]]:
    """The same book as BILL held it at the end of a day."""
    final = golden()
    book: dict[str, list[dict[str, Any]]] = {"customers": final["customers"]}
    book["receivable_payments"] = [
        record if record["updatedTime"] <= at(day) else _as_first_paid(record)
        for record in final["receivable_payments"]
        if record["paymentDate"] <= day
    ]
    book["credit_memos"] = [r for r in final["credit_memos"] if r["creditDate"] <= day]
    paid = {
        part["invoiceId"]: part["amount"]
        for record in book["receivable_payments"]
        if record["status"] == "PAID"
        for part in record["invoicePayments"]
    }
    book["invoices"] = [
        _as_of(record, day, paid.get(record["id"], Decimal(0)))
        for record in final["invoices"]
        if record["invoiceDate"] <= day
    ]
    return book


def _as_first_paid(record: dict[str, Any]) -> dict[str, Any]:
    return record | {"status": "PAID", "updatedTime": at(record["paymentDate"])}


def _as_of(record: dict[str, Any], day: str, paid: Decimal) -> dict[str, Any]:
    changed = {"I4": "2025-04-10"} if day < "2025-04-12" else {}
    is_final = record["updatedTime"] <= at(day)
    touched = record["updatedTime"] if is_final else at(record["invoiceDate"])
    if not is_final and record["id"] in changed and day >= changed[record["id"]]:
        touched = at(changed[record["id"]])
    return record | {
        "archived": record["archived"] and is_final,
        "recordStatus": "INACTIVE" if record["archived"] and is_final else "ACTIVE",
        "dueAmount": record["totalAmount"] - paid,
        "updatedTime": touched,
    }


class Lineage:
    """One tenant's files in a folder, loaded book by book."""

    def __init__(self, path: Path, *, time_zone: str = "UTC", currency: str = "USD") -> None:
        self.folder = TenantFolder(path)
        self.facts = Facts("cascade", time_zone, currency)
        self.run_id = 0
        self.rates: Sequence[Rate] = ()
        self.reasons: Sequence[EnteredReason] = ()

    def load(self, book: Book, day: str) -> dict[str, int]:
        """Lands a book as if read late on a day; rows added by resource."""
        return self.load_at(book, datetime.fromisoformat(f"{day}T23:00:00+00:00"))

    def load_at(self, book: Book, observed: datetime) -> dict[str, int]:
        """Lands a book as if read at an instant; rows added by resource."""
        self.run_id += 1
        added = {}
        with open_work(self.folder) as connection:
            prepare(connection)
            lander = Lander(connection, "cascade", self.run_id)
            referred = (step for step in REFERENCE_PLAN if step.resource.name in book)
            for step in (*PLAN, *referred):
                texts = tuple(_on_the_wire(r) for r in book.get(step.resource.name, ()))
                added[step.resource.name] = lander.land(
                    step, read_in(step, [Page(texts, None)]), observed, advances=True
                )
        return added

    def land(self, resource: str, records: Sequence[dict[str, Any]]) -> None:
        """Lands records of one resource as if read with the last book."""
        observed = datetime(2026, 2, 1, 23, tzinfo=UTC)
        with open_work(self.folder) as connection:
            lander = Lander(connection, "cascade", self.run_id)
            step = Step(RESOURCES[resource])
            page = Page(tuple(map(_on_the_wire, records)), None)
            lander.land(step, read_in(step, [page]), observed, advances=True)

    def publish(self) -> Snapshot:
        """Transforms, publishes, and opens what was published."""
        with open_work(self.folder) as connection:
            runner.transform(connection, self.facts)
            self.checks = {result.check: result for result in run_checks(connection)}
            with build_snapshot(connection, self.folder, self.run_id):
                runner.build_marts(
                    connection,
                    seq=self.run_id,
                    run_id=self.run_id,
                    rates=self.rates,
                    reasons=self.reasons,
                )
        return Hub(self.folder).snapshot(self.run_id)


def _on_the_wire(record: dict[str, Any]) -> bytes:
    text = json.dumps(record, default=lambda number: f"#{number}#")
    return text.replace('"#', "").replace('#"', "").encode()
