"""Where the CPU time of a cached turn goes: each layer by itself, in this process."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from typing import Any
from uuid import uuid4

from msgspec import Struct

from bench.world import ANSWERS, KEY, World, add_sessions, body_of
from twosigma.adapters.http.app import create_app
from twosigma.adapters.memory.bedrock import ScriptedBedrock
from twosigma.adapters.memory.flights import MemoryFlights
from twosigma.adapters.memory.limits import MemoryRateLimiter
from twosigma.adapters.memory.mail import MemoryMail
from twosigma.adapters.memory.secrets import NamedCipher
from twosigma.adapters.memory.store import MemoryStore
from twosigma.adapters.offline.llm import OfflineLlm
from twosigma.adapters.schemas.validator import RustSchemas
from twosigma.adapters.security.passwords import BcryptHasher
from twosigma.adapters.security.random import SystemRandom
from twosigma.adapters.security.tokens import JwtTokens
from twosigma.adapters.sql.store import SqlStore
from twosigma.adapters.system.clock import SystemClock
from twosigma.adapters.system.logs import configure
from twosigma.app.core import Ports, TwoSigma
from twosigma.domain.steps import GREETING_TEXT, QuizAnswer, parse
from twosigma.ports.chat import Hit, HitRequest
from twosigma.ports.store import Store

TIMES = 2_000
BEST_OF = 5
TOGETHER = 32
BODY = b'data: {"content": "three words more ", "done": false}\n\n' * 20


class Instant(MemoryStore):
    """A store that hits at once."""

    async def advance(self, hit: HitRequest) -> Hit | None:
        return Hit(turn_id=hit.turn_id, message_id=1, node_id=1, body=BODY)


class Layers(Struct, frozen=True, kw_only=True):
    """Microseconds of CPU a turn: reading the token; message to step and digest; the use case,
    those two left out of it; HTTP from the ASGI scope to the answer, the use case and token
    left out; the log line; and uvicorn is what is left of a whole turn."""

    token: float
    step: float
    use_case: float
    http: float
    log: float

    @property
    def known(self) -> float:
        return self.token + self.step + self.use_case + self.http + self.log


async def measure(world: World, folder: Path) -> Layers:
    """Time the layers above the store, over a store that hits at once."""
    core = core_over(Instant(SystemClock()))
    app: Any = create_app(core)
    user, token = world.accounts[0]
    content = world.contents[1]
    scope = scope_of("POST", "/api/v1/chat/sessions/1/messages", token, body_of(content))

    async def call() -> None:
        await app({**scope}, receiving(body_of(content)), _send)

    async def send() -> None:
        await core.chat_turns.send(user, 1, content)

    with _log(folder, logging.WARNING):
        async with app.lifespan():
            reading = _best(lambda: core.auth.user_id_of(token))
            step = _best(lambda: parse(content, has_turns=False, has_greeting=True))
            use_case = await _best_awaited(send)
            http = await _best_awaited(call)
            logging.getLogger("twosigma").setLevel(logging.INFO)
            logged = await _best_awaited(call)
    return Layers(
        token=reading, step=step, use_case=use_case - step, http=http - use_case - reading,
        log=logged - http,
    )  # fmt: skip


def core_over(store: Store) -> TwoSigma:
    """The use cases in this process."""
    clock = SystemClock()
    ports = Ports(
        store=store, flights=MemoryFlights(), clock=clock, random=SystemRandom(),
        passwords=BcryptHasher(4), tokens=JwtTokens(KEY.encode()), llm=OfflineLlm(),
        schemas=RustSchemas(),
        mail=MemoryMail(),
        limiter=MemoryRateLimiter(clock),
        cipher=NamedCipher(), bedrock=ScriptedBedrock(),
        tutor_prompts=(),
    )  # fmt: skip
    return TwoSigma(ports)


async def advance(store: SqlStore, world: World) -> float:
    """Microseconds of this process's CPU a hit, so many turns at once."""
    users = [user for user, _ in world.accounts[:TOGETHER]]
    best = float("inf")
    for _ in range(3):
        sessions = await add_sessions(store, world, users)
        walks = [
            [_request(world, user, session, number) for number in range(ANSWERS + 1)]
            for user, session in zip(users, sessions, strict=True)
        ]
        started = process_time()
        await asyncio.gather(*(_walk(store, walk) for walk in walks))
        spent = process_time() - started
        best = min(best, spent / (TOGETHER * (ANSWERS + 1)) * 1e6)
    return best


def lines(layers: Layers, advances: dict[str, float], wholes: dict[str, float]) -> list[str]:
    """The table; `wholes` are whole turns at 32 learners, as measured over HTTP."""
    shown = [
        f"Where the service's CPU goes, us a turn ({TOGETHER} learners; without the database's"
        " own processes)",
        f"  {'layer':<44}" + "".join(f"{name:>12}" for name in advances),
    ]
    rows = [
        ("token (remembered)", layers.token),
        ("message to step and digest", layers.step),
        ("use case around them", layers.use_case),
        ("HTTP: routing, reading, headers, answer", layers.http),
        ("log line", layers.log),
    ]
    shown += [f"  {name:<44}" + f"{value:>12.0f}" * len(advances) for name, value in rows]
    shown.append(
        f"  {'store.advance':<44}" + "".join(f"{value:>12.0f}" for value in advances.values())
    )
    rest = [wholes[name] - layers.known - spent for name, spent in advances.items()]
    shown.append(
        f"  {'the rest: uvicorn, sockets, event loop':<44}"
        + "".join(f"{one:>12.0f}" for one in rest)
    )
    shown.append(f"  {'whole':<44}" + "".join(f"{wholes[name]:>12.0f}" for name in advances))
    return shown


async def _walk(store: SqlStore, requests: list[HitRequest]) -> None:
    for request in requests:
        assert await store.advance(request) is not None


def _request(world: World, user: int, session: int, number: int) -> HitRequest:
    text, step = parse(world.contents[number], has_turns=False, has_greeting=True)
    answer = step if isinstance(step, QuizAnswer) else None
    assert answer is not None or text == GREETING_TEXT
    return HitRequest(
        session_id=session, user_id=user, turn_id=str(uuid4()), key=None, content=text,
        canonical=answer.canonical if answer is not None else None,
        digest=world.steps[number].digest, is_greeting=answer is None,
        question_id=str(answer.question_id) if answer is not None else None,
        answer=answer.canonical if answer is not None else None, settings=world.settings,
        now=datetime.now(UTC),
    )  # fmt: skip


def _best(call: Callable[[], object]) -> float:
    """Microseconds of CPU a call, the best of a few rows."""
    rows = []
    for _ in range(BEST_OF):
        started = process_time()
        for _ in range(TIMES):
            call()
        rows.append(process_time() - started)
    return min(rows) / TIMES * 1e6


async def _best_awaited(call: Callable[[], Awaitable[None]]) -> float:
    rows = []
    for _ in range(BEST_OF):
        started = process_time()
        for _ in range(TIMES):
            await call()
        rows.append(process_time() - started)
    return min(rows) / TIMES * 1e6


def scope_of(method: str, path: str, token: str, body: bytes) -> dict[str, Any]:
    """A request as an ASGI application is given it."""
    return {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1",
        "server": ("127.0.0.1", 8000), "client": ("127.0.0.1", 9999), "scheme": "http",
        "root_path": "", "method": method, "path": path, "raw_path": path.encode(),
        "query_string": b"",
        "headers": [
            (b"host", b"127.0.0.1"), (b"authorization", b"Bearer " + token.encode()),
            (b"content-type", b"application/json"), (b"content-length", b"%d" % len(body)),
        ],
    }  # fmt: skip


def receiving(body: bytes) -> Callable[[], Awaitable[dict[str, Any]]]:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _send(message: Any) -> None:
    assert message.get("status", 200) == 200


@contextmanager
def _log(folder: Path, level: int) -> Iterator[None]:
    """The service's log, into a file."""
    with (folder / "layers.log").open("w") as file, redirect_stderr(file):
        configure("console", "info")
        logging.getLogger("twosigma").setLevel(level)
        yield
        logging.getLogger().handlers[:] = []
