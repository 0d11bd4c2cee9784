"""Limits and Idempotency-Keys over HTTP."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.http.conftest import Installation, running
from tests.http.site import API, Site, faults, made
from twosigma.adapters.http.app import GROUPS, create_app
from twosigma.app.policy import Policy
from twosigma.domain.rate_limits import REQUESTS
from twosigma.testing import in_memory

WISH = {"title": "Dark mode", "description": "For the night."}
KEY = {"Idempotency-Key": "b3c1a0de"}


@pytest.fixture
async def limited() -> AsyncIterator[Installation]:
    """A service that has its limits on."""
    async with in_memory(running=False, policy=Policy(rate_limits=True)) as world:
        app = create_app(world.core)
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with running(app), httpx.AsyncClient(transport=transport, base_url="http://t") as c:
            yield Installation(world, c)


async def test_f40_too_many_failed_logins_are_429(limited: Installation) -> None:
    form = {"email": "nobody@example.com", "password": "not the password"}
    answers = [await limited.client.post(f"{API}/auth/login", json=form) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    last = answers[-1]
    assert (last.headers["retry-after"], last.headers["x-error-code"]) == ("900", "rate_limited")
    assert last.json().keys() == {"detail"}
    spoofed = {"X-Forwarded-For": "203.0.113.9"}
    again = await limited.client.post(f"{API}/auth/login", json=form, headers=spoofed)
    assert again.status_code == 429, "whoever is no proxy of ours says nothing about addresses"


async def test_f125_an_account_that_asks_too_often_is_told_to_wait(limited: Installation) -> None:
    caller = await limited.caller(await limited.world.user())
    other = await limited.caller(await limited.world.user())
    for _ in range(REQUESTS.count):
        assert (await caller.get("/users/me")).status_code == 200
    refused = await caller.get("/users/me")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
    assert (await other.get("/users/me")).status_code == 200


async def test_a_post_that_is_sent_again_is_answered_and_not_done_again(site: Site) -> None:
    first = await site.student.post("/feature-requests/", WISH, headers=KEY)
    again = await site.student.post("/feature-requests/", WISH, headers=KEY)
    made(first)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["content-type"] == first.headers["content-type"]
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert made(await site.student.get("/feature-requests/"))["total"] == 1


async def test_another_body_with_the_key_is_400(site: Site) -> None:
    made(await site.student.post("/feature-requests/", WISH, headers=KEY))
    other = await site.student.post("/feature-requests/", WISH | {"title": "x"}, headers=KEY)
    assert (other.status_code, other.headers["x-error-code"]) == (400, "idempotency_key_reused")
    elsewhere = await site.other.post("/feature-requests/", WISH | {"title": "x"}, headers=KEY)
    assert elsewhere.status_code == 201


async def test_a_refusal_leaves_the_key_free(site: Site) -> None:
    form = {"course_offering_id": 10**6}
    assert (await site.other.post("/enrollments/", form, headers=KEY)).status_code == 404
    form = {"course_offering_id": site.ids["offering_id"]}
    first = await site.other.post("/enrollments/", form, headers=KEY)
    again = await site.other.post("/enrollments/", form, headers=KEY)
    assert (first.status_code, again.status_code) == (201, 201), "not: Already enrolled"


async def test_f21_a_key_that_is_none_is_told_with_the_other_faults(site: Site) -> None:
    answer = await site.student.post(
        "/feature-requests/", {"title": 1}, headers={"Idempotency-Key": "x" * 129}
    )
    assert faults(answer) == [
        (("header", "Idempotency-Key"), "value_error.any_str.max_length"),
        (("body", "title"), "type_error.str"),
        (("body", "description"), "value_error.missing"),
    ]


async def test_routes_that_show_secrets_keep_no_answer(site: Site) -> None:
    body = {"current_password": "wrong", "new_password": "another horse battery"}
    for _ in range(2):
        answer = await site.student.post("/auth/change-password", body, headers=KEY)
        assert answer.status_code == 400
    kept = {r.operation_id for group in GROUPS for r in group.routes if r.is_repeatable}
    assert not any("password" in name or "token" in name or "login" in name for name in kept)
    assert {"create_course", "enroll_in_course", "submit_feature_request"} <= kept
