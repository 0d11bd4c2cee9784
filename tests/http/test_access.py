"""Roles and tokens against every route there is."""

from typing import Any

import httpx

from tests.http.access import ACCESS, OF_STAFF
from tests.http.conftest import Installation
from tests.http.site import API, Site
from twosigma.adapters.http.app import GROUPS, create_app
from twosigma.testing import in_memory

OPERATIONS = {
    (route.method, route.path.rstrip("/") or "/"): route.operation_id
    for group in GROUPS
    for route in group.routes
}
OF_API = [(method, path) for method, path in ACCESS if path.startswith(API)]
SIGNED_IN = [key for key in OF_API if ACCESS[key] in {"user", "instructor", "admin"}]
ABOVE = [key for key in OF_API if ACCESS[key] in {"instructor", "admin"}]
ADMINS = [key for key in OF_API if ACCESS[key] == "admin"]
READABLE = [key for key in OF_API if ACCESS[key] == "readable"]


LINES = {"import_prompts": b'{"name": "Style", "version": 1, "prompt": "Be kind."}'}
"""Bodies that are no JSON."""


def good(site: Site, key: tuple[str, str]) -> dict[str, Any]:
    if OPERATIONS[key] in LINES:
        return {"content": LINES[OPERATIONS[key]]}
    body = site.body(OPERATIONS[key])
    return {} if body is None else {"json": body}


async def test_f50_every_route_is_in_the_table_and_nothing_else() -> None:
    async with in_memory(running=False) as world:
        routes = create_app(world.core).routes
    served = {(method, route.path_format) for route in routes for method in route.methods}
    assert {key for key in served if key[0] != "OPTIONS"} == set(ACCESS)


async def test_f50_nobody_gets_401_whatever_the_body(site: Site) -> None:
    for method, path in SIGNED_IN:
        url = await site.filled(path, site.instructor)
        for content in (None, b"{"):
            answer = await site.client.request(method, url, content=content)
            assert answer.status_code == 401, (method, path)
            assert answer.headers["www-authenticate"] == "Bearer"
            assert answer.headers["x-error-code"] == "unauthenticated"


async def test_f50_a_student_gets_403_even_with_a_broken_body(site: Site) -> None:
    for method, path in ABOVE:
        url = (await site.filled(path, site.student)).removeprefix(API)
        for body in (good(site, (method, path)), {"content": b"{"}):
            answer = await site.student.ask(method, url, **body)
            assert answer.status_code == 403, (method, path)


async def test_f50_an_instructor_gets_403_where_an_admin_is_asked_for(site: Site) -> None:
    for method, path in ADMINS:
        url = (await site.filled(path, site.instructor)).removeprefix(API)
        for body in (good(site, (method, path)), {"content": b"{"}):
            answer = await site.instructor.ask(method, url, **body)
            assert answer.status_code == 403, (method, path)


async def test_f50_the_role_that_a_route_needs_is_enough(site: Site) -> None:
    await site.session(site.student)  # what the others need is not deleted: a learner worked there
    for method, path in SIGNED_IN:
        caller = site.caller(ACCESS[method, path])
        url = (await site.filled(path, caller)).removeprefix(API)
        answer = await caller.ask(method, url, **good(site, (method, path)))
        if (method, path) in OF_STAFF:
            assert answer.status_code == 403, "a student of the course"
            caller = site.instructor
            answer = await caller.ask(method, url, **good(site, (method, path)))
        assert answer.status_code in {200, 201, 204, 400, 404}, (method, path, answer.text)


async def test_f30_a_bad_token_is_refused_where_none_is_needed(site: Site) -> None:
    for method, path in READABLE:
        url = await site.filled(path, site.student)
        assert (await site.client.request(method, url)).status_code in {200, 404}
        headers = {"Authorization": "Bearer nonsense"}
        answer = await site.client.request(method, url, headers=headers)
        assert answer.status_code == 401, (method, path)


async def test_f30_what_is_no_bearer_token_is_401(site: Site) -> None:
    for value in (
        "", "Bearer", "Bearer ", "Basic dTpw", "Bearer a b", "Token {token}", "{token}",
        "Bearer {token} ", "Bearer {token},{token}", "Bearer x{token}",
    ):  # fmt: skip
        headers = {"Authorization": value.format(token=site.student.token)}
        answer = await site.client.get(f"{API}/users/me", headers=headers)
        assert answer.status_code == 401, value


async def test_f30_two_tokens_or_one_elsewhere_are_401(site: Site) -> None:
    token = site.student.token
    twice = [("Authorization", f"Bearer {token}")] * 2
    assert (await site.client.get(f"{API}/users/me", headers=twice)).status_code == 401
    in_query = await site.client.get(f"{API}/users/me", params={"access_token": token})
    assert in_query.status_code == 401
    in_cookie = await site.client.get(
        f"{API}/users/me", headers={"Cookie": f"access_token={token}"}
    )
    assert in_cookie.status_code == 401


async def test_the_scheme_may_be_written_in_any_case(site: Site) -> None:
    headers = {"Authorization": f"bEARER {site.student.token}"}
    assert (await site.client.get(f"{API}/users/me", headers=headers)).status_code == 200


async def test_routes_that_sign_in_ignore_an_old_token(installation: Installation) -> None:
    answer: httpx.Response = await installation.client.post(
        f"{API}/auth/check-email",
        json={"email": "free@example.com"},
        headers={"Authorization": "Bearer expired"},
    )
    assert answer.json() == {"available": True}
