"""Modules: hierarchical course content structure."""

import pytest

from tests.http.reference.campus import Campus
from tests.http.reference.operations import ask
from tests.http.reference.shown import refuses, shows
from tests.http.site import made

NEW_MODULE = """
{
  "course_id": 1,
  "parent_module_id": null,
  "title": "Week 1: Introduction",
  "description": "Course introduction",
  "module_type": "UNIT",
  "sequence_index": 0
}
"""
UNIT = '{"id": 1, "course_id": 1, "parent_module_id": null, "title": "Unit"}'
LESSON = '{"id": 2, "course_id": 1, "parent_module_id": 1, "title": "Lesson"}'
TOPIC = '{"id": 3, "course_id": 1, "parent_module_id": 2, "title": "Topic"}'


async def grow(campus: Campus) -> None:
    """A lesson in the unit, and a topic in the lesson."""
    for title, parent in (("Lesson", 1), ("Topic", 2)):
        body = {"course_id": 1, "parent_module_id": parent, "title": title}
        made(await campus.instructor.post("/modules/", body))


async def test_list_course_modules(campus: Campus) -> None:
    await grow(campus)
    path = "GET /modules/courses/{course_id}/modules"
    for caller in (campus.client, campus.john):
        shows(await ask(caller, path, course_id=1), f"[{UNIT}, {LESSON}, {TOPIC}]")
        refuses(await ask(caller, path, course_id=999), 404)


async def test_list_root_modules(campus: Campus) -> None:
    await grow(campus)
    path = "GET /modules/courses/{course_id}/modules/root"
    for caller in (campus.client, campus.john):
        shows(await ask(caller, path, course_id=1), f"[{UNIT}]")
        refuses(await ask(caller, path, course_id=999), 404)


async def test_get_module(campus: Campus) -> None:
    for caller in (campus.client, campus.john):
        shows(await ask(caller, "GET /modules/{module_id}", module_id=1), UNIT)
        refuses(await ask(caller, "GET /modules/{module_id}", module_id=999), 404)


async def test_get_child_modules(campus: Campus) -> None:
    await grow(campus)
    path = "GET /modules/{module_id}/children"
    for caller in (campus.client, campus.john):
        shows(await ask(caller, path, module_id=1), f"[{LESSON}]")
        shows(await ask(caller, path, module_id=3), "[]")
        refuses(await ask(caller, path, module_id=999), 404)


async def test_create_module(campus: Campus) -> None:
    module = shows(await ask(campus.instructor, "POST /modules/", NEW_MODULE), NEW_MODULE, 201)
    shows(await ask(campus.client, "GET /modules/{module_id}", module_id=module["id"]), NEW_MODULE)
    refuses(await ask(campus.john, "POST /modules/", NEW_MODULE), 403)


@pytest.mark.parametrize(
    "kind", ["COURSE_ROOT", "UNIT", "CHAPTER", "LESSON", "TOPIC", "SECTION", "LAB", "QUIZ"]
)
async def test_module_types(campus: Campus, kind: str) -> None:
    body = NEW_MODULE.replace("UNIT", kind)
    shows(await ask(campus.instructor, "POST /modules/", body), body, 201)


async def test_no_other_module_type(campus: Campus) -> None:
    answer = await ask(campus.instructor, "POST /modules/", NEW_MODULE.replace("UNIT", "WEEK"))
    assert answer.status_code == 422


async def test_reorder_modules(campus: Campus) -> None:
    for title in ("Second", "Third"):
        made(await campus.instructor.post("/modules/", {"course_id": 1, "title": title}))
    body = """
    {
      "module_ids": [3, 1, 2]
    }
    """
    new_order = """
    [
      {"id": 3, "sequence_index": 0},
      {"id": 1, "sequence_index": 1},
      {"id": 2, "sequence_index": 2}
    ]
    """
    refuses(await ask(campus.john, "POST /modules/reorder", body), 403)
    shows(await ask(campus.instructor, "POST /modules/reorder", body), new_order)
    path = "GET /modules/courses/{course_id}/modules/root"
    shows(await ask(campus.client, path, course_id=1), new_order)
