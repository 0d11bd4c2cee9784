"""The installation that the reference's examples are told of, with the ids that they have there:
John Doe is user 1 and learns in offering 1 of course 1, whose content 1 is a video."""

from datetime import datetime
from typing import Any

import httpx

from tests.http.conftest import Installation
from tests.http.reference.operations import ask
from tests.http.site import Caller, made
from twosigma.domain.actor import Role
from twosigma.domain.users import User
from twosigma.testing import Learner, World

JOHN = """
{
  "email": "user@example.com",
  "password": "SecurePass123",
  "full_name": "John Doe",
  "locale": "en",
  "time_zone": "UTC"
}
"""
COURSE = {
    "title": "Introduction to Computer Science",
    "code": "CS101",
    "description": "Fundamentals of programming",
    "level": "INTRODUCTORY",
    "credit_hours": 3,
    "is_published": True,
    "university_id": 1,
    "department_id": 1,
}
CONTENT = {
    "module_id": 1,
    "title": "Introduction Video",
    "content_type_id": 1,
    "description": "Course intro video",
    "data_json": {"video_url": "https://example.com/intro.mp4", "duration": 600},
    "sequence_index": 0,
    "estimated_duration_seconds": 600,
}


class Campus:
    """`john` and `jane` learn, the `instructor` owns the course, the `admin` rules."""

    john: Caller
    jane: Caller
    instructor: Caller
    admin: Caller

    def __init__(self, installation: Installation) -> None:
        self._installation = installation

    @property
    def world(self) -> World:
        return self._installation.world

    @property
    def client(self) -> httpx.AsyncClient:
        """Somebody without an account."""
        return self._installation.client

    async def build(self) -> None:
        """All this happened on the first of January."""
        self.world.clock.set(instant("2026-01-01T00:00:00Z"))
        made(await ask(self.client, "POST /auth/register", JOHN))
        roles = (Role.STUDENT, Role.INSTRUCTOR, Role.PLATFORM_ADMIN)
        self._others = [await self.world.user(role) for role in roles]
        await self._sign_in()
        await self._teach()
        for learner in (self.john, self.jane):
            made(await learner.post("/enrollments/", {"course_offering_id": 1}))

    async def _teach(self) -> None:
        await places(self.admin)
        teacher = self.instructor
        course = made(await teacher.post("/courses/", COURSE))
        assert course["id"] == 1
        made(await teacher.post("/courses/1/offerings", {"term_name": "Spring 2026"}))
        made(await teacher.post("/modules/", {"course_id": 1, "title": "Unit"}))
        made(await teacher.post("/content/", CONTENT))

    async def _sign_in(self) -> None:
        tokens = made(await self.client.post("/api/v1/auth/login", json=LOGIN))
        async with self.world.ports.store.read() as tx:
            user = await tx.accounts.get(1)
        assert isinstance(user, User)
        john = Learner(self.world, user)
        self.john = Caller(self.client, john, tokens["access_token"], tokens["refresh_token"])
        self.jane, self.instructor, self.admin = [
            await self._installation.caller(other) for other in self._others
        ]

    async def on(self, moment: str) -> None:
        """It is then; everybody signs in anew, for their tokens are too old."""
        self.world.clock.set(instant(moment))
        await self._sign_in()

    async def session(self, learner: Caller, content_item_id: int = 1) -> int:
        """A new chat session about a content item."""
        body = {"content_item_id": content_item_id}
        session_id: int = made(await learner.post("/chat/sessions", body))["id"]
        return session_id

    async def change(self, path: str, **fields: Any) -> None:
        """A change that the instructor makes."""
        made(await self.instructor.ask("PUT", path, json=fields))


LOGIN = {"email": "user@example.com", "password": "SecurePass123"}


async def places(admin: Caller) -> None:
    """University 1 with department 1, and subjects 1 to 3."""
    made(await admin.post("/universities/", {"name": "University"}))
    made(await admin.post("/universities/1/departments", {"name": "Computer Science"}))
    for name in ("Computer Science", "Mathematics", "Physics"):
        made(await admin.post("/subjects/", {"name": name}))


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
