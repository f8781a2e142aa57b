"""Actions on customers: create, update, archive, restore."""

from billcom.resources import CUSTOMERS
from billcom.traces import Effect
from etl.actions.action import Action, Preview, body_of
from etl.actions.facts import Book, Customer, known_customer
from etl.actions.shapes import CustomerChange, Named, NewCustomer
from etl.errors import UsageError

__all__ = ["CUSTOMER_ACTIONS"]


def _create(given: NewCustomer, _book: Book) -> Preview:
    numbered = f" with account number {given.account_number}" if given.account_number else ""
    return Preview(
        f"BILL will have a new customer, {given.name} ({given.email}){numbered}.", "", given.name
    )


def _created(given: NewCustomer, mark: str) -> Effect:
    # The account number is the only field of a customer that its list can be asked for.
    return Effect(CUSTOMERS, "create", {}, {"accountNumber": mark} | body_of(given))


def _update(given: CustomerChange, book: Book) -> Preview:
    customer = known_customer(book, given.id)
    changes = body_of(given, "id")
    if not changes:
        raise UsageError(f"Nothing is to change of {customer.name}: give at least one field.")
    named = ", ".join(sorted(changes))
    return _about(customer, f"BILL will change {named} of {customer.name}.")


def _archive(given: Named, book: Book) -> Preview:
    customer = known_customer(book, given.id)
    if customer.is_archived:
        raise UsageError(f"{customer.name} is archived already.")
    return _about(customer, f"BILL will archive {customer.name}. It can be restored.")


def _restore(given: Named, book: Book) -> Preview:
    customer = known_customer(book, given.id)
    if not customer.is_archived:
        raise UsageError(f"{customer.name} is not archived.")
    return _about(customer, f"BILL will restore {customer.name}.")


def _about(customer: Customer, sentence: str) -> Preview:
    return Preview(sentence, customer.id, customer.name)


CUSTOMER_ACTIONS = (
    Action("customer.create", NewCustomer, _create, _created, "The customer is in BILL."),
    Action(
        "customer.update",
        CustomerChange,
        _update,
        lambda given, _mark: Effect(CUSTOMERS, "update", {"id": given.id}, body_of(given, "id")),
        "The customer is changed in BILL.",
    ),
    Action(
        "customer.archive",
        Named,
        _archive,
        lambda given, _mark: Effect(CUSTOMERS, "archive", {"id": given.id}),
        "The customer is archived in BILL.",
    ),
    Action(
        "customer.restore",
        Named,
        _restore,
        lambda given, _mark: Effect(CUSTOMERS, "restore", {"id": given.id}),
        "The customer is restored in BILL.",
    ),
)
