"""The OpenAPI document (3.1), made from the routes as they are declared."""

from collections.abc import Iterable
from typing import Any, get_origin

import msgspec
from msgspec import Struct, inspect

from twosigma.adapters.http.access import Access
from twosigma.adapters.http.examples import example_of
from twosigma.adapters.http.openapi_errors import (
    ERRORS,
    HEADERS,
    JSON,
    header_of,
    refusal_of,
    refused_by,
)
from twosigma.adapters.http.reply import Reply
from twosigma.adapters.http.route import KEY_HEADER, Group, Route
from twosigma.adapters.http.sse import EVENTS
from twosigma.adapters.http.wire import Counted, Envelope

Json = dict[str, Any]

SSE_EXAMPLE = (
    'data: {"content": "Here is ", "done": false}\n\n'
    'data: {"content": "the explanation...", "done": false}\n\n'
    'data: {"content": "", "done": true, "message_id": 42}\n\n'
)
_SSE = """Server-Sent Events. Each is `data: ` and an object: `{"content": "…", "done": false}` for
a piece of the reply, then one with `"done": true` and the `message_id` of the stored reply; where
a reply broke off, `message_id` is null and `detail` says so. Lines that begin with `:` are
comments, sent while the tutor is silent. The same from the cache and from the model."""


_EVENT: Json = {
    "type": "object",
    "description": "One event of the stream",
    "properties": {"data": {"type": "string", "contentMediaType": "application/json"}},
    "required": ["data"],
}
_PRINTABLE = "^[^\\x00-\\x1f\\x7f-\\xa0]+$"


def openapi_document(groups: Iterable[Group], version: str) -> Json:
    """The document of all routes, as JSON values."""
    listed = list(groups)
    routes = [route for group in listed for route in group.routes]
    components = _Components(routes)
    paths: dict[str, Json] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, components)
    tags = {group.tag: group.description for group in listed}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "2Sigma",
            "version": version,
            "description": "The backend of a tutoring platform.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": text} for name, text in tags.items()],
        "paths": paths,
        "components": {
            "schemas": components.schemas,
            "securitySchemes": {
                "bearerAuth": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "basicAuth": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "An API key: its public key and its secret key",
                },
            },
        },
    }


class _Components:
    """The schemas of every body and answer, made in one go."""

    def __init__(self, routes: Iterable[Route]) -> None:
        kinds: list[Any] = [*ERRORS]
        for route in routes:
            kinds += [
                kind
                for kind in (route.taken("body"), _answer_type(route))
                if kind not in {None, bytes}
            ]
        made, self.schemas = msgspec.json.schema_components(
            kinds, ref_template="#/components/schemas/{name}"
        )
        self._made = {str(kind): schema for kind, schema in zip(kinds, made, strict=True)}

    def of(self, kind: Any) -> Json:
        return self._made[str(kind)]


def _answer_type(route: Route) -> Any:
    return None if route.given in {None, Reply} else route.given


def _operation(route: Route, components: _Components) -> Json:
    summary, _, more = route.description.partition("\n\n")
    operation: Json = {
        "tags": [route.tag],
        "summary": " ".join(summary.split()),
        "operationId": route.operation_id,
        "parameters": _parameters(route),
        "responses": _responses(route, components),
    }
    if more:
        operation["description"] = " ".join(more.split())
    if route.access.needs_token:
        operation["security"] = [{"bearerAuth": []}]
    elif route.access is Access.KEY:
        operation["security"] = [{"basicAuth": []}]
    elif route.access is Access.READABLE:
        operation["security"] = [{}, {"bearerAuth": []}]
    body = route.taken("body")
    if body is not None:
        operation["requestBody"] = {
            "required": not route.may_be_empty,
            "content": {route.takes: _body(route, components)},
        }
    return operation


def _body(route: Route, components: _Components) -> Json:
    kind = route.taken("body")
    if kind is bytes:
        return {"schema": {"type": "string"}, "example": route.sample}
    return {"schema": components.of(kind), "example": example_of(kind)}


def _parameters(route: Route) -> list[Json]:
    found = [
        _parameter(where, field)
        for where in ("path", "query")
        if (kind := route.taken(where)) is not None
        for field in _fields(kind)
    ]
    if route.takes_key or route.is_repeatable:
        schema = {"type": "string", "minLength": 1, "maxLength": 128, "pattern": _PRINTABLE}
        text = "The same key again reads along with, or replays, that same turn"
        if route.is_repeatable:
            text = "The same request again, within 24 hours, gets the same answer and does nothing"
        found.append(
            {"name": KEY_HEADER, "in": "header", "required": False, "description": text,
             "schema": schema, "example": "b3c1a0de"}
        )  # fmt: skip
    if route.takes_match:
        text = "Change it only if it still is what was read under this ETag"
        found.append(
            {"name": "If-Match", "in": "header", "required": False, "description": text,
             "schema": {"type": "string"}, "example": '*'}
        )  # fmt: skip
    return found


def _fields(kind: type[Struct]) -> tuple[inspect.Field, ...]:
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)  # noqa: S101 -- of a Struct
    return info.fields


def _parameter(where: str, field: inspect.Field) -> Json:
    schema = _inlined(field.type)
    parameter: Json = {
        "name": field.encode_name,
        "in": where,
        "required": field.required,
        "schema": schema,
        "example": example_of(field.type),
    }
    if isinstance(field.default, int | str) and not isinstance(field.default, bool):
        schema["default"] = field.default
    return parameter


def _inlined(kind: inspect.Type) -> Json:
    """The schema of a parameter: a plain value, never null."""
    if isinstance(kind, inspect.UnionType):
        return _inlined(next(k for k in kind.types if not isinstance(k, inspect.NoneType)))
    if isinstance(kind, inspect.Metadata):
        extra = kind.extra_json_schema or {}
        return _inlined(kind.type) | {k: v for k, v in extra.items() if k != "examples"}
    if isinstance(kind, inspect.IntType):
        limits = {"minimum": kind.ge, "maximum": kind.le}
        return {"type": "integer"} | {k: v for k, v in limits.items() if v is not None}
    if isinstance(kind, inspect.EnumType):
        return {"type": "string", "enum": [member.value for member in kind.cls]}
    return {"type": "boolean" if isinstance(kind, inspect.BoolType) else "string"}


def _responses(route: Route, components: _Components) -> Json:
    responses: Json = {str(route.status): _success(route, components)}
    if route.may_replace:
        responses["200"] = responses[str(route.status)] | {"description": "Replaced"}
    if route.media == EVENTS and route.method == "GET":
        responses["204"] = {"description": "Nothing is left to give"}
    if route.has_etag:
        responses["304"] = {"description": "The client has it already (If-None-Match)"}
    for status in sorted(refused_by(route)):
        responses[str(status)] = refusal_of(status, route, components.of)
    return responses


def _success(route: Route, components: _Components) -> Json:
    if route.given is None:
        return {"description": "Done", "headers": HEADERS}
    if route.media == EVENTS:
        return {
            "description": " ".join(_SSE.split()),
            "headers": HEADERS | _turn_headers(),
            "content": {EVENTS: {"schema": _EVENT, "example": SSE_EXAMPLE}},
        }
    if route.media != JSON:
        content: Json = {"schema": {"type": "string"}}
        if route.sample:
            content["example"] = route.sample
        return {
            "description": "A file" if route.sample else "A page",
            "headers": HEADERS,
            "content": {route.media: content},
        }
    kind = _answer_type(route)
    content = {"schema": components.of(kind), "example": example_of(kind)}
    return {
        "description": "Created" if route.status == 201 else "Success",
        "headers": HEADERS | (_list_headers() if _is_list(kind) else {}),
        "content": {JSON: content},
    }


def _is_list(kind: object) -> bool:
    if isinstance(kind, type) and issubclass(kind, Envelope | Counted):
        return True
    return get_origin(kind) is list


def _turn_headers() -> Json:
    return {"Turn-Id": header_of("The turn, to read on after a lost connection", "5f0c2d9e")}


def _list_headers() -> Json:
    return {"X-Total-Count": header_of("How many rows there are in all", "1")}
