"""One organization's book: everything that can be done to it, one call at a time.

Every method may be called from any thread. Records come back as the API shows them; treat them
as read-only, a change is another call.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from billcom.sandbox import credit_memos, customers, invoices, payments
from billcom.sandbox.errors import BusinessRuleError
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
            return method(self, *args, **kwargs)

    return guarded


class Book(BookState):
    """A `BookState` with its operations. Each raises a kind of ApiError when it is refused."""

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
        return payments.charge(self, body)

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
    def add_bank_account(self, customer_id: str) -> str:
        """Give a customer a bank account and its leave to be charged; returns the account's id."""
        customer = find(self.customers, customer_id)
        if "billingAddress" not in customer:
            raise BusinessRuleError("A customer with a bank account needs a billing address.")
        account_id = self.ids.new("cba")
        self.bank_accounts[account_id] = customer_id
        given = {"hasBankAccount": True, "authorizedToCharge": True}
        self.customers.put(touched(self, {**customer, **given}))
        return account_id
