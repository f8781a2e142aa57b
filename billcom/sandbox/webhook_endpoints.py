"""The API below connect-events: catalog, subscriptions, events."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from billcom.sandbox.answers import answer
from billcom.sandbox.endpoints import json_body
from billcom.sandbox.errors import InvalidRequestError, SessionInvalidError
from billcom.sandbox.events import CATALOG, INVOICE_EVENTS, VERSION
from billcom.sandbox.fields import Fields
from billcom.sandbox.listing import row_count
from billcom.sandbox.subscriptions import Subscription
from billcom.sandbox.webhooks import Webhooks
from billcom.sandbox.wire import Record

_ONE = "/subscriptions/{subscription_id}"
_EVENTS = "/events/subscription/{subscription_id}"
_SAMPLE = {
    "id": "00e02SAMPLESAMPLE0001",
    "customerId": "0cu02SAMPLESAMPLE0001",
    "archived": False,
    "invoiceNumber": "SAMPLE-1",
    "totalAmount": 100,
    "dueAmount": 100,
    "status": "OPEN",
}


class WebhookEndpoints:
    """Every route of webhooks."""

    def __init__(self, webhooks: Webhooks) -> None:
        """Over these webhooks."""
        self._webhooks = webhooks

    def routes(self) -> list[Route]:
        """The routes below /connect-events/v3."""
        return [
            Route("/events/catalog", self.catalog, methods=["GET"]),
            Route("/subscriptions", self.list, methods=["GET"]),
            Route("/subscriptions", self.create, methods=["POST"]),
            Route(_ONE, self.show, methods=["GET"]),
            Route(_ONE, self.change, methods=["PUT", "PATCH"]),
            Route(_ONE, self.remove, methods=["DELETE"]),
            Route(_ONE + "/security_key", self.renew_key, methods=["POST"]),
            Route(_ONE + "/security-key", self.renew_key, methods=["POST"]),
            Route(_ONE + "/test", self.test, methods=["POST"]),
            Route(_EVENTS, self.events, methods=["GET"]),
            Route(_EVENTS + "/event/{event_id}", self.resend, methods=["POST"]),
        ]

    async def catalog(self, request: Request) -> Response:
        """What can be subscribed to."""
        _organization(request)
        return answer([{"type": kind, "versions": [VERSION]} for kind in CATALOG])

    async def list(self, request: Request) -> Response:
        """The organization's subscriptions."""
        with self._webhooks.locked() as subscriptions:
            found = [s.record() for s in subscriptions.of(_organization(request))]
        return self._page(request, found)

    async def create(self, request: Request) -> Response:
        """Subscribe; the security key is shown this once."""
        organization_id, body = _organization(request), await json_body(request)

        def create() -> Record:
            made = subscriptions.add(organization_id, body)
            return {**made.record(), "securityKey": made.security_key}

        with self._webhooks.locked() as subscriptions:
            return answer(self._replayed(request, create))

    async def show(self, request: Request) -> Response:
        """One subscription."""
        return answer(self._find(request).record())

    async def change(self, request: Request) -> Response:
        """PUT all of it, PATCH a part."""
        body = await json_body(request)
        with self._webhooks.locked() as subscriptions:
            found = self._find(request)
            whole = request.method == "PUT"
            return answer(subscriptions.change(found, body, whole=whole).record())

    async def remove(self, request: Request) -> Response:
        """Unsubscribe."""
        with self._webhooks.locked() as subscriptions:
            subscriptions.remove(self._find(request))
        return answer(None)

    async def renew_key(self, request: Request) -> Response:
        """Another security key in place of the old one."""

        def renew() -> Record:
            return {"securityKey": subscriptions.renew_key(found).security_key}

        with self._webhooks.locked() as subscriptions:
            found = self._find(request)
            return answer(self._replayed(request, renew))

    async def test(self, request: Request) -> Response:
        """Send an invented event."""
        found = self._find(request)
        kind, invoice = _read_test(await json_body(request) if await request.body() else {}, found)
        event = self._webhooks.happened(kind, invoice, found)
        await self._webhooks.courier.deliver_once(event)
        return answer(self._webhooks.event_record(event))

    async def events(self, request: Request) -> Response:
        """What a subscription was told of."""
        found, entity_id = self._find(request), request.query_params.get("entityId")
        return self._page(request, self._webhooks.history(found.id, entity_id))

    async def resend(self, request: Request) -> Response:
        """Send an event of the past again."""
        found = self._find(request)
        event = self._webhooks.event(found.id, request.path_params["event_id"])
        await self._webhooks.courier.deliver_once(event)
        return answer(self._webhooks.event_record(event))

    def _find(self, request: Request) -> Subscription:
        with self._webhooks.locked() as subscriptions:
            return subscriptions.find(
                _organization(request), request.path_params["subscription_id"]
            )

    def _replayed(self, request: Request, act: Callable[[], Record]) -> Record:
        place = (_organization(request), request.url.path)
        key = request.headers.get("x-idempotent-key")
        return self._webhooks.replays.answer(place, key, act)

    def _page(self, request: Request, found: Sequence[Record]) -> Response:
        rows, after = row_count(request.query_params.get("max")), _after(request)
        start = next((i + 1 for i, record in enumerate(found) if record["id"] == after), 0)
        shown = found[start : start + rows]
        if self._webhooks.knobs.webhook_list == "bare":
            return answer(shown)
        more = start + rows < len(found)
        token = {"nextPage": _token(shown[-1]["id"])} if more else {}
        return answer({**token, "results": shown})


def _organization(request: Request) -> str:
    missing = [name for name in ("devKey", "sessionId") if not request.headers.get(name)]
    if missing:
        raise InvalidRequestError([f"{name}: header is missing" for name in missing])
    if request.state.session is None:
        raise SessionInvalidError
    organization_id: str = request.state.session.tenant.credentials.organization_id
    return organization_id


def _read_test(body: Any, subscription: Subscription) -> tuple[str, Record]:
    fields = Fields(body)
    wanted = [kind for kind in INVOICE_EVENTS if kind in subscription.events]
    kind = fields.choice("eventType", INVOICE_EVENTS) or (wanted or list(INVOICE_EVENTS))[0]
    if fields.has("version") and str(fields.raw("version")) != VERSION:
        fields.problem("version", f"must be {VERSION}")
    if fields.has("invoice") and not isinstance(fields.raw("invoice"), dict):
        fields.problem("invoice", "must be an object")
    fields.check()
    return kind, {**_SAMPLE, **(fields.raw("invoice") or {})}


def _token(record_id: str) -> str:
    return base64.urlsafe_b64encode(record_id.encode()).decode()


def _after(request: Request) -> str | None:
    token = request.query_params.get("page")
    try:
        return base64.b64decode(token, altchars=b"-_", validate=True).decode() if token else None
    except (binascii.Error, UnicodeDecodeError):
        raise InvalidRequestError(["page: not a page of this list"]) from None
