"""Courses: course definitions and offerings."""

from typing import Any

from tests.http.reference.campus import Campus
from tests.http.reference.operations import ask
from tests.http.reference.shown import refuses, shows
from tests.http.site import made

COURSE = """
  {
    "id": 1,
    "title": "Introduction to Computer Science",
    "code": "CS101",
    "description": "Fundamentals of programming",
    "level": "INTRODUCTORY",
    "credit_hours": 3,
    "is_published": true,
    "university_id": 1,
    "department_id": 1
  }
"""
NEW_COURSE = """
{
  "title": "Data Structures",
  "code": "CS201",
  "description": "Study of data structures",
  "level": "INTERMEDIATE",
  "credit_hours": 4,
  "university_id": 1,
  "department_id": 1,
  "primary_subject_id": 1,
  "cache_enabled": true
}
"""
NEW_OFFERING = """
{
  "term_name": "Spring 2026",
  "starts_at": "2026-01-15T00:00:00Z",
  "ends_at": "2026-05-15T00:00:00Z",
  "enrollment_start": "2025-12-01T00:00:00Z",
  "enrollment_end": "2026-01-31T00:00:00Z",
  "visibility": "PUBLIC"
}
"""


async def test_list_courses(campus: Campus) -> None:
    for caller in (campus.client, campus.john):
        answer = await ask(caller, "GET /courses/?university_id=1&skip=0&limit=100")
        courses: list[Any] = shows(answer, f"[{COURSE}]")
        assert (await ask(caller, "GET /courses/")).json() == courses, "the defaults"
        for query in ("university_id=2", "university_id=1&skip=1"):
            other = await ask(caller, f"GET /courses/?{query}")
            assert (other.status_code, other.json()) == (200, [])


async def test_a_page_of_courses_has_100_of_them_unless_asked_otherwise(campus: Campus) -> None:
    for number in range(101):
        fields = {"title": "More", "code": f"M{number}", "university_id": 1, "is_published": True}
        made(await campus.instructor.post("/courses/", fields))
    assert len((await ask(campus.client, "GET /courses/")).json()) == 100
    assert len((await ask(campus.client, "GET /courses/?limit=7")).json()) == 7
    assert len((await ask(campus.client, "GET /courses/?skip=100")).json()) == 2


async def test_get_course(campus: Campus) -> None:
    for caller in (campus.client, campus.john):
        shows(await ask(caller, "GET /courses/{course_id}", course_id=1), COURSE)
        refuses(await ask(caller, "GET /courses/{course_id}", course_id=999), 404)


async def test_create_course(campus: Campus) -> None:
    shows(await ask(campus.instructor, "POST /courses/", NEW_COURSE), NEW_COURSE, 201)
    refuses(await ask(campus.instructor, "POST /courses/", NEW_COURSE), 400)
    refuses(await ask(campus.john, "POST /courses/", NEW_COURSE), 403)


async def test_the_cache_of_a_course_is_on_unless_said_otherwise(campus: Campus) -> None:
    silent = NEW_COURSE.replace(',\n  "cache_enabled": true', "")
    shows(await ask(campus.instructor, "POST /courses/", silent), NEW_COURSE, 201)


async def test_update_course(campus: Campus) -> None:
    path, body = "PUT /courses/{course_id}", '{"credit_hours": 4}'
    changed = COURSE.replace('"credit_hours": 3', '"credit_hours": 4')
    shows(await ask(campus.instructor, path, body, course_id=1), changed)
    shows(await ask(campus.client, "GET /courses/{course_id}", course_id=1), changed)
    refuses(await ask(campus.john, path, body, course_id=1), 403)


async def test_delete_course(campus: Campus) -> None:
    path = "DELETE /courses/{course_id}"
    course_id = made(await ask(campus.instructor, "POST /courses/", NEW_COURSE))["id"]
    refuses(await ask(campus.john, path, course_id=course_id), 403)
    answer = await ask(campus.instructor, path, course_id=course_id)
    assert (answer.status_code, answer.content) == (204, b"")
    refuses(await ask(campus.instructor, path, course_id=course_id), 404)
    refuses(await ask(campus.instructor, path, course_id=1), 400)


async def test_list_course_offerings(campus: Campus) -> None:
    path = "GET /courses/{course_id}/offerings"
    await ask(campus.instructor, "POST /courses/{course_id}/offerings", NEW_OFFERING, course_id=1)
    first = '{"id": 1, "course_id": 1, "term_name": "Spring 2026"}'
    for caller in (campus.client, campus.john):
        shows(await ask(caller, path, course_id=1), f"[{first}, {NEW_OFFERING}]")
        refuses(await ask(caller, path, course_id=999), 404)


async def test_create_course_offering(campus: Campus) -> None:
    path = "POST /courses/{course_id}/offerings"
    answer = await ask(campus.instructor, path, NEW_OFFERING, course_id=1)
    offering = shows(answer, NEW_OFFERING, 201)
    assert (offering["id"], offering["course_id"]) == (2, 1)
    refuses(await ask(campus.john, path, NEW_OFFERING, course_id=1), 403)


async def test_get_course_statistics(campus: Campus) -> None:
    path = "GET /courses/{course_id}/stats"
    shows(
        await ask(campus.instructor, path, course_id=1),
        """
        {
          "course_id": 1,
          "total_offerings": 1,
          "total_modules": 1,
          "total_content_items": 1,
          "total_enrollments": 2,
          "active_enrollments": 2
        }
        """,
    )
    refuses(await ask(campus.john, path, course_id=1), 403)
