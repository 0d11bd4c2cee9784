"""A server on a loopback port that has prompts as Langfuse does, and Langfuse's bad days."""

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

from tests.credentials import CANARIES

PUBLIC, SECRET = "pk-lf-there", CANARIES[1]
RIGHT = "Basic " + b64encode(f"{PUBLIC}:{SECRET}".encode()).decode()


@dataclass
class Said:
    """An answer that is not the usual one: whole, cut within its body, or none at all."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    ending: Literal["whole", "cut", "silence"] = "whole"


@dataclass
class LangfuseServer:
    """`said` are the next answers to paths that begin so; `on_list` hears of each page that is
    about to be listed, and may change the prompts."""

    prompts: dict[str, dict[int, dict[str, Any]]] = field(default_factory=dict)
    said: dict[str, list[Said]] = field(default_factory=dict)
    on_list: Callable[[int], None] = lambda _: None
    is_old: bool = False
    url: str = ""
    asked: list[str] = field(default_factory=list)
    running: int = 0
    at_once: int = 0

    def put(self, name: str, number: int, prompt: object = "Hi", **fields: Any) -> None:
        made = {
            "name": name, "version": number, "type": "text", "prompt": prompt, "config": {},
            "labels": [], "tags": [], "commitMessage": None, "resolutionGraph": None,
            "updatedAt": "2026-01-01T00:00:00.000Z",
        }  # fmt: skip
        self.prompts.setdefault(name, {})[number] = made | fields

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.running += 1
        self.at_once = max(self.at_once, self.running)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            answer = self._answer(head)
            if answer.ending == "silence":
                await reader.read()
                return
            length = len(answer.body) + (9 if answer.ending == "cut" else 0)
            told = {"Content-Length": str(length), "Connection": "close", **answer.headers}
            lines = [f"HTTP/1.1 {answer.status} X", *(f"{key}: {told[key]}" for key in told)]
            writer.write("\r\n".join([*lines, "", ""]).encode() + answer.body)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.running -= 1
            writer.close()

    def _answer(self, head: str) -> Said:
        target = head.split(" ")[1]
        self.asked.append(target)
        for begin, answers in self.said.items():
            if target.startswith(begin) and answers:
                return answers.pop(0)
        lines = dict(line.split(": ", 1) for line in head.splitlines()[1:] if line)
        if {key.lower(): text for key, text in lines.items()}.get("authorization") != RIGHT:
            return Said(401, b'{"message":"no","error":"UnauthorizedError"}')
        parts = urlsplit(target)
        query = {key: texts[-1] for key, texts in parse_qs(parts.query).items()}
        if parts.path == "/api/public/v2/prompts":
            return self._listed(int(query["page"]), int(query["limit"]))
        found = self.prompts.get(unquote(parts.path.removeprefix("/api/public/v2/prompts/")), {})
        version = found.get(int(query["version"]))
        if version is None:
            return Said(404, b'{"message":"Prompt not found","error":"LangfuseNotFoundError"}')
        if self.is_old and "@@@" in str(version["prompt"]):
            version = version | {"prompt": "Resolved", "resolutionGraph": {"root": {}}}
        return Said(body=json.dumps(version).encode())

    def _listed(self, page: int, limit: int) -> Said:
        self.on_list(page)
        rows = [
            {
                "name": name, "versions": list(versions),
                "labels": sorted({label for one in versions.values() for label in one["labels"]}),
                "tags": [], "lastUpdatedAt": max(one["updatedAt"] for one in versions.values()),
                "lastConfig": [],
            }
            for name, versions in sorted(self.prompts.items())
        ]  # fmt: skip
        meta = {"page": page, "limit": limit, "totalItems": len(rows),
                "totalPages": -(-len(rows) // limit)}  # fmt: skip
        data = rows[limit * (page - 1) : limit * page]
        return Said(body=json.dumps({"data": data, "meta": meta}).encode())


@asynccontextmanager
async def serving() -> AsyncIterator[LangfuseServer]:
    """A server for one test, without prompts."""
    scripted = LangfuseServer()
    server = await asyncio.start_server(scripted.handle, "127.0.0.1", 0)
    scripted.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield scripted
