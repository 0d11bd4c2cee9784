"""The learners: a process of its own that sends requests over raw sockets and checks answers.

It takes a job a line on standard input and gives a report a line on standard output. A learner
has one connection and sends its next message when it has the whole answer to the last.
"""

import asyncio
import sys
from time import perf_counter
from typing import cast

import msgspec
import uvloop
from msgspec import Struct

DONE = b'data: {"content": "", "done": true, "message_id": '
KEEP_ALIVE = b": keep-alive\n\n"
LONGEST = 120.0
"""Seconds a job may take."""


class Walk(Struct, frozen=True):
    """One learner's way: each of these sessions from its greeting on."""

    token: str
    sessions: list[int]


class Job(Struct, frozen=True, kw_only=True):
    """Each walk takes `turns` turns; the bodies of a session's messages come in their order.
    `requests`: instead of walks, the requests of each connection as they are, each of which is
    to be answered with 200."""

    port: int
    walks: list[Walk] = []
    bodies: list[bytes] = []
    turns: int = 0
    requests: list[list[bytes]] = []


class Report(Struct, frozen=True, kw_only=True):
    """Seconds from the first request to the last answer; milliseconds a turn; how many
    different replies there were to the walks' last messages; how many walks ended with a wrong
    answer, and one of these."""

    turns: int
    seconds: float
    p50: float
    p99: float
    replies: int
    refused: int
    refusal: str


class Learner(asyncio.Protocol):
    """One connection, which sends `messages` one by one; `is_turn`: each answer is to end with a
    message's id."""

    def __init__(
        self, messages: list[bytes], ended: "asyncio.Future[None]", *, is_turn: bool
    ) -> None:
        self._messages = messages
        self._is_turn = is_turn
        self._ended = ended
        self._at = 0
        self._sent = 0.0
        self._buffer = bytearray()
        self.latencies: list[float] = []
        self.reply = b""
        self.refusal = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._ended.done():
            self._ended.set_exception(exc or ConnectionError(f"closed in turn {self._at}"))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        try:
            body = whole_body(self._buffer, is_turn=self._is_turn)
        except ValueError as error:
            self.refusal = str(error)
            self._transport.abort()
            self._ended.set_result(None)
            return
        if body is None:
            return
        self.latencies.append(perf_counter() - self._sent)
        self.reply = body[: body.rfind(DONE)].replace(KEEP_ALIVE, b"")
        self._buffer.clear()
        self._at += 1
        if self._at < len(self._messages):
            self.send()
        else:
            self._ended.set_result(None)
            self._transport.close()

    def send(self) -> None:
        self._sent = perf_counter()
        self._transport.write(self._messages[self._at])


def whole_body(received: bytearray, *, is_turn: bool) -> bytes | None:
    """The body of an answer that is there whole; None: more is to come.

    Raises ValueError for any answer but 200, and for a turn's that does not end with a message's
    id.
    """
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return None
    head = bytes(received[:end]).lower()
    if not head.startswith(b"http/1.1 200"):
        raise ValueError(f"answered {bytes(received[:300])!r}")
    at = head.find(b"\r\ncontent-length: ")
    if at < 0:
        return _whole_chunks(bytes(received[end + 4 :]))
    length = int(head[at + 18 :].split(b"\r\n", 1)[0])
    if len(received) < end + 4 + length:
        return None
    body = bytes(received[end + 4 :])
    return _checked(body) if is_turn else body


def _whole_chunks(received: bytes) -> bytes | None:
    if not received.endswith(b"\r\n0\r\n\r\n"):
        return None
    body, at = b"", 0
    while True:
        start = received.index(b"\r\n", at) + 2
        size = int(received[at : start - 2], 16)
        if size == 0:
            return _checked(body)
        body += received[start : start + size]
        at = start + size + 2


def _checked(body: bytes) -> bytes:
    at = body.rfind(DONE)
    if at < 0 or not body[at + len(DONE) : -3].isdigit() or not body.endswith(b"}\n\n"):
        raise ValueError(f"no end with a message's id: {body[-300:]!r}")
    return body


def messages_of(job: Job, walk: Walk) -> list[bytes]:
    """The requests of one learner, ready to be sent."""
    requests = []
    for turn in range(job.turns):
        session, body = walk.sessions[turn // len(job.bodies)], job.bodies[turn % len(job.bodies)]
        requests.append(
            f"POST /api/v1/chat/sessions/{session}/messages HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Bearer {walk.token}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
    return requests


async def drive(job: Job) -> Report:
    """Connect all learners, start them at once, and wait for their last answers."""
    loop = asyncio.get_running_loop()
    learners, ends = [], []
    for messages in job.requests or [messages_of(job, walk) for walk in job.walks]:
        ended = loop.create_future()
        learner = Learner(messages, ended, is_turn=not job.requests)
        await loop.create_connection(lambda one=learner: one, "127.0.0.1", job.port)  # type: ignore[misc]  # bound at once
        learners.append(learner)
        ends.append(ended)
    started = perf_counter()
    for learner in learners:
        learner.send()
    async with asyncio.timeout(LONGEST):
        await asyncio.gather(*ends)
    seconds = perf_counter() - started
    refusals = [learner.refusal for learner in learners if learner.refusal]
    # 0 where every answer was refused: JSON has no nan.
    latencies = sorted(latency for learner in learners for latency in learner.latencies) or [0.0]
    return Report(
        turns=sum(len(learner.latencies) for learner in learners), seconds=seconds,
        p50=latencies[len(latencies) // 2] * 1000,
        p99=latencies[len(latencies) * 99 // 100] * 1000,
        replies=len({learner.reply for learner in learners if not learner.refusal}),
        refused=len(refusals), refusal=next(iter(refusals), ""),
    )  # fmt: skip


def main() -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        for line in sys.stdin.buffer:
            report = runner.run(drive(msgspec.json.decode(line, type=Job)))
            print(msgspec.json.encode(report).decode(), flush=True)


if __name__ == "__main__":
    main()
