"""The limit: a cached turn by hand, as a bare ASGI application without framework or layers.

It does what a hit must do and no more: one route, no validation beyond the message's shape, no
staff, no log, no failures. What it leaves out is the price of the service.
"""

import argparse
import asyncio
import hashlib
import socket
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol
from uuid import uuid4

import jwt
import msgspec
import uvicorn
import uvloop
from msgspec import Struct

from bench.world import KEY

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]
GREETING = "Start."


class Quiz(Struct, frozen=True, rename="camel"):
    question_id: int
    answer: str


class Body(Struct, frozen=True):
    content: str | Quiz


class Turn(Struct):
    """What one turn is asked with; `question_id` and `answer` go into the event."""

    session_id: int
    user_id: int
    turn_id: str
    content: str
    digest: bytes
    is_greeting: bool
    question_id: str | None
    answer: str | None


Answer = tuple[int, bytes] | None
"""The message's id and the events before the last; None: no hit."""


class Hits(Protocol):
    def __init__(self, database: str, settings: str) -> None: ...

    async def open(self) -> None: ...

    def advance(self, turn: Turn) -> Awaitable[Answer]: ...


Application = Callable[[Any, Any, Any], Coroutine[Any, Any, None]]
_body = msgspec.json.Decoder(Body)
_text = msgspec.json.Encoder()


def application(hits: Hits) -> Application:
    """The one route, over these hits."""
    remembered: dict[bytes, int] = {}

    async def serve(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await hits.open()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        user_id = _user(scope, remembered)
        message = await receive()
        turn = _turn(int(scope["path"].split("/")[5]), user_id, message["body"])
        found = await hits.advance(turn)
        if found is None:
            await send({"type": "http.response.start", "status": 404, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        message_id, body = found
        body += b'data: {"content": "", "done": true, "message_id": %d}\n\n' % message_id
        headers = [
            *HEADERS,
            (b"turn-id", turn.turn_id.encode()),
            (b"content-length", b"%d" % len(body)),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return serve


def _user(scope: Any, remembered: dict[bytes, int]) -> int:
    for name, value in scope["headers"]:
        if name == b"authorization":
            user_id = remembered.get(value)
            if user_id is None:
                claims = jwt.decode(
                    value[7:], KEY.encode(), ["HS256"], audience="access", issuer="twosigma"
                )
                user_id = remembered[value] = int(claims["sub"])
            return user_id
    raise PermissionError


def _turn(session_id: int, user_id: int, body: bytes) -> Turn:
    content = _body.decode(body).content
    if isinstance(content, str):
        canonical, question_id, answer, text = content, None, None, content
    else:
        shown = _text.encode(content.answer).decode()
        canonical = f'{{"answer":{shown},"questionId":{content.question_id}}}'
        text = f'{{"questionId":{content.question_id},"answer":{shown}}}'
        question_id, answer = str(content.question_id), canonical
    return Turn(
        session_id, user_id, str(uuid4()), text, hashlib.sha256(canonical.encode()).digest(),
        canonical == GREETING, question_id, answer,
    )  # fmt: skip


def run(hits: type[Hits]) -> None:
    """Serve on a free port of the loopback until SIGTERM; its address is printed."""
    options = argparse.ArgumentParser()
    options.add_argument("database")
    options.add_argument("settings")
    given = options.parse_args()
    listener = socket.create_server(("127.0.0.1", 0), backlog=2_048)
    listener.setblocking(False)  # noqa: FBT003  # the standard library's only form
    config = uvicorn.Config(
        application(hits(given.database, given.settings)),
        http="httptools", ws="none", loop="none", lifespan="on", access_log=False,
        server_header=False, log_level="warning",
    )  # fmt: skip
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(uvicorn.Server(config).serve(sockets=[listener]))
