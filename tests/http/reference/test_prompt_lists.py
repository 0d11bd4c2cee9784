"""Prompts: read, listed, tagged, deleted, previewed."""

from typing import Any

from tests.http.reference.campus import Campus
from tests.http.reference.operations import ask
from tests.http.reference.shown import parsed, refuses, shows
from tests.http.reference.test_prompts import PROMPT, version
from tests.http.site import made

PROTOCOL = """
{"name": "General Protocol", "prompt": "Follow these rules: ...", "labels": ["production"],
 "tags": ["core", "protocol"]}
"""
TUTOR = """
{
  "name": "Video Tutor",
  "prompt": "@@@langfusePrompt:name=General Protocol|label=production@@@",
  "labels": ["production"]
}
"""


async def of_the_reference(campus: Campus) -> list[int]:
    """Three versions of each of the two prompts that the reference shows; the newest ids."""
    await campus.on("2026-02-06T10:00:00Z")
    ids = []
    for text in (PROTOCOL, TUTOR):
        for _ in range(3):
            made_now = made(await ask(campus.admin, "POST /prompts/", text))
        ids.append(made_now["id"])
    return ids


async def test_list_prompts(campus: Campus) -> None:
    await of_the_reference(campus)
    shown = """
    {
      "data": [
        {
          "name": "General Protocol",
          "type": "text",
          "versions": [1, 2, 3],
          "labels": ["production", "latest"],
          "tags": ["core", "protocol"],
          "last_updated_at": "2026-02-06T10:00:00Z"
        }
      ],
      "total": 1,
      "page": 1,
      "page_size": 20
    }
    """
    shows(await ask(campus.instructor, "GET /prompts/?name=PROTO"), shown)
    none = "GET /prompts/?name=tutor&label=production&tag=math&page=1&page_size=20"
    found = await ask(campus.instructor, none)
    assert (found.json()["data"], found.json()["total"]) == ([], 0)


async def test_get_prompt_by_name(campus: Campus) -> None:
    _, newest = await of_the_reference(campus)
    where = {"prompt_name": "Video Tutor"}
    get = "GET /prompts/{prompt_name}"
    told = made(await ask(campus.instructor, f"{get}?label=production", **where))
    assert told.keys() == parsed(PROMPT).keys()
    assert (told["id"], told["version"]) == (newest, 3)
    assert told["resolved_prompt"] == "Follow these rules: ..."
    assert made(await ask(campus.instructor, get, **where)) == told
    assert made(await ask(campus.instructor, f"{get}?version=3", **where)) == told
    refuses(await ask(campus.instructor, f"{get}?version=9", **where), 404)
    both = f"{get}?version=3&label=production"
    refuses(await ask(campus.instructor, both, **where), 400)


async def test_get_all_versions(campus: Campus) -> None:
    _, newest = await of_the_reference(campus)
    shown = """
    {
      "versions": [
        {
          "id": 5,
          "name": "Video Tutor",
          "version": 3,
          "labels": ["production", "latest"],
          "commit_message": null,
          "created_by": "42",
          "creator": "Jane Doe",
          "created_at": "2026-02-06T10:00:00Z"
        }
      ],
      "total": 3
    }
    """
    told = made(
        await ask(
            campus.instructor, "GET /prompts/{prompt_name}/versions?page=1&page_size=1",
            prompt_name="Video Tutor",
        )
    )  # fmt: skip
    assert told.keys() == parsed(shown).keys()
    assert told["total"] == 3
    (version,) = told["versions"]
    assert version.keys() == parsed(shown)["versions"][0].keys()
    assert (version["id"], version["created_by"]) == (newest, str(campus.admin.id))


async def test_update_tags(campus: Campus) -> None:
    await of_the_reference(campus)
    tags = '{"tags": ["core", "protocol", "v2"]}'
    where = {"prompt_name": "General Protocol"}
    told = await ask(campus.instructor, "PATCH /prompts/{prompt_name}/tags", tags, **where)
    assert told.json() == {"success": True}
    for number in (1, 2, 3):
        get = "GET /prompts/{prompt_name}?version=" + str(number)
        got = await ask(campus.instructor, get, **where)
        assert got.json()["tags"] == ["core", "protocol", "v2"]


async def test_delete_prompt(campus: Campus) -> None:
    await of_the_reference(campus)
    delete = "DELETE /prompts/{prompt_name}"
    refuses(await ask(campus.admin, delete, prompt_name="General Protocol"), 400)
    refuses(await ask(campus.instructor, delete, prompt_name="Video Tutor"), 403)
    for name in ("Video Tutor", "General Protocol"):
        gone = await ask(campus.admin, delete, prompt_name=name)
        assert (gone.status_code, gone.content) == (204, b"")
        refuses(await ask(campus.admin, delete, prompt_name=name), 404)


async def test_delete_prompt_version(campus: Campus) -> None:
    await of_the_reference(campus)
    delete = "DELETE /prompts/{prompt_name}/versions/{version}"
    where: dict[str, Any] = {"prompt_name": "Video Tutor", "version": 3}
    refuses(await ask(campus.instructor, delete, **where), 403)
    gone = await ask(campus.admin, delete, **where)
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await version(campus, 2))["labels"] == ["latest"]
    refuses(await ask(campus.admin, delete, **where), 404)


async def test_labels_names_and_link_options(campus: Campus) -> None:
    newest = await of_the_reference(campus)
    labels = (await ask(campus.instructor, "GET /prompts/labels")).json()
    assert labels == ["production", "latest"]
    names = (await ask(campus.instructor, "GET /prompts/names")).json()
    shown = ["General Protocol", "Video Tutor"]
    assert [one for one in names if one["name"] in shown] == [
        {"name": name, "id": at} for name, at in zip(shown, newest, strict=True)
    ]
    options = (await ask(campus.instructor, "GET /prompts/link-options")).json()
    assert options[0] == {
        "name": "General Protocol", "versions": [1, 2, 3], "labels": ["production", "latest"],
    }  # fmt: skip


async def test_preview_prompt(campus: Campus) -> None:
    await of_the_reference(campus)
    body = """
    {
      "prompt_text": "Hello {{title}}, @@@langfusePrompt:name=General Protocol|label=production@@@",
      "variables": {"title": "Math 101"}
    }
    """
    shows(
        await ask(campus.instructor, "POST /prompts/preview", body),
        """
        {
          "rendered_prompt": "Hello Math 101, Follow these rules: ...",
          "variables_used": ["title"],
          "dependencies_found": [
            {"child_name": "General Protocol", "child_version": null, "child_label": "production"}
          ]
        }
        """,
    )
