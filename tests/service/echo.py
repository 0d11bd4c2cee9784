"""A tutor that says which prompt it was sent, and two services over one database that ask it.

A prompt is marked `[[like this]]`; the reply is the marks of the system prompt, and so it is when
it comes from the cache: a turn tells by what prompt it was taught.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from tests.completions_server import DONE, Answer, frame
from tests.completions_server import serving as model_serving
from tests.service.lecture import Lecture, Seat, client_of
from tests.service.test_lecture import settings_for
from twosigma.domain.prompt_refs import Ref, tag_of

_MARK = re.compile(r"\[\[(.+?)\]\]")
NAME = "Tutor"
"""The prompt that teaches where none is named."""
STYLE = "Style"
"""What it refers to, by the label `live`."""
WITH_STYLE = tag_of(Ref(name=STYLE, label="live"))


def marks(text: str) -> str:
    """The marks in a text, in its order."""
    return " ".join(_MARK.findall(text))


def echo(body: dict[str, Any]) -> Answer:
    """The tutor's answer to a request."""
    return Answer((frame(marks(body["messages"][0]["content"])), frame(finish="stop"), DONE))


@dataclass
class Pair:
    """Two services, `here` and `there`; what an admin and an API key send."""

    lecture: Lecture
    here: httpx.AsyncClient
    there: httpx.AsyncClient
    admin: dict[str, str]
    key: httpx.BasicAuth

    async def write(self, method: str, path: str, body: dict[str, object]) -> None:
        """Change something through the first service."""
        answer = await self.here.request(method, path, json=body, **self._sender(path))
        assert answer.status_code in {200, 201}, answer.text

    async def publish(self, text: str, name: str = NAME, label: str = "production") -> None:
        """A new version that bears this label, through the first service."""
        body: dict[str, object] = {"name": name, "prompt": text, "labels": [label]}
        await self.write("POST", "/api/v1/prompts/", body)

    async def label(self, version: int, name: str = STYLE, label: str = "live") -> None:
        """Move a label, through the first service."""
        path = f"/api/v1/prompts/{name}/versions/{version}/labels"
        await self.write("PATCH", path, {"labels": [label]})

    async def reads(self, name: str, label: str) -> set[str]:
        """The marks of a prompt as the second service resolves it, over both its APIs."""
        chosen = {"label": label}
        ours, theirs = f"/api/v1/prompts/{name}", f"/api/public/v2/prompts/{name}"
        rest = await self.there.get(ours, params=chosen, **self._sender(ours))
        public = await self.there.get(theirs, params=chosen, **self._sender(theirs))
        assert (rest.status_code, public.status_code) == (200, 200), rest.text + public.text
        return {marks(rest.json()["resolved_prompt"]), marks(public.json()["prompt"])}

    def _sender(self, path: str) -> dict[str, Any]:
        return {"auth": self.key} if path.startswith("/api/public") else {"headers": self.admin}


async def said(seat: Seat, content: object = None) -> str:
    """The tutor's reply to a message, or its greeting."""
    events = await (seat.greet() if content is None else seat.send(content))
    assert "message_id" in events[-1], events
    return "".join(str(event["content"]) for event in events[:-1])


async def greeted(pair: Pair, at: Sequence[int]) -> tuple[list[Seat], list[str]]:
    """New sessions of these learners, every other one through the second service; and what
    they were greeted with."""
    sides = [(pair.there, pair.here)[number % 2] for number in range(len(at))]
    who = [pair.lecture.learners[number] for number in at]
    opened = [pair.lecture.seat(side, one) for side, one in zip(sides, who, strict=True)]
    seats = list(await asyncio.gather(*opened))
    return seats, list(await asyncio.gather(*map(said, seats)))


@asynccontextmanager
async def pair_over(lecture: Lecture) -> AsyncIterator[Pair]:
    """Two services whose tutor is `echo`, with a prompt that names another."""
    made = await lecture.world.core.api_keys.create(lecture.admin.actor, "SDK", None)
    auth = httpx.BasicAuth(made.key.public_key, made.secret_key)
    async with model_serving(echo) as model:
        chosen = settings_for(model, RATE_LIMITS="off")
        with ExitStack() as stack:
            # Started together: each takes a second or two.
            starting = (asyncio.to_thread(stack.enter_context, lecture.serve(chosen)) for _ in "12")
            servers = await asyncio.gather(*starting)
            async with client_of(servers[0]) as here, client_of(servers[1]) as there:
                yield Pair(lecture, here, there, lecture.headers(lecture.admin), auth)
