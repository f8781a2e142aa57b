"""The organization itself, its payment terms, and the bank account its money goes to."""

from billcom.sandbox.contacts import read_address
from billcom.sandbox.errors import BusinessRuleError
from billcom.sandbox.fields import Fields, without_gaps
from billcom.sandbox.state import BookState, find, touched
from billcom.sandbox.wire import Record

_TEXTS = ("name", "phone", "industry")


def found(state: BookState, organization_id: str, name: str) -> Record:
    """Put the organization into a new book, with a bank account for what comes in."""
    now = state.now_text()
    times = {"createdTime": now, "updatedTime": now}
    bank = {
        "id": state.bank_account_id,
        "archived": False,
        "status": "VERIFIED",
        "routingNumber": "021000021",
        "accountNumber": "******4417",
        "nameOnAccount": name,
        "type": "CHECKING",
        "ownerType": "BUSINESS",
        "bankName": "Sandbox Bank",
        "default": {"payables": True, "receivables": True},
    }
    state.banks.put({**bank, **times})
    place = {"line1": "400 Depot St", "city": "Boise", "stateOrProvince": "ID"}
    address = {**place, "zipOrPostalCode": "83702", "country": "US", "countryName": "United States"}
    organization = {
        "id": organization_id,
        "archived": False,
        "name": name,
        "address": address,
        "mailingAddress": address,
        "phone": "208-555-0100",
        "industry": "Transportation",
        "processingOptions": {"mailingAddressSameAsPhysical": True},
    }
    return state.organizations.put({**organization, **times})


def change(state: BookState, organization_id: str, body: object) -> Record:
    """Change the fields that are given; of an address too, only what is given."""
    organization = find(state.organizations, organization_id)
    fields = Fields(body)
    texts = {
        name: fields.text(name, required=fields.has(name), longest=250)
        for name in _TEXTS
        if fields.has(name)
    }
    addresses = {
        name: {**organization.get(name, {}), **(read_address(child, whole=False) or {})}
        for name in ("address", "mailingAddress")
        if (child := fields.child(name)) is not None
    }
    fields.check()
    changed = {**organization, **without_gaps(**texts), **addresses}
    return state.organizations.put(touched(state, changed))


def create_term(state: BookState, body: object) -> Record:
    """Add a payment term; no two give the same number of days."""
    fields = Fields(body)
    name = fields.text("name", required=True, longest=100)
    days = fields.whole("daysDue", 0, 999, required=True)
    fields.check()
    for term in state.payment_terms.values():
        if term["daysDue"] == days:
            raise BusinessRuleError(f"Payment term {term['id']} is due in {days} days already.")
    now = state.now_text()
    given = {"id": state.ids.new("00p"), "name": name, "daysDue": days}
    return state.payment_terms.put({**given, "createdTime": now, "updatedTime": now})
