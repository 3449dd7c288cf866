"""Errors as problem documents (RFC 9457): one table from code to status, never a trace."""

from collections.abc import Mapping

import msgspec
from msgspec import Struct
from starlette.responses import Response

from comity.core.errors import AuthorisationError, ComityError, InvalidInputError

HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_LONGEST = 600


class MalformedError(InvalidInputError):
    """The request is not one JSON document."""

    code = "input.malformed"


class MediaError(InvalidInputError):
    """The request is of another media type than JSON."""

    code = "input.media"


class MethodError(InvalidInputError):
    """The path exists, the method does not."""

    code = "input.method"


class UnprovenError(AuthorisationError):
    """No personal token, or one that is unknown, withdrawn or expired."""

    code = "act.not-proven"


class UnexpectedError(ComityError):
    """Our own fault; the journal has the place, nobody has the words."""

    code = "unexpected"


class Problem(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What went wrong, for people in `detail`, for programs in `code`."""

    type: str
    title: str
    status: int
    detail: str
    code: str


TABLE: Mapping[str, tuple[int, str]] = {
    "input.malformed": (400, "not one JSON document"),
    "act.not-proven": (401, "a personal token is needed"),
    "act.not-authorised": (403, "this person, seat or token may not do this"),
    "not-found": (404, "nothing by that name that you may know of"),
    "input.method": (405, "this path has no such method"),
    "conflict": (409, "another act was first"),
    "state.no-such-step": (409, "this step cannot be taken from here"),
    "state.too-early": (409, "this step cannot be taken yet"),
    "input.limit": (413, "larger, deeper or more than the limit allows"),
    "input.media": (415, "only JSON is read here"),
    "input.invalid": (422, "something is not as it was expected"),
    "verify.failed": (422, "a signature, proof or digest does not hold"),
    "unexpected": (500, "our own fault"),
    "comity": (500, "our own fault"),
    "config.invalid": (503, "this node is set up wrongly"),
    "unreachable": (503, "something needed does not answer"),
    "storage.failed": (507, "the disk is full, read-only or broken"),
}
STATUSES = tuple(dict.fromkeys(status for status, _ in TABLE.values()))


def problem_of(error: ComityError) -> Problem:
    """Say an error as a problem document; a code below a known one takes its status."""
    codes = (kind.code for kind in type(error).__mro__ if issubclass(kind, ComityError))
    known = next(code for code in codes if code in TABLE)
    status, title = TABLE[known]
    return Problem(
        type=f"urn:comity:problem:{error.code}",
        title=title,
        status=status,
        detail=_printable(str(error))[:_LONGEST],
        code=error.code,
    )


def refusal(error: ComityError, *, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with a problem document."""
    said = problem_of(error)
    challenge = {"WWW-Authenticate": "Bearer"} if isinstance(error, UnprovenError) else {}
    return Response(
        msgspec.json.encode(said),
        status_code=said.status,
        headers={**HEADERS, **challenge, **(headers or {})},
        media_type="application/problem+json",
    )


def _printable(text: str) -> str:
    """Blot out what a terminal would obey and what UTF-8 cannot write."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
