"""An address where a customer can pay an invoice; asking for it changes nothing in BILL."""

from collections.abc import Mapping
from typing import Any

from billcom.resources import INVOICES
from billcom.traces import Effect
from etl.actions.action import Action, Preview, body_of
from etl.actions.addresses import demand_address
from etl.actions.facts import Book, known_customer, known_invoice
from etl.actions.shapes import PaymentLink
from etl.errors import UsageError

__all__ = ["PAYMENT_LINK_ACTIONS", "effect_of", "link_in"]


def _preview(given: PaymentLink, book: Book) -> Preview:
    demand_address(given.email)
    customer, invoice = known_customer(book, given.customer_id), known_invoice(book, given.id)
    if invoice.customer_id != customer.id:
        raise UsageError(f"Invoice {invoice.number} is not one of {customer.name}'s.")
    if not invoice.is_archived and invoice.due <= 0 < invoice.scheduled:
        raise UsageError(f"A payment of invoice {invoice.number} is on its way: nothing is due.")
    if invoice.is_archived or invoice.due <= 0:
        raise UsageError(f"Nothing is due on invoice {invoice.number}: there is nothing to pay.")
    return Preview(
        f"BILL will be asked for an address where {customer.name} can pay invoice "
        f"{invoice.number}. Nothing is sent to anybody.",
        invoice.id,
        invoice.number,
    )


def effect_of(given: PaymentLink) -> Effect:
    """What BILL is asked."""
    return Effect(INVOICES, "payment_link", {"id": given.id}, body_of(given, "id"))


def link_in(answer: Mapping[str, Any]) -> str | None:
    """BILL's answer as a link; only an address on the web, since people follow it."""
    link = answer.get("paymentLink")
    return link if isinstance(link, str) and link.startswith("https://") else None


PAYMENT_LINK_ACTIONS = (
    Action(
        "invoice.payment_link",
        PaymentLink,
        _preview,
        lambda given, _mark: effect_of(given),
        "BILL gave a payment link.",
        link=link_in,
    ),
)
