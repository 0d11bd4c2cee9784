"""A lecture hall: one course, many learners with tokens, and a service to start over them."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx

from tests.app.lessons import ADD, SUB
from tests.cli.running import Server, serving
from twosigma.adapters.security.tokens import JwtTokens
from twosigma.adapters.sql.store import SqlStore
from twosigma.adapters.system.clock import SystemClock
from twosigma.domain.actor import Role
from twosigma.domain.tokens import mint
from twosigma.testing import Course, Learner, World, in_memory

KEY = "a key for services that tests start"
DAY = timedelta(days=1)


@dataclass
class Seat:
    """A learner's client and session."""

    client: httpx.AsyncClient
    headers: dict[str, str]
    session_id: int

    async def greet(self) -> list[dict[str, object]]:
        return await self._post("greeting", None)

    async def send(self, content: object) -> list[dict[str, object]]:
        return await self._post("messages", {"content": content})

    async def get(self) -> dict[str, object]:
        answer = await self.client.get(self._path(), headers=self.headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def sources(self) -> list[str]:
        messages = (await self.get())["messages"]
        assert isinstance(messages, list)
        return [m["meta"]["source"] for m in messages if m["role"] == "assistant"]

    async def post(self, what: str, body: object) -> httpx.Response:
        path = f"{self._path()}/{what}"
        return await self.client.post(path, headers=self.headers, json=body)

    def _path(self) -> str:
        return f"/api/v1/chat/sessions/{self.session_id}"

    async def _post(self, what: str, body: object) -> list[dict[str, object]]:
        answer = await self.post(what, body)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
        lines = answer.text.split("\n\n")
        return [json.loads(line[6:]) for line in lines if line.startswith("data: ")]


@dataclass
class Lecture:
    url: str
    folder: Path
    store: SqlStore
    world: World
    course: Course
    learners: list[Learner]
    admin: Learner
    sessions: list[int] = field(default_factory=list)

    @contextmanager
    def serve(self, settings: Mapping[str, str]) -> Iterator[Server]:
        chosen = {
            "VAR_DIR": str(self.folder / "var"), "DATABASE_URL": self.url, "SECRET_KEY": KEY,
            "BCRYPT_COST": "4", **settings,
        }  # fmt: skip
        with serving(chosen, self.folder) as server:
            yield server

    def headers(self, who: Learner) -> dict[str, str]:
        ids = (f"access-{who.id}", f"refresh-{who.id}")
        pair = mint(who.id, ids, SystemClock().now(), (DAY, DAY))
        return {"Authorization": f"Bearer {JwtTokens(KEY.encode()).sign(pair.access)}"}

    async def seat(self, client: httpx.AsyncClient, who: Learner) -> Seat:
        """A new session of this learner."""
        headers = self.headers(who)
        body = {"content_item_id": self.course.items[0]}
        made = await client.post("/api/v1/chat/sessions", json=body, headers=headers)
        assert made.status_code == 201, made.text
        self.sessions.append(made.json()["id"])
        return Seat(client, headers, made.json()["id"])

    async def seats(self, client: httpx.AsyncClient, count: int) -> list[Seat]:
        return [await self.seat(client, who) for who in self.learners[:count]]


@asynccontextmanager
async def lecture_over(url: str, folder: Path) -> AsyncIterator[Lecture]:
    store = SqlStore(url)
    async with in_memory(store=store, time=SystemClock()) as world:
        course = await world.course(questions=[ADD, SUB])
        learners = [await world.learner(course) for _ in range(20)]
        admin = await world.user(Role.PLATFORM_ADMIN)
        yield Lecture(url, folder, store, world, course, learners, admin)
    await store.dispose()


def client_of(server: Server) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=100)
    return httpx.AsyncClient(base_url=server.url, timeout=30, limits=limits)


async def until(holds, seconds: float = 15) -> None:  # type: ignore[no-untyped-def]  # an async test
    """Wait until this holds."""
    for _ in range(int(seconds / 0.05)):
        if await holds():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come to hold in time")
