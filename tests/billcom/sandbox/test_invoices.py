from datetime import timedelta
from decimal import Decimal

import pytest

from billcom.sandbox.clock import SettableClock
from billcom.sandbox.state import Email
from billcom.sandbox.world import World
from tests.billcom.sandbox.caller import Caller, messages, money, parsed

LINE = {"description": "Load", "quantity": 1, "price": 100}


@pytest.fixture
def customer_id(alder: Caller) -> str:
    return str(alder.customer()["id"])


def test_a_new_invoice_is_open_and_due_today(alder: Caller, customer_id: str) -> None:
    invoice = alder.invoice(customer_id, 100, 20.5)
    assert invoice["customerId"] == customer_id
    assert "customer" not in invoice
    assert (invoice["status"], invoice["recordStatus"]) == ("OPEN", "ACTIVE")
    assert invoice["invoiceDate"] == invoice["dueDate"] == "2026-09-18"
    assert invoice["totalAmount"] == invoice["dueAmount"] == money("120.50")
    assert invoice["scheduledAmount"] == invoice["creditAmount"] == 0
    assert "payments" not in invoice
    assert "exchangeRate" not in invoice
    assert alder.read(f"/invoices/{invoice['id']}") == invoice


def test_amounts_are_json_numbers_with_their_cents(alder: Caller, customer_id: str) -> None:
    invoice = alder.invoice(customer_id, 120)
    assert b'"totalAmount":120.00,' in alder.get(f"/invoices/{invoice['id']}").content


def test_a_due_date_follows_a_known_payment_term(
    alder: Caller, world: World, customer_id: str
) -> None:
    world.tenants[0].book.payment_terms.put({"id": "00p02AAAAAAAAAAAAAAA", "daysDue": 30})
    invoice = alder.invoice(
        customer_id, 1, invoiceDate="2026-09-01", paymentTermId="00p02AAAAAAAAAAAAAAA"
    )
    assert invoice["dueDate"] == "2026-10-01"


def test_lines_and_tax_are_rounded_half_up(alder: Caller, world: World, customer_id: str) -> None:
    world.tenants[0].book.items.put(
        {"id": "0ii02AAAAAAAAAAAAAAA", "type": "SALES_TAX", "percentage": Decimal("8.25")}
    )
    lines = [
        {"quantity": 10, "price": 95.00, "taxable": False},
        {"quantity": 3, "price": 49.50, "taxable": True},
        {"quantity": 2.5, "price": 0.33},
    ]
    invoice = alder.create(
        "/invoices",
        {
            "customer": {"id": customer_id},
            "invoiceLineItems": lines,
            "salesTaxItemId": "0ii02AAAAAAAAAAAAAAA",
        },
    )
    assert invoice["salesTaxTotal"] == money("12.25")
    assert invoice["salesTaxPercentage"] == money("8.25")
    assert invoice["totalAmount"] == money("950.00") + money("148.50") + money("0.83") + money(
        "12.25"
    )


def test_a_line_may_give_its_amount_in_place_of_a_price(alder: Caller, customer_id: str) -> None:
    line = {"quantity": 4, "amount": 10, "description": "Pallets"}
    invoice = alder.create(
        "/invoices", {"customer": {"id": customer_id}, "invoiceLineItems": [line]}
    )
    assert invoice["totalAmount"] == 10
    assert invoice["invoiceLineItems"][0]["price"] == money("2.50")


def test_yen_have_no_cents(alder: Caller, world: World) -> None:
    world.tenants[0].book.exchange_rates["JPY"] = Decimal("0.0067")
    customer = alder.customer(invoiceCurrency="JPY")
    invoice = alder.invoice(customer["id"], 150000.4)
    assert invoice["totalAmount"] == 150000
    assert invoice["exchangeRate"] == money("0.0067")


def test_an_inline_customer_is_created(alder: Caller) -> None:
    invoice = alder.create(
        "/invoices",
        {"customer": {"name": "New One", "email": "ap@new.example"}, "invoiceLineItems": [LINE]},
    )
    assert alder.read(f"/customers/{invoice['customerId']}")["name"] == "New One"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"customer": None, "customerId": "0cu"}, "customer: The customer field is required"),
        (
            {"customer": "0cu02"},
            "customer: Cannot construct instance of InvoiceCustomer from this value",
        ),
        ({"customer": {}}, "customer.email: must not be blank"),
        ({"invoiceLineItems": []}, "invoiceLineItems: must not be empty"),
        ({"invoiceLineItems": None}, "invoiceLineItems: must not be null"),
        ({"invoiceLineItems": "x"}, "invoiceLineItems: must be a list"),
        ({"invoiceLineItems": [{"quantity": 1}]}, "invoiceLineItems[0].price: must not be null"),
        ({"invoiceLineItems": [{"price": 1e300}]}, "invoiceLineItems[0].price: must be a number"),
        ({"invoiceLineItems": [{"price": "x"}]}, "invoiceLineItems[0].price: must be a number"),
        ({"dueDate": "18/09/2026"}, "dueDate: must be a date like 2026-12-31"),
        ({"creditAmount": -1}, "creditAmount: must be greater than or equal to 0.00"),
        ({"creditAmount": 0.001}, "creditAmount: must be a multiple of 0.01"),
        ({"salesTaxItemId": "0ii"}, "salesTaxItemId: is not a sales tax item"),
        ({"enableCardPayment": "yes"}, "enableCardPayment: must be true or false"),
    ],
)
def test_a_wrong_field_is_named(
    alder: Caller, customer_id: str, fields: dict[str, object], message: str
) -> None:
    body = {"customer": {"id": customer_id}, "invoiceLineItems": [LINE], **fields}
    assert message in messages(alder.post("/invoices", body), 400)


def test_a_taken_number_is_refused_and_names_who_has_it(alder: Caller, customer_id: str) -> None:
    first = alder.invoice(customer_id, 1, invoiceNumber="INV-1")
    other = alder.invoice(customer_id, 1, invoiceNumber="INV-2")
    body = {"customer": {"id": customer_id}, "invoiceLineItems": [LINE], "invoiceNumber": "INV-1"}
    (error,) = parsed(alder.post("/invoices", body), 422)
    assert error["message"] == f"Duplicate invoice number for {first['id']}."
    assert (error["code"], error["category"]) == (None, "DOWNSTREAM")
    assert alder.patch(f"/invoices/{other['id']}", {"invoiceNumber": "INV-1"}).status_code == 422
    assert alder.patch(f"/invoices/{first['id']}", {"invoiceNumber": "INV-1"}).status_code == 200


def test_numbers_are_given_in_sequence(alder: Caller, customer_id: str) -> None:
    alder.invoice(customer_id, 1, invoiceNumber="2041")
    assert alder.invoice(customer_id, 1)["invoiceNumber"] == "2042"
    assert alder.invoice(customer_id, 1)["invoiceNumber"] == "2043"


def test_put_keeps_lines_sent_with_their_id_and_drops_the_others(
    alder: Caller, customer_id: str
) -> None:
    invoice = alder.invoice(customer_id, 100, 50)
    kept, dropped = invoice["invoiceLineItems"]
    lines = [{"id": kept["id"], "quantity": 2, "price": 100}, {"quantity": 1, "price": 7}]
    body = {"customer": {"id": customer_id}, "invoiceLineItems": lines}
    replaced = parsed(alder.put(f"/invoices/{invoice['id']}", body), 200)
    ids = [line["id"] for line in replaced["invoiceLineItems"]]
    assert ids[0] == kept["id"]
    assert dropped["id"] not in ids
    assert replaced["totalAmount"] == 207
    assert replaced["invoiceNumber"] == invoice["invoiceNumber"]


def test_put_needs_customer_and_lines(alder: Caller, customer_id: str) -> None:
    invoice = alder.invoice(customer_id, 100)
    assert messages(alder.put(f"/invoices/{invoice['id']}", {}), 400) == [
        "customer: The customer field is required",
        "invoiceLineItems: must not be null",
    ]


def test_patch_changes_one_line_and_leaves_the_rest(alder: Caller, customer_id: str) -> None:
    invoice = alder.invoice(customer_id, 100, 50)
    line_id = invoice["invoiceLineItems"][1]["id"]
    body = {"invoiceLineItems": [{"id": line_id, "price": 60}], "dueDate": "2026-12-01"}
    changed = parsed(alder.patch(f"/invoices/{invoice['id']}", body), 200)
    assert changed["totalAmount"] == changed["dueAmount"] == 160
    assert changed["dueDate"] == "2026-12-01"
    assert changed["invoiceLineItems"][1]["description"] == "Load"


def test_patch_cannot_add_a_line(alder: Caller, customer_id: str) -> None:
    invoice = alder.invoice(customer_id, 100)
    response = alder.patch(f"/invoices/{invoice['id']}", {"invoiceLineItems": [LINE]})
    assert response.status_code == 422


def test_a_total_below_what_is_paid_is_refused_and_changes_nothing(
    alder: Caller, customer_id: str
) -> None:
    invoice = alder.invoice(customer_id, 100)
    alder.pay(80, (invoice["id"], 80))
    before = alder.read(f"/invoices/{invoice['id']}")
    line = {"id": invoice["invoiceLineItems"][0]["id"], "price": 70}
    response = alder.patch(f"/invoices/{invoice['id']}", {"invoiceLineItems": [line]})
    assert response.status_code == 422
    assert alder.read(f"/invoices/{invoice['id']}") == before


def test_an_archived_invoice_is_inactive_even_when_it_was_paid_in_part(
    alder: Caller, customer_id: str, clock: SettableClock
) -> None:
    invoice = alder.invoice(customer_id, 100)
    alder.pay(80, (invoice["id"], 80))
    clock.advance(timedelta(seconds=1))
    archived = alder.act(f"/invoices/{invoice['id']}/archive")
    assert (archived["archived"], archived["recordStatus"]) == (True, "INACTIVE")
    assert archived["updatedTime"] > invoice["updatedTime"]
    restored = alder.act(f"/invoices/{invoice['id']}/restore")
    assert (restored["archived"], restored["recordStatus"]) == (False, "ACTIVE")


def test_an_email_is_kept_and_nothing_is_answered(
    alder: Caller, world: World, customer_id: str
) -> None:
    invoice = alder.invoice(customer_id, 100)
    response = alder.post(
        f"/invoices/{invoice['id']}/email",
        {"recipient": {"to": ["a@granite.example", "b@granite.example"]}},
    )
    assert (response.status_code, response.content) == (200, b"")
    sent = Email(
        invoice["id"],
        ("a@granite.example", "b@granite.example"),
        "2026-09-18T20:30:15.250+00:00",
    )
    assert world.tenants[0].book.emails == [sent]
    assert world.tenants[1].book.emails == []


@pytest.mark.parametrize("recipient", [None, {}, {"to": []}, {"to": ["nobody"]}, {"to": "a@x"}])
def test_an_email_needs_somebody_to_go_to(
    alder: Caller, customer_id: str, recipient: object
) -> None:
    invoice = alder.invoice(customer_id, 100)
    response = alder.post(f"/invoices/{invoice['id']}/email", {"recipient": recipient})
    assert response.status_code == 400


def test_an_invoice_is_emailed_on_creation_only_when_asked(
    alder: Caller, world: World, customer_id: str
) -> None:
    alder.invoice(customer_id, 1)
    sent = alder.invoice(customer_id, 1, processingOptions={"sendEmail": True})
    (email,) = world.tenants[0].book.emails
    assert (email.invoice_id, email.recipients) == (sent["id"], ("ap@granite.example",))
