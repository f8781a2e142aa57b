"""Customers: created, changed, archived and restored."""

from billcom.sandbox.arithmetic import quantum
from billcom.sandbox.contacts import read_address, read_email
from billcom.sandbox.errors import DuplicateNameError
from billcom.sandbox.fields import Fields, without_gaps
from billcom.sandbox.state import BookState, find, touched
from billcom.sandbox.wire import Record

_ACCOUNT_TYPES = ("BUSINESS", "PERSON", "NONE", "UNDEFINED")
_LONGEST = {"companyName": 250, "accountNumber": 100}
_TEXTS = ("companyName", "phone", "fax", "description", "paymentTermId", "accountNumber")


def create(state: BookState, body: object) -> Record:
    """Add a customer; `name` and `email` are required."""
    fields = Fields(body)
    given = read_customer(fields, required=True)
    fields.check()
    return add(state, given)


def add(state: BookState, given: Record) -> Record:
    """Put a new customer with these fields, which have been checked, into the book."""
    _demand_free_name(state, given.get("name"))
    now = state.now_text()
    currency = given.get("invoiceCurrency", "USD")
    customer = {
        "id": state.ids.new("0cu"),
        "archived": False,
        **given,
        "invoiceCurrency": currency,
        "balance": {"amount": quantum(currency) * 0},
        "hasBankAccount": False,
        "authorizedToCharge": False,
        "createdTime": now,
        "updatedTime": now,
    }
    return state.customers.put(customer)


def change(state: BookState, customer_id: str, body: object) -> Record:
    """Change the fields that are given."""
    customer = find(state.customers, customer_id)
    fields = Fields(body)
    given = read_customer(fields, required=False)
    fields.check()
    return state.customers.put(touched(state, {**customer, **given}))


def set_authorized(state: BookState, customer_id: str, body: object) -> Record:
    """Note that the customer has given, or taken back, its leave to be charged."""
    customer = find(state.customers, customer_id)
    fields = Fields(body)
    authorized = fields.flag("authorizedToCharge")
    if authorized is None and not fields.problems:
        fields.problem("authorizedToCharge", "must not be null")
    fields.check()
    return state.customers.put(touched(state, {**customer, "authorizedToCharge": authorized}))


def _demand_free_name(state: BookState, name: str | None) -> None:
    if state.knobs.duplicate_customer == "allow":
        return
    for customer in state.customers.values():
        if customer.get("name") == name:
            raise DuplicateNameError(customer["id"])


def read_customer(fields: Fields, *, required: bool) -> Record:
    """The customer's fields in a body; problems stay in `fields`."""
    names = {
        "name": fields.text("name", required=required or fields.has("name"), longest=100),
        "email": read_email(fields, required=required or fields.has("email")),
    }
    texts = {name: fields.text(name, longest=_LONGEST.get(name, 4000)) for name in _TEXTS}
    return without_gaps(
        **names,
        **texts,
        contact=_contact(fields.child("contact")),
        invoiceCurrency=_currency(fields),
        accountType=fields.choice("accountType", _ACCOUNT_TYPES),
        billingAddress=read_address(fields.child("billingAddress")),
        shippingAddress=read_address(fields.child("shippingAddress")),
    )


def _currency(fields: Fields) -> str | None:
    currency = fields.text("invoiceCurrency")
    if currency is not None and not (len(currency) == 3 and currency.isalpha()):
        fields.problem("invoiceCurrency", "must be an ISO 4217 currency")
    return currency


def _contact(fields: Fields | None) -> Record | None:
    if fields is None:
        return None
    return without_gaps(firstName=fields.text("firstName"), lastName=fields.text("lastName"))
