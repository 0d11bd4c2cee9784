"""Paths, queries and methods: strict, and never another route's answer."""

from typing import Any

import pytest

from tests.http.access import OF_STAFF
from tests.http.conftest import Installation
from tests.http.site import API, Site, faults, made
from twosigma.adapters.http.access import Access
from twosigma.adapters.http.app import GROUPS
from twosigma.adapters.http.edge import routed_path

WITH_ID = sorted(
    {
        (route.method, route.path, route.access.value, name)
        for group in GROUPS
        for route in group.routes
        for name in (
            "course_id",
            "offering_id",
            "enrollment_id",
            "invitation_id",
            "module_id",
            "content_id",
            "session_id",
            "feature_request_id",
            "user_id",
            "enrollment_id",
            "offering_id",
        )
        if f"{{{name}}}" in route.path
    }
)
BAD_IDS = ["0", "-1", "01", "1_0", "1.0", "%31x", "%00", "٣", "9" * 400, "+1", "1e3", " 1",
           "9223372036854775808", "abc", "1%00", "%ED%A0%80", "%FF"]  # fmt: skip


async def test_f07_a_bad_id_in_a_path_is_422(site: Site) -> None:
    for method, path, access, name in WITH_ID:
        caller = site.caller(access)
        for bad in BAD_IDS:
            answer = await caller.ask(method, path.removeprefix(API).replace(f"{{{name}}}", bad))
            fault = (("path", name), "type_error.integer")
            assert fault in faults(answer), (method, path, bad)


async def test_f06_the_largest_id_in_a_path_is_404(site: Site) -> None:
    for number in (2**31, 2**63 - 1):
        assert (await site.client.get(f"{API}/courses/{number}")).status_code == 404


async def test_f08_nul_and_broken_text_in_a_query_are_422(site: Site) -> None:
    for value in ("%00", "a%00b", "%FF", "%ED%A0%80"):
        answer = await site.client.get(f"{API}/courses/?q={value}")
        assert faults(answer) == [(("query", "q"), "value_error")]


async def test_f12_the_last_of_a_key_counts_and_unknown_keys_are_ignored(site: Site) -> None:
    for query, total in (
        ("skip=1&skip=0", 2), ("skip=0&skip=2", 0), ("nobody=1", 2), ("nobody", 2), ("&&", 2),
    ):  # fmt: skip
        assert len(made(await site.client.get(f"{API}/courses/?{query}"))) == total


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("university_id=", "type_error.integer"), ("university_id=0", "type_error.integer"),
        ("university_id=1.0", "type_error.integer"), ("skip=", "type_error.integer"),
        ("skip=-1", "value_error.number.not_ge"), ("skip=1e3", "type_error.integer"),
        ("skip=01", "type_error.integer"), ("skip=%2B1", "type_error.integer"),
        ("skip=1" + "0" * 20, "value_error.number.not_le"),
        ("skip=1" + "0" * 5000, "value_error.number.not_le"),
        ("limit=0", "value_error.number.not_ge"),
        ("limit=101", "value_error.number.not_le"), ("limit=1e3", "type_error.integer"),
        ("limit=nan", "type_error.integer"), ("level=HARD", "type_error.enum"),
        ("level=", "type_error.enum"), ("is_published=1", "type_error.bool"),
        ("is_published=True", "type_error.bool"),
        ("q=" + "x" * 201, "value_error.any_str.max_length"),
    ],
)  # fmt: skip
async def test_f13_bad_values_in_a_query_are_422(
    installation: Installation, query: str, kind: str
) -> None:
    answer = await installation.client.get(f"{API}/courses/?{query}")
    assert faults(answer) == [(("query", query.partition("=")[0]), kind)]


async def test_f13_all_faults_of_a_query_come_at_once(site: Site) -> None:
    answer = await site.client.get(f"{API}/courses/?skip=-1&limit=0&level=x")
    assert [loc[1] for loc, _ in faults(answer)] == ["level", "skip", "limit"]


async def test_f18_escaped_and_odd_paths_reach_no_other_route(site: Site) -> None:
    course_id = site.ids["course_id"]
    assert (await site.client.get(f"{API}/courses/{course_id}/offerings")).status_code == 200
    for path in (
        f"{API}/courses/{course_id}%2Fofferings", f"{API}/courses/{course_id}%2fofferings",
        f"{API}//courses", "//api/v1/courses", f"{API}/courses//{course_id}",
        f"{API}/courses/..%2fusers%2fme", f"{API.upper()}/courses", f"{API}/Courses",
        f"{API}%2Fcourses", f"{API}/%2e%2e/health/live", f"{API}/courses/\xff/x",
    ):  # fmt: skip
        answer = await site.student.client.get(
            path, headers={"Authorization": f"Bearer {site.student.token}"}
        )
        assert answer.status_code == 404, path
        assert answer.json() == {"detail": "Not found"}
    twice = await site.client.get(f"{API}/courses/{course_id}%252Fofferings")
    assert twice.status_code == 422


@pytest.mark.parametrize(
    ("raw", "routed"),
    [
        (b"/api/v1/prompts/a%2Fb/versions/1/labels", "/api/v1/prompts/a%2Fb/versions/1/labels"),
        (b"/api/v1/prompts/a%252Fb", "/api/v1/prompts/a%252Fb"),
        (b"/api/v1/prompts/50%25?x=%2F", "/api/v1/prompts/50%25"),
        (b"/api/v1/prompts/a%20b", "/api/v1/prompts/a b"),
        (b"/api/v1/courses/%31", "/api/v1/courses/1"),
        (b"/api/v1/courses/1%2f2", None),
        (b"/api/v1//courses", None),
        (b"/x/%2e%2e/y", "/x/../y"),
    ],
)
def test_f18_the_raw_path_decides_the_route(raw: bytes, routed: str | None) -> None:
    assert routed_path(raw, raw.split(b"?")[0].decode()) == routed


async def test_f18_a_prompt_name_with_a_slash_is_one_name(site: Site) -> None:
    path = "/prompts/mine%2Fone/versions/1/labels"
    answer = made(await site.instructor.ask("PATCH", path, json={"labels": ["staging"]}))
    assert (answer["name"], answer["labels"]) == ("mine/one", ["staging", "latest"])
    for other in ("mine%252Fone", "mine", "mine%2Fone%2F"):
        path = f"/prompts/{other}/versions/1/labels"
        answer_to = await site.instructor.ask("PATCH", path, json={"labels": []})
        assert answer_to.status_code == 404
    for bad in ("%FF", "%00", "%ED%A0%80"):
        path = f"/prompts/{bad}/versions/1/labels"
        found = faults(await site.instructor.ask("PATCH", path, json={"labels": []}))
        assert found == [(("path", "prompt_name"), "value_error")]


async def test_f19_a_slash_at_the_end_changes_nothing(site: Site) -> None:
    for group in GROUPS:
        for route in group.routes:
            if route.method != "GET" or route.path == "/" or route.media != "application/json":
                continue
            of_staff = (route.method, route.path) in OF_STAFF
            caller = site.instructor if of_staff else site.caller(route.access.value)
            filled, mark, query = (await site.filled(route.path, caller)).partition("?")
            url = filled.rstrip("/")
            headers = {"Authorization": f"Bearer {caller.token}"}
            if route.access is Access.KEY:
                headers = await site.key_headers(site.admin)
            plain = await site.client.get(url + mark + query, headers=headers)
            slashed = await site.client.get(f"{url}/{mark}{query}", headers=headers)
            assert plain.status_code in {200, 404}
            assert (plain.status_code, plain.content) == (slashed.status_code, slashed.content)


async def test_f20_other_methods_are_405_with_allow(site: Site) -> None:
    for method in ("HEAD", "TRACE", "DELETE", "PATCH", "FROB"):
        answer = await site.client.request(method, f"{API}/courses/")
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, OPTIONS, POST")
        assert answer.headers["x-error-code"] == "method_not_allowed"
    overridden = await site.client.post(
        f"{API}/users/me", headers={"X-HTTP-Method-Override": "GET"}
    )
    assert overridden.status_code == 405
    options = await site.client.options(f"{API}/courses/")
    assert (options.status_code, options.headers["allow"]) == (204, "GET, OPTIONS, POST")
    assert options.content == b""
    assert (await site.client.options(f"{API}/nowhere")).status_code == 404


async def test_f18_the_servers_own_scope_keeps_its_path(installation: Installation) -> None:
    """Servers quote it for their log: lone surrogates would break them."""
    app: Any = installation.client._transport.app  # type: ignore[attr-defined]  # httpx keeps it
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    path = "/api/v1/courses/\ufffd"
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET",
        "scheme": "http", "path": path, "raw_path": b"/api/v1/courses/%FF", "query_string": b"",
        "root_path": "", "server": ("testserver", 80), "client": ("127.0.0.1", 1), "headers": [],
    }  # fmt: skip
    await app(scope, receive, send)
    assert sent[0]["status"] == 422
    assert scope["path"] == path
