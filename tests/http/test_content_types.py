"""Content types over HTTP."""

from tests.http.site import API, Site, faults, made


async def test_a_content_type_has_its_fields(site: Site) -> None:
    body = {"name": "essay", "label": "Essay", "is_gradable": True, "prompt_name": "Essay Tutor"}
    answer = await site.admin.post("/content-types/", body)
    assert answer.status_code == 201
    kind = answer.json()
    assert kind == body | {
        "id": kind["id"], "description": "", "is_system": False, "json_schema": None,
    }  # fmt: skip
    path = f"/content-types/{kind['id']}"
    hidden = kind | {"prompt_name": None}
    assert (await site.client.get(API + path)).json() == hidden
    assert made(await site.student.ask("GET", path)) == hidden
    assert made(await site.instructor.ask("GET", path)) == kind
    listed = (await site.instructor.ask("GET", "/content-types/")).json()
    assert [row["prompt_name"] for row in listed] == [
        "Tutor/Video", "Tutor/Text", "Tutor/Quiz", "Tutor/Lab", None, None, None, "Essay Tutor",
    ]  # fmt: skip
    rows = (await site.student.ask("GET", "/content-types/")).json()
    assert {row["prompt_name"] for row in rows} == {None}
    changed = made(await site.admin.ask("PUT", path, json={"prompt_name": None}))
    assert changed == kind | {"prompt_name": None}
    assert (await site.admin.ask("DELETE", path)).status_code == 204
    gone = await site.client.get(API + path)
    assert (gone.status_code, gone.json()) == (404, {"detail": "Content type not found"})


async def test_the_types_of_the_installation_are_listed(site: Site) -> None:
    answer = await site.client.get(f"{API}/content-types/")
    assert answer.headers["x-total-count"] == "7"
    names = [row["name"] for row in answer.json()]
    assert names == ["video", "text", "quiz", "lab", "link", "file", "audio"]
    assert all(row["is_system"] for row in answer.json())
    page = await site.client.get(f"{API}/content-types?skip=6&limit=5")
    assert (page.json(), page.headers["x-total-count"]) == (answer.json()[6:], "7")


async def test_what_cannot_be_set_is_422(site: Site) -> None:
    body = {"name": "Essay", "label": " ", "is_system": True, "json_schema": []}
    assert faults(await site.admin.post("/content-types/", body)) == [
        (("body", "name"), "value_error.str.regex"),
        (("body", "label"), "value_error.any_str.min_length"),
        (("body", "json_schema"), "type_error.dict"),
        (("body", "is_system"), "value_error.extra"),
    ]


async def test_a_refusal_says_its_word(site: Site) -> None:
    path = f"/content-types/{site.ids['content_type_id']}"
    taken = await site.admin.post("/content-types/", {"name": "quiz", "label": "Quiz"})
    system = await site.admin.ask("DELETE", path)
    kind = made(await site.admin.post("/content-types/", {"name": "essay", "label": "Essay"}))
    item = {
        "module_id": site.ids["module_id"], "content_type_id": kind["id"], "title": "One",
    }  # fmt: skip
    made(await site.instructor.post("/content/", item))
    used = await site.admin.ask("DELETE", f"/content-types/{kind['id']}")
    for answer, code in ((taken, "name_taken"), (system, "system_type"), (used, "in_use")):
        assert (answer.status_code, answer.headers["x-error-code"]) == (400, code)
