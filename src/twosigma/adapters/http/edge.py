"""The outermost layer: what every exchange has, whatever answers it.

It routes on the raw path, refuses bodies that say they are too long, answers CORS preflights,
gives each response its request id and security headers, and writes one log line.
"""

import logging
import re
import secrets
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from itertools import count
from time import perf_counter
from typing import Any
from urllib.parse import unquote_to_bytes

import structlog
from litestar import Litestar
from litestar.enums import ScopeType
from litestar.routes import BaseRoute
from litestar.types import HTTPScope, Message, Receive, Send

from twosigma.adapters.http.defects import log_defect
from twosigma.adapters.http.errors import (
    NoRoute,
    TooLarge,
    allowed_methods,
    crashed,
    refusal,
)
from twosigma.adapters.http.hot import HotRoutes
from twosigma.adapters.http.reply import Reply
from twosigma.adapters.http.settings import HttpSettings

PROMPTS = (b"/api/v1/prompts/", b"/api/public/v2/prompts/")
"""Below these a path segment may hold an escaped `/`: folders of prompt names."""

_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"})
_REQUEST_ID = re.compile(rb"[A-Za-z0-9_-]{1,64}")
_SECURITY = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
)
_CLOSED = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
_PAGE = (
    b"content-security-policy",
    b"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' "
    b"data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; "
    b"frame-ancestors 'none'",
)
_PAGES = ("/docs", "/redoc", "/reset-password")
_HSTS = (b"strict-transport-security", b"max-age=31536000")
_EXPOSED = (
    b"X-Request-ID, X-Total-Count, X-Error-Code, Turn-Id, Retry-After, ETag, Allow, "
    b"Content-Disposition"
)
_PREFLIGHT = (
    (b"access-control-allow-methods", b"GET, POST, PUT, PATCH, DELETE"),
    (
        b"access-control-allow-headers",
        b"Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Request-ID",
    ),
    (b"access-control-max-age", b"600"),
)

# The standard library's level decides, so that a quiet service pays nothing for its log.
_level = logging.getLogger("twosigma.http")
_log = structlog.stdlib.get_logger("twosigma.http")


Translate = Callable[[str, Send], Send]
"""How answers for a path are sent: some have a form of their own for errors."""


class Service:
    """The whole service as an ASGI application; `lifespan()` runs it without a server.

    `max_bodies`: how long a body may be, for the methods and paths where it is not as elsewhere.
    """

    def __init__(
        self,
        app: Litestar,
        hot: HotRoutes,
        settings: HttpSettings,
        translated: Translate,
        max_bodies: Mapping[tuple[str, str], int],
    ) -> None:
        self._translated = translated
        self._app = app
        self._hot = hot
        self._origins = frozenset(origin.encode() for origin in settings.cors_origins)
        self._max_body = settings.max_body
        self._max_bodies = max_bodies
        self._numbers = count(1)
        self._name = secrets.token_hex(4)

    @property
    def routes(self) -> list[BaseRoute]:
        return list(self._app.routes)

    def lifespan(self) -> AbstractAsyncContextManager[None]:
        """Run what the service needs (its turns) within this block."""
        return self._app.lifespan()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == ScopeType.HTTP:
            await self._serve(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _serve(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        started = perf_counter()
        headers = dict(scope["headers"])
        request_id = self._request_id(headers)
        bound = structlog.contextvars.bind_contextvars(request_id=request_id.decode())
        exchange = _Exchange(send, self._always(scope, headers, request_id))
        answer = self._translated(scope["path"], exchange.send)
        try:
            path = routed_path(scope.get("raw_path") or b"", scope["path"])
            if path is not None and path != scope["path"]:
                scope = {**scope, "path": path}  # a copy: servers quote their own for their log
            reply = self._at_once(scope, headers, path) or await self._of_hot_route(scope, receive)
            await (reply or self._app)(scope, receive, answer)
        except Exception as error:
            log_defect(error)
            if exchange.status == 0:
                await crashed()(scope, receive, answer)
        finally:
            if _level.isEnabledFor(logging.INFO):
                _log_line(scope, exchange.status, perf_counter() - started)
            structlog.contextvars.reset_contextvars(**bound)

    async def _of_hot_route(self, scope: HTTPScope, receive: Receive) -> Reply | None:
        endpoint = self._hot.find(scope)
        return None if endpoint is None else await endpoint.answer(scope, receive)

    def _at_once(
        self, scope: HTTPScope, headers: dict[bytes, bytes], path: str | None
    ) -> Reply | None:
        """What is answered without any route."""
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length[:20]) > self._max_body_of(scope["method"], path):
            return refusal(TooLarge("The body is too large"))
        is_options = scope["method"] == "OPTIONS"
        if is_options and self._is_preflight(headers):
            return Reply(204, _PREFLIGHT)
        if path is None:
            return refusal(NoRoute("Not found"))
        allowed = allowed_methods(self._app, path) if is_options else []
        if allowed:
            return Reply(204, ((b"allow", ", ".join(allowed).encode()),))
        return None

    def _max_body_of(self, method: str, path: str | None) -> int:
        return self._max_bodies.get((method, (path or "").rstrip("/")), self._max_body)

    def _is_preflight(self, headers: dict[bytes, bytes]) -> bool:
        return (
            b"access-control-request-method" in headers and headers.get(b"origin") in self._origins
        )

    def _request_id(self, headers: dict[bytes, bytes]) -> bytes:
        given = headers.get(b"x-request-id", b"")
        if _REQUEST_ID.fullmatch(given):
            return given
        return f"{self._name}-{next(self._numbers):x}".encode()

    def _always(
        self, scope: HTTPScope, headers: dict[bytes, bytes], request_id: bytes
    ) -> list[tuple[bytes, bytes]]:
        """The headers that every response of this exchange has."""
        path = scope["path"]
        is_page = path == "/" or path.startswith(_PAGES)
        always = [*_SECURITY, _PAGE if is_page else _CLOSED, (b"x-request-id", request_id)]
        if scope["scheme"] == "https":
            always.append(_HSTS)
        if self._origins:
            always.append((b"vary", b"Origin"))
            origin = headers.get(b"origin")
            if origin in self._origins:
                always.append((b"access-control-allow-origin", origin))
                always.append((b"access-control-expose-headers", _EXPOSED))
        return always


class _Exchange:
    """One request's answer on its way out."""

    def __init__(self, send: Send, always: list[tuple[bytes, bytes]]) -> None:
        self._send = send
        self._always = always
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message["headers"], *self._always]
        await self._send(message)


def routed_path(raw: bytes, decoded: str) -> str | None:
    """The path to route on, from the raw one; None for one that is no route's.

    Servers decode a path whole, so that an escaped `/` would end a segment. Here it stays escaped
    (and `%` with it) in the names of prompts, and is nowhere else allowed; `wire.path_of` undoes
    it.
    """
    raw = raw.split(b"?", 1)[0]
    if b"//" in raw or "//" in decoded:
        return None
    if b"%" not in raw:
        return decoded
    if not raw.startswith(PROMPTS) and b"%2f" in raw.lower():
        return None
    return "/".join(map(_routed_segment, raw.split(b"/")))


def _routed_segment(raw: bytes) -> str:
    text = unquote_to_bytes(raw).decode("utf-8", "surrogateescape")
    return text.replace("%", "%25").replace("/", "%2F")


def _log_line(scope: HTTPScope, status: int, seconds: float) -> None:
    template: Any = scope.get("path_template", "")  # of the route: never the path itself
    method = scope["method"] if scope["method"] in _METHODS else "OTHER"
    route = template or "(none)"
    _log.info("request", route=route, method=method, status=status, ms=round(seconds * 1000, 2))
