"""Prompts read, tagged and deleted over HTTP."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.http.site import Site, faults, made

REF = "@@@langfusePrompt:name={}|label=production@@@"
PARTS = [{"role": "system", "content": "Teach {{x}}."}, {"type": "placeholder", "name": "rest"}]


async def create(site: Site, name: str, text: Any = "Text.", **fields: Any) -> Any:
    body = {"name": name, "prompt": text, **fields}
    return made(await site.admin.post("/prompts/", body))


async def get(site: Site, path: str) -> Any:
    return made(await site.instructor.ask("GET", f"/prompts{path}"))


async def status(site: Site, method: str, path: str) -> int:
    return (await site.admin.ask(method, f"/prompts{path}")).status_code


async def test_the_list_has_the_envelope_of_the_reference(site: Site) -> None:
    await create(site, "General Protocol", labels=["production"], tags=["core"])
    await create(site, "General Protocol")
    await create(site, "50%_off")
    answer = await site.instructor.ask("GET", "/prompts/?name=PROTOCOL&page=1&page_size=20")
    assert answer.json() == {
        "data": [
            {
                "name": "General Protocol",
                "type": "text",
                "versions": [1, 2],
                "labels": ["production", "latest"],
                "tags": ["core"],
                "last_updated_at": "2026-01-05T12:00:00Z",
            }
        ],
        "total": 1,
        "page": 1,
        "page_size": 20,
    }
    assert answer.headers["x-total-count"] == "1"
    for query, names in (
        ("?name=%25_O", ["50%_off"]), ("?name=_", ["50%_off"]), ("?name=nobody", []),
        ("?label=production&tag=core", ["General Protocol"]), ("?tag=none", []),
        ("?page=2&page_size=9", ["mine/one"]), ("?page=9", []), ("?label=", []),
    ):  # fmt: skip
        found = await get(site, f"/{query}")
        assert [group["name"] for group in found["data"]] == names, query
    only = await get(site, "/?label=production&name=General")
    assert only["data"][0]["versions"] == [1]


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("/?page=0", (("query", "page"), "value_error.number.not_ge")),
        ("/?page_size=101", (("query", "page_size"), "value_error.number.not_le")),
        ("/?name=%00", (("query", "name"), "value_error")),
        ("/?label=%FF", (("query", "label"), "value_error")),
        ("/Tutor?version=0", (("query", "version"), "value_error.number.not_ge")),
        ("/Tutor?version=1.0", (("query", "version"), "type_error.integer")),
        ("/Tutor?version=4294967296", (("query", "version"), "value_error.number.not_le")),
        ("/Tutor/versions?page=x", (("query", "page"), "type_error.integer")),
        ("/Tutor/diff?to=1", (("query", "from"), "value_error.missing")),
        ("/Tutor/diff?from=0&to=1", (("query", "from"), "value_error.number.not_ge")),
        ("/%00", (("path", "prompt_name"), "value_error")),
    ],
)
async def test_bad_queries_are_422(site: Site, path: str, fault: Any) -> None:
    assert faults(await site.instructor.ask("GET", f"/prompts{path}")) == [fault]


async def test_one_prompt_is_shown_raw_and_resolved(site: Site) -> None:
    await create(site, "C", "[c]", labels=["production"])
    await create(site, "B", "<" + REF.format("C") + ">", labels=["production"])
    text = f"{REF.format('B')} {REF.format('C')} {REF.format('B')}"
    root = await create(site, "A", text, labels=["production"])
    shown = await get(site, "/A")
    assert shown == root
    assert shown["prompt"] == text
    assert shown["resolved_prompt"] == "<[c]> [c] <[c]>"
    graph = shown["resolution_graph"]
    lists = {
        key: [one["name"] for one in children] for key, children in graph["dependencies"].items()
    }
    assert sorted(lists.values()) == [["B", "C"], ["C"]], "a diamond's child is listed once"
    assert lists[str(root["id"])] == ["B", "C"]
    assert (await get(site, "/C"))["resolution_graph"]["dependencies"] == {}
    for query in ("?version=1", "?label=production", "?label=latest"):
        assert await get(site, f"/A{query}") == root
    for query, code in (
        ("?version=2", 404), ("?label=x", 404), ("?version=1&label=latest", 400),
    ):  # fmt: skip
        assert await status(site, "GET", f"/A{query}") == code


@pytest.mark.parametrize("name", ["a/b c", "50%", "a%2Fb", "x/versions/1", "labels/x", "é=\"\\'"])
async def test_f18_any_name_works_on_every_route(site: Site, name: str) -> None:
    await create(site, name, labels=["production"])
    await create(site, name, labels=["staging"])
    path = "/" + quote(name, safe="")
    assert (await get(site, path))["name"] == name
    assert (await get(site, f"{path}/versions"))["total"] == 2
    assert (await get(site, f"{path}/diff?from=1&to=2"))["name"] == name
    assert (await get(site, f"{path}/dependents"))["prompts"] == []
    assert len(await get(site, f"{path}/history")) == 2
    tags = await site.instructor.ask("PATCH", f"/prompts{path}/tags", json={"tags": ["t"]})
    assert tags.json() == {"success": True}
    assert await status(site, "DELETE", f"{path}/versions/2/labels/staging") == 204
    assert await status(site, "DELETE", f"{path}/versions/2") == 204
    assert await status(site, "DELETE", path) == 204
    assert await status(site, "GET", path) == 404


async def test_versions_are_listed_newest_first(site: Site) -> None:
    first = await create(site, "P", commit_message="One")
    second = await create(site, "P", labels=["production"])
    answer = await site.instructor.ask("GET", "/prompts/P/versions?page=1&page_size=20")
    body = answer.json()
    assert body["versions"][0] == {
        "id": second["id"],
        "name": "P",
        "version": 2,
        "labels": ["production", "latest"],
        "commit_message": None,
        "created_by": str(site.admin.id),
        "creator": body["versions"][0]["creator"],
        "created_at": "2026-01-05T12:00:00Z",
    }
    assert body["versions"][0]["creator"]
    assert (body["versions"][1]["id"], body["total"]) == (first["id"], 2)
    assert answer.headers["x-total-count"] == "2"
    assert (await get(site, "/P/versions?page=3&page_size=1"))["versions"] == []
    assert await status(site, "GET", "/Nowhere/versions") == 404


async def test_labels_names_and_link_options(site: Site) -> None:
    await create(site, "A", labels=["staging"])
    newest = await create(site, "A")
    assert await get(site, "/labels") == ["production", "staging", "latest"]
    names = {row["name"]: row["id"] for row in await get(site, "/names")}
    assert names["A"] == newest["id"]
    options = await get(site, "/link-options")
    assert options[0] == {"name": "A", "versions": [1, 2], "labels": ["staging", "latest"]}


async def test_a_preview_has_the_fields_of_the_reference(site: Site) -> None:
    await create(site, "General Protocol", "Follow {{rules}}", labels=["production"])
    text = "Hello {{title}}, " + REF.format("General Protocol")
    body = {"prompt_text": text, "variables": {"title": "Math 101", "x": 1, "y": True, "z": 1.5}}
    assert made(await site.instructor.post("/prompts/preview", body)) == {
        "rendered_prompt": "Hello Math 101, Follow {{rules}}",
        "variables_used": ["title", "rules"],
        "variables_missing": ["rules"],
        "variables_unused": ["x", "y", "z"],
        "dependencies_found": [
            {"child_name": "General Protocol", "child_version": None, "child_label": "production"}
        ],
    }
    missing = await site.instructor.post("/prompts/preview", {"prompt_text": REF.format("Z")})
    assert missing.status_code == 400
    long = {"prompt_text": "{{a}}" * 1000, "variables": {"a": "x" * 1000}}
    assert (await site.instructor.post("/prompts/preview", long)).status_code == 400
    bad: list[Any] = [{"a": None}, {"a": [1]}, {"a": 10**19}, {"a": "\x00"}, []]
    for variables in bad:
        answer = await site.instructor.post(
            "/prompts/preview", {"prompt_text": "x", "variables": variables}
        )
        assert all(loc[:2] == ("body", "variables") for loc, _ in faults(answer))


async def test_f23_a_value_is_plain_text(site: Site) -> None:
    value = "{{title}}" + REF.format("Tutor")
    body = {"prompt_text": "{{title}}", "variables": {"title": value}}
    answer = made(await site.instructor.post("/prompts/preview", body))
    assert (answer["rendered_prompt"], answer["dependencies_found"]) == (value, [])


async def test_versions_are_compared(site: Site) -> None:
    await create(site, "P", "a\nb", config={"t": 1})
    await create(site, "P", "a\nc")
    assert await get(site, "/P/diff?from=1&to=2") == {
        "name": "P",
        "from_version": 1,
        "to_version": 2,
        "text": [
            {"op": "equal", "lines": ["a"]},
            {"op": "delete", "lines": ["b"]},
            {"op": "insert", "lines": ["c"]},
        ],
        "config": [{"key": "t", "before": 1, "after": None}],
    }
    assert await status(site, "GET", "/P/diff?from=1&to=3") == 404


async def test_dependents_are_prompts_and_lessons(site: Site) -> None:
    course_id = site.ids["course_id"]
    await create(site, "C", labels=["production"])
    parent = await create(site, "P", REF.format("C"), labels=["production"])
    made(await site.instructor.ask("PUT", f"/courses/{course_id}", json={"prompt_name": "P"}))
    found = await get(site, "/C/dependents")
    assert found["prompts"] == [
        {"id": parent["id"], "name": "P", "version": 1, "labels": ["production", "latest"]}
    ]
    assert found["courses"] == [{"id": course_id, "title": "Algebra", "course_id": course_id}]
    assert (found["content_items"], found["content_types"], found["hidden"]) == ([], [], 0)
    assert await status(site, "GET", "/Nowhere/dependents") == 404


async def test_a_history_says_who_did_what(site: Site) -> None:
    await create(site, "P", labels=["production"])
    answer = await site.instructor.ask("GET", "/prompts/P/history?limit=1")
    (act,) = answer.json()
    assert act == {
        "occurred_at": "2026-01-05T12:00:00Z",
        "actor_id": site.admin.id,
        "actor": act["actor"],
        "action": "prompt.created",
        "details": {"version": 1, "labels": ["production"], "tags": None},
    }
    assert answer.headers["x-total-count"] == "1"
    assert await status(site, "GET", "/Nowhere/history") == 404
