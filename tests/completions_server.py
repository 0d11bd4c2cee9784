"""A chat completions server on a loopback port that answers as it is told, byte by byte."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

DONE = b"data: [DONE]\n\n"


def frame(content: str | None = None, finish: str | None = None) -> bytes:
    delta = {} if content is None else {"content": content}
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    body = json.dumps({"object": "chat.completion.chunk", "choices": [choice]}, ensure_ascii=False)
    return f"data: {body}\n\n".encode()


def usage(read: int = 7, said: int = 3) -> bytes:
    """The last frame of a server that was asked to count."""
    counts = {"prompt_tokens": read, "completion_tokens": said, "total_tokens": read + said}
    body = json.dumps({"object": "chat.completion.chunk", "choices": [], "usage": counts})
    return f"data: {body}\n\n".encode()


@dataclass
class Answer:
    """What comes back: the blocks as HTTP chunks, then the body's end, a cut inside a chunk,
    or nothing more until the client goes."""

    blocks: tuple[bytes, ...] = ()
    status: str = "200 OK"
    content_type: str = "text/event-stream; charset=utf-8"
    ending: Literal["whole", "cut", "silence"] = "whole"
    pause: float = 0.0


@dataclass
class CompletionsServer:
    """`answer`: the same to everybody, or what it makes of a request's body."""

    answer: Answer | Callable[[dict[str, Any]], Answer]
    url: str = ""
    heads: list[str] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = next(
                int(line.partition(":")[2])
                for line in head.splitlines()
                if line.lower().startswith("content-length:")
            )
            self.heads.append(head)
            body = json.loads(await reader.readexactly(length))
            self.bodies.append(body)
            answer = self.answer if isinstance(self.answer, Answer) else self.answer(body)
            await self._send(answer, reader, writer)
        except ConnectionError:
            self.gone.set()
        finally:
            writer.close()

    async def _send(
        self, answer: Answer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(
            f"HTTP/1.1 {answer.status}\r\nContent-Type: {answer.content_type}\r\n"
            "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n".encode()
        )
        for block in answer.blocks:
            writer.write(f"{len(block):x}\r\n".encode() + block + b"\r\n")
            await writer.drain()
            await asyncio.sleep(answer.pause)
        if answer.ending == "whole":
            writer.write(b"0\r\n\r\n")
        elif answer.ending == "cut":
            writer.write(b"ff\r\ndata: {")
        else:
            await reader.read()
            self.gone.set()
        await writer.drain()


@asynccontextmanager
async def serving(
    answer: Answer | Callable[[dict[str, Any]], Answer],
) -> AsyncIterator[CompletionsServer]:
    """A server for one test; its `url` is a base URL with its `/v1`."""
    scripted = CompletionsServer(answer)
    server = await asyncio.start_server(scripted.handle, "127.0.0.1", 0)
    scripted.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    async with server:
        yield scripted
