"""What a person fills in before an action: a form each, which gives the action's input."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard.display import label
from dashboard.offers import CHARGE, EMAIL, NOTE, PAUSE, PAYMENT_LINK, PROMISE, RECORD, RESUME
from dashboard.reads import View
from etl.acting.drafts import amount_from, charged, received
from etl.errors import UsageError

__all__ = ["fill_in"]

Record = dict[str, Any]
PAYMENT_TYPES = ("CHECK", "ACH", "CASH", "CREDIT_CARD", "PAYPAL", "OTHER")
LONGEST_NOTE = 2000


def fill_in(view: View, action: str, record: Record, key: str) -> dict[str, Any]:
    """Draws the action's form for an invoice or a customer, its widgets named after `key`.

    Gives its input; UsageError where what was filled in cannot be one.
    """
    form = FORMS.get(action)
    return form(view, record, key) if form else {"id": record["invoice_id"]}


def _email(_view: View, invoice: Record, key: str) -> dict[str, Any]:
    return {"id": invoice["invoice_id"], "recipient": {"to": [_address("To", invoice, key)]}}


def _payment_link(_view: View, invoice: Record, key: str) -> dict[str, Any]:
    email = _address("The customer's e-mail", invoice, key)
    return {"id": invoice["invoice_id"], "customerId": invoice["customer_id"], "email": email}


def _address(name: str, invoice: Record, key: str) -> str:
    typed = st.text_input(
        name,
        value=invoice["customer_email"] or "",
        placeholder="name@company.com",
        live=True,
        key=f"recipient-{key}",
    )
    return (typed or "").strip()


def _record(view: View, invoice: Record, key: str) -> dict[str, Any]:
    left, right = st.columns(2, gap="small")
    with left:
        amount = _amount(invoice, key)
        on = st.date_input("Received on", value=view.today, max_value=view.today, key=f"on-{key}")
    with right:
        kind = st.selectbox("How", PAYMENT_TYPES, format_func=label, key=f"how-{key}")
        reference = st.text_input("Reference", max_chars=200, key=f"reference-{key}")
    return received(
        amount_from(amount, invoice["currency"]),
        invoice.get("parts") or [(invoice["invoice_id"], invoice["open_amount"])],
        customerId=invoice["customer_id"],
        paymentDate=str(on),
        paymentType=kind,
        description=reference or None,
    )


def _charge(_view: View, invoice: Record, key: str) -> dict[str, Any]:
    amount = amount_from(_amount(invoice, key), invoice["currency"])
    return charged(amount, invoice["invoice_id"], invoice["customer_id"])


def _amount(invoice: Record, key: str) -> str:
    typed = st.text_input(
        f"Amount in {invoice['currency']}",
        value=format(invoice["open_amount"], "f"),
        live=True,
        max_chars=30,
        key=f"amount-{key}",
    )
    return typed or ""


def _template(_view: View, template: Record, _key: str) -> dict[str, Any]:
    return {"id": template["recurring_invoice_id"]}


def _note(_view: View, customer: Record, key: str) -> dict[str, Any]:
    text = st.text_input("Note", max_chars=LONGEST_NOTE, live=True, key=f"note-{key}")
    if not (text or "").strip():
        raise UsageError("Write the note first: nothing is kept yet.")
    return {"customerId": customer["customer_id"], "text": text.strip()}


def _promise(view: View, customer: Record, key: str) -> dict[str, Any]:
    left, right = st.columns(2, gap="small")
    with left:
        on = st.date_input("Pays on", value=view.today, min_value=view.today, key=f"on-{key}")
    with right:
        typed = st.text_input(
            f"Amount in {customer['currency']}, if one was named", live=True, key=f"amount-{key}"
        )
    text = st.text_input("What was said", max_chars=LONGEST_NOTE, key=f"note-{key}")
    given = {"customerId": customer["customer_id"], "promisedOn": str(on), "text": text or ""}
    amount = typed and amount_from(typed, customer["currency"])
    return given | ({"amount": format(amount, "f")} if amount else {})


FORMS: dict[str, Callable[[View, Record, str], dict[str, Any]]] = {
    EMAIL.action: _email,
    PAYMENT_LINK.action: _payment_link,
    RECORD.action: _record,
    CHARGE.action: _charge,
    PAUSE.action: _template,
    RESUME.action: _template,
    NOTE.action: _note,
    PROMISE.action: _promise,
}
