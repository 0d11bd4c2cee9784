"""Who pays for a call of the model, and how much, whatever becomes of it."""

import asyncio

import pytest

from tests.app.failing_store import FailingStore
from tests.app.lessons import lesson, talk
from tests.app.purses import COST, TODAY, costing, sent_in, spent
from twosigma.adapters.memory.llm import Line
from twosigma.app.policy import Policy
from twosigma.domain.errors import Unavailable
from twosigma.domain.llm import Usage
from twosigma.domain.spending import Meter, Payer
from twosigma.domain.turn import Limits
from twosigma.testing import Broken, Cut, Ended, Pause, Refused, in_memory


async def test_whoever_leads_pays_and_those_who_wait_are_free() -> None:
    async with in_memory() as world:
        course = await lesson(world)
        talks = [await talk(world, course) for _ in range(3)]
        world.llm.say(*costing("Hel", Pause(1), "lo"))
        asking = [asyncio.ensure_future(one.greet()) for one in talks]
        await world.clock.advance(2)
        replies = [await each for each in asking]
        led = [reply.source for reply in replies].index("llm")
        for at, one in enumerate(talks):
            assert await spent(world, one) == (COST if at == led else Usage(), COST)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (("Half a", Cut()), 2),
        (("Half a", Refused()), 2),
        (("Half a", Broken()), 2),
        (("Half a", Pause(31)), 2),
        ((Pause(31),), 0),
        ((Broken(),), 0),
        ((Cut(),), 0),
    ],
)
async def test_a_call_that_broke_off_is_paid_as_far_as_it_came(
    script: tuple[Line, ...], said: int
) -> None:
    async with in_memory() as world:
        one = await talk(world, await lesson(world))
        world.llm.say(*script)
        asking = asyncio.ensure_future(one.send("Why?"))
        await world.clock.advance(200)
        (outcome,) = await asyncio.gather(asking, return_exceptions=True)
        assert isinstance(outcome, Unavailable) or not isinstance(outcome, BaseException)
        assert (await one.session()).message_count == 0
        cost = Usage(input=sent_in(world), output=said)
        assert await spent(world, one) == (cost, cost)


async def test_tries_that_the_service_refuses_cost_nothing() -> None:
    async with in_memory() as world:
        one = await talk(world, await lesson(world))
        world.llm.say(Refused(retryable=True))
        world.llm.say(Refused(retryable=True))
        world.llm.say(*costing("Hello"))
        asking = asyncio.ensure_future(one.send("Why?"))
        await world.clock.advance(10)
        await asking
        assert len(world.llm.requests) == 3
        assert await spent(world, one) == (COST, COST)


async def test_a_lead_that_passes_leaves_its_call_with_whoever_led_it() -> None:
    async with in_memory() as world:
        course = await lesson(world)
        talks = [await talk(world, course) for _ in range(3)]
        world.llm.say(Pause(1), Cut())
        world.llm.say(*costing("Hello"))
        asking = [asyncio.ensure_future(one.greet()) for one in talks]
        await world.clock.advance(10)
        replies = await asyncio.gather(*asking, return_exceptions=True)
        first, second = Usage(input=sent_in(world, 0)), COST
        costs = [(await spent(world, one))[0] for one in talks]
        assert isinstance(replies[0], Unavailable)
        assert sorted(costs, key=lambda cost: cost.total) == sorted(
            [Usage(), first, second], key=lambda cost: cost.total
        )
        assert costs[0] == first
        assert (await spent(world, talks[0]))[1] == first + second


async def test_a_stopped_turn_pays_for_what_it_began() -> None:
    async with in_memory() as world:
        one = await talk(world, await lesson(world))
        world.llm.say("Hello ", Pause(9), "you")
        asking = asyncio.ensure_future(one.send("Why?"))
        await world.clock.advance(1)
        await world.core.chat_turns.stop(one.learner.id, one.session_id)
        await asking
        await world.clock.advance(0)
        assert world.llm.closed == 1
        cost = Usage(input=sent_in(world), output=2)
        assert await spent(world, one) == (cost, cost)


async def test_a_lead_that_is_stopped_pays_for_those_who_wait_on() -> None:
    async with in_memory() as world:
        course = await lesson(world)
        one, other = await talk(world, course), await talk(world, course)
        world.llm.say(*costing("Hel", Pause(5), "lo"))
        first = asyncio.ensure_future(one.greet())
        await world.clock.advance(1)
        second = asyncio.ensure_future(other.greet())
        await world.clock.advance(1)
        await world.core.chat_turns.stop(one.learner.id, one.session_id)
        await world.clock.advance(5)
        await first
        assert (await second).source == "cache"
        assert await spent(world, one) == (COST, COST)
        assert (await spent(world, other))[0] == Usage()


@pytest.mark.parametrize(
    ("after", "limits", "counted", "waited"),
    [
        ((Pause(1), COST), Limits(), True, 1),
        ((Pause(60), COST), Limits(), False, 2),
        ((Broken(),), Limits(), False, 0),
        ((Refused(),), Limits(), False, 0),
        ((Pause(1.5), COST), Limits(silence=1), False, 1),
        ((Pause(1.5), COST), Limits(whole=1), False, 1),
    ],
)
async def test_a_count_that_is_late_or_lost_never_costs_the_reply(
    after: tuple[Line, ...], limits: Limits, counted: bool, waited: int
) -> None:
    async with in_memory(policy=Policy(limits=limits)) as world:
        one = await talk(world, await lesson(world))
        world.llm.say("Hello", Ended("end_turn"), *after)
        asking = asyncio.ensure_future(one.greet())
        await world.clock.advance(waited - 0.1)
        assert waited == 0 or (await one.session()).message_count == 0
        await world.clock.advance(0.2)
        assert (await asking).text == "Hello"
        assert (await one.session()).position.node_id is not None
        expected = COST if counted else Usage(input=sent_in(world), output=2)
        assert (await spent(world, one))[0] == expected


async def test_a_store_that_is_away_costs_the_count_and_not_the_reply() -> None:
    async with in_memory() as world:
        course = await lesson(world)
        failing = FailingStore(world.ports.store)
        payer = Payer(user_id=1, course_id=course.id)
        await (await talk(world, course)).send("Why?")
        spending = world.core.spending
        spending._store = failing
        failing.failing = 1
        meter = Meter(world.llm.requests[0])
        assert await spending.charge(payer, meter) == meter.usage
        async with world.ports.store.read() as tx:
            assert await tx.spending.get(payer.learner, TODAY) == Usage()
