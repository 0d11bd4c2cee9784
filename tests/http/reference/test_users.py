"""Users: user management and profiles."""

from typing import Any

from tests.http.reference.campus import COURSE, Campus
from tests.http.reference.operations import ask
from tests.http.reference.shown import refuses, shows
from tests.http.site import Caller, made

USER = """
{
  "id": 1,
  "email": "user@example.com",
  "full_name": "John Doe",
  "is_active": true,
  "locale": "en",
  "time_zone": "UTC",
  "current_streak_days": 5,
  "last_activity_date": "2026-01-20",
  "created_at": "2026-01-01T00:00:00Z"
}
"""


async def learn(campus: Campus, *days: int) -> None:
    """John does something on each of these days of January."""
    report = {"content_item_id": 1, "course_offering_id": 1, "progress_percent": 10}
    for day in days:
        await campus.on(f"2026-01-{day:02}T10:30:00Z")
        made(await campus.john.post("/progress/content", report))


async def complete(campus: Campus, learner: Caller, number: int) -> None:
    """The learner completes another course."""
    teacher = campus.instructor
    course = made(await teacher.post("/courses/", {**COURSE, "code": f"CS{number}"}))
    path = f"/courses/{course['id']}/offerings"
    term = made(await teacher.post(path, {"term_name": "Winter 2025"}))
    row = made(await learner.post("/enrollments/", {"course_offering_id": term["id"]}))
    await campus.change(f"/enrollments/{row['id']}", status="COMPLETED")


async def test_get_current_user(campus: Campus) -> None:
    await learn(campus, 16, 17, 18, 19, 20)
    shows(await ask(campus.john, "GET /users/me"), USER)


async def test_get_user_overview(campus: Campus) -> None:
    for number in range(5):
        await complete(campus, campus.john, 110 + number)
    free = made(await campus.instructor.post("/courses/", {**COURSE, "code": "CS120"}))
    term = {"term_name": "Spring 2026"}
    made(await campus.instructor.post(f"/courses/{free['id']}/offerings", term))
    await learn(campus, 18, 19, 20)
    overview = shows(
        await ask(campus.john, "GET /users/me/overview"),
        """
        {
          "active_enrollments": [...],
          "recommended_courses": [...],
          "recent_activity": [...],
          "stats": {
            "completed_courses": 5,
            "current_streak": 3
          }
        }
        """,
    )
    assert [row["course_offering_id"] for row in overview["active_enrollments"]] == [1]
    assert [course["id"] for course in overview["recommended_courses"]] == [free["id"]]
    assert {one["content_item_id"] for one in overview["recent_activity"]} == {1}


async def test_update_current_user(campus: Campus) -> None:
    body = """
    {
      "full_name": "Jane Doe",
      "locale": "es",
      "time_zone": "America/New_York"
    }
    """
    shows(await ask(campus.john, "PUT /users/me", body), body)
    shows(await ask(campus.john, "GET /users/me"), body)


async def test_get_user_by_id(campus: Campus) -> None:
    await learn(campus, 16, 17, 18, 19, 20)
    for caller in (campus.john, campus.instructor, campus.admin):
        shows(await ask(caller, "GET /users/{user_id}", user_id=1), USER)
    refuses(await ask(campus.jane, "GET /users/{user_id}", user_id=1), 403)
    refuses(await ask(campus.instructor, "GET /users/{user_id}", user_id=999), 404)


async def test_list_users(campus: Campus) -> None:
    await learn(campus, 16, 17, 18, 19, 20)
    answer = await ask(campus.instructor, "GET /users/?skip=0&limit=100")
    users: list[Any] = shows(answer, f'[{USER}, "...", "...", "..."]')
    assert (await ask(campus.instructor, "GET /users/")).json() == users, "the defaults"
    second = await ask(campus.instructor, "GET /users/?skip=1&limit=1")
    assert second.json() == users[1:2]
    refuses(await ask(campus.john, "GET /users/?skip=0&limit=100"), 403)
