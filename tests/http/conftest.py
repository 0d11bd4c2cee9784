"""The service over an installation in memory, with an account of each role."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest
import structlog
from structlog.testing import LogCapture

from tests import leaks
from tests.http.programs import Program
from tests.http.site import Caller, Site
from twosigma.adapters.http.app import create_app
from twosigma.adapters.http.edge import Service
from twosigma.adapters.http.settings import HttpSettings
from twosigma.domain.actor import Role
from twosigma.testing import PASSWORD, Learner, World, in_memory


@dataclass
class Installation:
    """A world and the service over it."""

    world: World
    client: httpx.AsyncClient

    async def caller(self, learner: Learner) -> Caller:
        """Sign in."""
        form = {"email": learner.user.email, "password": PASSWORD}
        tokens = (await self.client.post("/api/v1/auth/login", json=form)).json()
        return Caller(self.client, learner, tokens["access_token"], tokens["refresh_token"])


@pytest.fixture
async def settings() -> HttpSettings:
    return HttpSettings()


@asynccontextmanager
async def running(app: Service) -> AsyncIterator[None]:
    """Run the service's lifespan in a task of its own, as a server does: fixtures are set up and
    taken down in different tasks, which task groups do not bear."""
    started, stop = asyncio.Event(), asyncio.Event()

    async def serve() -> None:
        async with app.lifespan():
            started.set()
            await stop.wait()

    serving = asyncio.create_task(serve())
    await started.wait()
    try:
        yield
    finally:
        stop.set()
        await serving


SHOWS_A_SECRET = {("POST", "/api/v1/admin/api-keys", 201)}
"""Answers that show a secret, the one time."""
DOCUMENTATION = ("/openapi.json", "/docs", "/redoc")
"""Where fields are told by their names."""


def watched_client(transport: httpx.ASGITransport) -> httpx.AsyncClient:
    """A client whose every answer is looked through for secrets."""

    async def look(answer: httpx.Response) -> None:
        request, path = answer.request, answer.request.url.path.rstrip("/")
        shows = (request.method, path, answer.status_code) in SHOWS_A_SECRET
        if not shows and not path.startswith(DOCUMENTATION):
            leaks.look_at_answer(answer.status_code, (await answer.aread()).decode("latin-1"))

    return httpx.AsyncClient(
        transport=transport, base_url="http://testserver", event_hooks={"response": [look]}
    )


@pytest.fixture
async def installation(settings: HttpSettings) -> AsyncIterator[Installation]:
    async with in_memory(running=False) as world:
        app = create_app(world.core, settings=settings)
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with (
            running(app),
            watched_client(transport) as client,
        ):
            yield Installation(world, client)


@pytest.fixture
async def site(installation: Installation) -> Site:
    """A published course of the instructor's, with a learner in it."""
    world, client = installation.world, installation.client
    instructor = await installation.caller(await world.user(Role.INSTRUCTOR))
    admin = await installation.caller(await world.user(Role.PLATFORM_ADMIN))
    student = await installation.caller(await world.user())
    other = await installation.caller(await world.user())
    await world.course()  # makes the university, and is somebody else's course
    site = Site(world, client, instructor, admin, student, other)
    await site.build()
    return site


@pytest.fixture
def log() -> Iterator[LogCapture]:
    """All structured log lines, at every level."""
    capture = LogCapture()
    logger = logging.getLogger("twosigma.http")
    before = logger.level
    logger.setLevel(logging.DEBUG)
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, capture],
        logger_factory=structlog.PrintLoggerFactory(),
        cache_logger_on_first_use=False,
    )
    yield capture
    structlog.reset_defaults()
    leaks.watch()
    logger.setLevel(before)


@pytest.fixture
async def admin(site: Site) -> Program:
    return Program(site.client, await site.key_headers(site.admin))


@pytest.fixture
async def teacher(site: Site) -> Program:
    return Program(site.client, await site.key_headers(site.instructor))
