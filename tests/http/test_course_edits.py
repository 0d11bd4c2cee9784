"""Modules and content changed, moved, ordered and removed; types with a schema."""

from typing import Any

from tests.http.site import API, QUESTION, Site, faults, made


async def add_module(site: Site, title: str, **fields: Any) -> int:
    body = {"course_id": site.ids["course_id"], "title": title, **fields}
    module_id: int = made(await site.instructor.post("/modules/", body))["id"]
    return module_id


async def add_content(site: Site, module_id: int, **fields: Any) -> int:
    body = {
        "module_id": module_id, "content_type_id": site.ids["content_type_id"], "title": "Text",
        **fields,
    }  # fmt: skip
    content_id: int = made(await site.instructor.post("/content/", body))["id"]
    return content_id


async def test_a_module_changes_by_what_is_sent(site: Site) -> None:
    path = f"/modules/{site.ids['module_id']}"
    before = made(await site.instructor.get(path))
    await site.world.clock.advance(60)
    assert made(await site.instructor.ask("PUT", path, json={})) == before
    body = {"title": "Week 1", "description": "Sums", "module_type": "CHAPTER"}
    after = made(await site.instructor.ask("PUT", path, json=body))
    assert after == before | body | {"updated_at": "2026-01-05T12:01:00Z"}
    parent = await add_module(site, "Part")
    moved = made(await site.instructor.ask("PUT", path, json={"parent_module_id": parent}))
    assert moved["parent_module_id"] == parent
    top = made(await site.instructor.ask("PUT", path, json={"parent_module_id": None}))
    assert top["parent_module_id"] is None
    hidden = made(await site.instructor.ask("PUT", path, json={"is_archived": True}))
    assert hidden["is_archived"]
    assert (await site.student.get(path)).status_code == 404


async def test_a_move_that_breaks_the_tree_is_400(site: Site) -> None:
    unit = site.ids["module_id"]
    below = await add_module(site, "Below", parent_module_id=unit)
    elsewhere = made(await site.client.get(f"{API}/modules/courses/1/modules"))[0]["id"]  # type: ignore[index]  # a list
    for parent in (unit, below, elsewhere):
        answer = await site.instructor.ask(
            "PUT", f"/modules/{unit}", json={"parent_module_id": parent}
        )
        assert answer.status_code == 400
    gone = await site.instructor.ask("PUT", f"/modules/{unit}", json={"parent_module_id": 999})
    assert (gone.status_code, gone.json()) == (404, {"detail": "Parent module not found"})
    fixed = await site.instructor.ask("PUT", f"/modules/{unit}", json={"course_id": 1})
    assert faults(fixed) == [(("body", "course_id"), "value_error.extra")]


async def test_modules_are_put_in_order_as_in_the_reference(site: Site) -> None:
    ids = [site.ids["module_id"], await add_module(site, "Two"), await add_module(site, "Three")]
    order = [ids[2], ids[0], ids[1]]
    answer = await site.instructor.post("/modules/reorder", {"module_ids": order})
    assert answer.status_code == 200
    assert answer.headers["x-total-count"] == "3"
    assert [(one["id"], one["sequence_index"]) for one in answer.json()] == [
        (order[0], 0), (order[1], 1), (order[2], 2),
    ]  # fmt: skip
    roots = await site.client.get(f"{API}/modules/courses/{site.ids['course_id']}/modules/root")
    assert [one["id"] for one in roots.json()] == order
    for bad in (order[:2], [*order, order[0]], [*order, 999]):
        refused = await site.instructor.post("/modules/reorder", {"module_ids": bad})
        assert refused.status_code == 400
        assert refused.headers["x-error-code"] == "not_all_siblings"
    gone = await site.instructor.post("/modules/reorder", {"module_ids": [999]})
    assert (gone.status_code, gone.json()) == (404, {"detail": "Module not found"})


async def test_an_order_that_is_none_is_422(site: Site) -> None:
    for path, key, more in (
        ("/modules/reorder", "module_ids", {}),
        ("/content/reorder", "content_ids", {"module_id": site.ids["module_id"]}),
    ):
        for ids, found in (
            ([], [((), "value_error")]),
            ([1] * 1001, [((), "value_error.list.max_items")]),
            ([1, 0, "2"], [((1,), "value_error.number.not_ge"), ((2,), "type_error.integer")]),
        ):
            answer = await site.instructor.post(path, {key: ids, **more})
            assert faults(answer) == [(("body", key, *at), kind) for at, kind in found]


async def test_the_tree_is_nested_with_its_content(site: Site) -> None:
    unit = site.ids["module_id"]
    below = await add_module(site, "Below", parent_module_id=unit)
    text = await add_content(site, below, estimated_duration_seconds=60)
    path = f"{API}/modules/courses/{site.ids['course_id']}/tree"
    answer = await site.client.get(path)
    assert answer.headers["x-total-count"] == "1"
    (root,) = answer.json()
    flat = made(await site.client.get(f"{API}/modules/{unit}"))
    assert {key: root[key] for key in flat} == flat
    assert [item["id"] for item in root["content"]] == [site.ids["content_id"]]
    (child,) = root["children"]
    assert (child["id"], child["children"]) == (below, [])
    assert child["content"] == [
        {
            "id": text, "title": "Text", "content_type_id": site.ids["content_type_id"],
            "content_type": {"id": site.ids["content_type_id"], "name": "text", "label": "Text"},
            "sequence_index": 0, "estimated_duration_seconds": 60, "is_archived": False,
        }
    ]  # fmt: skip
    tag = {"If-None-Match": answer.headers["etag"]}
    assert (await site.client.get(path, headers=tag)).status_code == 304
    made(await site.instructor.ask("PUT", f"/modules/{below}", json={"title": "New"}))
    assert (await site.client.get(path, headers=tag)).status_code == 200


async def test_a_module_with_learner_history_is_archived_instead(site: Site) -> None:
    path = f"/modules/{site.ids['module_id']}"
    await site.session(site.student)
    refused = await site.instructor.ask("DELETE", path)
    assert refused.status_code == 400
    assert "archive instead" in refused.json()["detail"]
    assert refused.headers["x-error-code"] == "has_history"
    other = await add_module(site, "Other")
    text = await add_content(site, other)
    gone = await site.instructor.ask("DELETE", f"/modules/{other}")
    assert (gone.status_code, gone.content) == (204, b"")
    for where in (f"/modules/{other}", f"/content/{text}"):
        assert (await site.instructor.get(where)).status_code == 404


async def test_content_changes_by_what_is_sent(site: Site) -> None:
    path = f"/content/{site.ids['content_id']}"
    before = made(await site.instructor.get(path))
    assert made(await site.instructor.ask("PUT", path, json={})) == before
    await site.world.clock.advance(60)
    named = made(await site.instructor.ask("PUT", path, json={"title": "More sums"}))
    assert named == before | {"title": "More sums", "updated_at": "2026-01-05T12:01:00Z"}
    data = {"body": "About more.", "questions": [QUESTION]}
    after = made(await site.instructor.ask("PUT", path, json={"data_json": data}))
    assert (after["revision"], after["data_json"]) == (2, data)
    assert "correct" not in (await site.student.get(path)).text
    cleared = await site.instructor.ask("PUT", path, json={"data_json": None, "title": None})
    assert {kind for _, kind in faults(cleared)} == {"type_error.none.not_allowed"}
    extra = {"course_id": 1, "revision": 7}
    assert {kind for _, kind in faults(await site.instructor.ask("PUT", path, json=extra))} == {
        "value_error.extra"
    }


async def test_content_moves_within_its_course(site: Site) -> None:
    path = f"/content/{site.ids['content_id']}"
    two = await add_module(site, "Two")
    moved = made(await site.instructor.ask("PUT", path, json={"module_id": two}))
    assert moved["module_id"] == two
    (elsewhere,) = (await site.client.get(f"{API}/modules/courses/1/modules")).json()
    answer = await site.instructor.ask("PUT", path, json={"module_id": elsewhere["id"]})
    assert answer.status_code == 400
    gone = await site.instructor.ask("PUT", path, json={"module_id": 999})
    assert (gone.status_code, gone.json()) == (404, {"detail": "Module not found"})


async def test_content_is_put_in_order(site: Site) -> None:
    module, first = site.ids["module_id"], site.ids["content_id"]
    second = await add_content(site, module)
    body = {"module_id": module, "content_ids": [second, first]}
    answer = await site.instructor.post("/content/reorder", body)
    assert answer.status_code == 200
    assert [(one["id"], one["sequence_index"]) for one in answer.json()] == [
        (second, 0),
        (first, 1),
    ]
    listed = await site.client.get(f"{API}/content/modules/{module}/content")
    assert [one["id"] for one in listed.json()] == [second, first]
    refused = await site.instructor.post("/content/reorder", body | {"content_ids": [first]})
    assert refused.status_code == 400


async def test_content_goes_unless_learners_worked_with_it(site: Site) -> None:
    text = await add_content(site, site.ids["module_id"])
    await site.session(site.student)
    refused = await site.instructor.ask("DELETE", f"/content/{site.ids['content_id']}")
    assert (refused.status_code, refused.headers["x-error-code"]) == (400, "has_history")
    assert (await site.instructor.ask("DELETE", f"/content/{text}")).status_code == 204
    again = await site.instructor.ask("DELETE", f"/content/{text}")
    assert (again.status_code, again.json()) == (404, {"detail": "Content not found"})


async def test_a_type_holds_data_to_its_schema(site: Site) -> None:
    schema = {
        "type": "object",
        "properties": {"words": {"type": "integer", "minimum": 1}},
        "required": ["words"],
        "additionalProperties": False,
    }
    kind = made(
        await site.admin.post(
            "/content-types/", {"name": "essay", "label": "Essay", "json_schema": schema}
        )
    )
    assert kind["json_schema"] == schema
    body = {"module_id": site.ids["module_id"], "content_type_id": kind["id"], "title": "E"}
    bad = await site.instructor.post("/content/", body | {"data_json": {"words": 0, "own": 1}})
    assert sorted(faults(bad)) == [
        (("body", "data_json", "own"), "value_error.extra"),
        (("body", "data_json", "words"), "value_error.number.not_ge"),
    ]
    item = made(await site.instructor.post("/content/", body | {"data_json": {"words": 3}}))
    again = await site.instructor.ask(
        "PUT", f"/content/{item['id']}", json={"data_json": {"words": "many"}}
    )
    assert faults(again) == [(("body", "data_json", "words"), "type_error.integer")]
    path = f"/content-types/{kind['id']}"
    assert made(await site.admin.ask("PUT", path, json={"json_schema": None})) == kind | {
        "json_schema": None
    }
    made(await site.instructor.ask("PUT", f"/content/{item['id']}", json={"data_json": {}}))


async def test_what_is_no_schema_is_422(site: Site) -> None:
    body = {"name": "essay", "label": "Essay"}
    for schema, found in (
        ({"type": "no such"}, [("type", "value_error")]),
        ({"items": {"$ref": "https://example.com/a"}}, [("items.$ref", "value_error")]),
        ({"pattern": "(?=a)"}, [("pattern", "value_error.str.regex")]),
        ([], [("", "type_error.dict")]), ("{}", [("", "type_error.dict")]),
    ):  # fmt: skip
        answer = await site.admin.post("/content-types/", body | {"json_schema": schema})
        assert faults(answer) == [
            (("body", "json_schema", *(at.split(".") if at else ())), kind) for at, kind in found
        ]


async def test_a_link_without_an_address_is_422(site: Site) -> None:
    types = {
        row["name"]: row["id"] for row in (await site.client.get(f"{API}/content-types/")).json()
    }
    body = {
        "module_id": site.ids["module_id"], "content_type_id": types["link"], "title": "L",
    }  # fmt: skip
    for data, kind in (
        ({"label": "x"}, "value_error.missing"), ({"url": 7}, "type_error.str"),
        ({"url": "javascript:alert(1)"}, "value_error"),
    ):  # fmt: skip
        answer = await site.instructor.post("/content/", body | {"data_json": data})
        assert faults(answer) == [(("body", "data_json", "url"), kind)]
    made(await site.instructor.post("/content/", body | {"data_json": {"url": "https://a.b/c"}}))
