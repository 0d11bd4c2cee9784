"""Routes at work: what a handler is given, and how what it gives is sent."""

from asyncio import to_thread
from collections.abc import Mapping
from functools import partial
from typing import Any, get_type_hints

import litestar
from litestar.handlers import HTTPRouteHandler
from litestar.types import HTTPScope, Receive
from msgspec import Struct

from twosigma.adapters.http.access import Given, admit
from twosigma.adapters.http.bodies import PACE, BodyReader, RawReader, read_whole
from twosigma.adapters.http.errors import refusal
from twosigma.adapters.http.etags import etag_of, is_known
from twosigma.adapters.http.idempotency import answer_of, reply_of, request_of
from twosigma.adapters.http.reply import JSON_TYPE, NO_STORE, Reply, encoded, no_content
from twosigma.adapters.http.route import KEY, Route
from twosigma.adapters.http.settings import HttpSettings
from twosigma.adapters.http.wire import Listed, Put, TextReader, WithTotal, path_of, query_of
from twosigma.app.core import TwoSigma
from twosigma.domain.actor import Actor
from twosigma.domain.errors import DomainError, Fault, Invalid
from twosigma.domain.repeats import Answer, Request, require_key
from twosigma.domain.values import all_faults

_CACHED = ((b"cache-control", b"private, no-cache"), (b"vary", b"Authorization"))


def served(route: Route, core: TwoSigma, settings: HttpSettings) -> HTTPRouteHandler:
    """The route as Litestar serves it."""
    answer = Endpoint(route, core, settings).answer

    async def handle(request: litestar.Request[Any, Any, Any]) -> Reply:
        return await answer(request.scope, request.receive)

    return HTTPRouteHandler(
        route.path.replace("}", ":str}"),
        http_method=[route.method],  # type: ignore[list-item]  # one of HttpMethod's values
        status_code=200,
        include_in_schema=False,
        opt={"route": route},
    )(handle)


class Endpoint:
    """A route at work."""

    def __init__(self, route: Route, core: TwoSigma, settings: HttpSettings) -> None:
        self._route = route
        self._core = core
        self._settings = settings
        self._access = route.access
        self._handler = route.handler
        wanted = get_type_hints(route.handler)
        self._takes_core = "core" in wanted
        self._takes_key = "key" in wanted
        self._takes_match = "if_match" in wanted
        self._takes_client = "client" in wanted
        self._takes_actor = "actor" in wanted
        self._path = TextReader(wanted["path"], "path") if "path" in wanted else None
        self._query = TextReader(wanted["query"], "query") if "query" in wanted else None
        self._body = _Body(route, wanted["body"], settings) if "body" in wanted else None

    async def answer(self, scope: HTTPScope, receive: Receive) -> Reply:
        try:
            given = await admit(self._access, self._core, scope)
            actor = given.get("actor")
            if isinstance(actor, Actor):
                self._core.limits.request(actor.user_id)
            if not self._takes_actor:
                given.pop("actor", None)
            raw = await self._read(scope, receive, given)
            key = header(scope, KEY) if self._route.is_repeatable else None
            if key is None or not isinstance(actor, Actor):
                return await self._made(scope, given)
            request = await _request(scope, actor.user_id, key, raw)
            kept = await self._core.once.answer(request, partial(self._kept, scope, given))
            return reply_of(kept)
        except DomainError as error:
            return refusal(error)

    async def _made(self, scope: HTTPScope, given: Given) -> Reply:
        return self._encoded(scope, await self._handler(**given))

    async def _kept(self, scope: HTTPScope, given: Given) -> Answer:
        """The answer, a refusal too, in the form in which it is kept."""
        try:
            return answer_of(await self._made(scope, given))
        except DomainError as error:
            return answer_of(refusal(error))

    async def _read(self, scope: HTTPScope, receive: Receive, given: Given) -> bytes:
        """What the handler is given of the request; gives the body as it was sent."""
        faults: list[Fault] = []
        self._read_head(scope, given, faults)
        if self._body is not None:
            raw, given["body"] = await self._body.read(scope, receive, faults)
            return raw
        if faults:
            raise Invalid(faults)
        return b""

    def _read_head(self, scope: HTTPScope, given: Given, faults: list[Fault]) -> None:
        """What the handler is given besides the body."""
        if self._path is not None:
            given["path"] = self._path.read(path_of(scope["path_params"]), faults)
        if self._query is not None:
            given["query"] = self._query.read(query_of(scope["query_string"]), faults)
        if self._takes_key:
            given["key"] = header(scope, KEY)
        elif self._route.is_repeatable:
            faults += _faults_of_key(header(scope, KEY))
        if self._takes_match:
            given["if_match"] = header(scope, b"if-match")
        if self._takes_client:
            given["client"] = client_of(scope)
        if self._takes_core:
            given["core"] = self._core

    def _encoded(self, scope: HTTPScope, result: object) -> Reply:
        if isinstance(result, Reply):
            return result
        if result is None:
            return no_content(self._route.status)
        status = self._route.status
        if isinstance(result, Put):
            status, result = (status if result.is_new else 200), result.row
        headers = [JSON_TYPE, *self._route.headers]
        if isinstance(result, WithTotal):
            headers.append((b"x-total-count", b"%d" % result.total))
        if isinstance(result, Listed):
            result = result.rows
        body = encoded(result)
        if not self._route.has_etag:
            return Reply(status, (*headers, NO_STORE), body)
        tag = etag_of(body)
        headers += [*_CACHED, (b"etag", tag.encode())]
        if is_known(header(scope, b"if-none-match"), tag):
            return Reply(304, headers[1:])
        return Reply(status, headers, body)


class _Body:
    """Takes a route's bodies off the wire."""

    def __init__(self, route: Route, kind: type[Any], settings: HttpSettings) -> None:
        self._reader = RawReader(route.takes) if kind is bytes else BodyReader(kind)
        self._may_be_empty = route.may_be_empty
        self._maximum = route.max_body or settings.max_body
        self._seconds = settings.max_body_seconds

    async def read(
        self, scope: HTTPScope, receive: Receive, faults: list[Fault]
    ) -> tuple[bytes, Struct | bytes]:
        """The body's bytes, and what they say."""
        raw = await read_whole(receive, self._maximum, self._seconds)
        if not raw and self._may_be_empty:
            return raw, self._reader.read(b"{}", None, faults)
        content_type = None
        for name, value in scope["headers"]:
            if name == b"content-type":
                content_type = value
        return raw, self._reader.read(raw, content_type, faults)


async def _request(scope: HTTPScope, user_id: int, key: str, body: bytes) -> Request:
    if len(body) > PACE:  # the loop would stand still while it is digested
        return await to_thread(request_of, scope, user_id, key, body)
    return request_of(scope, user_id, key, body)


def _faults_of_key(key: str | None) -> tuple[Fault, ...]:
    return () if key is None else all_faults(partial(require_key, key))


def client_of(scope: HTTPScope) -> str:
    """The network address that a request came from; the server has believed the proxies that it
    may. Empty where there is none."""
    client = scope["client"]
    return client[0] if client else ""


def header(scope: HTTPScope | Mapping[str, Any], name: bytes) -> str | None:
    """The last value of a header."""
    found = None
    for key, value in scope["headers"]:
        if key == name:
            found = value
    return None if found is None else found.decode("latin-1")
