"""Signing in and out: a one-time link leads to a button, and the button makes a session.

Fetching a link ahead burns nothing, since only the button uses it. Without a session there is
no secret to bind a form to, so the sign-in form is bound to a cookie made with the page.
"""

import secrets

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from comity.console.door import (
    check_csrf,
    html_response,
    limited,
    session_cookie,
    tastes_of,
)
from comity.console.parts import Shell
from comity.console.ports import Window
from comity.console.render import SECURITY_HEADERS, render
from comity.console.tongue import tongue
from comity.console.views import LinkState, SignIn
from comity.console.visit import Answer, Go, Visit
from comity.core import limits
from comity.core.clock import SECOND
from comity.core.errors import AuthorisationError, ComityError
from comity.trust import SESSION_LIFE

_LONGEST = 200


class SignInDoor:
    """The landing of a one-time link."""

    def __init__(self, window: Window) -> None:
        """Stand before a node."""
        self._window = window

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        request = Request(scope, limited(receive, 16 * limits.KIB))
        response = await self._answered(request)
        response.headers.update(SECURITY_HEADERS)
        await response(scope, receive, send)

    async def _answered(self, request: Request) -> Response:
        if request.method != "POST":
            token = request.query_params.get("token", "")[:_LONGEST]
            return self._page(request, SignIn(token=token, state=_state(token)))
        try:
            async with request.form(max_files=0, max_fields=8) as form:
                given = {key: value for key, value in form.items() if isinstance(value, str)}
            check_csrf(given.get("csrf", ""), request.cookies.get(self._bound(request), ""))
            token = given.get("token", "")[:_LONGEST]
            session = await run_in_threadpool(self._window.desk.people.sign_in, token)
        except AuthorisationError:
            return self._page(request, SignIn(state=LinkState.EXPIRED), status=403)
        except (ComityError, ValueError):
            return self._page(request, SignIn(state=LinkState.MISSING), status=422)
        return self._signed_in(request, session)

    def _signed_in(self, request: Request, session: str) -> Response:
        response = RedirectResponse("/", status_code=303)
        response.set_cookie(
            session_cookie(request, self._window),
            session,
            max_age=SESSION_LIFE // SECOND,
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="strict",
        )
        response.delete_cookie(self._bound(request), path="/sign-in")
        return response

    def _page(self, request: Request, page: SignIn, *, status: int = 200) -> Response:
        bound = secrets.token_hex(16)
        tastes = tastes_of(request)
        shell = Shell(
            csrf=bound,
            agency=self._window.office.config.name,
            lang=tongue(tastes.lang).lang,
            theme=tastes.theme,
        )
        response = html_response(render(page, shell), status=status)
        response.set_cookie(
            self._bound(request),
            bound,
            path="/sign-in",
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="strict",
        )
        return response

    def _bound(self, request: Request) -> str:
        return f"{session_cookie(request, self._window).removeprefix('__Host-')}-door"


def sign_out(visit: Visit) -> Answer:
    """End this session."""
    visit.desk.people.sign_out(visit.secret)
    return Go(href="/sign-in")


def _state(token: str) -> LinkState:
    return LinkState.READY if token else LinkState.MISSING
