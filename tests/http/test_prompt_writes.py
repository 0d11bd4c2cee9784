"""Prompts written over HTTP: chats, tags, labels, deletions."""

import json

from tests.http.site import Site, faults
from tests.http.test_prompt_routes import PARTS, REF, create, get, status


async def test_tags_are_set_on_all_versions(site: Site) -> None:
    await create(site, "P", tags=["old"])
    await create(site, "P")
    ask = site.instructor.ask
    assert (await ask("PATCH", "/prompts/P/tags", json={"tags": ["b", "a", "b"]})).json() == {
        "success": True
    }
    for version in (1, 2):
        assert (await get(site, f"/P?version={version}"))["tags"] == ["b", "a"]
    assert (await ask("PATCH", "/prompts/P/tags", json={})).status_code == 200
    assert (await get(site, "/P?version=1"))["tags"] == ["b", "a"]
    assert (await ask("PATCH", "/prompts/Nobody/tags", json={"tags": []})).status_code == 404
    found = faults(await ask("PATCH", "/prompts/P/tags", json={"tags": ["", None], "x": 1}))
    assert [loc for loc, _ in found] == [("body", "tags", 1), ("body", "x")]


async def test_a_chat_prompt_is_a_list_of_messages(site: Site) -> None:
    sent = [*PARTS, {"role": "user", "content": "Hi", "type": "x", "more": 1}]
    chat = await create(site, "Chat", sent, type="chat", labels=["production"])
    kept = [
        {"type": "chatmessage", "role": "system", "content": "Teach {{x}}."},
        {"type": "placeholder", "name": "rest"},
        {"type": "chatmessage", "role": "user", "content": "Hi"},
    ]
    assert (chat["type"], chat["prompt"], chat["resolved_prompt"]) == ("chat", kept, kept)
    assert await get(site, "/Chat") == chat
    for body, code in (
        ({"name": "Out", "prompt": REF.format("Chat")}, 400),
        ({"name": "Chat", "prompt": "A text"}, 400),
        ({"name": "Tutor", "prompt": sent, "type": "chat"}, 400),
        ({"name": "N", "prompt": [{"role": "r", "content": "{{rest}}"}, PARTS[1]], "type": "chat"},
         400),
        ({"name": "N", "prompt": sent}, 422),
        ({"name": "N", "prompt": "A text", "type": "chat"}, 422),
        ({"name": "N", "prompt": [], "type": "chat"}, 422),
        ({"name": "N", "prompt": [1], "type": "chat"}, 422),
        ({"name": "N", "prompt": [{"role": "r"}], "type": "chat"}, 422),
        ({"name": "N", "prompt": {"role": "r"}, "type": "chat"}, 422),
        ({"name": "N", "prompt": [{"role": "r", "content": "\ud800"}], "type": "chat"}, 422),
        ({"name": "N", "prompt": "t", "type": "image"}, 422),
    ):  # fmt: skip
        answer = await site.admin.ask(
            "POST",
            "/prompts/",
            content=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        assert answer.status_code == code, (body, answer.text)
    assert await status(site, "GET", "/N") == 404


async def test_langfuse_version_0_deletes_nothing(site: Site) -> None:
    await create(site, "P")
    for path in ("/P/versions/0", "/P/versions/-1", "/P/versions/x", "/P/versions/1e0"):
        answer = await site.admin.ask("DELETE", f"/prompts{path}")
        assert faults(answer)[0][0] == ("path", "version")
    assert (await get(site, "/P/versions"))["total"] == 1


async def test_langfuse_labels_have_a_form_and_versions_are_numbers(site: Site) -> None:
    await create(site, "P")
    for text in ("Big", "", "a b", "a\n", "l" * 37):
        answer = await site.admin.ask(
            "PATCH", "/prompts/P/versions/1/labels", json={"labels": [text]}
        )
        assert faults(answer) == [(("body", "labels", 0), "value_error.str.regex")]
    answer = await site.admin.ask("PATCH", "/prompts/P/versions/one/labels", json={"labels": []})
    assert faults(answer) == [(("path", "version"), "type_error.integer")]


async def test_f54_a_protected_label_is_not_taken_by_deleting_it(site: Site) -> None:
    ask = site.instructor.ask
    for path in ("/prompts/Tutor/versions/1/labels/production", "/prompts/Tutor/versions/1"):
        assert (await ask("DELETE", path)).status_code == 403
    assert (await ask("DELETE", "/prompts/Tutor")).status_code == 403
    assert await status(site, "DELETE", "/Tutor/versions/1/labels/latest") == 400
    assert await status(site, "DELETE", "/Tutor/versions/1/labels/none") == 404
    assert await status(site, "DELETE", "/Tutor/versions/1/labels/production") == 204


async def test_a_deletion_that_would_break_another_is_400_and_names_it(site: Site) -> None:
    await create(site, "C", labels=["production"])
    await create(site, "P", REF.format("C"))
    for path in ("/C", "/C/versions/1", "/C/versions/1/labels/production"):
        answer = await site.admin.ask("DELETE", f"/prompts{path}")
        assert answer.status_code == 400
        assert "'P' version 1" in answer.json()["detail"]
    assert await status(site, "DELETE", "/P") == 204
    assert await status(site, "DELETE", "/C") == 204
    assert await status(site, "DELETE", "/C") == 404
