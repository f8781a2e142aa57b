"""The endpoints of second factors. A session by sync token may call none of them."""

from collections.abc import Callable
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from billcom.sandbox.access import Access
from billcom.sandbox.answers import answer
from billcom.sandbox.endpoints import caller_book, json_body
from billcom.sandbox.errors import BadCodeError, UntrustedSessionError
from billcom.sandbox.fields import Fields
from billcom.sandbox.mfa import SecondFactors
from billcom.sandbox.wire import Record

Act = Callable[[SecondFactors, object], Record]

_WRITES: tuple[tuple[str, Act], ...] = (
    ("/mfa/setup", SecondFactors.set_up),
    ("/mfa/setup/validate", SecondFactors.confirm),
    ("/mfa/challenge", SecondFactors.challenge),
    ("/mfa/challenge/validate", SecondFactors.answer),
)


def mfa_routes(access: Access) -> list[Route]:
    """The six routes."""
    writes = [Route(path, partial(_write, act), methods=["POST"]) for path, act in _WRITES]
    phones = Route("/mfa/phones", _phones, methods=["GET"])
    step_up = Route("/mfa/step-up", partial(_step_up, access), methods=["POST"])
    return [*writes, phones, step_up]


async def _write(act: Act, request: Request) -> Response:
    return answer(act(_factors(request), await json_body(request)))


async def _phones(request: Request) -> Response:
    return answer(_factors(request).phones())


async def _step_up(access: Access, request: Request) -> Response:
    factors = _factors(request)
    fields = Fields(await json_body(request))
    remember_me_id = fields.text("rememberMeId", required=True)
    device = fields.text("device", required=True)
    fields.check()
    if not factors.is_remembered(remember_me_id, device):
        raise BadCodeError
    access.trust(request.state.session_id)
    return answer({"trusted": True})


def _factors(request: Request) -> SecondFactors:
    book = caller_book(request)
    if request.state.session.is_by_token:
        raise UntrustedSessionError
    return book.factors
