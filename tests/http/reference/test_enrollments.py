"""Enrollments: course enrollment management."""

from tests.http.reference.campus import Campus
from tests.http.reference.operations import ask
from tests.http.reference.shown import refuses, shows
from tests.http.site import made

ENROLLMENT = """
  {
    "id": 1,
    "user_id": 1,
    "course_offering_id": 1,
    "status": "ACTIVE",
    "enrolled_at": "2026-01-01T00:00:00Z",
    "course_offering": {
      "term_name": "Spring 2026",
      "course": {
        "title": "CS101",
        "code": "CS101"
      }
    }
  }
"""


async def test_get_my_enrollments(campus: Campus) -> None:
    await campus.change("/courses/1", title="CS101")
    await campus.on("2026-01-20T10:30:00Z")
    shows(await ask(campus.john, "GET /enrollments/my-enrollments"), f"[{ENROLLMENT}]")


async def test_enroll_in_course(campus: Campus) -> None:
    body = """
    {
      "course_offering_id": 1
    }
    """
    shown = ENROLLMENT.replace('"title": "CS101"', '"title": "Introduction to Computer Science"')
    answer = await ask(campus.admin, "POST /enrollments/", body)
    shows(answer, shown, 201, id=3, user_id=campus.admin.id)
    refuses(await ask(campus.admin, "POST /enrollments/", body), 400)
    missing = body.replace("1", "999")
    refuses(await ask(campus.john, "POST /enrollments/", missing), 404)


async def test_update_enrollment_status(campus: Campus) -> None:
    path = "PUT /enrollments/{enrollment_id}"
    body = """
    {
      "status": "COMPLETED"
    }
    """
    refuses(await ask(campus.jane, path, body, enrollment_id=1), 404)
    refuses(await ask(campus.john, path, body, enrollment_id=1), 400)
    whole = {"content_item_id": 1, "course_offering_id": 1, "progress_percent": 100}
    made(await campus.john.post("/progress/content", whole))
    shows(await ask(campus.john, path, body, enrollment_id=1), body)
    mine = await ask(campus.john, "GET /enrollments/my-enrollments")
    shows(mine, f"[{body}]")
