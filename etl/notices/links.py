"""Addresses where customers pay: BILL makes one an invoice."""

from collections.abc import Sequence

from billcom.client import Client
from billcom.errors import BillError
from etl.actions.facts import Customer
from etl.actions.payment_links import effect_of, link_in
from etl.actions.shapes import PaymentLink
from etl.back_office import BackOffice
from etl.notices.line import Planned
from etl.store.models import Tenant

__all__ = ["links_of"]

MOST_LINKS = 10  # a letter; each is a call of the hour's


def links_of(office: BackOffice, tenant: Tenant, planned: Planned) -> dict[str, str]:
    """Where to pay, by invoice; none for a customer in BILL's network, who pays there.

    BillError where BILL cannot be asked now.
    """
    ids = [line.invoice_id for line in planned.lines if line.invoice_id][:MOST_LINKS]
    if not ids:
        return {}
    with office.client_of(tenant) as client:
        return _made(client, planned.customer, ids)


def _made(client: Client, customer: Customer, ids: Sequence[str]) -> dict[str, str]:
    links = {}
    for invoice_id in ids:
        asked = PaymentLink(id=invoice_id, customer_id=customer.id, email=customer.email or "")
        try:
            link = link_in(client.call(effect_of(asked).request()))
        except BillError as refusal:
            if refusal.transient:
                raise
            continue
        if link:
            links[invoice_id] = link
    return links
