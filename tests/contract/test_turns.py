"""Turns over every store: bursts of learners, publishers and prunes that really run at once."""

import asyncio
import random
from collections.abc import Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest
from msgspec import structs

from tests.app.gates import Gate
from tests.app.invariants import BAD, Witness
from tests.app.lessons import ADD, SUB, talk
from twosigma.adapters.memory.flights import MemoryFlights
from twosigma.adapters.security.random import SystemRandom
from twosigma.adapters.system.clock import SystemClock
from twosigma.app.core import TwoSigma
from twosigma.app.policy import Policy
from twosigma.domain.cache_tree import CacheState
from twosigma.domain.errors import DomainError
from twosigma.ports.chat import Cache
from twosigma.ports.store import Store, Write
from twosigma.testing import Course, Cut, Ended, Pause, Refused, ScriptedLlm, Talk, World, in_memory

SCRIPTS = (
    ("Whole ", "at once"),
    ("Slow ", Pause(0.01), "and ", Pause(0.01), "whole"),
    ("Cut " + BAD, Cut()),
    ("Over " + BAD, Ended("max_tokens")),
    (Pause(0.01), Refused()),
)
MESSAGES = (
    "Start.",
    "Start.",
    {"questionId": 1, "answer": "A"},
    {"questionId": 1, "answer": "B"},
    {"questionId": 2, "answer": "A"},
    "Why?",
)


@asynccontextmanager
async def world_over(store: Store):  # type: ignore[no-untyped-def]  # a context of World
    time = SystemClock()
    async with in_memory(store=store, time=time) as world:
        yield world


async def second_process(world: World) -> World:
    llm = ScriptedLlm()
    llm.clock = world.ports.clock
    ports = structs.replace(world.ports, flights=MemoryFlights(), llm=llm, random=SystemRandom())
    return replace(world, core=TwoSigma(ports, Policy()), ports=ports, llm=llm)


@pytest.mark.parametrize("herd", [20])
async def test_f68_a_herd_on_a_cold_node_is_one_call_on_every_store(
    store: Store, herd: int
) -> None:
    async with world_over(store) as world:
        course = await world.course(questions=[ADD])
        world.llm.say("Hel", Pause(0.2), "lo")
        talks = [await talk(world, course) for _ in range(herd)]
        replies = await asyncio.gather(*(each.greet() for each in talks))
        assert len(world.llm.requests) == 1
        assert {reply.text for reply in replies} == {"Hello"}
        assert sorted(str(reply.source) for reply in replies) == ["cache"] * (herd - 1) + ["llm"]
        answers = await asyncio.gather(*(each.answer(1, "B") for each in talks))
        assert len(world.llm.requests) == 2
        assert len({answer.node_id for answer in answers if answer.node_id}) == 1


async def _burst(world: World, course: Course, talks: Sequence[Talk], dice: random.Random) -> None:
    acts: list[Coroutine[None, None, object]] = []
    for _ in range(dice.randint(2, 8)):
        one = dice.choice(talks)
        process = dice.choice(world.processes)  # type: ignore[attr-defined]  # set by the test
        if len(process.llm._scripts) < 3:
            process.llm.say(*dice.choice(SCRIPTS))
        here = Talk(process, one.learner, one.session_id)
        acts.append(here.send(dice.choice(MESSAGES), dice.choice((None, None, "k"))))
    disturbance = dice.random()
    if disturbance < 0.15:
        acts.append(world.publish("Tutor/Quiz", f"Voice {dice.random()}"))
    elif disturbance < 0.3:
        acts.append(_prune(world))
    elif disturbance < 0.4:
        one = dice.choice(talks)
        acts.append(world.core.chat_turns.stop(one.learner.id, one.session_id))
    dice.shuffle(acts)
    results = await asyncio.gather(*acts, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, DomainError):
            raise result


async def _prune(world: World) -> None:
    store = world.ports.store
    async with store.read() as tx:
        trees = await tx.cache.trees(None, None)
    for tree in trees:
        async with store.write() as tx:
            await tx.cache.prune(tree.id, world.ports.clock.now())


async def _storm(store: Store, seed: int, rounds: int) -> None:
    dice = random.Random(seed)
    async with world_over(store) as world:
        other = await second_process(world)
        world.processes = (world, other)
        witness = Witness(store)
        async with other.core.running():
            course = await world.course(questions=[ADD, SUB])
            learners = [await world.learner(course) for _ in range(3)]
            talks: list[Talk] = []
            for _ in range(rounds):
                talks.append(await dice.choice(learners).open(course.items[0]))
                talks.append(await dice.choice(learners).open(course.items[0]))
                await _burst(world, course, talks[-6:], dice)
                await witness.look([one.session_id for one in talks])


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_a_storm_of_turns_breaks_no_invariant(store: Store, seed: int) -> None:
    await _storm(store, seed, rounds=12)


@pytest.mark.chaos
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(10, 30))
async def test_many_storms_of_turns_break_no_invariant(store: Store, seed: int) -> None:
    await _storm(store, seed, rounds=60)


@dataclass
class _SlowCache:
    """Waits between a node's look-up and what is done with it."""

    cache: Cache
    gate: Gate

    async def get_node(self, node_id: int):  # type: ignore[no-untyped-def]  # as the port's
        node = await self.cache.get_node(node_id)
        await self.gate.pass_one()
        return node

    def __getattr__(self, name: str) -> object:
        return getattr(self.cache, name)


class _SlowWrite:
    def __init__(self, tx: Write, gate: Gate) -> None:
        self._tx = tx
        self.cache = _SlowCache(tx.cache, gate)

    def __getattr__(self, name: str) -> object:
        return getattr(self._tx, name)


class _SlowStore:
    """A store whose writes wait, once, after they have looked at a node."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.gate = Gate()

    @asynccontextmanager
    async def write(self):  # type: ignore[no-untyped-def]  # as the port's
        async with self._store.write() as tx:
            yield _SlowWrite(tx, self.gate)

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)


async def test_a_prune_between_a_turns_look_at_its_node_and_its_writing(store: Store) -> None:
    slow = _SlowStore(store)
    async with world_over(slow) as world:  # type: ignore[arg-type]  # a store in all but name
        course = await world.course(questions=[ADD])
        one = await talk(world, course)
        world.llm.say("Hel", Pause(0.1), "lo")
        asking = asyncio.ensure_future(one.greet())
        await asyncio.sleep(0.05)
        slow.gate.close()  # the next to look at a node is the turn that writes its end
        await asyncio.sleep(0.3)
        pruning = asyncio.ensure_future(_prune(replace(world, ports=_over(world, store))))
        await asyncio.sleep(0.3)
        slow.gate.open()
        await pruning
        assert (await asking).text == "Hello"
        session = await one.session()
        async with store.read() as tx:
            node_id = session.position.node_id
            if session.position.state is CacheState.TRACKING:
                assert node_id is not None
                assert await tx.cache.get_node(node_id) is not None
        await Witness(store).look([one.session_id])


def _over(world: World, store: Store):  # type: ignore[no-untyped-def]  # Ports
    return structs.replace(world.ports, store=store)
