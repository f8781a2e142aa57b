"""A request to every endpoint of the sandbox, for whoever compares its answers with something."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import httpx

from billcom.sandbox.clock import SettableClock
from tests.billcom.sandbox.caller import (
    Caller,
    Json,
    account_body,
    address,
    login_body,
    recorded,
)

TAX = {"type": "SALES_TAX", "percentage": 8.25, "name": "State sales tax"}
EVENTS = "(connect-events)"
SUBSCRIPTION = {
    "name": "AR",
    "status": {"enabled": True},
    "events": [{"type": "invoice.created", "version": "1"}],
    # Nobody listens there; the walk asks for answers, not for deliveries.
    "notificationUrl": "http://127.0.0.1:9/hooks",
}
NEW_EVENT = {"eventType": "invoice.created", "version": "1"}
PHONE = {"phone": "208-555-0142", "type": "TEXT", "primary": True}


class Prepared:
    """A tenant with one of everything, and a request for each covered endpoint."""

    def __init__(self, caller: Caller, clock: SettableClock) -> None:
        self.caller = caller
        self.item = caller.create("/classifications/items", TAX)
        self.customer = caller.customer(billingAddress=address(), phone="208-555-0142")
        customer_id = self.customer["id"]
        accounts = f"/customers/{customer_id}/bank-accounts"
        self.account = caller.create(accounts, account_body())
        caller.act(f"/customers/{customer_id}/charge-authorization", {"authorizedToCharge": True})
        terms = f"/organizations/{caller.tenant.organization_id}/payment-terms"
        self.term = caller.create(terms, {"name": "Net 30", "daysDue": 30})
        self.memo = caller.create("/credit-memos", self.memo_body())
        self.invoice = caller.create("/invoices", {**self.invoice_body(), "creditAmount": 5})
        self.payment = caller.pay(50, (self.invoice["id"], 50))
        self.recurring = caller.create("/recurring-invoices", self.recurring_body())
        self.role = caller.read("/roles")["results"][1]
        self.user = caller.create("/users", self.user_body("first"))
        self.attachment = self.upload(f"/attachments/invoices/{self.invoice['id']}").json()
        self.upload(f"/attachments/customers/{customer_id}")
        # A server that serves many tests remembers the organization's earlier subscriptions.
        for known in self.events("GET", "/subscriptions").json()["results"]:
            self.events("DELETE", f"/subscriptions/{known['id']}")
        self.subscription = self.events("POST", "/subscriptions", SUBSCRIPTION).json()
        test = f"/subscriptions/{self.subscription['id']}/test"
        self.event = self.events("POST", test, NEW_EVENT).json()
        clock.advance(timedelta(minutes=3))

    def upload(self, path: str) -> httpx.Response:
        params = {"name": "scan.pdf", "replaceInvoicePdf": "false"}
        return self.caller.http.post(path, params=params, content=b"%PDF-1.4 scan")

    def events(self, method: str, path: str, body: Json = None) -> httpx.Response:
        """A call of the webhooks' service, which stands beside the records'."""
        base = str(self.caller.http.base_url).rstrip("/").removesuffix("/connect/v3")
        return self.caller.http.request(
            method,
            f"{base}/connect-events/v3{path}",
            json=body,
            headers={"X-Idempotent-Key": str(uuid4())},
        )

    def invoice_body(self) -> Json:
        line = {"quantity": 2, "price": 49.5, "description": "Map set", "taxable": True}
        return {
            "customer": {"id": self.customer["id"]},
            "invoiceLineItems": [line],
            "salesTaxItemId": self.item["id"],
            "enableCardPayment": True,
            "convenienceFee": {"percentage": 2.9},
        }

    def memo_body(self) -> Json:
        return {
            "customerId": self.customer["id"],
            "referenceNumber": "CM-1",
            "creditDate": "2026-09-01",
            "creditMemoLineItems": [
                {"price": 50, "quantity": 1, "description": "x"},
                {"ratePercent": -10},
            ],
        }

    def recurring_body(self) -> Json:
        schedule = {"period": "MONTHLY", "frequency": 1, "nextDueDate": "2026-12-31"}
        return {
            "customerId": self.customer["id"],
            "schedule": {**schedule, "endDate": "2027-12-31", "daysInAdvance": 5},
            "recurringInvoiceLineItems": [{"amount": 19.99, "quantity": 1, "description": "Fee"}],
        }

    def user_body(self, name: str) -> Json:
        names = {"firstName": "Mara", "lastName": "Vance", "email": f"{name}@alder.example"}
        return {**names, "roleId": self.role["id"], "acceptTermsOfService": True}

    def setup(self) -> Json:
        """The id of a phone being set up."""
        return self.caller.act("/mfa/setup", PHONE)["setupId"]

    def challenge(self) -> Json:
        """The id of a challenge, after the phone was set up."""
        code = {"setupId": self.setup(), "type": "TEXT", "token": "123456"}
        self.caller.act("/mfa/setup/validate", code)
        return self.caller.act("/mfa/challenge", {"useBackup": False})["challengeId"]

    def remember_me(self) -> Json:
        """The id of a device that has answered a challenge."""
        body = {"challengeId": self.challenge(), "token": "123456", "device": "desk"}
        return self.caller.act("/mfa/challenge/validate", body)["rememberMeId"]

    def ids(self) -> dict[str, str]:
        return {
            ":customerId": self.customer["id"],
            ":invoiceId": self.invoice["id"],
            ":receivedPaymentId": self.payment["id"],
            ":creditMemoId": self.memo["id"],
            ":recurringInvoiceId": self.recurring["id"],
            ":organizationId": self.caller.tenant.organization_id,
            ":userId": self.user["id"],
            ":attachmentId": self.attachment["id"],
            ":bankAccountId": self.account["id"],
            ":paymentTermId": self.term["id"],
            ":id": self.item["id"],
            ":subscriptionId": self.subscription["id"],
            ":eventId": self.event["id"],
        }

    def send(self, method: str, path: str) -> httpx.Response:
        if method == "POST" and path.startswith("/v3/attachments"):
            return self.upload(self.real(path))
        body = BODIES.get((method, path), lambda _: None)(self)
        if path.startswith(EVENTS):
            return self.events(method, self.real(path.removeprefix(EVENTS)), body)
        return self.call(method, path, body)

    def call(self, method: str, path: str, body: Json) -> httpx.Response:
        params = {}
        if path.endswith(("bulk/archive", "bulk/restore")):
            params = {"ids": self.memo["id"] if "memo" in path else self.item["id"]}
        return self.caller.http.request(method, self.real(path), json=body, params=params)

    def real(self, path: str) -> str:
        """The path with ids in the place of their names."""
        ids = self.ids()
        return re.sub(r":\w+", lambda found: ids[found.group()], path.removeprefix("/v3"))


def _changed_invoice(prepared: Prepared) -> Json:
    return {"dueDate": "2026-12-01"} | {
        "invoiceLineItems": [{"id": prepared.invoice["invoiceLineItems"][0]["id"], "quantity": 3}]
    }


# What is sent where something must be.
BODIES: dict[tuple[str, str], Callable[[Prepared], Json]] = {
    ("POST", "/v3/login"): lambda p: login_body(p.caller.tenant),
    ("POST", "/v3/mfa/setup"): lambda _: PHONE,
    ("POST", "/v3/mfa/setup/validate"): lambda p: {
        "setupId": p.setup(),
        "type": "TEXT",
        "token": "123456",
    },
    ("POST", "/v3/mfa/challenge"): lambda p: p.challenge() and {"useBackup": "false"},
    ("POST", "/v3/mfa/challenge/validate"): lambda p: {
        "challengeId": p.challenge(),
        "token": "123456",
        "device": "desk",
        "machineName": "desk",
        "rememberMe": True,
    },
    ("POST", "/v3/mfa/step-up"): lambda p: {"rememberMeId": p.remember_me(), "device": "desk"},
    ("POST", "/v3/classifications/items"): lambda _: TAX,
    ("POST", "/v3/classifications/items/bulk"): lambda _: [TAX],
    ("PATCH", "/v3/classifications/items/bulk"): lambda p: [{"id": p.item["id"], "price": 4}],
    ("PATCH", "/v3/classifications/items/:id"): lambda _: {"percentage": 3.25},
    ("POST", "/v3/customers"): lambda _: {"name": "New", "email": "a@x.example"},
    ("PATCH", "/v3/customers/:customerId"): lambda _: {"accountType": "PERSON"},
    ("POST", "/v3/invoices"): lambda p: p.invoice_body(),
    ("POST", "/v3/invoices/record-payment"): lambda p: recorded(3, (p.invoice["id"], 2)),
    ("PUT", "/v3/invoices/:invoiceId"): lambda p: p.invoice_body(),
    ("PATCH", "/v3/invoices/:invoiceId"): _changed_invoice,
    ("POST", "/v3/invoices/:invoiceId/email"): lambda _: {"recipient": {"to": ["a@x.example"]}},
    ("POST", "/v3/invoices/:invoiceId/payment-link"): lambda p: {
        "customerId": p.customer["id"],
        "email": "a@x.example",
        "returnUrl": "https://desk.example/",
    },
    ("POST", "/v3/credit-memos"): lambda p: p.memo_body(),
    ("PUT", "/v3/credit-memos/:creditMemoId"): lambda p: p.memo_body(),
    ("PATCH", "/v3/credit-memos/:creditMemoId"): lambda _: {"description": "d"},
    ("POST", "/v3/credit-memos/bulk"): lambda p: [p.memo_body()],
    ("PUT", "/v3/credit-memos/bulk"): lambda p: [{**p.memo_body(), "id": p.memo["id"]}],
    ("PATCH", "/v3/credit-memos/bulk"): lambda p: [{"id": p.memo["id"], "description": "d"}],
    ("PATCH", "/v3/organizations/:organizationId"): lambda _: {
        "address": {"zipOrPostalCode": "95002"}
    },
    ("POST", "/v3/recurring-invoices"): lambda p: p.recurring_body(),
    ("PUT", "/v3/recurring-invoices/:recurringInvoiceId"): lambda p: p.recurring_body(),
    ("PATCH", "/v3/recurring-invoices/:recurringInvoiceId"): lambda p: {
        "recurringInvoiceLineItems": [
            {"id": p.recurring["recurringInvoiceLineItems"][0]["id"], "amount": 22.99}
        ]
    },
    ("POST", "/v3/organizations/:organizationId/payment-terms"): lambda _: {
        "name": "Net 10",
        "daysDue": 10,
    },
    ("POST", "/v3/customers/:customerId/charge-authorization"): lambda _: {
        "authorizedToCharge": True
    },
    ("POST", "/v3/customers/:customerId/bank-accounts"): lambda _: account_body(),
    ("PATCH", "/v3/customers/:customerId/bank-accounts/:bankAccountId"): lambda _: {
        "nickname": "Main"
    },
    ("POST", "/v3/network/invitation/customer/:customerId"): lambda _: {
        "networkId": "0rv02",
        "networkType": "BILL",
    },
    ("POST", "/v3/receivable-payments"): lambda p: {
        "customerId": p.customer["id"],
        "fundingAccount": {"id": p.account["id"], "type": "BANK_ACCOUNT"},
        "invoicePayments": [{"invoiceId": p.invoice["id"], "amount": 1}],
        "description": "Autopay",
    },
    ("POST", "/v3/users"): lambda p: p.user_body("second"),
    ("PATCH", "/v3/users/:userId"): lambda _: {"lastName": "Billson"},
    (
        "POST",
        "(connect-events)/v3/subscriptions",
    ): lambda _: {**SUBSCRIPTION, "notificationUrl": "http://127.0.0.1:9/other"},
    ("PUT", "(connect-events)/v3/subscriptions/:subscriptionId"): lambda _: SUBSCRIPTION,
    ("PATCH", "(connect-events)/v3/subscriptions/:subscriptionId"): lambda _: {"name": "Desk"},
    ("POST", "(connect-events)/v3/subscriptions/:subscriptionId/test"): lambda _: NEW_EVENT,
}

# Called without a body.
_BARE = """
GET /v3/login/session
POST /v3/logout
GET /v3/health
GET /v3/mfa/phones
GET /v3/attachments/customers/:customerId
POST /v3/attachments/customers/:customerId
GET /v3/attachments/invoices/:invoiceId
POST /v3/attachments/invoices/:invoiceId
GET /v3/attachments/:attachmentId
DELETE /v3/attachments/:attachmentId
GET /v3/classifications/items
POST /v3/classifications/items/bulk/archive
POST /v3/classifications/items/bulk/restore
GET /v3/classifications/items/:id
POST /v3/classifications/items/:id/archive
POST /v3/classifications/items/:id/restore
GET /v3/credit-memos
POST /v3/credit-memos/bulk/archive
POST /v3/credit-memos/bulk/restore
GET /v3/credit-memos/:creditMemoId
POST /v3/credit-memos/:creditMemoId/archive
POST /v3/credit-memos/:creditMemoId/restore
GET /v3/customers
GET /v3/customers/:customerId
POST /v3/customers/:customerId/archive
POST /v3/customers/:customerId/restore
GET /v3/customers/:customerId/bank-accounts
GET /v3/customers/:customerId/bank-accounts/:bankAccountId
POST /v3/customers/:customerId/bank-accounts/:bankAccountId/archive
GET /v3/network/invitation/customer/:customerId
GET /v3/invoices
GET /v3/invoices/:invoiceId
POST /v3/invoices/:invoiceId/archive
POST /v3/invoices/:invoiceId/restore
GET /v3/organizations/:organizationId
GET /v3/organizations/:organizationId/payment-terms
GET /v3/organizations/:organizationId/payment-terms/:paymentTermId
GET /v3/funding-accounts/banks
GET /v3/receivable-payments
GET /v3/receivable-payments/:receivedPaymentId
GET /v3/recurring-invoices
GET /v3/recurring-invoices/:recurringInvoiceId
POST /v3/recurring-invoices/:recurringInvoiceId/archive
POST /v3/recurring-invoices/:recurringInvoiceId/restore
GET /v3/roles
GET /v3/users
GET /v3/users/:userId
POST /v3/users/:userId/archive
POST /v3/users/:userId/restore
GET (connect-events)/v3/events/catalog
GET (connect-events)/v3/events/subscription/:subscriptionId
POST (connect-events)/v3/events/subscription/:subscriptionId/event/:eventId
GET (connect-events)/v3/subscriptions
GET (connect-events)/v3/subscriptions/:subscriptionId
DELETE (connect-events)/v3/subscriptions/:subscriptionId
POST (connect-events)/v3/subscriptions/:subscriptionId/security_key
"""

ENDPOINTS: tuple[tuple[str, str], ...] = (
    *BODIES,
    *((line.split(" ")[0], line.split(" ")[1]) for line in _BARE.split("\n") if line),
)
