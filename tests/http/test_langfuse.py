"""Langfuse's public API over HTTP: prompts under its names."""

from urllib.parse import quote

import httpx
import pytest

from tests.app.school import INSTALLED
from tests.http.programs import PROMPTS, Program, path_of, told
from tests.http.site import Json, Site, made


async def test_a_prompt_as_an_sdk_makes_and_reads_it(teacher: Program) -> None:
    sent = {"config": {"t": 0.2}, "labels": ["production"], "tags": None, "commitMessage": None}
    answer = await teacher.create("tutor", "Be {{kind}}.", **sent)
    assert answer.status_code == 201
    prompt = answer.json()
    assert prompt == {
        "id": prompt["id"], "name": "tutor", "version": 1, "type": "text",
        "prompt": "Be {{kind}}.", "config": {"t": 0.2}, "labels": ["latest", "production"],
        "tags": [], "commitMessage": None, "resolutionGraph": None, "isActive": True,
        "createdAt": prompt["createdAt"], "updatedAt": prompt["updatedAt"],
        "createdBy": prompt["createdBy"], "projectId": "2sigma",
    } | {"labels": prompt["labels"]}  # fmt: skip
    assert set(prompt["labels"]) == {"latest", "production"}
    assert isinstance(prompt["id"], str)
    for query in ("", "?version=1", "?label=latest", "?resolve=false"):
        assert made(await teacher.get(path_of("tutor") + query)) == prompt


async def test_a_chat_prompt_with_types_in_its_messages_as_the_js_sdk_sends_it(
    teacher: Program,
) -> None:
    messages = [
        {"role": "system", "content": "Be kind.", "type": "chatmessage"},
        {"type": "placeholder", "name": "history"},
    ]
    made(await teacher.create("talk", messages, type="chat", labels=["production"]))
    shown = made(await teacher.get(path_of("talk")))
    assert (shown["type"], shown["prompt"]) == ("chat", messages)
    wrong = await teacher.create("talk", "text")
    assert told(wrong, 400) == "InvalidRequestError"


async def test_dependencies_are_resolved_or_left_with_their_graph(teacher: Program) -> None:
    child = made(await teacher.create("child", "kind", labels=["production"]))
    tag = "@@@langfusePrompt:name=child|label=production@@@"
    stored = made(await teacher.create("parent", f"Be {tag}.", labels=["production"]))
    assert (stored["prompt"], stored["resolutionGraph"]) == (f"Be {tag}.", None)
    shown = made(await teacher.get(path_of("parent")))
    assert shown["prompt"] == "Be kind."
    node = {"id": child["id"], "name": "child", "version": 1}
    assert shown["resolutionGraph"] == {
        "root": {"id": stored["id"], "name": "parent", "version": 1},
        "dependencies": {stored["id"]: [node]},
    }
    raw = made(await teacher.get(path_of("parent") + "?resolve=false"))
    assert (raw["prompt"], raw["resolutionGraph"]) == (f"Be {tag}.", None)


@pytest.mark.parametrize(
    "body",
    [
        "@@@langfusePrompt:name=nobody|version=1@@@",
        "@@@langfusePrompt:name=self|label=latest@@@",
    ],
)
async def test_langfuse_a_dependency_that_does_not_resolve_is_400_and_nothing_is_stored(
    teacher: Program, body: str
) -> None:
    assert told(await teacher.create("self", body), 400) == "InvalidRequestError"
    assert told(await teacher.get(path_of("self") + "?label=latest"), 404) == "NotFoundError"


async def test_f18_names_with_folders_blanks_and_escapes_are_one_segment(admin: Program) -> None:
    for name in ("a/b c", "50%", "a%2Fb", "x/versions/1", "é?#&+", "a=b\\'\""):
        created = made(await admin.create(name, name, labels=["production"]))
        assert created["name"] == name
        assert made(await admin.get(path_of(name)))["prompt"] == name
        patched = await admin.ask(
            "PATCH", f"{path_of(name)}/versions/1", json={"newLabels": ["tested"]}
        )
        assert "tested" in made(patched)["labels"]
        assert (await admin.ask("DELETE", path_of(name))).status_code == 204
        assert told(await admin.get(path_of(name)), 404) == "NotFoundError"


async def test_new_labels_are_added_and_leave_other_versions(admin: Program) -> None:
    for text in ("one", "two"):
        made(await admin.create("p", text, labels=["staging"]))

    async def patch(version: object, body: object) -> httpx.Response:
        return await admin.ask("PATCH", f"{path_of('p')}/versions/{version}", json=body)

    first = made(await patch(1, {"newLabels": ["production", "staging"]}))
    assert set(first["labels"]) == {"production", "staging"}
    again = made(await patch(1, {"newLabels": ["blue"]}))
    assert set(again["labels"]) == {"production", "staging", "blue"}
    assert made(await patch(1, {"newLabels": []})) == again
    second = made(await admin.get(path_of("p") + "?version=2"))
    assert second["labels"] == ["latest"]
    for version, body, status in (
        (1, {"newLabels": ["latest"]}, 400), (1, {"newLabels": ["Not A Label"]}, 400),
        (1, {"newLabels": "production"}, 400), (1, {}, 400), (1, [], 400),
        (1, {"newLabels": [1]}, 400), (9, {"newLabels": ["a"]}, 404),
        ("x", {"newLabels": ["a"]}, 400), (0, {"newLabels": []}, 400),
    ):  # fmt: skip
        told(await patch(version, body), status)
    assert made(await admin.get(path_of("p") + "?version=1")) == again


async def test_protected_labels_and_deletion_go_by_the_role_of_the_keys_owner(
    teacher: Program, admin: Program
) -> None:
    made(await teacher.create("p", labels=["production"]))
    assert told(await teacher.create("p", labels=["production"]), 403) == "ForbiddenError"
    told(await teacher.ask("DELETE", path_of("p")), 403)
    made(await admin.create("p", labels=["production"]))
    assert (await admin.ask("DELETE", path_of("p"))).status_code == 204


async def test_one_version_one_label_or_all_are_deleted(admin: Program) -> None:
    for label in ("a", "b", "c"):
        made(await admin.create("p", label, labels=[label]))

    async def delete(query: str) -> httpx.Response:
        return await admin.ask("DELETE", path_of("p") + query)

    told(await delete("?version=1&label=b"), 400)
    told(await delete("?version=0"), 400)
    for nothing in ("?version=9", "?label=", "?label=production"):
        told(await delete(nothing), 404)
    gone = await delete("?version=3")
    assert (gone.status_code, gone.content) == (204, b"")
    assert made(await admin.get(path_of("p") + "?label=latest"))["version"] == 2
    assert (await delete("?label=a")).status_code == 204
    assert (await delete("")).status_code == 204
    told(await delete(""), 404)
    assert made(await admin.create("p"))["version"] == 4


async def test_langfuse_what_another_prompt_depends_on_is_not_deleted(admin: Program) -> None:
    made(await admin.create("child", "kind", labels=["staging"]))
    made(await admin.create("parent", "@@@langfusePrompt:name=child|label=staging@@@"))
    for query in ("", "?version=1", "?label=staging"):
        told(await admin.ask("DELETE", path_of("child") + query), 400)
    assert made(await admin.get(path_of("child") + "?version=1"))["labels"]


async def test_the_list_tells_of_the_versions_that_fit(admin: Program, site: Site) -> None:
    made(await admin.create("a", config={"n": 1}, labels=["production"], tags=["x"]))
    made(await admin.create("a", config={"n": 2}))
    made(await admin.create("a/b", [{"role": "user", "content": "Hi"}], type="chat"))

    async def rows(query: str) -> list[Json]:
        body = made(await admin.get(f"{PROMPTS}?{query}"))
        assert body["meta"] == body["pagination"]
        data: list[Json] = body["data"]
        return data

    (row,) = await rows("name=a")
    assert row == {
        "name": "a", "type": "text", "versions": [1, 2], "labels": ["production", "latest"],
        "tags": ["x"], "lastUpdatedAt": row["lastUpdatedAt"], "lastConfig": {"n": 2},
    }  # fmt: skip
    (row,) = await rows("label=production&tag=x")
    assert (row["versions"], row["labels"], row["lastConfig"]) == ([1], ["production"], {"n": 1})
    assert [row["name"] for row in await rows("version=1")] == [
        *INSTALLED, "a", "a/b", "mine/one",
    ]  # fmt: skip
    assert [row["name"] for row in await rows("limit=1&page=9")] == ["a/b"]
    assert await rows("name=A") == await rows("limit=1&page=11") == []
    now = quote(site.world.clock.now().isoformat())
    assert len(await rows(f"fromUpdatedAt={now}")) == 10
    assert await rows(f"toUpdatedAt={now}") == []
    assert (await admin.get(f"{PROMPTS}?limit=2")).json()["meta"] == {
        "page": 1, "limit": 2, "totalItems": 10, "totalPages": 5,
    }  # fmt: skip
