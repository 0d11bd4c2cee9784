"""Langfuse's public API over HTTP: its keys, and its errors whatever refuses."""

from base64 import b64encode

import pytest

from tests.http.programs import PROMPTS, PUBLIC, Program, path_of, told
from tests.http.site import Site, made
from twosigma.domain.actor import Actor


@pytest.mark.parametrize(
    "query", ["page=0", "limit=101", "limit=x", "fromUpdatedAt=soon", "filter=[]", "version=0"]
)
async def test_f13_a_bad_query_is_400_with_its_faults(admin: Program, query: str) -> None:
    (issue,) = told(await admin.get(f"{PROMPTS}?{query}"), 400)
    assert issue.keys() == {"code", "message", "path"}
    assert issue["path"] == ["query", query.partition("=")[0]]


async def test_f01_bad_bodies_are_400_with_all_their_faults(admin: Program) -> None:
    answer = await admin.ask("POST", PROMPTS, json={"name": "a|b", "labels": ["A"]})
    assert answer.json()["message"] == "Invalid request data"
    paths = [issue["path"] for issue in told(answer, 400)]
    assert paths == [["body", "name"], ["body", "prompt"], ["body", "labels", 0]]
    for content in (b"", b"{", b"[]", b"null", b'{"name":"a","prompt":"\\u0000"}'):
        told(await admin.ask("POST", PROMPTS, content=content), 400)
    for reserved in ("new", "metrics", "labels"):
        assert told(await admin.create(reserved), 400) == "InvalidRequestError"
    extra = await admin.create("ok", "x", isActive=True, config={"big": 10**18})
    assert extra.status_code == 201


async def test_f30_only_a_right_pair_opens(site: Site, teacher: Program) -> None:
    good = teacher.headers["Authorization"]
    assert (await teacher.get(f"{PUBLIC}/projects")).status_code == 200
    wrong = b64encode(b"pk-lf-1:sk-lf-1").decode()
    for value in (
        None, "", "Basic", "Basic ", "Basic !", f"Basic {wrong}", f"{good}x", "Basic YQ==",
        good.replace("Basic", "Token"), f"Bearer {site.admin.token}", "Basic /w==", f"{good} ",
    ):  # fmt: skip
        headers = {} if value is None else {"Authorization": value}
        answer = await site.client.get(path_of("p"), headers=headers)
        assert told(answer, 401) == "UnauthorizedError", value
        assert answer.headers["www-authenticate"].startswith("Basic ")
    twice = [("Authorization", good)] * 2
    told(await site.client.get(PROMPTS, headers=twice), 401)
    assert (await site.client.get("/api/v1/users/me", headers=teacher.headers)).status_code == 401


async def test_f30_a_public_key_alone_is_403(site: Site, teacher: Program) -> None:
    headers = {"Authorization": "Bearer pk-lf-00000000-0000-4000-8000-000000000001"}
    assert told(await site.client.get(PROMPTS, headers=headers), 403) == "ForbiddenError"


async def test_f36_a_key_is_as_good_as_its_owner_is_now(site: Site, teacher: Program) -> None:
    boss: Actor = site.admin.learner.actor
    made(await teacher.create("p", labels=["production"]))
    await site.admin.ask("PUT", f"/users/{site.instructor.id}/role", json={"role": "STUDENT"})
    told(await teacher.get(path_of("p")), 403)
    await site.world.core.users.set_status(boss, site.instructor.id, is_active=False)
    told(await teacher.get(path_of("p")), 401)


async def test_everything_else_below_it_is_told_in_the_same_form(admin: Program) -> None:
    for path in (
        "/api/public",
        f"{PUBLIC}/",
        f"{PUBLIC}/ingestion",
        f"{PROMPTS}/a/b",
        f"{PUBLIC}//x",
    ):
        assert told(await admin.get(path), 404) == "NotFoundError"
    refused = await admin.ask("PUT", path_of("p"))
    assert told(refused, 405) == "MethodNotAllowedError"
    assert set(refused.headers["allow"].split(", ")) >= {"GET", "DELETE"}
    large = await admin.ask("POST", PROMPTS, content=b"x" * (2**20 + 1))
    assert told(large, 413) == "PayloadTooLargeError"
    head = await admin.ask("HEAD", path_of("p"))
    assert (head.status_code, head.content) == (405, b"")


async def test_what_is_not_below_it_keeps_its_form(admin: Program) -> None:
    for path in ("/api/publicity", "/api/v1/nothing"):
        assert (await admin.get(path)).json() == {"detail": "Not found"}


async def test_f121_a_defect_is_told_in_the_same_form_and_says_nothing(
    admin: Program, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(site.world.core.prompts_read, "get", broken)
    answer = await admin.get(path_of("p"))
    assert told(answer, 500) == "InternalServerError"
    assert answer.json()["message"] == "Internal server error"


async def test_the_projects_are_one(admin: Program) -> None:
    assert made(await admin.get(f"{PUBLIC}/projects")) == {
        "data": [
            {
                "id": "2sigma",
                "name": "2Sigma",
                "organization": {"id": "2sigma", "name": "2Sigma"},
                "metadata": {},
            }
        ]
    }
