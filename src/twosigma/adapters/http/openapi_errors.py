"""How the OpenAPI document tells what a route refuses with: statuses, bodies, headers."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct, to_builtins

from twosigma.adapters.http.access import Access
from twosigma.adapters.http.langfuse import errors as langfuse
from twosigma.adapters.http.route import Route

Json = dict[str, Any]
JSON = "application/json"

REFUSALS = {
    400: ("conflict", "The state of things does not permit it", "Already enrolled"),
    401: ("unauthenticated", "No token, or one that is no good", "Not authenticated"),
    403: ("forbidden", "Known, and not allowed", "You do not have permission to do this"),
    404: ("not_found", "Not there, or not to be seen", "Course not found"),
    408: ("body_too_slow", "The body did not come in time", "The body did not come in time"),
    412: ("precondition_failed", "It was changed meanwhile (If-Match)", "This was changed"),
    413: ("body_too_large", "The body is too large", "The body is too large"),
    422: ("validation_error", "All that is wrong with path, query and body", ""),
    429: ("rate_limited", "Too many requests; wait", "Too many requests. Please wait a moment."),
    500: ("internal_error", "A defect of the service", "Internal server error"),
    503: ("unavailable", "Something needed is away; try again", "The service is restarting"),
}
"""Status → code, meaning, an example of `detail`."""


class ErrorOut(Struct, frozen=True, kw_only=True):
    """What every refusal has."""

    detail: str


class FaultOut(Struct, frozen=True, kw_only=True):
    loc: tuple[str | int, ...]
    msg: str
    type: str


class ValidationErrorOut(Struct, frozen=True, kw_only=True):
    """All faults of an input."""

    detail: list[FaultOut]


ERRORS: tuple[type[Struct], ...] = (ErrorOut, ValidationErrorOut, langfuse.PublicErrorOut)
"""Every body that a refusal may have."""


def refused_by(route: Route) -> set[int]:
    """The statuses that a route refuses with, as they are told."""
    found = {500, 503, *route.refuses, *_refused_by_access(route.access)}
    if route.takes_match:
        found.add(412)
    if route.is_repeatable:
        found |= {400, 422}
    if route.taken("body") is not None:
        found |= {408, 413, 422}
    if route.taken("path") is not None or route.taken("query") is not None or route.takes_key:
        found.add(422)
    if route.access is Access.KEY:
        return {langfuse.STATUS.get(status, status) for status in found}
    return found


def _refused_by_access(access: Access) -> set[int]:
    found = set() if access is Access.OPEN else {401}
    if access in {Access.INSTRUCTOR, Access.ADMIN, Access.KEY}:
        found.add(403)
    if access in {Access.TURN, Access.USER, Access.INSTRUCTOR, Access.ADMIN, Access.KEY}:
        found.add(429)
    return found


def refusal_of(status: int, route: Route, schema_of: Callable[[Any], Json]) -> Json:
    """How a route's refusal with this status looks."""
    code, meaning, detail = REFUSALS[status]
    kind, example = _body(status, detail, is_public=route.access is Access.KEY)
    headers = HEADERS | {"X-Error-Code": header_of("A stable word for programs", code)}
    if status in {429, 503}:
        headers |= {"Retry-After": header_of("Seconds until a new try", "5")}
    content = {"schema": schema_of(kind), "example": example}
    return {"description": meaning, "headers": headers, "content": {JSON: content}}


def _body(status: int, detail: str, *, is_public: bool) -> tuple[type[Struct], Json]:
    """The type of a refusal's body, and an example of it."""
    if is_public:
        return langfuse.PublicErrorOut, to_builtins(langfuse.told(status, detail))
    if status == 422:
        fault = {
            "loc": ["body", "email"],
            "msg": "value is not a valid email address",
            "type": "value_error.email",
        }
        return ValidationErrorOut, {"detail": [fault]}
    return ErrorOut, {"detail": detail}


def header_of(description: str, example: str) -> Json:
    return {"description": description, "schema": {"type": "string"}, "example": example}


HEADERS: Json = {"X-Request-ID": header_of("This exchange, as the log has it", "r-1")}
