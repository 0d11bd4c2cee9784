"""Progress over HTTP: the reference's shapes, and what follows from reports."""

from typing import Any

import httpx
import pytest

from tests.http.site import Caller, Json, Site, faults, made

AT = "2026-01-05T12:00:00Z"
PERCENTS = [
    (-1, "value_error.number.not_ge"), (-0.1, "value_error.number.not_ge"),
    (100.1, "value_error.number.not_le"), (101, "value_error.number.not_le"),
    (10**400, "value_error.number.not_le"), ("50", "type_error.float"), (True, "type_error.float"),
    (None, "type_error.none.not_allowed"),
]  # fmt: skip


def body(site: Site, kind: str, **fields: Any) -> Json:
    known: Json = {"course_offering_id": site.ids["offering_id"], "progress_percent": 50}
    if kind == "content":
        known["content_item_id"] = site.ids["content_id"]
    else:
        known["module_id"] = site.ids["module_id"]
    return known | fields


async def report(site: Site, kind: str = "content", **fields: Any) -> httpx.Response:
    return await site.student.post(f"/progress/{kind}", body(site, kind, **fields))


@pytest.mark.parametrize("kind", ["content", "modules"])
async def test_a_report_is_answered_with_what_is_stored(site: Site, kind: str) -> None:
    target = "content_item_id" if kind == "content" else "module_id"
    answer = await report(site, kind, progress_percent=50.9, completed_at=None)
    assert answer.status_code == 200
    row = answer.json()
    assert row == {
        "id": row["id"], "user_id": site.student.id, target: body(site, kind)[target],
        "course_offering_id": site.ids["offering_id"], "progress_percent": 50, "started_at": AT,
        "completed_at": None, "updated_at": AT,
    }  # fmt: skip
    assert made(await report(site, kind, progress_percent=0)) == row
    whole = made(await report(site, kind, progress_percent=100))
    assert (whole["id"], whole["progress_percent"], whole["completed_at"]) == (row["id"], 100, AT)
    mine = await site.student.get(f"/progress/{kind}/my-progress")
    assert (mine.json(), mine.headers["x-total-count"]) == ([whole], "1")


async def test_a_completion_may_carry_an_offset(site: Site) -> None:
    site.world.clock.set(site.world.clock.now().replace(minute=20))
    for kind, sent, stored in (
        ("modules", "2026-01-05T14:10:00+02:00", "2026-01-05T12:10:00Z"),
        ("content", "2026-01-05T12:15:00", "2026-01-05T12:15:00Z"),
    ):
        row = made(await report(site, kind, progress_percent=100, completed_at=sent))
        assert row["completed_at"] == stored


@pytest.mark.parametrize("kind", ["content", "modules"])
@pytest.mark.parametrize(("percent", "fault"), PERCENTS)
async def test_f06_a_percent_that_is_none_is_422(
    site: Site, kind: str, percent: Any, fault: str
) -> None:
    answer = await report(site, kind, progress_percent=percent)
    if percent == 10**400:  # no number of 64 bits, and no float either
        assert answer.status_code == 422
        return
    assert faults(answer) == [(("body", "progress_percent"), fault)]


async def test_f13_a_completion_that_cannot_be_is_422(site: Site) -> None:
    place = ("body", "completed_at")
    for percent, at, kind in (
        (99, AT, "value_error"), (100, "2026-01-05T12:05:01Z", "value_error"),
        (100, "0001-01-01T00:00:00+14:00", "value_error.datetime"),
        (100, "yesterday", "value_error.datetime"),
    ):  # fmt: skip
        answer = await report(site, progress_percent=percent, completed_at=at)
        assert faults(answer) == [(place, kind)]
    both = await report(site, progress_percent=101, completed_at="2027-01-01T00:00:00Z")
    assert (("body", "progress_percent"), "value_error.number.not_le") in faults(both)
    assert made(await report(site, progress_percent=100, completed_at="2026-01-05T12:05:00Z"))


async def test_f52_nobody_reports_for_another(site: Site) -> None:
    for field in ("user_id", "id", "started_at", "is_complete"):
        fields: Json = {field: 1}
        answer = await report(site, **fields)
        assert faults(answer) == [(("body", field), "value_error.extra")]


async def test_f51_own_progress_is_nobody_else_s(site: Site) -> None:
    made(await report(site))
    for caller in (site.other, site.instructor, site.admin):
        for kind in ("content", "modules"):
            assert (await caller.get(f"/progress/{kind}/my-progress")).json() == []
        answer = await caller.post("/progress/content", body(site, "content"))
        assert (answer.status_code, answer.json()) == (
            403, {"detail": "You are not enrolled in this offering"},
        )  # fmt: skip


async def test_my_progress_is_of_one_offering_or_all(site: Site) -> None:
    made(await report(site))
    path, offering_id = "/progress/content/my-progress", site.ids["offering_id"]
    for query, total in (
        ("", 1), (f"?course_offering_id={offering_id}", 1), ("?course_offering_id=999", 0),
        ("?skip=1", 1), ("?limit=1", 1),
    ):  # fmt: skip
        answer = await site.student.get(path + query)
        assert answer.headers["x-total-count"] == str(total)
        assert len(made(answer)) == (0 if "skip" in query else total)
    for query, kind in (
        ("course_offering_id=0", "type_error.integer"),
        ("course_offering_id=", "type_error.integer"),
        ("limit=101", "value_error.number.not_le"),
    ):  # fmt: skip
        found = faults(await site.student.get(f"{path}?{query}"))
        assert found == [(("query", query.partition("=")[0]), kind)]


async def test_what_is_not_there_is_404_and_of_another_course_400(site: Site) -> None:
    for kind, target, name in (
        ("content", "content_item_id", "Content"), ("modules", "module_id", "Module"),
    ):  # fmt: skip
        for number in (2**31, 2**63 - 1):
            fields: Json = {target: number}
            answer = await report(site, kind, **fields)
            assert (answer.status_code, answer.json()) == (404, {"detail": f"{name} not found"})
    answer = await report(site, course_offering_id=2**63 - 1)
    assert (answer.status_code, answer.json()) == (404, {"detail": "Offering not found"})
    other = await site.world.course()
    for kind, target, number in (
        ("content", "content_item_id", other.items[0]), ("modules", "module_id", other.module_id),
    ):  # fmt: skip
        fields = {target: number}
        answer = await report(site, kind, **fields)
        assert (answer.status_code, answer.headers["x-error-code"]) == (400, "another_course")


async def summary(site: Site, caller: Caller, query: str = "") -> httpx.Response:
    return await caller.get(f"/progress/offerings/{site.ids['offering_id']}/summary{query}")


async def test_a_summary_tells_how_far_one_is_and_what_is_next(site: Site) -> None:
    item_id, module_id = site.ids["content_id"], site.ids["module_id"]
    wanted: Json = {
        "course_offering_id": site.ids["offering_id"], "user_id": site.student.id,
        "progress_percent": 0, "items_total": 1, "items_completed": 0, "is_complete": False,
        "next_content_item_id": item_id,
        "modules": [
            {"module_id": module_id, "parent_module_id": None, "title": "Unit",
             "progress_percent": 0, "items_total": 1, "items_completed": 0, "is_complete": False}
        ],
    }  # fmt: skip
    assert made(await summary(site, site.student)) == wanted
    made(await report(site, progress_percent=100))
    whole = {"progress_percent": 100, "items_completed": 1, "is_complete": True}
    module = wanted["modules"][0] | whole
    wanted |= whole | {"next_content_item_id": None, "modules": [module]}
    assert made(await summary(site, site.student)) == wanted
    for caller in (site.instructor, site.admin):
        assert made(await summary(site, caller, f"?user_id={site.student.id}")) == wanted
    assert made(await summary(site, site.student, f"?user_id={site.student.id}")) == wanted


async def test_f51_a_summary_is_one_s_own_or_the_staff_s(site: Site) -> None:
    asked = f"?user_id={site.student.id}"
    for caller, query, status in (
        (site.other, "", 403), (site.other, asked, 403), (site.instructor, "", 403),
        (site.instructor, f"?user_id={site.other.id}", 404), (site.admin, "?user_id=999", 404),
    ):  # fmt: skip
        assert (await summary(site, caller, query)).status_code == status
    missing = await site.student.get("/progress/offerings/999/summary")
    assert (missing.status_code, missing.json()) == (404, {"detail": "Offering not found"})


async def test_staff_see_the_learners_of_an_offering(site: Site) -> None:
    path = f"/progress/offerings/{site.ids['offering_id']}/learners"
    made(await report(site, progress_percent=100))
    for caller in (site.instructor, site.admin):
        answer = await caller.get(path)
        (row,) = answer.json()
        assert answer.headers["x-total-count"] == "1"
        assert row == {
            "enrollment_id": site.ids["enrollment_id"], "user_id": site.student.id,
            "user_email": site.student.learner.user.email,
            "user_name": site.student.learner.user.full_name, "status": "ACTIVE",
            "enrolled_at": AT, "progress_percent": 100, "percent": 100, "last_activity_at": AT,
            "silent_days": 0, "mastered_topics": 0,
        }  # fmt: skip
        assert (await caller.get(f"{path}?skip=1")).json() == []
    for caller in (site.student, site.other):
        assert (await caller.get(path)).status_code == 403


async def test_a_course_in_figures_is_for_its_staff(site: Site) -> None:
    path = f"/courses/{site.ids['course_id']}/stats"
    made(await report(site, progress_percent=25))
    wanted: Json = {
        "course_id": site.ids["course_id"], "total_offerings": 1, "total_modules": 1,
        "total_content_items": 1, "total_enrollments": 1, "active_enrollments": 1,
        "completed_enrollments": 0, "dropped_enrollments": 0, "completion_rate": 0.0,
        "average_progress_percent": 25.0, "average_rating": None, "total_reviews": 0,
        "last_activity_at": AT,
    }  # fmt: skip
    for caller in (site.instructor, site.admin):
        assert made(await caller.get(path)) == wanted
    assert (await site.student.get(path)).status_code == 403
    draft = {"title": "Draft", "code": "D1", "university_id": 1}
    course_id = made(await site.instructor.post("/courses/", draft))["id"]
    empty = made(await site.instructor.get(f"/courses/{course_id}/stats"))
    assert (empty["completion_rate"], empty["average_progress_percent"]) == (None, None)
    assert (await site.student.get(f"/courses/{course_id}/stats")).status_code == 404


async def move(
    site: Site, caller: Caller, *, number: int | None = None, **body: Any
) -> httpx.Response:
    enrollment_id = site.ids["enrollment_id"] if number is None else number
    return await caller.ask("PUT", f"/enrollments/{enrollment_id}", json=body)


async def test_an_enrollment_is_completed_when_its_content_is(site: Site) -> None:
    refused = await move(site, site.student, status="COMPLETED")
    assert (refused.status_code, refused.headers["x-error-code"]) == (400, "not_complete")
    made(await report(site, progress_percent=100))
    row = made(await move(site, site.student, status="COMPLETED"))
    assert (row["status"], row["completed_at"], row["progress_percent"]) == ("COMPLETED", AT, 100)
    assert row["course_offering"]["course"]["title"] == "Algebra"
    assert made(await move(site, site.student, status="COMPLETED")) == row
    assert made(await move(site, site.student)) == row, "nothing sent, nothing changed"
    assert (await site.student.get("/enrollments/my-enrollments")).json() == [row]
    for status in ("ACTIVE", "DROPPED"):
        answer = await move(site, site.student, status=status)
        assert (answer.status_code, answer.headers["x-error-code"]) == (400, "status_fixed")
    back = made(await move(site, site.instructor, status="ACTIVE"))
    assert (back["status"], back["completed_at"], back["reactivated_at"]) == ("ACTIVE", None, AT)


async def test_f51_an_enrollment_is_moved_by_its_learner_or_the_staff(site: Site) -> None:
    for caller, number in ((site.other, None), (site.student, 999), (site.admin, 2**63 - 1)):
        answer = await move(site, caller, number=number, status="DROPPED")
        assert (answer.status_code, answer.json()) == (404, {"detail": "Enrollment not found"})
    assert made(await move(site, site.student, status="DROPPED"))["dropped_at"] == AT
    assert made(await move(site, site.admin, status="ACTIVE"))["dropped_at"] is None
    for value in (None, "active", "", 1):
        assert (await move(site, site.student, status=value)).status_code == 422


async def test_the_first_page_of_a_learner(site: Site) -> None:
    first = made(await site.student.get("/users/me/overview"))
    (active,) = first["active_enrollments"]
    (mine,) = (await site.student.get("/enrollments/my-enrollments")).json()
    assert active == mine | {"next_content_item_id": site.ids["content_id"]}
    assert first["recent_activity"] == []
    assert first["stats"] == {"completed_courses": 0, "current_streak": 0}
    made(await report(site, progress_percent=100))
    made(await report(site, "modules", progress_percent=100))
    page = made(await site.student.get("/users/me/overview"))
    assert page["active_enrollments"][0]["progress_percent"] == 100
    assert page["active_enrollments"][0]["next_content_item_id"] is None
    about: Json = {
        "type": "progress", "course_id": site.ids["course_id"],
        "module_id": site.ids["module_id"], "occurred_at": AT,
    }  # fmt: skip
    assert page["recent_activity"] == [
        about | {"content_item_id": None, "title": "Unit"},
        about | {"content_item_id": site.ids["content_id"], "title": "Sums"},
    ]
    assert page["stats"]["current_streak"] == 1
    made(await move(site, site.student, status="COMPLETED"))
    done = made(await site.student.get("/users/me/overview"))
    assert (done["active_enrollments"], done["stats"]["completed_courses"]) == ([], 1)
    assert made(await site.student.get("/users/me"))["current_streak_days"] == 1


async def test_what_could_be_learned_next_is_told_with_its_reason(site: Site) -> None:
    page = made(await site.other.get("/users/me/overview"))
    course = made(await site.other.get(f"/courses/{site.ids['course_id']}"))
    told = {"course_offering_id": site.ids["offering_id"], "reason": "POPULAR"}
    assert course | told in page["recommended_courses"]
    learning = made(await site.student.get("/users/me/overview"))["recommended_courses"]
    assert course["id"] not in [each["id"] for each in learning]
