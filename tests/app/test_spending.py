"""What models cost: who pays for a call, and who may have no more of them today."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from tests.app.failing_store import FailingStore
from tests.app.lessons import lesson, talk
from tests.app.school import PASSWORD
from twosigma.adapters.memory.llm import Line
from twosigma.adapters.memory.store import MemoryStore
from twosigma.adapters.offline.llm import OfflineLlm
from twosigma.app.policy import Policy
from twosigma.domain.actor import Role
from twosigma.domain.catalog import Page, StaffRole
from twosigma.domain.chat import Session
from twosigma.domain.errors import TooMany, Unavailable
from twosigma.domain.llm import Usage
from twosigma.domain.spending import KEPT_DAYS, Budgets, DaySpent, Meter, Payer
from twosigma.domain.turn import Limits
from twosigma.testing import Broken, Cut, Ended, Pause, Refused, Talk, World, in_memory

TODAY = date(2026, 1, 5)
COST = Usage(input=70, output=30)
NOON = 12 * 60 * 60
"""Where the clock stands, in seconds of the day."""


def daily(learner: int | None = None, course: int | None = None) -> Policy:
    return Policy(daily_tokens=Budgets(learner=learner, course=course))


def costing(*said: Line, cost: Usage = COST) -> Sequence[Line]:
    return (*said, Ended("end_turn"), cost)


async def spent(world: World, one: Talk, day: date = TODAY) -> tuple[Usage, Usage]:
    """What the learner of a talk, and its course, spent."""
    payer = Payer(user_id=one.learner.id, course_id=(await one.session()).course_id)
    async with world.ports.store.read() as tx:
        return await tx.spending.get(payer.learner, day), await tx.spending.get(payer.course, day)


async def refused(one: Talk, content: object = "Why?") -> TooMany:
    before, messages = await one.session(), await one.messages()
    with pytest.raises(TooMany, match=r"^Daily AI limit reached$") as error:
        await one.send(content)
    assert (await one.session(), await one.messages()) == (before, messages), "it left a trace"
    assert error.value.code == "daily_limit_reached"
    return error.value


def sent_in(world: World, call: int = -1) -> int:
    """How many tokens a call was sent, by estimate."""
    return Meter(world.llm.requests[call]).usage.input


async def test_a_learner_whose_day_is_spent_is_told_when_the_next_begins() -> None:
    async with in_memory(policy=daily(learner=150)) as world:
        course = await lesson(world)
        one, other = await talk(world, course), await talk(world, course)
        for _ in range(2):  # the second begins below the budget, and ends above it
            world.llm.say(*costing("Hello"))
            await one.send("Why?")
        await world.clock.advance(0.5)
        world.clock.set(world.clock.now() + timedelta(microseconds=1))
        assert (await refused(one)).retry_after == NOON
        assert (await refused(await one.learner.open(course.items[0]), "Start.")).retry_after
        assert len(world.llm.requests) == 2
        await other.send("Why?")
        world.clock.set(world.clock.now() + timedelta(seconds=NOON))
        await one.send("Why?")


async def test_f125_replies_from_the_cache_are_free() -> None:
    async with in_memory(policy=daily(learner=1)) as world:
        course = await lesson(world)
        one, other = await talk(world, course), await talk(world, course)
        await one.greet()
        await other.send("Why?")
        await refused(other)
        again = await other.learner.open(course.items[0])
        assert (await again.greet()).source == "cache"
        assert (await again.greet()).source == "cache"
        before = await spent(world, again)
        await refused(again, {"questionId": 1, "answer": "B"})
        assert await spent(world, again) == before
        assert len(world.llm.requests) == 2


async def test_a_course_counts_all_who_are_in_it_and_no_other_course() -> None:
    async with in_memory(policy=daily(course=150)) as world:
        course, elsewhere = await lesson(world), await lesson(world)
        talks = [await talk(world, course) for _ in range(3)]
        for one in talks[:2]:
            world.llm.say(*costing("Hello"))
            await one.send("Why?")
        assert (await refused(talks[2])).retry_after == NOON
        await (await talk(world, elsewhere)).send("Why?")


@pytest.mark.parametrize("policy", [daily(learner=0), daily(course=0)])
async def test_a_budget_of_nothing_is_never_the_model(policy: Policy) -> None:
    async with in_memory(policy=policy) as world:
        await refused(await talk(world, await lesson(world)))
        assert world.llm.requests == []


async def test_staff_count_like_anybody() -> None:
    async with in_memory(policy=daily(learner=100)) as world:
        course, teacher = await lesson(world), await world.user(Role.INSTRUCTOR)
        async with world.ports.store.write() as tx:
            await tx.catalog.set_staff(course.id, teacher.id, StaffRole.OWNER)
        one = await teacher.open(course.items[0])
        world.llm.say(*costing("Hello"))
        await one.send("Why?")
        await refused(one)


async def test_the_offline_tutor_costs_nothing_and_is_never_held_up() -> None:
    async with in_memory(llm=OfflineLlm(), policy=daily(learner=0, course=0)) as world:
        one = await talk(world, await lesson(world))
        assert (await one.greet()).source == "llm"
        await one.send("Why?")
        assert await spent(world, one) == (Usage(), Usage())
        meta = (await audited(world, await one.session()))[-1]
        assert (meta["tokens"], meta["model"]) == ({"input": 0, "output": 0}, "offline/1")


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


async def test_what_an_account_spent_is_its_own_and_goes_with_it() -> None:
    async with in_memory() as world:
        course = await lesson(world)
        one = await talk(world, course)
        world.llm.say(*costing("Hello"))
        await one.send("Why?")
        learner = one.learner
        export = await world.core.exports.mine(learner.actor)
        assert export.tokens_spent == [DaySpent(day=TODAY, usage=COST)]
        world.llm.say("Hel", Pause(5), "lo")
        asking = asyncio.ensure_future(one.send("And?"))
        await world.clock.advance(1)
        await world.core.erasure.erase(learner.actor, PASSWORD)
        await world.clock.advance(5)
        await asyncio.gather(asking, return_exceptions=True)
        payer = Payer(user_id=learner.id, course_id=course.id)
        async with world.ports.store.read() as tx:
            assert await tx.spending.history(payer.learner) == [], "nor what was under way"
            left = await tx.spending.get(payer.course, TODAY)
        assert left == COST + Usage(input=sent_in(world), output=1)


async def test_days_are_kept_for_a_year_and_a_month() -> None:
    async with in_memory() as world:
        one = await talk(world, await lesson(world))
        await one.send("Why?")
        (tables,) = [world.ports.store]
        assert isinstance(tables, MemoryStore)
        for days, left in ((KEPT_DAYS, 2), (1, 0)):
            world.clock.set(world.clock.now() + timedelta(days=days))
            await world.core.spending.forget()
            assert len(list(tables._tables.tokens_spent.items())) == left


async def audited(world: World, session: Session) -> list[dict[str, object]]:
    """What an admin sees beside the messages."""
    admin = (await world.user(Role.PLATFORM_ADMIN)).actor
    view = await world.core.audit_log.transcript(admin, session.id, "To see", Page())
    return [dict(message.meta) for message in view.messages]


async def test_what_made_a_reply_is_for_admins_only() -> None:
    async with in_memory() as world:
        course = await lesson(world, llm_model="canary-model")
        await world.publish("Canary prompt", "Teach {{title}}.")
        await world.change_course(course, prompt_name="Canary prompt")
        one, other = await talk(world, course), await talk(world, course)
        world.llm.say(*costing("Hello", cost=Usage(input=40_961, output=40_973)))
        await one.greet()
        await other.greet()
        await other.send("Why?")
        token = await world.core.chat_sessions.share(one.learner.actor, one.session_id)
        made = {
            "tokens": {"input": 40_961, "output": 40_973}, "model": "canary-model",
            "prompt_name": "Canary prompt", "prompt_version": 1,
        }  # fmt: skip
        assert await audited(world, await one.session()) == [{}, {"source": "llm", **made}]
        cached, free = [meta for meta in await audited(world, await other.session()) if meta]
        assert cached["tokens"] == {"input": 0, "output": 0}
        assert cached["source"] == "cache"
        assert free["model"] == "canary-model"
        sessions, learner = world.core.chat_sessions, one.learner.actor
        shown = repr(
            [
                await sessions.get(learner, one.session_id),
                await sessions.messages(learner, one.session_id, Page()),
                await sessions.shared(token),
                (await world.core.exports.mine(learner)).transcripts,
            ]
        )
        for canary in ("canary-model", "Canary prompt", "40961", "40973", "prompt_version"):
            assert canary not in shown
