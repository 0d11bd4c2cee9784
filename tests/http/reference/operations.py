"""What the reference names, in its order, and how a test asks for it."""

from collections.abc import Iterator
from typing import Any

import httpx

from tests.http.site import API, Caller

REFERENCE = """
    POST   /auth/check-email
    POST   /auth/register
    POST   /auth/register-with-onboarding
    POST   /auth/login
    POST   /auth/refresh
    GET    /users/me                                            required
    GET    /users/me/overview                                   required
    PUT    /users/me                                            required
    GET    /users/{user_id}                                     required
    GET    /users/                                              required
    GET    /courses/
    GET    /courses/{course_id}
    POST   /courses/                                            required
    PUT    /courses/{course_id}                                 required
    DELETE /courses/{course_id}                                 required
    GET    /courses/{course_id}/offerings
    POST   /courses/{course_id}/offerings                       required
    GET    /courses/{course_id}/stats                           required
    GET    /enrollments/my-enrollments                          required
    POST   /enrollments/                                        required
    PUT    /enrollments/{enrollment_id}                         required
    GET    /modules/courses/{course_id}/modules
    GET    /modules/courses/{course_id}/modules/root
    GET    /modules/{module_id}
    GET    /modules/{module_id}/children
    POST   /modules/                                            required
    POST   /modules/reorder                                     required
    GET    /content/modules/{module_id}/content
    GET    /content/{content_id}
    POST   /content/                                            required
    GET    /progress/modules/my-progress                        required
    POST   /progress/modules                                    required
    GET    /progress/content/my-progress                        required
    POST   /progress/content                                    required
    GET    /chat/sessions                                       required
    POST   /chat/sessions                                       required
    GET    /chat/sessions/{session_id}                          required
    POST   /chat/sessions/{session_id}/messages                 required
    POST   /chat/sessions/{session_id}/greeting                 required
    POST   /chat/sessions/{session_id}/share                    required
    GET    /chat/share/{share_token}                            not required
    GET    /prompts/                                            INSTRUCTOR
    GET    /prompts/{prompt_name}                               INSTRUCTOR
    GET    /prompts/{prompt_name}/versions                      INSTRUCTOR
    POST   /prompts/                                            INSTRUCTOR
    PATCH  /prompts/{prompt_name}/versions/{version}/labels     INSTRUCTOR
    PATCH  /prompts/{prompt_name}/tags                          INSTRUCTOR
    DELETE /prompts/{prompt_name}                               PLATFORM_ADMIN
    DELETE /prompts/{prompt_name}/versions/{version}            PLATFORM_ADMIN
    GET    /prompts/labels                                      INSTRUCTOR
    GET    /prompts/names                                       INSTRUCTOR
    GET    /prompts/link-options                                INSTRUCTOR
    POST   /prompts/preview                                     INSTRUCTOR
    POST   /feature-requests/                                   required
    GET    /feature-requests/                                   required
    GET    /feature-requests/all                                INSTRUCTOR
    PATCH  /feature-requests/{feature_request_id}               INSTRUCTOR
    POST   /admin/aws-credentials                               PLATFORM_ADMIN
    GET    /admin/aws-credentials/status                        PLATFORM_ADMIN
    POST   /admin/aws-credentials/test                          PLATFORM_ADMIN
    GET    /admin/analytics/overview                            PLATFORM_ADMIN
    GET    /admin/analytics/engagement                          PLATFORM_ADMIN
    GET    /admin/analytics/progress                            PLATFORM_ADMIN
    GET    /admin/analytics/assessments                         PLATFORM_ADMIN
    GET    /admin/analytics/cache                               PLATFORM_ADMIN
    GET    /admin/analytics/community                           PLATFORM_ADMIN
"""
"""Each operation with what its line "Auth:" says, if it has one: "admin" is PLATFORM_ADMIN there,
"instructor or above" INSTRUCTOR."""


def plain(operation: str) -> str:
    """An operation without its query and its last slash: `GET /users`."""
    method, path = operation.split()
    return f"{method} {path.partition('?')[0].rstrip('/')}"


def _rows() -> Iterator[tuple[str, str]]:
    for line in REFERENCE.strip().splitlines():
        method, path, *auth = line.split()
        yield plain(f"{method} {path}"), " ".join(auth)


AUTH = dict(_rows())
OPERATIONS = tuple(AUTH)


async def ask(
    who: Caller | httpx.AsyncClient, operation: str, body: str | None = None, **path: Any
) -> httpx.Response:
    """Ask for an operation of the reference, as it is written there (`GET /users/?skip=0`), with
    a body as its bytes are there. A client without an account asks as nobody."""
    assert plain(operation) in OPERATIONS
    method, template = operation.split()
    more: dict[str, Any] = {}
    if body is not None:
        more = {"content": body.encode(), "headers": {"Content-Type": "application/json"}}
    if isinstance(who, Caller):
        return await who.ask(method, template.format(**path), **more)
    return await who.request(method, API + template.format(**path), **more)
