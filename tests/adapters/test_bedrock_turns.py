"""Whole turns of learners over Bedrock: what each of its failures leaves them with."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.adapters.bedrock_model import model
from tests.bedrock_scenarios import AMPLE, AT_ONCE, BROKEN, KEPT, SCENARIOS, Scenario, kept_because
from tests.bedrock_server import Answer, BedrockServer, replies, speaks, text
from twosigma.adapters.system.clock import SystemClock
from twosigma.app.policy import Policy
from twosigma.domain.cache_tree import CacheState
from twosigma.domain.chat import TurnStatus
from twosigma.domain.credentials import AwsKeys
from twosigma.domain.errors import Missing, Unavailable
from twosigma.domain.sealing import Unreadable
from twosigma.domain.turn import Limits
from twosigma.testing import Talk, in_memory


@asynccontextmanager
async def lesson(
    answer: Answer | None, limits: Limits = AMPLE, **changes: Any
) -> AsyncIterator[tuple[Talk, BedrockServer]]:
    """A new session of a learner."""
    with model(answer, **changes) as (llm, server):
        policy = Policy(limits=limits)
        async with in_memory(llm=llm, time=SystemClock(), policy=policy) as world:
            course = await world.course()
            yield await (await world.learner(course)).open(course.items[0]), server


async def observed(talk: Talk, server: BedrockServer) -> str:
    """What a greeting leaves the learner with, in the words of the page."""
    try:
        answer = await talk.greet()
    except Unavailable:
        tries = max(len(server.bodies), 1)
        return f"503 after {tries} {'try' if tries == 1 else 'tries'}"
    if answer.message_id is None:
        assert answer.detail is not None
        return BROKEN
    message = (await talk.messages())[-1]
    if "stop_reason" in message.meta:
        assert (await talk.session()).position.state is CacheState.DIVERGED
        return kept_because(str(message.meta["stop_reason"]))
    assert (await talk.session()).position.node_id is not None
    return KEPT


@pytest.mark.parametrize("name", SCENARIOS)
async def test_f80_a_turn_ends_as_the_page_says_and_a_failed_one_leaves_no_trace(
    name: str,
) -> None:
    scenario: Scenario = SCENARIOS[name]
    async with lesson(scenario.answer, scenario.limits) as (talk, server):
        before = await talk.session()
        seen = await observed(talk, server)
        if scenario.answer is None:
            # Its tries are counted where they do not arrive: by the pauses between them.
            assert seen == AT_ONCE
            return
        assert seen == scenario.outcome
        if seen == KEPT or seen.startswith("kept"):
            return
        after = await talk.session()
        assert (after.message_count, after.position) == (0, before.position)
        assert after.turn is not None
        assert after.turn.status is TurnStatus.FAILED
        server.answer = replies("Welcome!")
        again = await talk.greet()
        assert (again.text, again.source) == ("Welcome!", "llm")


async def test_f80_where_nothing_listens_it_is_tried_three_times() -> None:
    async with lesson(None) as (talk, _):
        loop = asyncio.get_running_loop()
        began = loop.time()
        with pytest.raises(Unavailable, match="The tutor cannot answer right now"):
            await talk.greet()
        assert 1.5 <= loop.time() - began < 15, "two pauses: 0.5 and 1 second"


async def test_f81_without_credentials_nobody_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, "/dev/null")

    async def none() -> AwsKeys | None:
        return None

    async with lesson(replies("Welcome!"), keys=none) as (talk, server):
        assert await observed(talk, server) == AT_ONCE
        assert server.bodies == []


async def test_f111_with_unreadable_credentials_a_turn_is_503() -> None:
    async def unreadable() -> AwsKeys | None:
        raise Unreadable

    async with lesson(replies("Welcome!"), keys=unreadable) as (talk, server):
        assert await observed(talk, server) == AT_ONCE
        assert server.bodies == []


async def test_f91_a_turn_after_a_failed_one_is_sent_alternating_roles() -> None:
    async with lesson(replies("Welcome!")) as (talk, server):
        await talk.greet()
        server.answer = speaks(text("a"))
        assert (await talk.send("Why?")).message_id is None
        server.answer = replies("Because.")
        assert (await talk.send("Why not?")).text == "Because."
    said = [(one["role"], one["content"][0]["text"]) for one in server.bodies[-1]["messages"]]
    assert said == [("user", "Start."), ("assistant", "Welcome!"), ("user", "Why not?")]


async def test_f88_a_turn_that_is_stopped_ends_its_call_and_keeps_nothing() -> None:
    async with lesson(speaks(text("a"), ending="silence")) as (talk, server):
        asking = asyncio.ensure_future(talk.greet())
        await asyncio.to_thread(server.wait_for, 1)
        await _stopped(talk)
        assert (await asking).message_id is None
        assert await asyncio.to_thread(server.gone.wait, 5)
        assert (await talk.session()).message_count == 0


async def _stopped(talk: Talk) -> None:
    """Stop the turn once it runs."""
    turns = talk.world.core.chat_turns
    while True:
        try:
            await turns.stop(talk.learner.id, talk.session_id)
        except Missing:
            await asyncio.sleep(0.01)
        else:
            return
