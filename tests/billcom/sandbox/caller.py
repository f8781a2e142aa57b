"""A caller with a session: what the tests speak to a sandbox through, and small bodies to send."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx

from billcom.sandbox.server import Sandbox
from billcom.sandbox.wire import decode
from billcom.sandbox.world import Credentials

Json = Any


def login_body(tenant: Credentials) -> dict[str, str]:
    return {
        "username": tenant.username,
        "password": tenant.password,
        "organizationId": tenant.organization_id,
        "devKey": tenant.developer_key,
    }


def plain_client(base_url: str) -> httpx.Client:
    # Reading the certificates takes longer than most tests, and there is no TLS here.
    return httpx.Client(base_url=base_url, timeout=10, verify=False)


class Caller:
    """Calls one tenant's API. `get`, `post`, … return the response, `read` its JSON."""

    def __init__(self, sandbox: Sandbox, tenant: Credentials) -> None:
        self.tenant = tenant
        self.http = plain_client(f"{sandbox.base_url}/v3")
        self.log_in()

    def log_in(self) -> str:
        response = self.http.post("/login", json=login_body(self.tenant))
        session_id: str = response.json()["sessionId"]
        self.http.headers.update({"devKey": self.tenant.developer_key, "sessionId": session_id})
        return session_id

    def get(self, path: str, **params: object) -> httpx.Response:
        return self.http.get(path, params={k: str(v) for k, v in params.items()})

    def read(self, path: str, **params: object) -> Json:
        """The JSON of a successful GET, numbers with a point as Decimal."""
        return parsed(self.get(path, **params), 200)

    def post(self, path: str, body: object = None) -> httpx.Response:
        return self.http.post(path, json=body) if body is not None else self.http.post(path)

    def patch(self, path: str, body: object) -> httpx.Response:
        return self.http.patch(path, json=body)

    def put(self, path: str, body: object) -> httpx.Response:
        return self.http.put(path, json=body)

    def create(self, path: str, body: object) -> Json:
        return parsed(self.post(path, body), 201)

    def act(self, path: str, body: object = None) -> Json:
        """The JSON of a POST answered with 200."""
        return parsed(self.post(path, body), 200)

    def pages(self, path: str, **params: object) -> Iterator[Json]:
        page = self.read(path, **params)
        yield page
        while "nextPage" in page:
            page = self.read(path, **params, page=page["nextPage"])
            yield page

    def all(self, path: str, **params: object) -> list[Json]:
        return [record for page in self.pages(path, **params) for record in page["results"]]

    def customer(self, name: str = "Granite Peak Outfitters", **fields: object) -> Json:
        return self.create("/customers", {"name": name, "email": "ap@granite.example", **fields})

    def invoice(self, customer_id: str, *prices: float, **fields: object) -> Json:
        lines = [{"description": "Load", "quantity": 1, "price": price} for price in prices]
        return self.create(
            "/invoices", {"customer": {"id": customer_id}, "invoiceLineItems": lines, **fields}
        )

    def pay(self, amount: float, *parts: tuple[str, float]) -> Json:
        return self.act("/invoices/record-payment", recorded(amount, *parts))


def recorded(amount: float, *parts: tuple[str, float]) -> dict[str, Json]:
    """The body of record-payment."""
    return {
        "paymentDate": "2026-09-18",
        "paymentType": "CHECK",
        "amount": amount,
        "invoices": [{"id": invoice_id, "amount": part} for invoice_id, part in parts],
    }


def address() -> dict[str, str]:
    return {"line1": "12 Quarry Ln", "city": "Boise", "zipOrPostalCode": "83702", "country": "US"}


def account_body(**fields: Json) -> dict[str, Json]:
    """A customer's bank account."""
    return {
        "nameOnAccount": "Granite Peak Outfitters",
        "routingNumber": "021000021",
        "accountNumber": "000123456789",
        "type": "CHECKING",
        "ownerType": "BUSINESS",
        **fields,
    }


def parsed(response: httpx.Response, status: int) -> Json:
    assert response.status_code == status, response.text
    return decode(response.content)


def messages(response: httpx.Response, status: int) -> list[str]:
    """The messages of an error array with this status."""
    return [entry["message"] for entry in parsed(response, status)]


def money(text: str) -> Decimal:
    return Decimal(text)
