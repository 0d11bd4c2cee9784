"""Content: learning materials within modules."""

from tests.http.reference.campus import Campus
from tests.http.reference.operations import ask
from tests.http.reference.shown import refuses, shows

ITEM = """
{
  "id": 1,
  "module_id": 1,
  "title": "Introduction Video",
  "content_type_id": 1,
  "content_type": {
    "name": "video",
    "label": "Video"
  },
  "description": "Course intro video",
  "data_json": {
    "video_url": "https://...",
    "duration": 600
  },
  "sequence_index": 0,
  "estimated_duration_seconds": 600
}
"""
NEW_ITEM = """
{
  "module_id": 1,
  "course_id": 1,
  "content_type_id": 1,
  "title": "Lecture Video",
  "description": "First lecture",
  "data_json": {
    "video_url": "https://example.com/video.mp4"
  },
  "estimated_duration_seconds": 1800,
  "sequence_index": 0
}
"""


async def test_list_module_content(campus: Campus) -> None:
    path = "GET /content/modules/{module_id}/content"
    for caller in (campus.client, campus.john):
        shows(await ask(caller, path, module_id=1), f"[{ITEM}]")
        refuses(await ask(caller, path, module_id=999), 404)


async def test_get_content_item(campus: Campus) -> None:
    for caller in (campus.client, campus.john):
        shows(await ask(caller, "GET /content/{content_id}", content_id=1), ITEM)
        refuses(await ask(caller, "GET /content/{content_id}", content_id=999), 404)


async def test_create_content(campus: Campus) -> None:
    item = shows(await ask(campus.instructor, "POST /content/", NEW_ITEM), NEW_ITEM, 201)
    assert (item["id"], item["content_type"]["name"]) == (2, "video")
    shows(await ask(campus.client, "GET /content/{content_id}", content_id=2), NEW_ITEM)
    refuses(await ask(campus.john, "POST /content/", NEW_ITEM), 403)
