"""A service to test against: who calls it, and what is in it."""

from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any

import httpx

from twosigma.testing import Learner, World, question

Json = dict[str, Any]
API = "/api/v1"

NEEDED = {
    f"{API}/admin/chat/sessions/{{session_id}}": "?reason=ticket",
    f"{API}/admin/cache/explain": "?session_id=1",
    f"{API}/admin/cache/trees": "?course_id=999999",
    f"{API}/prompts/{{prompt_name}}/diff": "?from=1&to=1",
}
"""Queries that a route does not do without."""

QUESTION = question(1, "What is 2 + 2?", ["3", "4"], correct="B")


@dataclass
class Caller:
    """An account that is signed in."""

    client: httpx.AsyncClient
    learner: Learner
    token: str
    refresh_token: str

    @property
    def id(self) -> int:
        return self.learner.id

    async def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """A request with this account's token; `path` without the prefix."""
        headers = {"Authorization": f"Bearer {self.token}"} | dict(more.pop("headers", {}))
        return await self.client.request(method, API + path, headers=headers, **more)

    async def get(self, path: str, **more: Any) -> httpx.Response:
        return await self.ask("GET", path, **more)

    async def post(self, path: str, body: object, **more: Any) -> httpx.Response:
        return await self.ask("POST", path, json=body, **more)


@dataclass
class Site:
    world: World
    client: httpx.AsyncClient
    instructor: Caller
    admin: Caller
    student: Caller
    other: Caller
    ids: dict[str, Any] = field(default_factory=dict)

    async def build(self) -> None:
        """A course of the instructor's: offering, module, quiz, a prompt; the student in it."""
        teacher = self.instructor
        course = {"title": "Algebra", "code": "ALG1", "university_id": 1, "is_published": True}
        course_id = made(await teacher.post("/courses/", course))["id"]
        term = made(await teacher.post(f"/courses/{course_id}/offerings", {"term_name": "Now"}))
        module = made(await teacher.post("/modules/", {"course_id": course_id, "title": "Unit"}))
        async with self.world.ports.store.read() as tx:
            kinds = {kind.name: kind.id for kind in await tx.content.types()}
        item = {
            "module_id": module["id"],
            "content_type_id": kinds["quiz"],
            "title": "Sums",
            "data_json": {"body": "About sums.", "questions": [QUESTION]},
        }
        content = made(await teacher.post("/content/", item))
        made(await teacher.post("/prompts/", {"name": "mine/one", "prompt": "Hello."}))
        department = made(await self.admin.post("/universities/1/departments", {"name": "Maths"}))
        subject = made(await self.admin.post("/subjects/", {"name": "Mathematics"}))
        joined = made(await self.student.post("/enrollments/", {"course_offering_id": term["id"]}))
        self.ids = {
            "university_id": 1,
            "department_id": department["id"],
            "subject_id": subject["id"],
            "course_id": course_id,
            "offering_id": term["id"],
            "enrollment_id": joined["id"],
            "invitation_id": 1,
            "module_id": module["id"],
            "content_id": content["id"],
            "content_type_id": kinds["text"],
            "prompt_name": "mine%2Fone",
            "version": 1,
            "label": "staging",
            "share_token": "nothing-is-shared-here",
            "tree_id": 1,
            "key_id": 1,
            "auth_session_id": "nobody-is-signed-in-here",
        }

    async def session(self, caller: Caller) -> int:
        """A new session of the caller's about the quiz."""
        body = {"content_item_id": self.ids["content_id"]}
        session_id: int = made(await caller.post("/chat/sessions", body))["id"]
        return session_id

    async def session_of_newcomer(self, caller: Caller) -> int:
        """As `session`, of somebody who enrolls for it."""
        made(await caller.post("/enrollments/", {"course_offering_id": self.ids["offering_id"]}))
        return await self.session(caller)

    async def feature_request(self, caller: Caller) -> int:
        """A new feature request of the caller's."""
        body = self.body("submit_feature_request")
        request_id: int = made(await caller.post("/feature-requests/", body))["id"]
        return request_id

    def caller(self, access: str) -> Caller:
        """Somebody of just the role that a route of this access needs."""
        return {"instructor": self.instructor, "admin": self.admin}.get(access, self.student)

    async def key_headers(self, owner: Caller) -> dict[str, str]:
        """How a program with a new API key of this account signs in."""
        admin = self.admin.learner.actor
        pair = await self.world.core.api_keys.create(admin, "Program", owner.id)
        word = b64encode(f"{pair.key.public_key}:{pair.secret_key}".encode())
        return {"Authorization": f"Basic {word.decode()}"}

    async def filled(self, template: str, caller: Caller) -> str:
        """A route's path with ids of what is there."""
        ids = {**self.ids, "user_id": caller.id}
        if "{session_id}" in template:
            ids["session_id"] = await self.session(caller)
        if "{feature_request_id}" in template:
            ids["feature_request_id"] = await self.feature_request(caller)
        return template.format(**ids) + NEEDED.get(template, "")

    def body(self, operation: str) -> Json | None:
        """A good body for an operation; None for one that takes none."""
        ids = self.ids
        bodies: dict[str, Json] = {
            "check_email": {"email": "new@example.com"},
            "register_user": {
                "email": "new@example.com",
                "password": "SecurePass123",
                "full_name": "John Doe",
                "locale": "en",
                "time_zone": "UTC",
            },
            "register_with_onboarding": {
                "email": "new@example.com",
                "password": "SecurePass123",
                "full_name": "John Doe",
                "profile": {"date_of_birth": "2000-01-01", "grade": "SOPHOMORE"},
                "subject_preferences": [ids["subject_id"]],
            },
            "request_password_reset": {"email": "new@example.com"},
            "confirm_password_reset": {
                "token": "nothing-was-mailed-here",
                "new_password": "SecurePass123",
            },
            "erase_current_user": {"password": "not the password"},
            "update_own_profile": {"learning_goal": "CERTIFICATION", "date_of_birth": None},
            "set_subject_preferences": {"subject_ids": [ids["subject_id"]]},
            "login_user": {"email": "new@example.com", "password": "SecurePass123"},
            "update_current_user": {"locale": "es", "time_zone": "America/New_York"},
            "change_password": {
                "current_password": "not the password",
                "new_password": "SecurePass123",
            },
            "set_user_role": {"role": "PLATFORM_ADMIN"},
            "set_user_status": {"is_active": True},
            "create_university": {"name": "Aalto", "country": "FI"},
            "update_university": {"code": "TU"},
            "create_department": {"name": "Physics", "code": "PHY"},
            "update_department": {"code": "MA"},
            "create_subject": {"name": "Physics"},
            "update_subject": {"slug": "maths"},
            "create_course": {"title": "Sets", "code": "SETS", "university_id": 1},
            "update_course": {"description": "Sums and more"},
            "create_offering": {"term_name": "Spring 2026"},
            "update_offering": {"term_name": "Autumn 2026"},
            "put_course_staff": {"user_id": self.other.id, "role": "ASSISTANT"},
            "enroll_class": {"csv": "nobody@example.com"},
            "enroll_in_course": {"course_offering_id": ids["offering_id"]},
            "update_enrollment_status": {"status": "COMPLETED"},
            "report_module_progress": {
                "module_id": ids["module_id"],
                "course_offering_id": ids["offering_id"],
                "progress_percent": 50,
                "completed_at": None,
            },
            "report_content_progress": {
                "content_item_id": ids["content_id"],
                "course_offering_id": ids["offering_id"],
                "progress_percent": 100,
                "completed_at": "2026-01-05T11:59:00Z",
            },
            "create_module": {"course_id": ids["course_id"], "title": "Week 1"},
            "create_content": {
                "module_id": ids["module_id"],
                "content_type_id": ids["content_type_id"],
                "title": "Reading",
            },
            "update_module": {"title": "Week 2"},
            "reorder_modules": {"module_ids": [ids["module_id"]]},
            "update_content": {"title": "Reading"},
            "reorder_content": {
                "module_id": ids["module_id"],
                "content_ids": [ids["content_id"]],
            },
            "create_content_type": {"name": "essay", "label": "Essay"},
            "update_content_type": {"label": "Reading"},
            "create_chat_session": {"content_item_id": ids["content_id"]},
            "send_message": {"content": "Why does this work?"},
            "share_session": {"expires_in_days": 30},
            "create_prompt": {"name": "Video Tutor", "prompt": "You help."},
            "set_labels": {"labels": ["staging"]},
            "set_tags": {"tags": ["tutor"]},
            "preview_prompt": {"prompt_text": "Hello {{title}}", "variables": {"title": "Sets"}},
            "submit_feature_request": {"title": "Dark mode", "description": "For the night."},
            "clean_cache": {"unused_days": 30},
            "update_feature_request": {"status": "planned", "admin_notes": "In May."},
            "create_api_key": {"name": "Prompt editor"},
            "update_aws_credentials": {
                "aws_access_key_id": "AKIAIOSFODNN7EXAMPLE",
                "aws_secret_access_key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                "aws_session_token": "optional",
            },
        }
        return bodies.get(operation)


def made(response: httpx.Response) -> Json:
    """The body of an answer that must be a success."""
    assert response.status_code in {200, 201}, response.text
    body: Json = response.json()
    return body


def faults(response: httpx.Response) -> list[tuple[tuple[str | int, ...], str]]:
    """Place and type of each fault of a 422."""
    assert response.status_code == 422, response.text
    assert response.headers["x-error-code"] == "validation_error"
    found = response.json()["detail"]
    assert all(fault.keys() == {"loc", "msg", "type"} for fault in found)
    return [(tuple(fault["loc"]), fault["type"]) for fault in found]


async def greet(caller: Caller, session_id: int) -> bytes:
    """The events of a session's greeting."""
    answer = await caller.ask("POST", f"/chat/sessions/{session_id}/greeting")
    assert answer.status_code == 200, answer.text
    return answer.content
