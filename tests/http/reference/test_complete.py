"""The reference is served and tested as a whole: nothing of it is forgotten."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from tests.http.reference.campus import Campus
from tests.http.reference.operations import AUTH, OPERATIONS, ask, plain
from tests.http.reference.shown import refuses
from tests.http.site import API, Caller
from twosigma.adapters.http.app import GROUPS

LATER = (
    "GET /prompts",
    "GET /prompts/{prompt_name}",
    "GET /prompts/{prompt_name}/versions",
    "PATCH /prompts/{prompt_name}/tags",
    "DELETE /prompts/{prompt_name}",
    "DELETE /prompts/{prompt_name}/versions/{version}",
    "GET /prompts/labels",
    "GET /prompts/names",
    "GET /prompts/link-options",
    "POST /prompts/preview",
    "GET /admin/analytics/overview",
    "GET /admin/analytics/engagement",
    "GET /admin/analytics/progress",
    "GET /admin/analytics/assessments",
    "GET /admin/analytics/cache",
    "GET /admin/analytics/community",
)
"""What is not served yet. Whoever serves it takes it off, and asks for it in its group's file."""

SERVED = {
    f"{route.method} {route.path.removeprefix(API).rstrip('/')}"
    for group in GROUPS
    for route in group.routes
    if route.path.startswith(API)
}
OPERATION = re.compile(r"(?:GET|POST|PUT|PATCH|DELETE) /\S*")
NO_ROUTE = '{"detail":"Not found"}'
NOW = [one for one in OPERATIONS if one not in LATER]
IDS: dict[str, Any] = {
    "user_id": 1, "course_id": 1, "enrollment_id": 1, "module_id": 1, "content_id": 1,
    "session_id": 1, "share_token": "abc123def456", "prompt_name": "Tutor", "version": 1,
    "feature_request_id": 1,
}  # fmt: skip


def asked(folder: Path) -> Iterator[str]:
    """The operations that stand in the groups' tests, as `ask` takes them."""
    for path in folder.glob("test_*.py"):
        if path == Path(__file__):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and OPERATION.fullmatch(text):
                yield plain(text)


def pattern(operation: str) -> str:
    """What the path of an operation looks like."""
    return re.sub(r"{\w+}", "[^/]+", operation.split()[1])


def wanting(*auth: str) -> list[str]:
    """What is served and has one of these lines "Auth:"."""
    return [one for one in NOW if AUTH[one] in auth]


async def expect(who: Caller | httpx.AsyncClient, operation: str, status: int) -> None:
    """The operation, asked for without a body, is refused so."""
    answer = await ask(who, operation, **IDS)
    assert (operation, answer.status_code) == (operation, status)
    refuses(answer, status)


def test_what_is_later_is_not_served_and_all_else_is() -> None:
    assert [one for one in OPERATIONS if one not in SERVED] == list(LATER)


def test_every_operation_that_is_served_is_asked_for() -> None:
    found = set(asked(Path(__file__).parent))
    assert [one for one in NOW if one not in found] == []


async def test_where_auth_is_required_nobody_is_401(campus: Campus) -> None:
    for operation in wanting("required", "INSTRUCTOR", "PLATFORM_ADMIN"):
        await expect(campus.client, operation, 401)


async def test_where_auth_is_not_required_nobody_is_answered(campus: Campus) -> None:
    for operation in wanting("not required"):
        await expect(campus.client, operation, 404)


async def test_a_role_that_is_not_enough_is_403(campus: Campus) -> None:
    for operation in wanting("INSTRUCTOR", "PLATFORM_ADMIN"):
        await expect(campus.john, operation, 403)
    for operation in wanting("PLATFORM_ADMIN"):
        await expect(campus.instructor, operation, 403)


async def test_both_slash_forms_are_answered_directly(campus: Campus) -> None:
    for operation in NOW:
        method, path = operation.split()
        url = path.format(**{**IDS, "content_id": 999, "course_id": 999})
        bare = await campus.admin.ask(method, url)
        slashed = await campus.admin.ask(method, f"{url}/")
        assert (operation, bare.status_code) == (operation, slashed.status_code)
        assert bare.status_code not in range(300, 400)
        assert (operation, bare.content) == (operation, slashed.content)
        assert bare.text != NO_ROUTE


async def test_another_method_is_405(campus: Campus) -> None:
    for operation in NOW:
        method, path = operation.split()
        url = path.format(**IDS)
        served = {one.split()[0] for one in SERVED if re.fullmatch(pattern(one), url)}
        other = next(one for one in ("PATCH", "PUT", "DELETE") if one not in served)
        answer = await campus.admin.ask(other, url)
        assert (operation, answer.status_code) == (operation, 405)
        refuses(answer, 405)
        assert method in answer.headers["allow"].split(", ")
