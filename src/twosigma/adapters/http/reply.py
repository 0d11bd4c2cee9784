"""What goes out: a status, headers, and one body or a stream of pieces."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import msgspec
from litestar.types import Receive, Scope, Send

from twosigma.adapters.http.defects import log_defect

Headers = Sequence[tuple[bytes, bytes]]

JSON_TYPE = (b"content-type", b"application/json")
NO_STORE = (b"cache-control", b"no-store")

_encoder = msgspec.json.Encoder()


class Reply:
    """A whole answer, as an ASGI application."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: Headers, body: bytes = b"") -> None:
        self.status = status
        self.headers = [*headers, (b"content-length", b"%d" % len(body))] if body else headers
        self.body = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 -- ASGI
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": False})


class Streamed(Reply):
    """An answer in pieces. Whoever produces them goes on when the client goes away; only the
    reading of them ends."""

    __slots__ = ("pieces",)

    def __init__(self, status: int, headers: Headers, pieces: AsyncGenerator[bytes, None]) -> None:
        super().__init__(status, headers)
        self.pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 -- ASGI
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        async with asyncio.TaskGroup() as group:
            sending = group.create_task(self._send(send))
            leaving = group.create_task(_cancel_when_gone(receive, sending))
            await asyncio.wait([sending])
            leaving.cancel()

    async def _send(self, send: Send) -> None:
        try:
            async with aclosing(self.pieces) as pieces:
                async for piece in pieces:
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
        except Exception as error:
            log_defect(error)
            return  # without an end, so that the server cuts the connection
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _cancel_when_gone(receive: Receive, sending: asyncio.Task[None]) -> None:
    message = await receive()
    while message["type"] != "http.disconnect":
        message = await receive()
    sending.cancel()


def encoded(value: object) -> bytes:
    """A value as JSON: times in UTC with a `Z`, unset fields left out."""
    return _encoder.encode(value)


def json_reply(status: int, value: object, headers: Headers = (NO_STORE,)) -> Reply:
    """A value as an answer."""
    return Reply(status, (JSON_TYPE, *headers), encoded(value))


def no_content(status: int = 204) -> Reply:
    """An answer without a body."""
    return Reply(status, (NO_STORE,))
