"""Random interleavings of learners, publishers, crashes and two processes over one store."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec import structs

from tests.app.invariants import BAD, Witness
from tests.app.lessons import ADD, SUB
from twosigma.adapters.memory.flights import MemoryFlights
from twosigma.adapters.memory.llm import Line
from twosigma.app.core import TwoSigma
from twosigma.app.policy import Policy
from twosigma.domain.errors import DomainError
from twosigma.testing import Cut, Ended, Pause, Refused, ScriptedLlm, Talk, World, in_memory

SCRIPTS: tuple[tuple[Line, ...], ...] = (
    ("Whole ", "at once"),
    ("Slow ", Pause(1), "and ", Pause(2), "whole"),
    (Pause(3), "Late"),
    ("Cut " + BAD, Cut()),
    ("Over " + BAD, Pause(1), Ended("max_tokens")),
    (Pause(1), Refused()),
    (Refused(retryable=True),),
    ("Broken " + BAD, Pause(2), Refused()),
    ("Hangs " + BAD, Pause(40), "too late"),
)
ANSWERS = ("A", "B", " B ", "C")
POLICY = Policy(lease=6, renewal=2)


class Turns(RuleBasedStateMachine):
    """Learners of one item, two processes, a clock that only the machine moves."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.talks: list[Talk] = []
        self.asking: list[asyncio.Future[object]] = []
        self.edits = 0

    @initialize()
    def begin(self) -> None:
        self.runner.run(self._begin())

    async def _begin(self) -> None:
        self.world = await self.stack.enter_async_context(in_memory(policy=POLICY))
        self.course = await self.world.course(questions=[ADD, SUB])
        self.learners = [await self.world.learner(self.course) for _ in range(3)]
        self.witness = Witness(self.world.ports.store)
        await self._second_process()

    async def _second_process(self) -> None:
        llm = ScriptedLlm()
        llm.clock = self.world.clock
        ports = structs.replace(self.world.ports, flights=MemoryFlights(), llm=llm)
        core = TwoSigma(ports, POLICY)
        await self.stack.enter_async_context(core.running())
        self.second = replace(self.world, core=core, ports=ports, llm=llm)

    @rule(who=st.integers(0, 2))
    def open(self, who: int) -> None:
        async def act() -> None:
            self.talks.append(await self.learners[who].open(self.course.items[0]))

        self.runner.run(act())

    def _process(self, number: int) -> World:
        return (self.world, self.second)[number]

    @precondition(lambda self: self.talks)
    @rule(
        at=st.integers(0, 50),
        process=st.integers(0, 1),
        script=st.sampled_from(SCRIPTS),
        message=st.one_of(
            st.just("Start."),
            st.just("Start."),
            st.builds(
                lambda q, a: {"questionId": q, "answer": a},
                st.integers(1, 3),
                st.sampled_from(ANSWERS),
            ),
            st.just("Why?"),
        ),
        key=st.one_of(st.none(), st.sampled_from("kl")),
    )
    def send(
        self, at: int, process: int, script: tuple[Line, ...], message: object, key: str | None
    ) -> None:
        async def act() -> None:
            world = self._process(process)
            if len(world.llm._scripts) < 3:
                world.llm.say(*script)
            one = self.talks[at % len(self.talks)]
            here = Talk(world, one.learner, one.session_id)
            self.asking.append(asyncio.ensure_future(here.send(message, key)))
            await world.clock.advance(0)

        self.runner.run(act())

    @rule(seconds=st.sampled_from([0.5, 1, 1, 3, 7, 35]))
    def wait(self, seconds: float) -> None:
        self.runner.run(self.world.clock.advance(seconds))

    @precondition(lambda self: self.talks)
    @rule(at=st.integers(0, 50), erase=st.booleans())
    def stop(self, at: int, erase: bool) -> None:
        async def act() -> None:
            one = self.talks[at % len(self.talks)]
            try:
                if erase:
                    sessions = self.world.core.chat_sessions
                    await sessions.remove(one.learner.actor, one.session_id)
                else:
                    await self.world.core.chat_turns.stop(one.learner.id, one.session_id)
            except DomainError:
                pass
            await self.world.clock.advance(0)

        self.runner.run(act())

    @rule(what=st.sampled_from(["prompt", "model", "off", "on", "item"]))
    def change(self, what: str) -> None:
        self.edits += 1
        self.runner.run(self._change(what))

    async def _change(self, what: str) -> None:
        world, edit = self.world, self.edits
        if what == "prompt":
            await world.publish("Tutor/Quiz", f"Voice {edit}")
        elif what == "model":
            await world.change_course(self.course, llm_model=f"model/{edit}")
        elif what == "item":
            async with world.ports.store.write() as tx:
                item = await tx.content.get(self.course.items[0])
                assert item is not None
                data = {**item.data_json, "body": f"Text {edit}"}
                await tx.content.save(
                    structs.replace(item, data_json=data, revision=item.revision + 1)
                )
                await tx.epochs.raise_course(self.course.id)
        else:
            await world.change_course(self.course, cache_enabled=what == "on")

    @rule()
    def prune(self) -> None:
        async def act() -> None:
            store = self.world.ports.store
            async with store.read() as tx:
                trees = await tx.cache.trees(None, None)
            for tree in trees:
                async with store.write() as tx:
                    await tx.cache.prune(tree.id, self.world.clock.now())

        self.runner.run(act())

    @rule()
    def kill_the_second_process(self) -> None:
        async def act() -> None:
            for task in list(self.second.core._tasks._tasks):
                task.cancel()
            self.second.core._tasks._live.clear()
            await self.world.clock.advance(0)
            await self._second_process()

        self.runner.run(act())

    @invariant()
    def holds(self) -> None:
        if hasattr(self, "witness"):
            self.runner.run(self.witness.look([one.session_id for one in self.talks]))

    def teardown(self) -> None:
        async def end() -> None:
            for _ in range(6):
                await self.world.clock.advance(40)
            for asking in self.asking:
                asking.cancel()
            results = await asyncio.gather(*self.asking, return_exceptions=True)
            await self.stack.aclose()
            for result in results:
                known = not isinstance(result, Exception) or isinstance(result, DomainError)
                assert known, repr(result)

        if hasattr(self, "world"):
            self.runner.run(end())
        self.runner.close()


def _test_case(examples: int, steps: int) -> type[Any]:
    case: type[Any] = type(f"Test{examples}", (Turns.TestCase,), {})
    case.settings = settings(
        max_examples=examples,
        stateful_step_count=steps,
    )
    return case


TestTurns = _test_case(40, 30)
TestManyTurns = pytest.mark.timeout(1800)(pytest.mark.chaos(_test_case(2000, 60)))
