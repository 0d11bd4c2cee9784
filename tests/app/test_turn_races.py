# long: one fence after another over the same two processes
"""The fences of a turn, each at the moment where it is needed; two processes over one store."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from msgspec import structs

from tests.app.gates import GatedFlights, GatedStore
from tests.app.lessons import ADD, lesson, outcomes, talk
from twosigma.app.core import TwoSigma
from twosigma.app.policy import Policy
from twosigma.domain.cache_tree import CacheState
from twosigma.domain.catalog import Page
from twosigma.domain.errors import Missing, Unavailable
from twosigma.ports.store import Write
from twosigma.testing import Answer, Pause, ScriptedLlm, Talk, World, in_memory


@asynccontextmanager
async def another_process(
    world: World, policy: Policy | None = None
) -> AsyncIterator[tuple[World, GatedStore, GatedFlights]]:
    """A second process over the same store, with gates, and a model of its own."""
    llm = ScriptedLlm()
    llm.clock = world.clock
    store, flights = GatedStore(world.ports.store), GatedFlights()
    ports = structs.replace(world.ports, store=store, flights=flights, llm=llm)
    core = TwoSigma(ports, policy)
    async with core.running():
        yield replace(world, core=core, ports=ports, llm=llm), store, flights


def seen_by(process: World, one: Talk) -> Talk:
    return Talk(process, replace(one.learner, world=process), one.session_id)


async def start(one: Talk, world: World) -> asyncio.Task[Answer]:
    asking = asyncio.ensure_future(one.greet())
    await world.clock.advance(0)
    return asking


async def test_a_flight_can_be_joined_until_its_node_is_stored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # What a call costs is written before its node: that is not the write to be held up here.
    monkeypatch.setattr(ScriptedLlm, "is_metered", False)
    async with in_memory() as world, another_process(world) as (process, store, _):
        course = await lesson(process)
        one, two = await talk(process, course), await talk(process, course)
        process.llm.say("Hel", Pause(1), "lo")
        first = await start(one, process)
        store.writes.close()  # the next write is the node's
        await world.clock.advance(1)
        second = await start(two, process)
        store.writes.open()
        await world.clock.advance(1)
        replies = [await first, await second]
        assert [reply.text for reply in replies] == ["Hello", "Hello"]
        assert len(process.llm.requests) == 1


async def test_whoever_leads_looks_for_the_node_once_more() -> None:
    async with in_memory() as world, another_process(world) as (process, _, flights):
        course = await lesson(process)
        one, two = await talk(process, course), await talk(process, course)
        flights.boarding.close()
        late = await start(two, process)  # claimed its turn, found no node, has not joined yet
        first = await one.greet()
        flights.boarding.open()
        await world.clock.advance(1)
        second = await late
        assert second.text == first.text
        assert second.source == "cache"
        assert len(process.llm.requests) == 1


async def test_a_lost_race_between_processes_keeps_both_replies_and_one_node() -> None:
    async with in_memory() as world, another_process(world) as (process, _, _):
        course = await lesson(world)
        one, two = await talk(world, course), await talk(world, course)
        world.llm.say("Hel", Pause(1), "lo")
        process.llm.say("Good ", Pause(2), "day")
        first, second = await start(one, world), await start(seen_by(process, two), world)
        await world.clock.advance(3)
        assert ((await first).text, (await second).text) == ("Hello", "Good day")
        assert (await one.session()).position.state is CacheState.TRACKING
        assert (await two.session()).position.state is CacheState.DIVERGED
        assert await outcomes(world, two.session_id) == [("miss", "lost race")]
        assert (await (await talk(world, course)).greet()).text == "Hello"


async def test_a_lost_race_with_the_very_same_reply_loses_nothing() -> None:
    async with in_memory() as world, another_process(world) as (process, _, _):
        course = await lesson(world)
        one, two = await talk(world, course), await talk(world, course)
        world.llm.say("Hel", Pause(1), "lo")
        process.llm.say("Hell", Pause(2), "o")
        first, second = await start(one, world), await start(seen_by(process, two), world)
        await world.clock.advance(3)
        assert (await first).text == (await second).text
        assert (await two.session()).position == (await one.session()).position
        replay = await world.core.chat_turns.stream(two.learner.id, two.session_id, None, 0)
        assert replay is not None
        assert (await second).chunks == ["Hell", "o"]


async def test_a_turn_whose_lease_was_lost_writes_nothing_after_its_successor() -> None:
    policy = Policy(lease=2, renewal=1000)
    async with in_memory() as world, another_process(world, policy) as (process, _, _):
        course = await lesson(world)
        one = await talk(world, course)
        await one.greet()
        process.llm.say("From ", Pause(5), "the grave")
        asking = asyncio.ensure_future(seen_by(process, one).send("Why?"))
        await world.clock.advance(3)
        assert (await one.session()).turn.is_lost  # type: ignore[union-attr]  # there is one
        successor = await one.send("Once more: why?")
        await world.clock.advance(5)
        lost = await asking
        assert lost.message_id is None
        assert [message.content for message in await one.messages()][2:] == [
            "Once more: why?",
            successor.text,
        ]
        assert (await one.session()).turn.id == successor.turn_id  # type: ignore[union-attr]  # there is one


async def test_a_lost_turn_does_not_end_a_successor_that_still_runs() -> None:
    policy = Policy(lease=2, renewal=1000)
    async with in_memory() as world, another_process(world, policy) as (process, _, _):
        course = await lesson(world)
        one = await talk(world, course)
        await one.greet()
        process.llm.say("From ", Pause(5), "the grave")
        lost = asyncio.ensure_future(seen_by(process, one).send("Why?"))
        await world.clock.advance(3)
        world.llm.say("Still ", Pause(9), "speaking")
        successor = asyncio.ensure_future(one.send("Once more: why?"))
        await world.clock.advance(4)
        assert (await lost).message_id is None
        assert len(await one.messages()) == 2
        assert (await one.session()).turn.is_running  # type: ignore[union-attr]  # there is one
        await world.clock.advance(9)
        assert (await successor).text == "Still speaking"
        assert len(await one.messages()) == 4


async def test_a_renewed_lease_keeps_a_long_turn() -> None:
    policy = Policy(lease=3, renewal=1)
    async with in_memory() as world, another_process(world, policy) as (process, _, _):
        course = await lesson(world)
        one = seen_by(process, await talk(world, course))
        process.llm.say("Slow ", Pause(10), "and sure")
        asking = await start(one, world)
        await world.clock.advance(8)
        assert (await one.session()).turn.is_running  # type: ignore[union-attr]  # there is one
        await world.clock.advance(4)
        assert (await asking).text == "Slow and sure"


async def test_a_stamp_is_that_of_the_reading_and_not_of_the_writing() -> None:
    async with in_memory() as world, another_process(world) as (process, store, _):
        course = await lesson(world)
        await (await talk(world, course)).greet()
        async with world.ports.store.read() as tx:
            before = await tx.epochs.read(course.id)
        one = seen_by(process, await talk(world, course))
        # Its greeting is no hit: the session was opened before the tree was, in another world.
        await _forget_stamp(world, one)
        store.writes.close()  # between the reading of the context and the claim
        asking = await start(one, world)
        await world.publish("Tutor/Quiz", "Quite another voice.")
        store.writes.open()
        await world.clock.advance(1)
        assert (await asking).source == "cache"
        session = await one.session()
        assert session.stamp is not None
        assert (session.stamp.platform, session.stamp.course) == before
        await one.answer(1, "B")
        assert (await one.session()).position.state is CacheState.DIVERGED


async def _forget_stamp(world: World, one: Talk) -> None:
    async with world.ports.store.write() as tx:
        session = await tx.chat.lock(one.session_id)
        assert session is not None
        await tx.chat.move(one.session_id, session.position, None, world.clock.now())


async def test_a_prune_in_mid_turn_leaves_nobody_on_a_tree_that_is_gone() -> None:
    async with in_memory() as world:
        course = await lesson(world)
        one = await talk(world, course)
        await one.greet()
        world.llm.say("Sl", Pause(1), "ow")
        asking = asyncio.ensure_future(one.answer(1, "B"))
        await world.clock.advance(0.5)
        node_id = (await one.session()).position.node_id
        async with world.ports.store.write() as tx:
            for tree in await tx.cache.trees(course.items[0], None):
                assert await tx.cache.prune(tree.id, world.clock.now()) == 1
        await world.clock.advance(1)
        assert (await asking).text == "Slow"
        session = await one.session()
        assert session.position.state is CacheState.DIVERGED
        assert session.position.node_id is None
        async with world.ports.store.read() as tx:
            trees = await tx.cache.trees(course.items[0], None)
            assert [await tx.cache.nodes(tree.id) for tree in trees] in ([], [[]], [()])
            assert node_id is not None
            assert await tx.cache.get_node(node_id) is None


async def test_a_turn_that_another_process_runs_can_be_read_along_and_stopped() -> None:
    policy = Policy(lease=3, renewal=1, poll=0.5, keep_alive=2)
    async with in_memory() as world, another_process(world, policy) as (process, _, _):
        course = await lesson(world)
        one, two = await talk(world, course), await talk(world, course)
        process.llm.say("Hel", Pause(4), "lo")
        process.llm.say("An", Pause(9), "other")
        here = asyncio.ensure_future(seen_by(process, one).greet())
        await world.clock.advance(0.5)
        there = asyncio.ensure_future(one.greet())
        await world.clock.advance(6)
        assert (await there).text == (await here).text == "Hello"
        assert len(await one.messages()) == 2

        asking = asyncio.ensure_future(seen_by(process, two).send("Why?"))
        await world.clock.advance(0.5)
        await world.core.chat_turns.stop(two.learner.id, two.session_id)
        await world.clock.advance(2)
        assert (await asking).message_id is None
        assert process.llm.closed == 1


async def test_a_session_is_usable_when_the_lease_of_a_dead_process_is_over() -> None:
    async with in_memory() as world:
        course = await lesson(world)
        one = await talk(world, course)
        async with another_process(world) as (process, _, _):
            process.llm.say("Never ", Pause(20), "whole")
            asking = await start(seen_by(process, one), world)
            for task in list(process.core._tasks._tasks):  # as kill -9 would
                task.cancel()
            asking.cancel()
            process.core._tasks._live.clear()
            await world.clock.advance(0)
        assert (await one.session()).turn.is_running  # type: ignore[union-attr]  # there is one
        with pytest.raises(Missing):
            await world.core.chat_turns.stream(one.learner.id, one.session_id, "x", 0)
        await world.clock.advance(31)
        assert await one.messages() == []
        assert (await one.greet()).text == "Reply 1 to you."


async def test_a_deleted_session_in_mid_turn_leaves_nothing_behind() -> None:
    async with in_memory() as world, another_process(world) as (process, _, _):
        course = await lesson(process)
        one, two = await talk(process, course), await talk(process, course)
        process.llm.say("Hel", Pause(1), "lo")
        first, second = await start(one, process), await start(two, process)
        await world.clock.advance(0.5)
        await process.core.chat_sessions.remove(one.learner.actor, one.session_id)
        await world.clock.advance(1)
        assert (await second).text == "Hello"
        with pytest.raises(Missing):
            await first
        async with world.ports.store.read() as tx:
            assert not await tx.chat.messages(one.session_id, Page())


async def test_a_reply_that_cannot_be_written_is_tried_again_and_never_twice() -> None:
    class Forgetful(GatedStore):
        """Its answers to the next commits are lost on the way."""

        lost = 0

        @asynccontextmanager
        async def write(self) -> AsyncIterator[Write]:
            async with super().write() as tx:
                yield tx
            if self.lost:
                self.lost -= 1
                raise Unavailable("connection lost")

    async with in_memory() as world:
        llm = ScriptedLlm()
        llm.clock = world.clock
        store = Forgetful(world.ports.store)
        ports = structs.replace(world.ports, store=store, llm=llm)
        core = TwoSigma(ports)
        async with core.running():
            process = replace(world, core=core, ports=ports, llm=llm)
            course = await process.course(questions=[ADD], cache_enabled=False)
            one = await talk(process, course)
            llm.say("Hel", Pause(1), "lo")
            asking = await start(one, world)
            store.lost = 2  # of what it cost, and of the turn
            await world.clock.advance(5)
            assert (await asking).message_id is not None
            assert len(await one.messages()) == 2
