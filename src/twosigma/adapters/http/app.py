"""The service: every group's routes over one core."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar

from twosigma.adapters.http import (
    admin,
    api_keys,
    auth,
    cache_admin,
    chat_sessions,
    chat_turns,
    content,
    content_types,
    course_staff,
    course_stats,
    courses,
    credentials,
    docs,
    enrollments,
    exports,
    feature_requests,
    invitations,
    modules,
    offerings,
    onboarding,
    overview,
    pages,
    password_resets,
    profiles,
    progress,
    prompts,
    prompts_edit,
    prompts_port,
    prompts_trail,
    reset_page,
    subjects,
    universities,
    users,
)
from twosigma.adapters.http.edge import Service
from twosigma.adapters.http.endpoint import served
from twosigma.adapters.http.errors import answer_error
from twosigma.adapters.http.hot import HotRoutes
from twosigma.adapters.http.langfuse import errors as langfuse_errors
from twosigma.adapters.http.langfuse import prompts as langfuse_prompts
from twosigma.adapters.http.settings import HttpSettings
from twosigma.app.core import TwoSigma

GROUPS = (
    auth.auth,
    onboarding.onboarding,
    password_resets.password_resets,
    users.users,
    overview.overview,
    profiles.profiles,
    exports.exports,
    universities.universities,
    subjects.subjects,
    courses.courses,
    offerings.offerings,
    course_staff.course_staff,
    course_stats.course_stats,
    enrollments.enrollments,
    invitations.invitations,
    modules.modules,
    content.content,
    content_types.content_types,
    progress.progress,
    chat_sessions.sessions,
    chat_turns.turns,
    prompts.prompts,
    prompts_edit.prompts_edit,
    prompts_trail.prompts_trail,
    prompts_port.prompts_port,
    feature_requests.feature_requests,
    admin.admin,
    credentials.credentials,
    api_keys.api_keys,
    cache_admin.cache,
    langfuse_prompts.public,
    pages.service,
)
"""In the order of the reference; after its groups Langfuse's."""


def create_app(core: TwoSigma, *, settings: HttpSettings | None = None) -> Service:
    """The service as an ASGI application.

    Its lifespan runs the core's turns: a server does that by the ASGI protocol; a test by
    `async with app.lifespan()`.
    """
    chosen = settings or HttpSettings()

    @asynccontextmanager
    async def running(_: Litestar) -> AsyncIterator[None]:
        async with core.running():
            yield

    app = Litestar(
        route_handlers=[
            *(served(route, core, chosen) for group in GROUPS for route in group.routes),
            *docs.handlers(GROUPS),
            *reset_page.handlers(),
        ],
        lifespan=[running],
        exception_handlers={Exception: answer_error},
        openapi_config=None,
        logging_config=None,
        debug=False,
    )
    routes = [route for group in GROUPS for route in group.routes]
    hot = HotRoutes((route for route in routes if route.is_hot), core, chosen)
    max_bodies = {(one.method, one.path): one.max_body for one in routes if one.max_body}
    return Service(app, hot, chosen, langfuse_errors.translated, max_bodies)
