"""BILL's network: customers invited and connected, and payment links for those who are not."""

import hashlib

from billcom.sandbox.contacts import read_email
from billcom.sandbox.errors import BusinessRuleError
from billcom.sandbox.fields import Fields
from billcom.sandbox.state import BookState, find
from billcom.sandbox.wire import Record

CONNECTED = "CONNECTED"
_PENDING = "PENDING"
_APART = "NOT_CONNECTED"


def show(state: BookState, customer_id: str) -> Record:
    """How far the invitation of a customer has come."""
    find(state.customers, customer_id)
    return {"id": customer_id, "status": _APART, **state.invitations.get(customer_id, {})}


def invite(state: BookState, customer_id: str, body: object) -> None:
    """Invite a customer; whether it accepts is up to the book's `connect_customer`."""
    find(state.customers, customer_id)
    fields = Fields(body)
    network_id = fields.text("networkId", required=True)
    fields.choice("networkType", ("BILL",), required=True)
    fields.check()
    if customer_id in state.invitations:
        raise BusinessRuleError("The customer has been invited already.")
    state.invitations[customer_id] = {"status": _PENDING, "networkId": network_id}


def leave(state: BookState, customer_id: str) -> None:
    """Take an invitation or a connection back."""
    find(state.customers, customer_id)
    if state.invitations.pop(customer_id, None) is None:
        raise BusinessRuleError("The customer has not been invited.")


def connect(state: BookState, customer_id: str) -> Record:
    """The customer accepts; the API has no call for it."""
    find(state.customers, customer_id)
    invitation = state.invitations.get(customer_id, {"networkId": state.ids.new("0rv")})
    state.invitations[customer_id] = {**invitation, "status": CONNECTED}
    return show(state, customer_id)


def payment_link(state: BookState, invoice_id: str, body: object) -> Record:
    """An address where the customer could pay; nobody answers there."""
    invoice = find(state.invoices, invoice_id)
    fields = Fields(body)
    customer_id = fields.text("customerId", required=True)
    email = read_email(fields, required=True)
    fields.text("returnUrl")
    fields.check()
    if invoice.get("customerId") != customer_id:
        raise BusinessRuleError("The invoice is not one of the customer's.")
    if state.invitations.get(customer_id or "", {}).get("status") == CONNECTED:
        raise BusinessRuleError("A customer in the BILL network pays there and needs no link.")
    token = hashlib.sha256(f"{invoice_id} {email}".encode()).hexdigest()[:32]
    return {"paymentLink": f"https://pay.sandbox.example/i/{token}"}
