"""The day's budget: who may have no more calls today, and what is told of what was spent."""

import asyncio
from datetime import timedelta

import pytest

from tests.app.lessons import lesson, talk
from tests.app.purses import COST, TODAY, audited, costing, daily, sent_in, spent
from tests.app.school import PASSWORD
from twosigma.adapters.memory.store import MemoryStore
from twosigma.adapters.offline.llm import OfflineLlm
from twosigma.app.policy import Policy
from twosigma.domain.actor import Role
from twosigma.domain.catalog import Page, StaffRole
from twosigma.domain.errors import TooMany
from twosigma.domain.llm import Usage
from twosigma.domain.spending import KEPT_DAYS, DaySpent, Payer
from twosigma.testing import Pause, Talk, in_memory

NOON = 12 * 60 * 60
"""Where the clock stands, in seconds of the day."""


async def refused(one: Talk, content: object = "Why?") -> TooMany:
    before, messages = await one.session(), await one.messages()
    with pytest.raises(TooMany, match=r"^Daily AI limit reached$") as error:
        await one.send(content)
    assert (await one.session(), await one.messages()) == (before, messages), "it left a trace"
    assert error.value.code == "daily_limit_reached"
    return error.value


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
