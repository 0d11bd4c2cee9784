"""The documentation pages, wholly offline: Swagger UI from a package, and a page to read."""

from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import litestar_offline_docs
import msgspec
from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from twosigma.adapters.http.errors import NoRoute
from twosigma.adapters.http.openapi import openapi_document
from twosigma.adapters.http.reading import reading_page
from twosigma.adapters.http.reply import JSON_TYPE, Reply
from twosigma.adapters.http.route import Group

_STATIC = Path(litestar_offline_docs.__file__).parent / "static"
_ASSETS = {
    "swagger-ui.css": b"text/css; charset=utf-8",
    "swagger-ui-bundle.js": b"text/javascript; charset=utf-8",
    "swagger-ui-standalone-preset.js": b"text/javascript; charset=utf-8",
}
HTML = (b"content-type", b"text/html; charset=utf-8")
_KEPT = (b"cache-control", b"public, max-age=3600")

_PAGE = b"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<title>2Sigma API</title>
<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/swagger-ui-standalone-preset.js"></script>
<script src="/docs/start.js"></script>
</html>
"""
_START = b"""SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  persistAuthorization: false,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIBundle.SwaggerUIStandalonePreset],
});
"""


def document(groups: Iterable[Group]) -> dict[str, Any]:
    """The OpenAPI document of these groups, of the installed version."""
    return openapi_document(groups, version("twosigma"))


@cache
def _rendered(groups: tuple[Group, ...]) -> tuple[bytes, bytes]:
    """The document as JSON, and as a page to read."""
    schema = document(groups)
    return msgspec.json.encode(schema), reading_page(schema)


def handlers(groups: tuple[Group, ...]) -> list[HTTPRouteHandler]:
    """The handlers of the schema and the pages that show it."""
    schema, reading = _rendered(groups)

    @get("/openapi.json", include_in_schema=False)
    async def get_schema() -> Reply:
        return Reply(200, (JSON_TYPE, _KEPT), schema)

    @get("/docs", include_in_schema=False)
    async def show_docs() -> Reply:
        return Reply(200, (HTML, _KEPT), _PAGE)

    @get("/docs/{asset:str}", include_in_schema=False)
    async def get_asset(asset: FromPath[str]) -> Reply:
        if asset == "start.js":
            return Reply(200, (_type_of("swagger-ui-bundle.js"), _KEPT), _START)
        if asset not in _ASSETS:
            raise NoRoute("Not found")
        return Reply(200, (_type_of(asset), _KEPT), _asset(asset))

    @get("/redoc", include_in_schema=False)
    async def read_docs() -> Reply:
        return Reply(200, (HTML, _KEPT), reading)

    return [get_schema, show_docs, get_asset, read_docs]


def _type_of(asset: str) -> tuple[bytes, bytes]:
    return (b"content-type", _ASSETS[asset])


@cache
def _asset(name: str) -> bytes:
    return (_STATIC / name).read_bytes()
