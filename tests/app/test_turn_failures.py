"""Turns whose model fails: nothing half-said is kept, and everything goes on."""

import asyncio

import pytest

from tests.app.lessons import ADD, lesson, outcomes, talk
from twosigma.domain.cache_tree import CacheState
from twosigma.domain.errors import Unavailable
from twosigma.testing import (
    Broken,
    Cut,
    Ended,
    Pause,
    Refused,
    in_memory,
)


@pytest.mark.parametrize(
    "script",
    [
        ("Half a", Cut()),
        ("Half a", Refused(retryable=True)),
        ("Half a", Broken()),
        ("Half a", Pause(31), "late"),
        ("x" * 40_000, "x" * 40_000),
    ],
)
async def test_f82_a_reply_that_breaks_off_leaves_no_trace(script: tuple[str]) -> None:
    async with in_memory() as world:
        course = await lesson(world)
        one = await talk(world, course)
        await one.greet()
        before = await one.session()
        world.llm.say(*script)
        asking = asyncio.ensure_future(one.answer(1, "B"))
        await world.clock.advance(200)
        reply = await asking
        assert reply.message_id is None
        assert reply.detail
        after = await one.session()
        assert (after.position, after.message_count) == (before.position, 2)
        assert after.turn is not None
        assert (after.turn.status.value, after.turn.content) == (
            "failed",
            '{"questionId":1,"answer":"B"}',
        )
        assert (await one.answer(1, "B")).source == "llm"


async def test_f86_a_drip_is_cut_when_the_whole_turn_has_had_its_time() -> None:
    async with in_memory() as world:
        one = await talk(world, await lesson(world))
        world.llm.say(*("drip ", Pause(20)) * 30)
        asking = asyncio.ensure_future(one.greet())
        await world.clock.advance(121)
        reply = await asking
        assert (reply.message_id, len(reply.chunks)) == (None, 6)
        assert world.llm.closed == 1
        assert await one.messages() == []


@pytest.mark.parametrize(
    ("script", "calls"),
    [
        ((Refused(),), 1),
        ((), 1),
        (("  \n",), 1),
        ((Cut(),), 1),
        ((Pause(31), "late"), 1),
        ((Broken(),), 1),
    ],
)
async def test_f80_a_failure_before_the_first_piece_is_an_ordinary_error(
    script: tuple[str], calls: int
) -> None:
    async with in_memory() as world:
        one = await talk(world, await lesson(world))
        world.llm.say(*script)
        asking = asyncio.ensure_future(one.greet())
        await world.clock.advance(60)
        if script == ("  \n",):  # a piece had been shown: the stream tells of the failure
            assert (await asking).message_id is None
        else:
            with pytest.raises(Unavailable) as refused:
                await asking
            assert refused.value.retry_after
        assert len(world.llm.requests) == calls
        assert (await one.greet()).source == "llm"


async def test_f80_a_service_that_is_away_is_tried_three_times() -> None:
    async with in_memory() as world:
        one = await talk(world, await lesson(world))
        for _ in range(3):
            world.llm.say(Refused(retryable=True))
        asking = asyncio.ensure_future(one.greet())
        await world.clock.advance(25)
        with pytest.raises(Unavailable):
            await asking
        assert len(world.llm.requests) == 3
        world.llm.say(Refused(retryable=True))
        asking = asyncio.ensure_future(one.greet())
        await world.clock.advance(5)
        assert (await asking).text == "Reply 5 to you."


async def test_one_of_those_who_wait_leads_a_second_call_and_there_is_no_third() -> None:
    async with in_memory() as world:
        course = await lesson(world)
        talks = [await talk(world, course) for _ in range(3)]
        world.llm.say(Pause(1), Refused())
        asking = [asyncio.ensure_future(each.greet()) for each in talks]
        await world.clock.advance(3)
        results = await asyncio.gather(*asking, return_exceptions=True)
        assert isinstance(results[0], Unavailable)
        assert [getattr(result, "source", None) for result in results[1:]] == ["llm", "cache"]
        assert len(world.llm.requests) == 2

        other = await world.course(questions=[ADD])
        talks = [await talk(world, other) for _ in range(4)]
        for _ in range(2):
            world.llm.say(Pause(1), Refused())
        asking = [asyncio.ensure_future(each.greet()) for each in talks]
        await world.clock.advance(5)
        results = await asyncio.gather(*asking, return_exceptions=True)
        assert [type(result) for result in results] == [Unavailable] * 4
        assert len(world.llm.requests) == 4


@pytest.mark.parametrize("reason", ["max_tokens", "content_filtered"])
async def test_f84_a_reply_that_ended_otherwise_is_kept_and_never_cached(reason: str) -> None:
    async with in_memory() as world:
        course = await lesson(world)
        one = await talk(world, course)
        world.llm.say("As far as ", "I got", Ended(reason))
        reply = await one.greet()
        message = (await one.messages())[1]
        assert (reply.text, message.meta) == (
            "As far as I got",
            {"source": "llm", "stop_reason": reason},
        )
        assert (await one.session()).position.state is CacheState.DIVERGED
        assert (await (await talk(world, course)).greet()).text == "Reply 2 to you."
        assert await outcomes(world, one.session_id) == [("miss", "reply not complete")]


async def test_f91_after_a_failed_turn_the_roles_still_alternate() -> None:
    async with in_memory() as world:
        one = await talk(world, await lesson(world))
        await one.greet()
        world.llm.say(Refused())
        with pytest.raises(Unavailable):
            await one.send("Why?")
        await one.send("Why?")
        request = world.llm.requests[-1]
        assert [said.role for said in request.history] == ["user", "assistant"]
