"""Turns over a bad line: reading along, replays, keys, stops, and clients that go away."""

import asyncio

import pytest

from tests.app.lessons import lesson, outcomes, talk
from twosigma.domain.cache_tree import CacheState
from twosigma.domain.errors import Conflict, Forbidden, Invalid, Missing, Unavailable
from twosigma.testing import (
    Pause,
    Refused,
    events_of,
    in_memory,
    read,
)


async def test_f67_one_turn_at_a_time_and_the_second_is_told_at_once() -> None:
    async with in_memory() as world:
        course = await lesson(world)
        one = await talk(world, course)
        await one.greet()
        world.llm.say(Pause(1), "An answer.")
        asking = asyncio.ensure_future(one.send("Why?"))
        await world.clock.advance(0.5)
        with pytest.raises(Conflict) as refused:
            await one.send("And how?")
        assert (refused.value.code, refused.value.retry_after) == ("session_busy", 1)
        assert str(refused.value) == "This session is still answering"
        await world.clock.advance(1)
        assert (await asking).text == "An answer."
        assert len(await one.messages()) == 4


async def test_a_second_greeting_reads_along_and_a_later_one_replays() -> None:
    async with in_memory() as world:
        course = await lesson(world)
        one = await talk(world, course)
        world.llm.say("Hel", Pause(1), "lo")
        asking = [asyncio.ensure_future(one.greet()) for _ in range(2)]
        asking.append(asyncio.ensure_future(one.send(" Start. ")))
        await world.clock.advance(2)
        replies = await asyncio.gather(*asking)
        later = await one.greet("a key that is not kept")
        assert len({(reply.turn_id, reply.message_id) for reply in [*replies, later]}) == 1
        assert len(await one.messages()) == 2
        await one.send("Free now.")
        assert (await one.greet()).turn_id == later.turn_id
        assert len(await outcomes(world, one.session_id)) == 2


async def test_an_idempotency_key_gives_the_same_turn_again() -> None:
    async with in_memory() as world:
        course = await lesson(world)
        one = await talk(world, course)
        await one.greet()
        world.llm.say("Sl", Pause(1), "ow")
        asking = [asyncio.ensure_future(one.send("Why?", key="k")) for _ in range(2)]
        await world.clock.advance(2)
        first, second = await asyncio.gather(*asking)
        third = await one.send("Why?", key="k")
        assert first == second == third
        with pytest.raises(Conflict) as refused:
            await one.send("Something else", key="k")
        assert refused.value.code == "idempotency_key_reused"
        assert len(await one.messages()) == 4


async def test_a_key_is_free_again_after_a_failed_turn() -> None:
    async with in_memory() as world:
        course = await lesson(world)
        one = await talk(world, course)
        world.llm.say(Refused())
        with pytest.raises(Unavailable):
            await one.greet(key="k")
        assert (await one.greet(key="k")).text == "Reply 2 to you."


@pytest.mark.parametrize("length", [0, 129])
async def test_a_key_has_1_to_128_characters(length: int) -> None:
    async with in_memory() as world:
        one = await talk(world, await lesson(world))
        with pytest.raises(Invalid):
            await one.greet(key="k" * length)


async def test_f51_another_learners_session_is_as_if_it_were_not_there() -> None:
    async with in_memory() as world:
        course = await lesson(world)
        one, other = await talk(world, course), await world.learner(course)
        turns = world.core.chat_turns
        for attempt in (
            turns.greet(other.id, one.session_id),
            turns.send(other.id, one.session_id, "Hello"),
            turns.stop(other.id, one.session_id),
            turns.stream(other.id, one.session_id, None, 0),
            turns.greet(one.learner.id, one.session_id + 1000),
        ):
            with pytest.raises(Missing):
                await attempt


async def test_who_may_talk_is_looked_at_in_every_turn() -> None:
    async with in_memory() as world:
        course = await lesson(world)
        one, two = await talk(world, course), await talk(world, course)
        await one.greet()
        await two.greet()
        await world.drop(one.learner, course)
        with pytest.raises(Forbidden):
            await one.answer(1, "B")
        await world.change_course(course, is_published=False)
        with pytest.raises(Missing):
            await two.answer(1, "B")
        assert len(await two.messages()) == 2


async def test_a_stopped_turn_leaves_nothing_and_others_go_on() -> None:
    async with in_memory() as world:
        course = await lesson(world)
        one, two = await talk(world, course), await talk(world, course)
        world.llm.say("Hel", Pause(1), "lo")
        asking = [asyncio.ensure_future(each.greet()) for each in (one, two)]
        await world.clock.advance(0.5)
        await world.core.chat_turns.stop(one.learner.id, one.session_id)
        await world.clock.advance(1)
        stopped, whole = await asyncio.gather(*asking)
        assert (stopped.message_id, stopped.detail) == (None, "The answer was stopped.")
        assert (whole.text, whole.source) == ("Hello", "cache")
        assert await one.messages() == []
        assert (await one.session()).position.state is CacheState.TRACKING
        assert (await one.greet()).text == "Hello"
        with pytest.raises(Missing):
            await world.core.chat_turns.stop(one.learner.id, one.session_id)


async def test_a_call_that_nobody_waits_for_is_cancelled() -> None:
    async with in_memory() as world:
        one = await talk(world, await lesson(world))
        world.llm.say("Hel", Pause(10), "lo")
        asking = asyncio.ensure_future(one.greet())
        await world.clock.advance(1)
        await world.core.chat_sessions.remove(one.learner.actor, one.session_id)
        await world.clock.advance(0)
        assert world.llm.closed == 1
        with pytest.raises(Missing):
            await asking


async def test_a_client_that_goes_away_loses_nothing() -> None:
    async with in_memory() as world:
        course = await lesson(world)
        one = await talk(world, course)
        world.llm.say("Hel", Pause(1), "lo")
        asking = asyncio.ensure_future(one.greet())
        await world.clock.advance(0)
        asking.cancel()
        await world.clock.advance(2)
        assert [message.content for message in await one.messages()] == ["Start.", "Hello"]
        assert (await (await talk(world, course)).greet()).source == "cache"


async def test_a_reconnecting_client_gets_every_event_once() -> None:
    async with in_memory() as world:
        one = await talk(world, await lesson(world))
        world.llm.say("a", "b", Pause(1), "c")
        asking = asyncio.ensure_future(one.greet())
        await world.clock.advance(0.5)
        turns, who = world.core.chat_turns, one.learner.id
        rest = asyncio.ensure_future(turns.stream(who, one.session_id, None, 2))
        stream = await rest
        tail = asyncio.ensure_future(read(stream))
        await world.clock.advance(1)
        whole = await asking
        assert [event["content"] for event in events_of(await tail)] == ["c", ""]
        for after in range(5):
            again = await turns.stream(who, one.session_id, whole.turn_id, after)
            assert (again is None) == (after == 4)
            assert len(events_of(await read(again))) == 4 - after
        with pytest.raises(Missing):
            await turns.stream(who, one.session_id, "no such turn", 0)


async def test_a_session_without_a_turn_has_nothing_to_give() -> None:
    async with in_memory() as world:
        one = await talk(world, await lesson(world))
        assert await world.core.chat_turns.stream(one.learner.id, one.session_id, None, 0) is None


async def test_comment_lines_fill_a_long_silence() -> None:
    async with in_memory() as world:
        one = await talk(world, await lesson(world))
        world.llm.say("a", Pause(25), "b")
        stream = asyncio.ensure_future(world.core.chat_turns.greet(one.learner.id, one.session_id))
        await world.clock.advance(0)
        body = asyncio.ensure_future(read(await stream))
        await world.clock.advance(26)
        assert (await body).count(b": keep-alive\n\n") == 2


async def test_f89_a_hit_whose_client_goes_is_stored_whole() -> None:
    async with in_memory() as world:
        course = await lesson(world)
        await (await talk(world, course)).greet()
        one = await talk(world, course)
        asking = asyncio.ensure_future(one.greet())
        await asyncio.sleep(0)
        asking.cancel()
        await world.clock.advance(1)
        kept = [message.content for message in await one.messages()]
        assert kept in ([], ["Start.", "Reply 1 to you."])
        assert (await one.greet()).text == "Reply 1 to you."


async def test_the_process_stopping_gives_running_turns_their_time() -> None:
    async with in_memory() as world:
        course = await lesson(world)
        one, two = await talk(world, course), await talk(world, course)
        world.llm.say("In ", Pause(5), "time")
        asking = asyncio.ensure_future(one.greet())
        await world.clock.advance(1)
        stopping = asyncio.ensure_future(world.core.stop_taking_turns())
        await world.clock.advance(0)
        with pytest.raises(Unavailable):
            await two.greet()
        await world.clock.advance(5)
        assert (await asking).text == "In time"
        await stopping


async def test_a_turn_that_outlasts_the_stop_fails_and_says_so() -> None:
    async with in_memory() as world:
        one = await talk(world, await lesson(world))
        world.llm.say("Too ", Pause(25), "late")
        asking = asyncio.ensure_future(one.greet())
        await world.clock.advance(1)
        stopping = asyncio.ensure_future(world.core.stop_taking_turns())
        await world.clock.advance(21)
        await stopping
        assert (await asking).message_id is None
        session = await one.session()
        assert session.turn is not None
        assert session.turn.status.value == "failed"
