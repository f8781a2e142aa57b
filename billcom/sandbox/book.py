"""One organization's book: everything that can be done to it, one call at a time.

Every method may be called from any thread. Records come back as the API shows them; treat them
as read-only, a change is another call.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from billcom.sandbox import (
    bank_accounts,
    credit_memos,
    customers,
    invoices,
    network,
    payments,
    recurring,
)
from billcom.sandbox.clearing import Clearing, Clearinghouse, Outcome
from billcom.sandbox.clock import Clock
from billcom.sandbox.errors import BusinessRuleError
from billcom.sandbox.ids import Ids
from billcom.sandbox.state import BookState, find, shelve, touched
from billcom.sandbox.wire import Record

P = ParamSpec("P")
R = TypeVar("R")


def _one_at_a_time(
    method: "Callable[Concatenate[Book, P], R]",
) -> "Callable[Concatenate[Book, P], R]":
    @wraps(method)
    def guarded(self: "Book", /, *args: P.args, **kwargs: P.kwargs) -> R:
        with self.lock:
            self.catch_up()
            return method(self, *args, **kwargs)

    return guarded


class Book(BookState):
    """A `BookState` with its operations. Each raises a kind of ApiError when it is refused."""

    def __init__(self, clock: Clock, ids: Ids) -> None:
        """An empty book whose charges all clear."""
        super().__init__(clock, ids)
        self._bank = Clearinghouse(self)

    def catch_up(self) -> int:
        """Let happen what time has brought: charges clear, recurring invoices are written, files
        appear, each at its own instant. Everything that touches the book begins with it. Returns
        how many things happened.
        """
        happened = 0
        with self.lock:
            while (due := self.agenda.take(self.clock())) is not None:
                at, happening = due
                with self.as_of(at):
                    happening()
                happened += 1
        return happened

    def do(
        self, operation: Callable[Concatenate[BookState, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Carry out an operation that is a function of the book."""
        with self.lock:
            self.catch_up()
            return operation(self, *args, **kwargs)

    @_one_at_a_time
    def create_customer(self, body: object) -> Record:
        """POST /customers."""
        return customers.create(self, body)

    @_one_at_a_time
    def change_customer(self, record_id: str, body: object) -> Record:
        """PATCH /customers/{id}."""
        return customers.change(self, record_id, body)

    @_one_at_a_time
    def archive_customer(self, record_id: str) -> Record:
        """POST /customers/{id}/archive."""
        return shelve(self, self.customers, record_id, archived=True)

    @_one_at_a_time
    def restore_customer(self, record_id: str) -> Record:
        """POST /customers/{id}/restore."""
        return shelve(self, self.customers, record_id, archived=False)

    @_one_at_a_time
    def create_invoice(self, body: object) -> Record:
        """POST /invoices."""
        return invoices.create(self, body)

    @_one_at_a_time
    def replace_invoice(self, record_id: str, body: object) -> Record:
        """PUT /invoices/{id}."""
        return invoices.replace(self, record_id, body)

    @_one_at_a_time
    def change_invoice(self, record_id: str, body: object) -> Record:
        """PATCH /invoices/{id}."""
        return invoices.change(self, record_id, body)

    @_one_at_a_time
    def archive_invoice(self, record_id: str) -> Record:
        """POST /invoices/{id}/archive."""
        return invoices.set_archived(self, record_id, archived=True)

    @_one_at_a_time
    def restore_invoice(self, record_id: str) -> Record:
        """POST /invoices/{id}/restore."""
        return invoices.set_archived(self, record_id, archived=False)

    @_one_at_a_time
    def email_invoice(self, record_id: str, body: object) -> None:
        """POST /invoices/{id}/email."""
        invoices.email(self, record_id, body)

    @_one_at_a_time
    def record_payment(self, body: object) -> Record:
        """POST /invoices/record-payment; answers in that endpoint's own shape."""
        return payments.record(self, body)

    @_one_at_a_time
    def charge_customer(self, body: object) -> Record:
        """POST /receivable-payments."""
        payment = payments.charge(self, body)
        self._bank.expect(payment["id"])
        return payment

    @_one_at_a_time
    def settle_payment(self, record_id: str) -> Record:
        """A scheduled payment clears: PAID. The API has no call for it, time does it."""
        return payments.settle(self, record_id)

    @_one_at_a_time
    def void_payment(self, record_id: str) -> Record:
        """The bank returns a payment, scheduled or paid: VOID, and its invoices open again."""
        return payments.void(self, record_id)

    @_one_at_a_time
    def cancel_payment(self, record_id: str) -> Record:
        """A scheduled payment is stopped before money moves: CANCELED."""
        return payments.cancel(self, record_id)

    @_one_at_a_time
    def create_credit_memo(self, body: object) -> Record:
        """POST /credit-memos."""
        return credit_memos.create(self, body)

    @_one_at_a_time
    def replace_credit_memo(self, record_id: str, body: object) -> Record:
        """PUT /credit-memos/{id}."""
        return credit_memos.replace(self, record_id, body)

    @_one_at_a_time
    def change_credit_memo(self, record_id: str, body: object) -> Record:
        """PATCH /credit-memos/{id}."""
        return credit_memos.change(self, record_id, body)

    @_one_at_a_time
    def archive_credit_memo(self, record_id: str) -> Record:
        """POST /credit-memos/{id}/archive."""
        return shelve(self, self.credit_memos, record_id, archived=True)

    @_one_at_a_time
    def restore_credit_memo(self, record_id: str) -> Record:
        """POST /credit-memos/{id}/restore."""
        return shelve(self, self.credit_memos, record_id, archived=False)

    @_one_at_a_time
    def create_recurring_invoice(self, body: object) -> Record:
        """POST /recurring-invoices."""
        return recurring.create(self, body)

    @_one_at_a_time
    def add_bank_account(self, customer_id: str) -> str:
        """Give a customer a bank account and its leave to be charged; returns the account's id."""
        customer = find(self.customers, customer_id)
        if "billingAddress" not in customer:
            raise BusinessRuleError("A customer with a bank account needs a billing address.")
        account = bank_accounts.add(self, customer_id, bank_accounts.INVENTED)
        given = {"hasBankAccount": True, "authorizedToCharge": True}
        self.customers.put(touched(self, {**customer, **given}))
        return str(account["id"])

    @_one_at_a_time
    def decide_charges(self, customer_id: str, outcome: Outcome | None) -> None:
        """From now on the customer's charges end so; with None by chance again."""
        self._bank.decide(customer_id, outcome)

    @_one_at_a_time
    def set_clearing(self, clearing: Clearing) -> None:
        """Charges from now on clear by these days and are returned at this rate."""
        self._bank.terms = clearing

    def clear_payment_after(self, record_id: str, days: int) -> None:
        """Let a scheduled payment clear that many business days after its paymentDate, unless
        something else happens to it.
        """
        with self.lock:
            self._bank.clear_after(record_id, days)

    @_one_at_a_time
    def connect_customer(self, customer_id: str) -> Record:
        """A customer joins BILL's network. The API has no call for it."""
        return network.connect(self, customer_id)
