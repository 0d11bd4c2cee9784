"""Modules and content items."""

from tests.http.site import API, QUESTION, Site, faults, made


async def test_a_module_has_the_fields_of_the_reference(site: Site) -> None:
    body = {
        "course_id": site.ids["course_id"],
        "parent_module_id": None,
        "title": "Week 1: Introduction",
        "description": "Course introduction",
        "module_type": "UNIT",
        "sequence_index": 0,
    }
    answer = await site.instructor.post("/modules/", body)
    assert answer.status_code == 201
    module = answer.json()
    assert module == body | {
        "id": module["id"],
        "is_archived": False,
        "created_at": "2026-01-05T12:00:00Z",
        "updated_at": "2026-01-05T12:00:00Z",
    }
    assert made(await site.client.get(f"{API}/modules/{module['id']}")) == module


async def test_the_tree_is_listed_whole_by_roots_and_by_children(site: Site) -> None:
    course_id, unit = site.ids["course_id"], site.ids["module_id"]
    child = made(
        await site.instructor.post(
            "/modules/", {"course_id": course_id, "parent_module_id": unit, "title": "Lesson"}
        )
    )
    root = made(await site.instructor.post("/modules/", {"course_id": course_id, "title": "Two"}))
    base = f"{API}/modules/courses/{course_id}/modules"
    flat = await site.client.get(base)
    assert [one["id"] for one in flat.json()] == [unit, child["id"], root["id"]]
    assert flat.headers["x-total-count"] == "3"
    roots = await site.client.get(f"{base}/root")
    assert [one["id"] for one in roots.json()] == [unit, root["id"]]
    children = await site.client.get(f"{API}/modules/{unit}/children")
    assert [one["id"] for one in children.json()] == [child["id"]]


async def test_a_second_course_root_is_400(site: Site) -> None:
    body = {"course_id": site.ids["course_id"], "title": "Root", "module_type": "COURSE_ROOT"}
    assert (await site.instructor.post("/modules/", body)).status_code == 201
    assert (await site.instructor.post("/modules/", body)).status_code == 400


async def test_a_content_item_has_the_fields_of_the_reference(site: Site) -> None:
    body = {
        "module_id": site.ids["module_id"],
        "course_id": site.ids["course_id"],
        "content_type_id": 1,
        "title": "Lecture Video",
        "description": "First lecture",
        "data_json": {"video_url": "https://example.com/video.mp4"},
        "estimated_duration_seconds": 1800,
        "sequence_index": 0,
    }
    answer = await site.instructor.post("/content/", body)
    assert answer.status_code == 201
    item = answer.json()
    assert item == body | {
        "id": item["id"],
        "content_type": {"id": 1, "name": "video", "label": "Video"},
        "is_archived": False,
        "revision": 1,
        "prompt_name": None,
        "created_at": "2026-01-05T12:00:00Z",
        "updated_at": "2026-01-05T12:00:00Z",
    }
    shown = made(await site.client.get(f"{API}/content/{item['id']}"))
    assert shown == {key: value for key, value in item.items() if key != "prompt_name"}


async def test_answer_keys_are_for_the_staff(site: Site) -> None:
    path = f"/content/{site.ids['content_id']}"
    listed = f"/content/modules/{site.ids['module_id']}/content"
    assert made(await site.instructor.get(path))["data_json"]["questions"] == [QUESTION]
    for answer in (
        await site.client.get(API + path), await site.student.get(path),
        await site.student.get(listed), await site.client.get(API + listed),
    ):  # fmt: skip
        assert "What is 2 + 2?" in answer.text
        assert "correct" not in answer.text


async def test_content_of_a_module_of_another_course_is_400(site: Site) -> None:
    body = (site.body("create_content") or {}) | {"course_id": 1}
    assert (await site.instructor.post("/content/", body)).status_code == 400


async def test_a_broken_quiz_tells_where(site: Site) -> None:
    body = {
        "module_id": site.ids["module_id"],
        "content_type_id": 3,
        "title": "Quiz",
        "data_json": {"questions": [QUESTION | {"correct": "Z"}]},
    }
    found = faults(await site.instructor.post("/content/", body))
    assert found[0][0][:3] == ("body", "data_json", "questions")


async def test_content_that_is_not_there_is_404(site: Site) -> None:
    for path, detail in (
        ("/content/999", "Content not found"),
        ("/modules/999", "Module not found"),
        ("/content/modules/999/content", "Module not found"),
        ("/modules/courses/999/modules", "Course not found"),
    ):
        answer = await site.client.get(API + path)
        assert (answer.status_code, answer.json()) == (404, {"detail": detail})
