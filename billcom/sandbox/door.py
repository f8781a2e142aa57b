"""The endpoints about sessions, and the one that only says the sandbox is up."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from billcom.sandbox.access import Access, read_login
from billcom.sandbox.answers import answer
from billcom.sandbox.endpoints import caller_book, json_body
from billcom.sandbox.limits import Turnstile

_HEALTH = {
    "appId": "tieout-sandbox",
    "appEnv": "sandbox",
    "appVersion": "v3",
    "bdcRegion": "local",
}


class Door:
    """Login, session, logout, health."""

    def __init__(self, access: Access, turnstile: Turnstile) -> None:
        """Sessions are kept by `access`, logins counted by `turnstile`."""
        self._access = access
        self._turnstile = turnstile

    def routes(self) -> list[Route]:
        """The four routes."""
        return [
            Route("/login", self.log_in, methods=["POST"]),
            Route("/login/session", self.show_session, methods=["GET"]),
            Route("/logout", self.log_out, methods=["POST"]),
            Route("/health", self.show_health, methods=["GET"]),
        ]

    async def log_in(self, request: Request) -> Response:
        """Make a session. The developer key is in the body here, so it is counted here."""
        login = read_login(await json_body(request))
        if self._access.knows(login.developer_key):
            self._turnstile.count_call(login.developer_key)
            self._turnstile.count_login(login.developer_key)
        session_id, session = self._access.log_in(login)
        tenant = session.tenant
        return answer(
            {
                "sessionId": session_id,
                "organizationId": tenant.credentials.organization_id,
                "userId": tenant.book.user_id,
                "trusted": session.is_trusted,
            }
        )

    async def show_session(self, request: Request) -> Response:
        """Whose session this is; asking keeps it alive."""
        book = caller_book(request)
        credentials = request.state.session.tenant.credentials
        return answer(
            {
                "organizationId": credentials.organization_id,
                "userId": book.user_id,
                "mfaStatus": book.knobs.mfa_status,
                "mfaBypass": False,
            }
        )

    async def log_out(self, request: Request) -> Response:
        """End the session."""
        caller_book(request)
        self._access.log_out(request.state.session_id)
        return answer(None)

    async def show_health(self, _request: Request) -> Response:
        """No session needed."""
        return answer(_HEALTH)
