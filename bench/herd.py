"""A herd on a lesson of which nothing is cached: how many model calls, and how long."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from msgspec import Struct

from bench.load import Job, Report, Walk
from bench.processes import Learners, service
from bench.world import LEARNERS, World, add_cold_item, add_sessions, body_of
from twosigma.adapters.sql.store import SqlStore
from twosigma.domain.steps import GREETING_TEXT

PIECES = 80


class Upstream:
    """A model's server (OpenAI-compatible), which streams slowly and counts its calls."""

    def __init__(self, pause: float) -> None:
        self.calls = 0
        self.url = ""
        self._pause = pause

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        await reader.readexactly(int(length))
        self.calls += 1
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
        )
        for number in range(PIECES):
            writer.write(_frame({"content": f"piece {number} of a slow reply "}, None))
            await writer.drain()
            await asyncio.sleep(self._pause)
        writer.write(_frame({}, "stop") + b"data: [DONE]\n\n")
        await writer.drain()
        writer.close()


def _frame(delta: dict[str, str], finish: str | None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n"


@asynccontextmanager
async def upstream(pause: float) -> AsyncIterator[Upstream]:
    scripted = Upstream(pause)
    server = await asyncio.start_server(scripted.answer, "127.0.0.1", 0)
    scripted.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    async with server:
        yield scripted


class Herd(Struct, frozen=True, kw_only=True):
    """Seconds of a lone stream and of the whole herd; what the herd was given. `refused`: those
    who got an error, of which `refusal` is one."""

    lone: float
    whole: float
    calls: int
    replies: int
    refused: int
    refusal: str


async def measure(
    database: str, folder: Path, store: SqlStore, world: World, learners: Learners, pause: float
) -> Herd:
    """A lone learner on one cold lesson, then all of them at once on another."""
    async with upstream(pause) as model:
        settings = {
            "TWOSIGMA_LLM": "openai",
            "TWOSIGMA_MODEL": "slow",
            "TWOSIGMA_OPENAI_BASE_URL": model.url,
        }
        async with service(database, folder, settings) as server:
            for _ in range(2):  # the first one warms up
                lone = await learners.drive(await _job(store, world, server.port, 1))
            before = model.calls
            herd: Report = await learners.drive(await _job(store, world, server.port, LEARNERS))
        return Herd(
            lone=lone.seconds, whole=herd.seconds, calls=model.calls - before,
            replies=herd.replies, refused=herd.refused, refusal=herd.refusal,
        )  # fmt: skip


async def _job(store: SqlStore, world: World, port: int, count: int) -> Job:
    item_id = await add_cold_item(store, world)
    accounts = world.accounts[:count]
    sessions = await add_sessions(store, world, [user for user, _ in accounts], item_id)
    walks = [Walk(token, [session]) for (_, token), session in zip(accounts, sessions, strict=True)]
    return Job(port=port, walks=walks, bodies=[body_of(GREETING_TEXT)], turns=1)


def lines(database: str, herd: Herd) -> list[str]:
    """What came of it."""
    shown = [
        f"{database}: {LEARNERS} learners at once on a cold node",
        f"  model calls {herd.calls}, different replies {herd.replies};"
        f" the last one done after {herd.whole:.2f} s, a lone stream {herd.lone:.2f} s:"
        f" {herd.whole / herd.lone:.2f}x",
    ]
    if herd.refused:
        shown.append(f"  refused {herd.refused}, as: {herd.refusal}")
    return shown
