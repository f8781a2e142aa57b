"""Whatever is done to a book, in whatever order, its sums hold and its records agree."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from billcom.sandbox.book import Book
from billcom.sandbox.clearing import Outcome
from billcom.sandbox.clock import SettableClock
from billcom.sandbox.errors import ApiError
from billcom.sandbox.world import empty_tenant
from tests.billcom.sandbox.caller import address
from tests.billcom.sandbox.conftest import FRIDAY

CENT = Decimal("0.01")
PRICES = st.decimals(min_value="0.01", max_value=900, places=2)
QUANTITIES = st.sampled_from([Decimal(1), Decimal(3), Decimal("0.5"), Decimal("2.25")])
LINES = st.lists(
    st.builds(
        lambda price, quantity, taxable: {"price": price, "quantity": quantity, "taxable": taxable},
        PRICES,
        QUANTITIES,
        st.booleans(),
    ),
    min_size=1,
    max_size=3,
)
SHARES = st.sampled_from([Decimal("0.2"), Decimal("0.5"), Decimal(1), Decimal("1.3")])
CHOICE = st.integers(min_value=0, max_value=99)


class Receivables(RuleBasedStateMachine):
    """Two customers' invoices under everything the API and time can do to them."""

    @initialize()
    def begin(self) -> None:
        self.clock = SettableClock(FRIDAY)
        self.book = book = empty_tenant("alder", "Alder", self.clock).book
        tax = {"type": "SALES_TAX", "percentage": Decimal("8.25")}
        book.items.put({"id": "0ii02TAX", **tax})
        self.customers = [
            book.create_customer(
                {"name": name, "email": "a@x.example", "billingAddress": address()}
            )["id"]
            for name in ("One", "Two")
        ]
        self.accounts = {c: book.add_bank_account(c) for c in self.customers}

    def attempt(self, call: Callable[..., Any], *args: object) -> None:
        """A refusal is an answer too; what matters is that it leaves the book sound."""
        try:
            call(*args)
        except ApiError:
            return

    def invoice(self, choice: int) -> Any:
        invoices = list(self.book.invoices.values())
        return invoices[choice % len(invoices)]

    def has_invoices(self) -> bool:
        return len(self.book.invoices) > 0

    def has_payments(self) -> bool:
        return len(self.book.payments) > 0

    @rule(choice=CHOICE, lines=LINES, taxed=st.booleans(), credit=SHARES, uses=st.booleans())
    def create(
        self, choice: int, lines: list[Any], taxed: bool, credit: Decimal, uses: bool
    ) -> None:
        body: dict[str, Any] = {
            "customer": {"id": self.customers[choice % 2]},
            "invoiceLineItems": lines,
        }
        if taxed:
            body["salesTaxItemId"] = "0ii02TAX"
        if uses:
            body["creditAmount"] = (credit * 10).quantize(CENT)
        self.attempt(self.book.create_invoice, body)

    @precondition(has_invoices)
    @rule(choice=CHOICE, lines=LINES)
    def replace(self, choice: int, lines: list[Any]) -> None:
        invoice = self.invoice(choice)
        body = {"customer": {"id": invoice["customerId"]}, "invoiceLineItems": lines}
        self.attempt(self.book.replace_invoice, invoice["id"], body)

    @precondition(has_invoices)
    @rule(choice=CHOICE, price=PRICES)
    def change(self, choice: int, price: Decimal) -> None:
        invoice = self.invoice(choice)
        line = {"id": invoice["invoiceLineItems"][0]["id"], "price": price}
        self.attempt(self.book.change_invoice, invoice["id"], {"invoiceLineItems": [line]})

    @precondition(has_invoices)
    @rule(choice=CHOICE, credit=st.integers(min_value=0, max_value=40))
    def credit(self, choice: int, credit: int) -> None:
        self.attempt(self.book.change_invoice, self.invoice(choice)["id"], {"creditAmount": credit})

    @rule(choice=CHOICE, price=PRICES)
    def write_memo(self, choice: int, price: Decimal) -> None:
        body = {
            "customerId": self.customers[choice % 2],
            "referenceNumber": "CM",
            "creditDate": "2026-09-18",
            "creditMemoLineItems": [{"price": price, "quantity": 1}, {"ratePercent": -10}],
        }
        self.attempt(self.book.create_credit_memo, body)

    @precondition(has_invoices)
    @rule(choice=CHOICE, share=SHARES, over=st.booleans())
    def record_payment(self, choice: int, share: Decimal, over: bool) -> None:
        invoice = self.invoice(choice)
        part = max(CENT, (invoice["dueAmount"] * share).quantize(CENT))
        body = {"paymentDate": "2026-09-18", "paymentType": "CHECK", "amount": part + 5 * over}
        self.attempt(
            self.book.record_payment, {**body, "invoices": [{"id": invoice["id"], "amount": part}]}
        )

    @precondition(has_invoices)
    @rule(choice=CHOICE, share=SHARES, outcome=st.sampled_from(list(Outcome)))
    def charge(self, choice: int, share: Decimal, outcome: Outcome) -> None:
        invoice = self.invoice(choice)
        customer_id = invoice["customerId"]
        part = max(CENT, (invoice["dueAmount"] * share).quantize(CENT))
        self.book.decide_charges(customer_id, outcome)
        body = {
            "customerId": customer_id,
            "fundingAccount": {"id": self.accounts[customer_id], "type": "BANK_ACCOUNT"},
            "invoicePayments": [{"invoiceId": invoice["id"], "amount": part}],
        }
        self.attempt(self.book.charge_customer, body)

    @precondition(has_payments)
    @rule(choice=CHOICE, move=st.sampled_from(["settle_payment", "void_payment", "cancel_payment"]))
    def move(self, choice: int, move: str) -> None:
        ids = list(self.book.payments)
        self.attempt(getattr(self.book, move), ids[choice % len(ids)])

    @precondition(has_invoices)
    @rule(choice=CHOICE, act=st.sampled_from(["archive_invoice", "restore_invoice"]))
    def shelve(self, choice: int, act: str) -> None:
        getattr(self.book, act)(self.invoice(choice)["id"])

    @rule(choice=CHOICE, price=PRICES, ahead=st.integers(min_value=-20, max_value=20))
    def recur(self, choice: int, price: Decimal, ahead: int) -> None:
        due = self.book.today() + timedelta(days=ahead)
        body = {
            "customerId": self.customers[choice % 2],
            "schedule": {"period": "WEEKLY", "frequency": 2, "nextDueDate": due.isoformat()},
            "recurringInvoiceLineItems": [{"price": price, "quantity": 1}],
        }
        self.attempt(self.book.create_recurring_invoice, body)

    @rule(days=st.integers(min_value=1, max_value=9))
    def pass_time(self, days: int) -> None:
        self.clock.advance(timedelta(days=days))
        self.book.catch_up()

    @invariant()
    def amounts_follow_from_lines_credit_and_payments(self) -> None:
        for invoice in self.book.invoices.values():
            demand_sound(invoice)

    @invariant()
    def payments_and_invoices_say_the_same(self) -> None:
        demand_same_story(self.book)

    @invariant()
    def credit_is_what_memos_gave(self) -> None:
        given: Counter[str] = Counter()
        for memo in self.book.credit_memos.values():
            assert 0 <= memo["appliedAmount"] <= memo["amount"]
            assert memo["appliedAmount"] == sum(use["amount"] for use in memo["usage"])
            for use in memo["usage"]:
                given[use["invoiceId"]] += use["amount"]
        assert all(i["creditAmount"] == given[i["id"]] for i in self.book.invoices.values())

    @invariant()
    def balances_are_what_is_owed(self) -> None:
        for customer in self.book.customers.values():
            owed = sum(
                i["dueAmount"]
                for i in self.book.invoices.values()
                if i["customerId"] == customer["id"] and not i["archived"]
            )
            held = sum(
                p["unappliedAmount"]
                for p in self.book.payments.values()
                if p["customerId"] == customer["id"] and p["status"] == "PAID"
            )
            assert customer["balance"]["amount"] == owed - held


def demand_sound(invoice: Any) -> None:
    rate = invoice.get("salesTaxPercentage", Decimal(0))
    amounts = [
        ((line["price"] * line["quantity"]).quantize(CENT, ROUND_HALF_UP), line.get("taxable"))
        for line in invoice["invoiceLineItems"]
    ]
    taxable = sum((amount for amount, taxed in amounts if taxed), Decimal(0))
    tax = (taxable * rate / 100).quantize(CENT, ROUND_HALF_UP)
    assert invoice["salesTaxTotal"] == tax
    assert invoice["totalAmount"] == sum(amount for amount, _ in amounts) + tax
    moved: Counter[str] = Counter()
    for entry in invoice.get("payments", ()):
        moved[entry["status"]] += entry["amount"]
    paid, scheduled = moved["PAID"] + invoice["creditAmount"], moved["SCHEDULED"]
    due = invoice["totalAmount"] - paid - scheduled
    assert invoice["scheduledAmount"] == scheduled
    assert invoice["dueAmount"] == due >= 0
    assert invoice["status"] == expected_status(due, paid, scheduled)
    assert invoice["archived"] == (invoice["recordStatus"] == "INACTIVE")


def expected_status(due: Decimal, paid: Decimal, scheduled: Decimal) -> str:
    if due > 0:
        return "PARTIAL_PAYMENT" if paid or scheduled else "OPEN"
    return "SCHEDULED" if scheduled else "PAID_IN_FULL"


def demand_same_story(book: Book) -> None:
    told = Counter(
        (invoice["id"], entry["amount"], entry["status"], entry["date"])
        for invoice in book.invoices.values()
        for entry in invoice.get("payments", ())
    )
    assert told == Counter(
        (part["invoiceId"], part["amount"], payment["status"], part["paymentDate"])
        for payment in book.payments.values()
        for part in payment["invoicePayments"]
    )
    for payment in book.payments.values():
        parts = sum(part["amount"] for part in payment["invoicePayments"])
        assert payment["amount"] == parts + payment["unappliedAmount"]


TestReceivables = Receivables.TestCase
TestReceivables.settings = settings(
    max_examples=60,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
