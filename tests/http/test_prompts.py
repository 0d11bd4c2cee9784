"""Prompts: new versions and labels."""

from tests.http.site import Site, faults, made

REF = "@@@langfusePrompt:name=General Protocol|label=production@@@"


async def test_a_prompt_has_the_fields_of_the_reference(site: Site) -> None:
    child = made(
        await site.instructor.post(
            "/prompts/",
            {"name": "General Protocol", "prompt": "Be kind.", "labels": ["production"]},
        )
    )
    body = {
        "name": "Video Tutor",
        "prompt": f"You are a helpful tutor for {{{{title}}}}...\n{REF}",
        "config": {"temperature": 0.5},
        "labels": ["production"],
        "tags": ["tutor", "video"],
        "commit_message": "Initial version",
    }
    answer = await site.instructor.post("/prompts/", body)
    assert answer.status_code == 201
    prompt = answer.json()
    assert prompt == body | {
        "id": prompt["id"],
        "version": 1,
        "type": "text",
        "labels": ["production", "latest"],
        "created_by": str(site.instructor.id),
        "created_at": "2026-01-05T12:00:00Z",
        "updated_at": "2026-01-05T12:00:00Z",
        "dependencies": [
            {"child_name": "General Protocol", "child_version": None, "child_label": "production"}
        ],
        "resolved_prompt": "You are a helpful tutor for {{title}}...\nBe kind.",
        "resolution_graph": {
            "root": {"name": "Video Tutor", "version": 1, "id": prompt["id"]},
            "dependencies": {
                str(prompt["id"]): [{"name": "General Protocol", "version": 1, "id": child["id"]}]
            },
        },
    }


async def test_labels_move_and_latest_stays(site: Site) -> None:
    for text in ("One", "Two"):
        made(await site.instructor.post("/prompts/", {"name": "P", "prompt": text}))
    first = await site.instructor.ask(
        "PATCH", "/prompts/P/versions/1/labels", json={"labels": ["staging"]}
    )
    assert (first.status_code, first.json()["labels"]) == (200, ["staging"])
    second = made(
        await site.instructor.ask(
            "PATCH", "/prompts/P/versions/2/labels", json={"labels": ["staging", "b"]}
        )
    )
    assert sorted(second["labels"]) == ["b", "latest", "staging"]


async def test_f54_latest_and_protected_labels_are_kept(site: Site) -> None:
    path = "/prompts/Tutor/versions/1/labels"
    latest = await site.admin.ask("PATCH", path, json={"labels": ["latest"]})
    assert latest.status_code == 400
    for labels in ([], ["staging"], ["production", "staging"]):
        answer = await site.instructor.ask("PATCH", path, json={"labels": labels})
        assert answer.status_code == (200 if "production" in labels else 403)
    assert (await site.admin.ask("PATCH", path, json={"labels": []})).status_code == 200
    again = {"name": "Tutor", "prompt": "Mine now.", "labels": ["production"]}
    assert (await site.instructor.post("/prompts/", again)).status_code == 403


async def test_a_missing_dependency_is_400_and_stores_nothing(site: Site) -> None:
    body = {"name": "Broken", "prompt": "@@@langfusePrompt:name=Nobody|version=1@@@"}
    answer = await site.instructor.post("/prompts/", body)
    assert answer.status_code == 400
    assert "'Nobody'" in answer.json()["detail"]
    good = made(await site.instructor.post("/prompts/", {"name": "Broken", "prompt": "Whole."}))
    assert good["version"] == 1


async def test_bad_names_labels_and_tags_are_told_together(site: Site) -> None:
    body = {"name": "a//b", "prompt": "", "labels": ["Big"], "tags": ["", "ok"], "x": 1}
    found = faults(await site.instructor.post("/prompts/", body))
    assert [loc for loc, _ in found] == [
        ("body", "name"), ("body", "prompt"), ("body", "labels", 0), ("body", "tags", 0),
        ("body", "x"),
    ]  # fmt: skip


async def test_a_reserved_name_is_400(site: Site) -> None:
    body = {"name": "labels", "prompt": "Text."}
    assert (await site.instructor.post("/prompts/", body)).status_code == 400
