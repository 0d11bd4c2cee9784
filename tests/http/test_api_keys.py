"""API keys over HTTP: the secret once, then never."""

import pytest
from structlog.testing import LogCapture

from tests.http.site import Site, faults, made

PATH = "/admin/api-keys"


async def test_made_listed_and_ended(site: Site) -> None:
    body = {"name": " Editor ", "user_id": site.instructor.id}
    answer = await site.admin.post(PATH, body)
    assert answer.status_code == 201
    key = answer.json()
    secret = key.pop("secret_key")
    assert secret.startswith("sk-lf-")
    assert key == {
        "id": key["id"], "name": "Editor", "user_id": site.instructor.id,
        "public_key": key["public_key"], "created_at": key["created_at"], "last_used_at": None,
        "revoked_at": None,
    }  # fmt: skip
    assert answer.headers["cache-control"] == "no-store"
    listed = await site.admin.get(PATH)
    assert (listed.json(), listed.headers["x-total-count"]) == ([key], "1")
    ended = await site.admin.ask("DELETE", f"{PATH}/{key['id']}")
    assert (ended.status_code, ended.content) == (204, b"")
    assert (await site.admin.ask("DELETE", f"{PATH}/{key['id']}")).status_code == 204
    assert (await site.admin.get(PATH)).json()[0]["revoked_at"] is not None
    assert (await site.admin.get(f"{PATH}?skip=1")).json() == []


async def test_the_owner_is_oneself_unless_named(site: Site) -> None:
    assert made(await site.admin.post(PATH, {"name": "Mine"}))["user_id"] == site.admin.id
    own = made(await site.admin.post(PATH, {"name": "Mine", "user_id": None}))
    assert own["user_id"] == site.admin.id
    student = await site.admin.post(PATH, {"name": "No", "user_id": site.student.id})
    assert (student.status_code, student.headers["x-error-code"]) == (400, "not_a_key_owner")
    unknown = await site.admin.post(PATH, {"name": "No", "user_id": 10**9})
    assert (unknown.status_code, unknown.json()) == (404, {"detail": "User not found"})
    assert (await site.admin.ask("DELETE", f"{PATH}/999")).status_code == 404


@pytest.mark.parametrize(
    ("body", "where", "kind"),
    [
        ({}, "name", "value_error.missing"),
        ({"name": " "}, "name", "value_error.any_str.min_length"),
        ({"name": "x" * 101}, "name", "value_error.any_str.max_length"),
        ({"name": None}, "name", "type_error.none.not_allowed"),
        ({"name": "a", "user_id": "1"}, "user_id", "type_error.integer"),
        ({"name": "a", "user_id": 0}, "user_id", "value_error.number.not_ge"),
        ({"name": "a", "secret": "x"}, "secret", "value_error.extra"),
    ],
)
async def test_a_bad_body_is_422_at_its_place(
    site: Site, body: dict[str, object], where: str, kind: str
) -> None:
    assert faults(await site.admin.post(PATH, body)) == [(("body", where), kind)]


async def test_an_owner_finds_its_keys_in_its_export(site: Site) -> None:
    body = {"name": "Editor", "user_id": site.instructor.id}
    key = made(await site.admin.post(PATH, body))
    del key["secret_key"]
    assert made(await site.instructor.get("/users/me/export"))["api_keys"] == [key]
    assert made(await site.admin.get("/users/me/export"))["api_keys"] == []


async def test_an_idempotency_key_keeps_no_secret(site: Site) -> None:
    headers = {"Idempotency-Key": "the-same"}
    pairs = [made(await site.admin.post(PATH, {"name": "A"}, headers=headers)) for _ in range(2)]
    assert pairs[0]["secret_key"] != pairs[1]["secret_key"]


async def test_f120_a_secret_is_in_no_later_answer_and_no_log_line(
    site: Site, log: LogCapture
) -> None:
    secret = made(await site.admin.post(PATH, {"name": "A"}))["secret_key"]
    answers = [
        await site.admin.get(PATH),
        await site.admin.get("/admin/audit-log"),
        await site.admin.ask("DELETE", f"{PATH}/1"),
        await site.admin.get("/users/me/export"),
    ]
    told = " ".join([*(answer.text for answer in answers), repr(log.entries)])
    assert len(log.entries) >= len(answers)
    assert secret not in told
