"""Progress: module and content progress tracking."""

from tests.http.reference.campus import Campus
from tests.http.reference.operations import ask
from tests.http.reference.shown import refuses, shows

MODULE = """
{
  "module_id": 1,
  "course_offering_id": 1,
  "progress_percent": 50,
  "completed_at": null
}
"""
CONTENT = """
{
  "content_item_id": 1,
  "course_offering_id": 1,
  "progress_percent": 100,
  "completed_at": "2026-01-20T10:30:00Z"
}
"""


async def test_get_my_module_progress(campus: Campus) -> None:
    path = "GET /progress/modules/my-progress?course_offering_id=1"
    shows(await ask(campus.john, path), "[]")
    await ask(campus.john, "POST /progress/modules", MODULE)
    shows(await ask(campus.john, path), f"[{MODULE}]")
    shows(await ask(campus.john, "GET /progress/modules/my-progress"), f"[{MODULE}]")
    shows(await ask(campus.jane, path), "[]")


async def test_create_or_update_module_progress(campus: Campus) -> None:
    created = shows(await ask(campus.john, "POST /progress/modules", MODULE), MODULE)
    more = MODULE.replace("50", "75")
    updated = shows(await ask(campus.john, "POST /progress/modules", more), more)
    assert (updated["id"], updated["user_id"]) == (created["id"], 1)
    refuses(await ask(campus.instructor, "POST /progress/modules", MODULE), 403)


async def test_get_my_content_progress(campus: Campus) -> None:
    await campus.on("2026-01-20T12:00:00Z")
    path = "GET /progress/content/my-progress?course_offering_id=1"
    shows(await ask(campus.john, path), "[]")
    await ask(campus.john, "POST /progress/content", CONTENT)
    shows(await ask(campus.john, path), f"[{CONTENT}]")
    shows(await ask(campus.john, "GET /progress/content/my-progress"), f"[{CONTENT}]")
    shows(await ask(campus.jane, path), "[]")


async def test_create_or_update_content_progress(campus: Campus) -> None:
    await campus.on("2026-01-20T12:00:00Z")
    half = '{"content_item_id": 1, "course_offering_id": 1, "progress_percent": 50}'
    created = shows(await ask(campus.john, "POST /progress/content", half), half)
    updated = shows(await ask(campus.john, "POST /progress/content", CONTENT), CONTENT)
    assert (updated["id"], updated["user_id"]) == (created["id"], 1)
    refuses(await ask(campus.instructor, "POST /progress/content", CONTENT), 403)
