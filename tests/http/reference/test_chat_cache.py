"""Chat's cache: what is served from it, what misses it, and when a session leaves it."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from tests.http.reference.campus import CONTENT, Campus
from tests.http.reference.operations import ask
from tests.http.site import Caller, made
from twosigma.testing import events_of

SEND = "POST /chat/sessions/{session_id}/messages"
GREET = "POST /chat/sessions/{session_id}/greeting"
MCQ = '{"questionId": 1, "answer": "A"}'
FOLLOW_UP = '{"type": "followup", "text": "And then?"}'
TABLE = [
    # message type, example, cacheable
    ("Greeting trigger", '"Start."', True),
    ("MCQ answer", MCQ, True),
    ("MCQ answer as text", json.dumps(MCQ), True),
    ("Free-form text", '"Why does this work?"', False),
    ("Follow-up", FOLLOW_UP, False),
    ("Follow-up as text", json.dumps(FOLLOW_UP), False),
]
"""The table "Cache behavior per message type"; what is an object may come as one or as its text."""


@dataclass
class Talk:
    """A learner's session over HTTP."""

    learner: Caller
    id: int

    async def greet(self) -> list[dict[str, Any]]:
        return await self._events(await ask(self.learner, GREET, session_id=self.id))

    async def send(self, content: str) -> list[dict[str, Any]]:
        """A message, whose content is written as JSON."""
        body = f'{{"content": {content}}}'
        return await self._events(await ask(self.learner, SEND, body, session_id=self.id))

    async def session(self) -> dict[str, Any]:
        path = "GET /chat/sessions/{session_id}"
        return made(await ask(self.learner, path, session_id=self.id))

    async def state(self) -> str:
        return str((await self.session())["cache_state"])

    async def meta(self) -> dict[str, Any]:
        """What is kept about the last reply."""
        meta: dict[str, Any] = (await self.session())["messages"][-1]["meta"]
        return meta

    async def source(self) -> str:
        return str((await self.meta())["source"])

    async def _events(self, answer: Any) -> list[dict[str, Any]]:
        assert answer.status_code == 200, answer.text
        return events_of(answer.content)


async def talks(campus: Campus, content_item_id: int = 1) -> tuple[Talk, Talk]:
    """A session of John's and one of Jane's about the same item."""
    john, jane = [
        Talk(learner, await campus.session(learner, content_item_id))
        for learner in (campus.john, campus.jane)
    ]
    return john, jane


def calls(campus: Campus) -> int:
    """How often the model was called."""
    return len(campus.world.llm.requests)


@pytest.mark.parametrize(("kind", "content", "is_cacheable"), TABLE, ids=[row[0] for row in TABLE])
async def test_cache_behavior_per_message_type(
    campus: Campus, kind: str, content: str, is_cacheable: bool
) -> None:
    john, jane = await talks(campus)
    if kind != "Greeting trigger":
        await john.greet()
        await jane.greet()
    before = calls(campus)
    first, second = await john.send(content), await jane.send(content)
    assert (await john.source(), await jane.source()) == (
        ("llm", "cache") if is_cacheable else ("llm", "llm")
    )
    assert calls(campus) - before == (1 if is_cacheable else 2)
    assert await john.state() == await jane.state() == ("TRACKING" if is_cacheable else "DIVERGED")
    assert (first[:-1] == second[:-1]) is is_cacheable
    for talk in (john, jane):
        await talk.send(MCQ)
        assert await talk.state() == ("TRACKING" if is_cacheable else "DIVERGED"), "permanently"
        if not is_cacheable:
            assert await talk.source() == "llm", "all subsequent messages go to the model"


async def test_a_diverged_session_is_not_served_what_others_are(campus: Campus) -> None:
    john, jane = await talks(campus)
    for talk in (john, jane):
        await talk.greet()
    await john.send(MCQ)
    await jane.send('"Why does this work?"')
    await jane.send(MCQ)
    assert (await jane.source(), await jane.state()) == ("llm", "DIVERGED")


async def test_a_hit_has_the_stored_pieces_and_names_its_node(campus: Campus) -> None:
    campus.world.llm.say("Wel", "come", "!")
    campus.world.llm.say("Yes, ", "it is A.")
    john, jane = await talks(campus)
    for talk in (john, jane):
        greeting, verdict = await talk.greet(), await talk.send(MCQ)
        assert [event["content"] for event in greeting] == ["Wel", "come", "!", ""]
        assert [event["content"] for event in verdict] == ["Yes, ", "it is A.", ""]
    hit = await jane.meta()
    assert hit["source"] == "cache"
    assert hit["cache_node_id"] == (await jane.session())["cache_node_id"]
    assert hit["cache_node_id"] == (await john.session())["cache_node_id"]
    assert calls(campus) == 2


async def test_the_greeting_is_the_root_and_is_what_start_asks_for(campus: Campus) -> None:
    john, jane = await talks(campus)
    await john.greet()
    await jane.send('"Start."')
    assert (await jane.session())["cache_node_id"] == (await john.session())["cache_node_id"]
    assert (await john.source(), await jane.source()) == ("llm", "cache")


async def test_the_key_has_the_whole_sequence_of_messages(campus: Campus) -> None:
    john, jane = await talks(campus)
    for talk, answer in ((john, "A"), (jane, "B")):
        await talk.greet()
        await talk.send(MCQ.replace("A", answer))
        await talk.send('{"questionId": 2, "answer": "C"}')
        assert await talk.source() == "llm", "an answer after another path"


async def test_the_key_has_the_content_item(campus: Campus) -> None:
    made(await campus.instructor.post("/content/", CONTENT))
    for item in (1, 2):
        john, _ = await talks(campus, item)
        await john.greet()
        assert await john.source() == "llm"


async def test_a_cache_that_is_off_is_neither_read_nor_written(campus: Campus) -> None:
    await campus.change("/courses/1", cache_enabled=False)
    john, jane = await talks(campus)
    for talk in (john, jane):
        await talk.greet()
        assert await talk.source() == "llm"
        await talk.send(MCQ)
        assert await talk.source() == "llm"
        assert (await talk.session())["cache_node_id"] is None
    await campus.change("/courses/1", cache_enabled=True)
    later, _ = await talks(campus)
    await later.greet()
    assert await later.source() == "llm", "nothing was stored meanwhile"


async def test_a_cache_that_is_turned_off_is_not_read(campus: Campus) -> None:
    john, jane = await talks(campus)
    await john.greet()
    await campus.change("/courses/1", cache_enabled=False)
    await jane.greet()
    assert await jane.source() == "llm"


@pytest.mark.parametrize("what", ["the prompt's version", "the model"])
async def test_the_cache_misses_when_this_changes(campus: Campus, what: str) -> None:
    john, jane = await talks(campus)
    await john.greet()
    if what == "the model":
        await campus.change("/courses/1", llm_model="another/1")
    else:
        body = {"name": "Tutor/Video", "prompt": "Be brief.", "labels": ["production"]}
        made(await campus.admin.post("/prompts/", body))
    new_john, new_jane = await talks(campus)
    for talk, source in ((jane, "llm"), (new_john, "cache"), (new_jane, "cache")):
        await talk.greet()
        assert await talk.source() == source
    assert calls(campus) == 2
