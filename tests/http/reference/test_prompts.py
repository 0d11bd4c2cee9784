"""Prompts: versions, and the labels that choose among them."""

from typing import Any

from tests.http.reference.campus import Campus
from tests.http.reference.operations import ask
from tests.http.reference.shown import differences, parsed, refuses, replaced, shows
from tests.http.site import made

NEW_PROMPT = """
{
  "name": "Video Tutor",
  "prompt": "You are a helpful tutor for {{title}}...",
  "config": {},
  "labels": ["production"],
  "tags": ["tutor", "video"],
  "commit_message": "Initial version"
}
"""
PROMPT = r"""
{
  "id": 5,
  "name": "Video Tutor",
  "version": 3,
  "type": "text",
  "prompt": "You are a helpful tutor for {{title}}...\n@@@langfusePrompt:name=General Protocol|label=production@@@",
  "config": {},
  "labels": ["production"],
  "tags": ["tutor", "video"],
  "commit_message": "Added protocol reference",
  "created_by": "42",
  "created_at": "2026-02-06T10:00:00Z",
  "updated_at": "2026-02-06T10:00:00Z",
  "dependencies": [
    {"child_name": "General Protocol", "child_version": null, "child_label": "production"}
  ],
  "resolved_prompt": "You are a helpful tutor for {{title}}...\nFollow these rules: ...",
  "resolution_graph": {"root": {"name": "Video Tutor", "version": 3, "id": 5}, "dependencies": {}}
}
"""  # noqa: E501 -- as the reference has it
LABELS = """
{
  "labels": ["production", "staging"]
}
"""
SET = "PATCH /prompts/{prompt_name}/versions/{version}/labels"


async def version(campus: Campus, number: int) -> Any:
    """A version as it is now: what is not sent does not change."""
    where = {"prompt_name": "Video Tutor", "version": number}
    return made(await ask(campus.instructor, SET, "{}", **where))


async def test_create_prompt(campus: Campus) -> None:
    prompt = shows(
        await ask(campus.instructor, "POST /prompts/", NEW_PROMPT),
        NEW_PROMPT,
        201,
        labels=["production", "latest"],
    )
    assert (prompt["version"], prompt["created_by"]) == (1, str(campus.instructor.id))


async def test_a_prompt_response_is_whole(campus: Campus) -> None:
    await campus.on("2026-02-06T10:00:00Z")
    rules = {"name": "General Protocol", "prompt": "Follow these rules: be kind."}
    made(await campus.instructor.post("/prompts/", {**rules, "labels": ["production"]}))
    await ask(campus.instructor, "POST /prompts/", NEW_PROMPT)
    shown = parsed(PROMPT)
    body = {name: shown[name] for name in ("name", "prompt", "labels", "commit_message")}
    made(await campus.admin.post("/prompts/", body))
    answer = await campus.admin.post("/prompts/", body)
    assert answer.status_code == 201
    told = answer.json()
    here = {
        "id": told["id"],
        "labels": ["production", "latest"],
        "created_by": str(campus.admin.id),
    }
    assert not list(differences(replaced(shown, here), told))


async def test_versions_count_up_per_name_and_latest_is_the_newest(campus: Campus) -> None:
    other = NEW_PROMPT.replace("Video Tutor", "Other Tutor")
    plain = NEW_PROMPT.replace('["production"]', "[]")
    for text, number in ((plain, 1), (other, 1), (plain, 2), (plain, 3)):
        prompt = made(await ask(campus.instructor, "POST /prompts/", text))
        assert prompt["version"] == number
        assert "latest" in prompt["labels"]
    assert [(await version(campus, number))["labels"] for number in (1, 2, 3)] == [
        [], [], ["latest"],
    ]  # fmt: skip


async def test_dependencies_are_parsed_from_the_text(campus: Campus) -> None:
    tag = "@@@langfusePrompt:name=Tutor|version=1@@@"
    text = NEW_PROMPT.replace("{{title}}...", tag)
    shows(
        await ask(campus.instructor, "POST /prompts/", text),
        """
        {
          "dependencies": [
            {"child_name": "Tutor", "child_version": 1, "child_label": null}
          ]
        }
        """,
        201,
    )
    unknown = text.replace("name=Tutor", "name=Nobody").replace("Video Tutor", "Other Tutor")
    refuses(await ask(campus.instructor, "POST /prompts/", unknown), 400)


async def test_tags_are_those_of_all_versions(campus: Campus) -> None:
    await ask(campus.instructor, "POST /prompts/", NEW_PROMPT)
    new = NEW_PROMPT.replace('["tutor", "video"]', '["core"]').replace('["production"]', "[]")
    await ask(campus.instructor, "POST /prompts/", new)
    assert (await version(campus, 1))["tags"] == ["core"]


async def test_set_labels(campus: Campus) -> None:
    for labels in ('["production"]', "[]"):
        text = NEW_PROMPT.replace('["production"]', labels)
        await ask(campus.instructor, "POST /prompts/", text)
    first, second = [{"prompt_name": "Video Tutor", "version": number} for number in (1, 2)]
    refuses(await ask(campus.instructor, SET, LABELS, **second), 403)
    moved = made(await ask(campus.admin, SET, LABELS, **second))
    assert set(moved["labels"]) == {"production", "staging", "latest"}
    assert (await version(campus, 1))["labels"] == [], "a label is on one version of a name"
    free = LABELS.replace('"production", ', "")
    shows(await ask(campus.instructor, SET, free, **first), free)
    assert "staging" not in (await version(campus, 2))["labels"]
    missing = {"prompt_name": "Video Tutor", "version": 3}
    refuses(await ask(campus.instructor, SET, free, **missing), 404)


async def test_latest_cannot_be_set(campus: Campus) -> None:
    await ask(campus.instructor, "POST /prompts/", NEW_PROMPT)
    where = {"prompt_name": "Video Tutor", "version": 1}
    refuses(await ask(campus.admin, SET, '{"labels": ["latest"]}', **where), 400)
