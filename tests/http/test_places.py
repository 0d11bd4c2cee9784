"""Universities, departments and subjects over HTTP."""

from tests.http.site import API, Site, faults, made

NOW = "2026-01-05T12:00:00Z"


async def test_a_university_has_its_fields(site: Site) -> None:
    body = {"name": "Aalto", "code": "A", "country": "FI", "website_url": "https://aalto.fi"}
    answer = await site.admin.post("/universities/", body)
    assert answer.status_code == 201
    university = answer.json()
    assert university == body | {"id": university["id"], "created_at": NOW}
    path = f"/universities/{university['id']}"
    assert (await site.client.get(API + path)).json() == university
    changed = made(await site.admin.ask("PUT", path, json={"country": None, "name": " Aalto U "}))
    assert changed == university | {"country": None, "name": "Aalto U"}
    assert made(await site.admin.ask("PUT", path, json={})) == changed
    gone = await site.admin.ask("DELETE", path)
    assert (gone.status_code, gone.content) == (204, b"")
    for method in ("GET", "DELETE"):
        answer = await site.admin.ask(method, path)
        assert (answer.status_code, answer.json()) == (404, {"detail": "University not found"})


async def test_lists_are_arrays_with_their_total(site: Site) -> None:
    made(await site.admin.post("/universities/", {"name": "Aalto"}))
    made(await site.admin.post("/universities/1/departments", {"name": "Physics"}))
    made(await site.admin.post("/subjects/", {"name": "Physics"}))
    for path in ("/universities/", "/universities", "/universities/1/departments", "/subjects/"):
        whole = await site.client.get(API + path)
        assert whole.headers["x-total-count"] == "2", path
        assert [row["id"] for row in whole.json()] == sorted(row["id"] for row in whole.json())
        second = await site.client.get(f"{API}{path}?skip=1&limit=1")
        assert (second.json(), second.headers["x-total-count"]) == (whole.json()[1:], "2")
        past = await site.client.get(f"{API}{path}?skip=9")
        assert (past.json(), past.headers["x-total-count"]) == ([], "2")
        found = faults(await site.client.get(f"{API}{path}?skip=-1&limit=101"))
        assert [loc for loc, _ in found] == [("query", "skip"), ("query", "limit")]


async def test_a_department_has_its_fields(site: Site) -> None:
    answer = await site.admin.post("/universities/1/departments", {"name": "Physics"})
    assert answer.status_code == 201
    department = answer.json()
    assert department == {
        "id": department["id"], "university_id": 1, "name": "Physics", "code": None,
        "created_at": NOW,
    }  # fmt: skip
    path = f"/universities/departments/{department['id']}"
    assert (await site.client.get(API + path)).json() == department
    changed = made(await site.admin.ask("PUT", path, json={"code": "PHY"}))
    assert changed == department | {"code": "PHY"}
    moved = await site.admin.ask("PUT", path, json={"university_id": 2})
    assert faults(moved) == [(("body", "university_id"), "value_error.extra")]
    assert (await site.admin.ask("DELETE", path)).status_code == 204
    assert (await site.client.get(API + path)).status_code == 404


async def test_a_subject_has_its_fields(site: Site) -> None:
    answer = await site.admin.post("/subjects/", {"name": "Élan vital"})
    assert answer.status_code == 201
    subject = answer.json()
    assert subject == {"id": subject["id"], "name": "Élan vital", "slug": "elan-vital"}
    path = f"/subjects/{subject['id']}"
    assert (await site.client.get(API + path)).json() == subject
    changed = made(await site.admin.ask("PUT", path, json={"name": "Élan"}))
    assert changed == subject | {"name": "Élan"}
    assert (await site.admin.ask("DELETE", path)).status_code == 204
    assert (await site.client.get(API + path)).status_code == 404


async def test_all_faults_of_a_body_are_told_at_once(site: Site) -> None:
    body = {
        "name": " ", "code": "c" * 33, "country": "XX", "website_url": "javascript:alert(1)",
        "id": 7,
    }  # fmt: skip
    assert faults(await site.admin.post("/universities/", body)) == [
        (("body", "name"), "value_error.any_str.min_length"),
        (("body", "code"), "value_error.any_str.max_length"),
        (("body", "country"), "value_error.const"),
        (("body", "website_url"), "value_error"),
        (("body", "id"), "value_error.extra"),
    ]
    body.pop("id")
    assert len(faults(await site.admin.post("/universities/", body))) == 4
    for path in ("/universities/1", "/universities/departments/1", "/subjects/1"):
        found = faults(await site.admin.ask("PUT", path, json={"name": None}))
        assert found == [(("body", "name"), "type_error.none.not_allowed")]
    found = faults(await site.admin.post("/subjects/", {"name": "X", "slug": "X Y"}))
    assert found == [(("body", "slug"), "value_error.str.regex")]


async def test_a_name_that_is_taken_is_400(site: Site) -> None:
    for path, body in (
        ("/universities/", {"name": "TEST university"}),
        ("/universities/1/departments", {"name": "maths"}),
        ("/subjects/", {"name": "mathematics"}),
    ):
        answer = await site.admin.post(path, body)
        assert (answer.status_code, answer.headers["x-error-code"]) == (400, "name_taken")


async def test_what_courses_use_is_400_to_delete(site: Site) -> None:
    ids = site.ids
    used = {"department_id": ids["department_id"], "primary_subject_id": ids["subject_id"]}
    made(await site.instructor.ask("PUT", f"/courses/{ids['course_id']}", json=used))
    for path in (
        "/universities/1",
        f"/universities/departments/{ids['department_id']}",
        f"/subjects/{ids['subject_id']}",
    ):
        answer = await site.admin.ask("DELETE", path)
        assert (answer.status_code, answer.headers["x-error-code"]) == (400, "in_use")
        assert (await site.client.get(API + path)).status_code == 200


async def test_an_id_that_is_none_is_422_or_404(site: Site) -> None:
    for path in ("/universities/{}", "/universities/{}/departments", "/subjects/{}"):
        assert (await site.client.get(API + path.format(999))).status_code == 404
        assert len(faults(await site.client.get(API + path.format("x")))) == 1
    assert (await site.client.get(f"{API}/universities/departments/999")).status_code == 404
