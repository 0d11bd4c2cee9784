"""Courses, offerings and enrollments."""

from datetime import timedelta

from tests.http.site import API, Site, faults, made


async def test_a_course_has_the_fields_of_the_reference(site: Site) -> None:
    body = {
        "title": "Data Structures",
        "code": "CS201",
        "description": "Study of data structures",
        "level": "INTERMEDIATE",
        "credit_hours": 4,
        "university_id": 1,
        "cache_enabled": True,
    }
    answer = await site.instructor.post("/courses/", body)
    assert answer.status_code == 201
    course = answer.json()
    assert course == body | {
        "id": course["id"],
        "is_published": False,
        "is_open": True,
        "department_id": None,
        "primary_subject_id": None,
        "locales": ["en"],
        "license": None,
        "attribution": None,
        "llm_model": None,
        "prompt_name": None,
        "prompt_label": "production",
        "created_at": "2026-01-05T12:00:00Z",
        "updated_at": "2026-01-05T12:00:00Z",
    }


async def test_only_staff_see_which_model_and_prompt_a_course_has(site: Site) -> None:
    path = f"/courses/{site.ids['course_id']}"
    hidden = {"llm_model", "prompt_name", "prompt_label"}
    assert hidden <= made(await site.instructor.get(path)).keys()
    assert hidden <= made(await site.admin.get(path)).keys()
    assert not hidden & made(await site.student.get(path)).keys()
    assert not hidden & made(await site.client.get(API + path)).keys()


async def test_the_list_is_an_array_with_its_total(site: Site) -> None:
    answer = await site.client.get(f"{API}/courses/?limit=1")
    assert answer.headers["x-total-count"] == "2"
    assert len(answer.json()) == 1
    assert [one["code"] for one in (await site.client.get(f"{API}/courses/?q=alg")).json()] == [
        "ALG1"
    ]
    for query in ("university_id=99", "department_id=1", "subject_id=1", "level=GRADUATE", "q=%25"):
        nothing = await site.client.get(f"{API}/courses/?{query}")
        assert (nothing.json(), nothing.headers["x-total-count"]) == ([], "0")
    past = await site.client.get(f"{API}/courses/?skip=50")
    assert (past.json(), past.headers["x-total-count"]) == ([], "2")


async def test_an_update_changes_only_what_is_sent(site: Site) -> None:
    path = f"/courses/{site.ids['course_id']}"
    before = made(await site.instructor.get(path))
    await site.world.clock.advance(60)
    assert made(await site.instructor.ask("PUT", path, json={})) == before
    after = made(await site.instructor.ask("PUT", path, json={"credit_hours": 3}))
    assert after == before | {"credit_hours": 3, "updated_at": after["updated_at"]}
    assert after["updated_at"] > before["updated_at"]
    cleared = made(await site.instructor.ask("PUT", path, json={"credit_hours": None}))
    assert cleared["credit_hours"] is None


async def test_a_course_may_be_changed_by_its_staff_only(site: Site) -> None:
    async with site.world.ports.store.read() as tx:
        listed = await tx.catalog.course(1)
    assert listed is not None
    answer = await site.instructor.ask("PUT", "/courses/1", json={"title": "Mine"})
    assert answer.status_code == 403
    assert (await site.admin.ask("PUT", "/courses/1", json={"title": "Ours"})).status_code == 200
    gone = await site.instructor.ask("PUT", "/courses/999", json={"title": "Mine"})
    assert (gone.status_code, gone.json()) == (404, {"detail": "Course not found"})


async def test_the_same_code_twice_is_400(site: Site) -> None:
    body = {"title": "Again", "code": "alg1", "university_id": 1}
    answer = await site.instructor.post("/courses/", body)
    assert answer.status_code == 400
    assert answer.headers["x-error-code"] == "code_taken"


async def test_f53_a_draft_and_all_below_it_is_missing_for_others(site: Site) -> None:
    ids = site.ids
    draft = {"is_published": False}
    made(await site.instructor.ask("PUT", f"/courses/{ids['course_id']}", json=draft))
    paths = [
        f"/courses/{ids['course_id']}",
        f"/courses/{ids['course_id']}/offerings",
        f"/modules/courses/{ids['course_id']}/modules",
        f"/modules/courses/{ids['course_id']}/modules/root",
        f"/modules/{ids['module_id']}",
        f"/modules/{ids['module_id']}/children",
        f"/content/modules/{ids['module_id']}/content",
        f"/content/{ids['content_id']}",
    ]
    for path in paths:
        assert (await site.client.get(API + path)).status_code == 404
        assert (await site.student.get(path)).status_code == 404
        assert (await site.instructor.get(path)).status_code == 200
    for listed in (await site.client.get(f"{API}/courses/"), await site.student.get("/courses/")):
        assert "ALG1" not in listed.text
    assert "ALG1" in (await site.instructor.get("/courses/?is_published=false")).text


async def test_a_closed_course_shows_itself_but_not_its_content(site: Site) -> None:
    ids = site.ids
    made(await site.instructor.ask("PUT", f"/courses/{ids['course_id']}", json={"is_open": False}))
    path = f"/modules/{ids['module_id']}"
    assert (await site.client.get(f"{API}/courses/{ids['course_id']}")).status_code == 200
    assert (await site.client.get(API + path)).status_code == 401
    assert (await site.other.get(path)).status_code == 403
    assert (await site.student.get(path)).status_code == 200


async def test_an_offering_has_the_fields_of_the_reference(site: Site) -> None:
    body = {
        "term_name": "Spring 2026",
        "starts_at": "2026-01-15T00:00:00Z",
        "ends_at": "2026-05-15T02:00:00+02:00",
        "enrollment_start": "2025-12-01T00:00:00",
        "enrollment_end": "2026-01-31T00:00:00Z",
        "visibility": "UNLISTED",
    }
    path = f"/courses/{site.ids['course_id']}/offerings"
    answer = await site.instructor.post(path, body)
    assert answer.status_code == 201
    offering = answer.json()
    assert offering == body | {
        "id": offering["id"],
        "course_id": site.ids["course_id"],
        "ends_at": "2026-05-15T00:00:00Z",
        "enrollment_start": "2025-12-01T00:00:00Z",
        "capacity": None,
        "created_at": "2026-01-05T12:00:00Z",
        "updated_at": "2026-01-05T12:00:00Z",
    }
    listed = await site.client.get(API + path)
    assert listed.headers["x-total-count"] == "1"
    assert [one["term_name"] for one in listed.json()] == ["Now"]
    assert len((await site.instructor.get(path)).json()) == 2


async def test_an_offering_that_ends_before_it_starts_is_422(site: Site) -> None:
    body = {
        "term_name": "X",
        "starts_at": "2026-02-01T00:00:00Z",
        "ends_at": "2026-01-01T00:00:00Z",
    }
    path = f"/courses/{site.ids['course_id']}/offerings"
    found = faults(await site.instructor.post(path, body))
    assert found == [(("body", "ends_at"), "value_error")]


async def test_enrolling_gives_the_shape_of_the_reference(site: Site) -> None:
    body = {"course_offering_id": site.ids["offering_id"]}
    answer = await site.other.post("/enrollments/", body)
    assert answer.status_code == 201
    enrollment = answer.json()
    assert enrollment == {
        "id": enrollment["id"],
        "user_id": site.other.id,
        "course_offering_id": site.ids["offering_id"],
        "status": "ACTIVE",
        "enrolled_at": "2026-01-05T12:00:00Z",
        "completed_at": None,
        "dropped_at": None,
        "reactivated_at": None,
        "progress_percent": 0,
        "course_offering": {
            "id": site.ids["offering_id"],
            "term_name": "Now",
            "course": {"id": site.ids["course_id"], "title": "Algebra", "code": "ALG1"},
        },
    }
    mine = await site.other.get("/enrollments/my-enrollments?status=ACTIVE")
    assert (mine.json(), mine.headers["x-total-count"]) == ([enrollment], "1")
    assert (await site.other.get("/enrollments/my-enrollments?status=DROPPED")).json() == []
    again = await site.other.post("/enrollments/", body)
    assert (again.status_code, again.json()) == (400, {"detail": "Already enrolled"})
    assert again.headers["x-error-code"] == "already_enrolled"


async def test_enrolling_outside_of_the_window_is_400(site: Site) -> None:
    path = f"/courses/{site.ids['course_id']}/offerings"
    later = (site.world.clock.now() + timedelta(days=1)).isoformat()
    body = {"term_name": "Later", "enrollment_start": later}
    term = made(await site.instructor.post(path, body))
    answer = await site.other.post("/enrollments/", {"course_offering_id": term["id"]})
    assert (answer.status_code, answer.json()) == (400, {"detail": "Enrollment has not opened"})


async def test_f123_a_course_that_the_client_has_is_304(site: Site) -> None:
    path = f"{API}/courses/{site.ids['course_id']}"
    first = await site.client.get(path)
    assert first.headers["cache-control"] == "private, no-cache"
    tag = first.headers["etag"]
    for known in (tag, f'W/{tag}, "other"', "*"):
        again = await site.client.get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    made(await site.instructor.ask("PUT", path.removeprefix(API), json={"title": "New"}))
    assert (await site.client.get(path, headers={"If-None-Match": tag})).status_code == 200
