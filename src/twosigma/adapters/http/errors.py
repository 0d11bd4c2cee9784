"""Every refusal as an answer: one table from error to status, one shape of body.

The body is `{"detail": …}` and nothing else; the header `X-Error-Code` has the stable word for
programs. What was sent in is never repeated.
"""

from http import HTTPStatus

from litestar import Litestar, Request, Response
from litestar.exceptions import HTTPException, MethodNotAllowedException
from litestar.types import Method
from litestar.utils import normalize_path

from twosigma.adapters.http.defects import log_defect
from twosigma.adapters.http.reply import JSON_TYPE, NO_STORE, Headers, Reply, encoded
from twosigma.domain.errors import (
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    Missing,
    PreconditionFailed,
    TooMany,
    Unauthenticated,
    Unavailable,
)

RETRY_AFTER = 5
"""Seconds until a new try, where the error itself does not say."""

_METHODS: tuple[Method, ...] = ("DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT")


class TooLarge(DomainError):
    """The body is longer than the service takes."""

    code = "body_too_large"


class TooSlow(DomainError):
    """The body did not come in time."""

    code = "body_too_slow"


class NoRoute(DomainError):
    """Nothing is served at this path."""

    code = "not_found"


STATUS: dict[type[DomainError], int] = {
    Conflict: 400,
    Unauthenticated: 401,
    Forbidden: 403,
    Missing: 404,
    NoRoute: 404,
    TooSlow: 408,
    PreconditionFailed: 412,
    TooLarge: 413,
    Invalid: 422,
    TooMany: 429,
    Unavailable: 503,
}
CODES = {404: "not_found", 405: "method_not_allowed", 500: "internal_error"}
"""The codes of errors that are not ours."""


def status_of(error: DomainError) -> int:
    """The status of an error, by the nearest class of its kind in the table."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 400)


def refusal(error: DomainError) -> Reply:
    """An error of ours as an answer."""
    status = status_of(error)
    headers = [JSON_TYPE, NO_STORE, (b"x-error-code", error.code.encode())]
    retry_after = error.retry_after or (RETRY_AFTER if status in {429, 503} else None)
    if retry_after is not None:
        headers.append((b"retry-after", b"%d" % retry_after))
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    detail = error.faults if isinstance(error, Invalid) else error.detail
    return Reply(status, headers, encoded({"detail": detail}))


def crashed() -> Reply:
    """The answer to a defect."""
    return _plain(500, "Internal server error")


def answer_error(request: Request, error: Exception) -> Response[bytes]:  # type: ignore[type-arg]  # Litestar's own form
    """Any error that left a handler or the router, as Litestar wants it answered."""
    if isinstance(error, DomainError):
        reply = refusal(error)
    elif isinstance(error, MethodNotAllowedException):
        allow = ", ".join(allowed_methods(request.app, request.scope["path"]))
        reply = _plain(405, "Method not allowed", [(b"allow", allow.encode())])
    elif isinstance(error, HTTPException) and error.status_code < 500:
        reply = _plain(error.status_code, HTTPStatus(error.status_code).phrase.capitalize())
    else:
        log_defect(error)
        reply = crashed()
    headers = {name.decode(): value.decode() for name, value in reply.headers}
    return Response(reply.body, status_code=reply.status, headers=headers)


def _plain(status: int, detail: str, headers: Headers = ()) -> Reply:
    code = CODES.get(status, "bad_request").encode()
    fixed = (JSON_TYPE, NO_STORE, (b"x-error-code", code))
    return Reply(status, (*fixed, *headers), encoded({"detail": detail}))


def allowed_methods(app: Litestar, path: str) -> list[str]:
    """The methods that a path has; none where nothing is served there."""
    found: list[str] = []
    for method in _METHODS:
        try:
            app.asgi_router.handle_routing(path=normalize_path(path), method=method)
        except HTTPException:
            continue
        found.append(method)
    return found
