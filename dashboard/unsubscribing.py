"""The page behind the link to unsubscribe: for customers, who do not sign in."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from etl.entry import Doorway
from etl.notices.unsubscribing import may_unsubscribe, unsubscribe

__all__ = ["unsubscribe_route"]

PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex"><title>Letters</title></head>
<body style="font-family:sans-serif;max-width:32rem;margin:4rem auto;padding:0 1rem">{}</body>
</html>"""
ASKED = """<h1>No more letters?</h1>
<p>Receipts, reminders and news of returned payments will not be sent to you any more.</p>
<form method="post"><button style="font-size:1rem;padding:.5rem 1rem">Unsubscribe</button></form>"""
DONE = "<h1>Done</h1><p>You will get no more of these letters.</p>"
WRONG = "<h1>This link does not work</h1><p>Answer the letter instead, and say so.</p>"


def unsubscribe_route(door: Doorway) -> Route:
    """Asks at GET, as mail programs follow links by themselves; does it at POST (RFC 8058)."""

    async def answer(request: Request) -> Response:
        token = request.path_params["token"]
        if not may_unsubscribe(door.box, token):
            return HTMLResponse(PAGE.format(WRONG), status_code=404)
        if request.method != "POST":
            return HTMLResponse(PAGE.format(ASKED))
        await run_in_threadpool(unsubscribe, door.store, door.box, token, at=door.clock())
        return HTMLResponse(PAGE.format(DONE))

    return Route("/unsubscribe/{token}", answer, methods=["GET", "POST"])
