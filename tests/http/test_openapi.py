"""The OpenAPI document is whole, and the pages that show it reach nothing outside."""

import re
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from tests.http.access import ACCESS
from tests.http.conftest import Installation
from twosigma.adapters.http.app import GROUPS
from twosigma.adapters.http.docs import document
from twosigma.domain import prompt_lines
from twosigma.domain.prompt_porting import read_all

SCHEMA = document(GROUPS)
OPERATIONS = [
    (method.upper(), path, operation)
    for path, methods in SCHEMA["paths"].items()
    for method, operation in methods.items()
]
each = pytest.mark.parametrize(
    ("method", "path", "operation"), OPERATIONS, ids=[o[2]["operationId"] for o in OPERATIONS]
)
DOCS = {
    "/openapi.json",
    "/docs",
    "/docs/{asset}",
    "/redoc",
    "/reset-password",
    "/reset-password/script.js",
}


def test_every_route_is_in_it_once() -> None:
    listed = {(method, path.rstrip("/") or "/") for method, path, _ in OPERATIONS}
    assert listed == {key for key in ACCESS if key[1] not in DOCS}
    ids = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)+", one) for one in ids)


@each
def test_an_operation_is_whole(method: str, path: str, operation: dict[str, Any]) -> None:
    assert operation["summary"]
    assert operation["tags"][0] in {tag["name"] for tag in SCHEMA["tags"]}
    declared = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
    assert declared == set(re.findall(r"{(\w+)}", path))
    for parameter in operation["parameters"]:
        assert {"schema", "example", "required"} <= parameter.keys()
    needs = ACCESS[method, path.rstrip("/") or "/"]
    if "requestBody" in operation:
        (taken,) = operation["requestBody"]["content"].values()
        assert taken["example"]
        wrong = "400" if needs == "key" else "422"
        assert {"408", "413", wrong} <= operation["responses"].keys()
    for status, response in operation["responses"].items():
        for kind, content in response.get("content", {}).items():
            assert "schema" in content
            assert "example" in content or kind == "text/html"
        if status >= "400":
            assert "X-Error-Code" in response["headers"]
    assert ("401" in operation["responses"]) == (needs != "open" or "login" in path)
    assert ("403" in operation["responses"]) or needs not in {"instructor", "admin", "key"}
    assert {"500", "503"} <= operation["responses"].keys()


@each
def test_an_example_of_a_body_is_a_good_body(
    method: str, path: str, operation: dict[str, Any]
) -> None:
    route = next(
        route
        for group in GROUPS
        for route in group.routes
        if (route.method, route.path) == (method, path)
    )
    if route.takes in operation.get("requestBody", {}).get("content", {}) and route.sample:
        lines = prompt_lines.lines(route.sample.encode())
        assert read_all(lines, lambda line: prompt_lines.read(line, "1", datetime.now(UTC)))
    elif "requestBody" in operation:
        example = operation["requestBody"]["content"]["application/json"]["example"]
        assert msgspec.convert(example, route.taken("body"), strict=True)
    success = operation["responses"][str(route.status)]
    if "application/json" in success.get("content", {}):
        example = success["content"]["application/json"]["example"]
        decoded = msgspec.json.decode(msgspec.json.encode(example), type=route.given)
        assert decoded


def test_references_lead_somewhere() -> None:
    text = msgspec.json.encode(SCHEMA).decode()
    names = set(re.findall(r"#/components/schemas/([^\"]+)", text))
    assert names <= SCHEMA["components"]["schemas"].keys()
    assert {"ErrorOut", "ValidationErrorOut", "SendMessageBody", "CourseOut"} <= names


def test_streams_are_described() -> None:
    operation = SCHEMA["paths"]["/api/v1/chat/sessions/{session_id}/messages"]["post"]
    success = operation["responses"]["200"]
    assert (
        'data: {"content": "", "done": true, "message_id": 42}'
        in (success["content"]["text/event-stream"]["example"])
    )
    assert "Turn-Id" in success["headers"]
    assert {"name", "in"} <= operation["parameters"][-1].keys()
    assert operation["parameters"][-1]["name"] == "Idempotency-Key"


async def test_the_document_is_served(installation: Installation) -> None:
    answer = await installation.client.get("/openapi.json")
    assert answer.json() == msgspec.json.decode(msgspec.json.encode(SCHEMA))


async def test_the_pages_load_nothing_from_outside(installation: Installation) -> None:
    client = installation.client
    for path in ("/", "/docs", "/docs/", "/redoc"):
        page = await client.get(path)
        assert page.status_code == 200
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        loaded = re.findall(r"(?:src|href)=\"([^\"]*)\"", page.text)
        assert all(one.startswith(("/", "data:")) for one in loaded)
        assert not re.search(r"(?:src|href)=\"(?://|https?:)|url\(|@import", page.text)
        for asset in loaded:
            if asset.startswith("/"):
                assert (await client.get(asset)).status_code == 200
    start = await client.get("/docs/start.js")
    assert "http" not in start.text
    assert start.headers["content-type"] == "text/javascript; charset=utf-8"
    for unknown in ("/docs/asyncapi-web-component.js", "/docs/..%2fcore.py", "/docs/core.py"):
        assert (await client.get(unknown)).status_code == 404


async def test_the_reading_page_has_every_operation(installation: Installation) -> None:
    text = (await installation.client.get("/redoc")).text
    for _, _, operation in OPERATIONS:
        assert f'id="{operation["operationId"]}"' in text
