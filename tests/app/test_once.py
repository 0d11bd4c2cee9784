"""Requests with an Idempotency-Key are done once, and answered as often as they come."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from msgspec import structs

from tests.app.failing_store import FailingStore
from twosigma.app.core import TwoSigma
from twosigma.domain.catalog import Page
from twosigma.domain.errors import Conflict, Unavailable
from twosigma.domain.feature_requests import RequestFields
from twosigma.domain.repeats import LIFE, PATIENCE, Answer, Request
from twosigma.testing import Learner, World, in_memory

KEYED = Request(user_id=0, key="k", digest=b"d" * 32)


def asking(core: TwoSigma, who: Learner) -> Callable[[], Awaitable[Answer]]:
    """A feature request of somebody's, as an answer with its id."""

    async def make() -> Answer:
        wish = RequestFields(title="Dark mode", description="For the night.")
        view = await core.feature_requests.submit(who.actor, wish)
        return Answer(status=201, headers=(), body=str(view.request.id).encode())

    return make


async def wishes(world: World, who: Learner) -> int:
    return (await world.core.feature_requests.mine(who.actor, Page()))[1]


async def test_a_request_that_is_sent_again_is_answered_and_not_done_again() -> None:
    async with in_memory() as world:
        who = await world.user()
        request = structs.replace(KEYED, user_id=who.id)
        once = world.core.once
        first = await once.answer(request, asking(world.core, who))
        world.clock.set(world.clock.now() + LIFE)
        assert await once.answer(request, asking(world.core, who)) == first
        assert await wishes(world, who) == 1


async def test_the_key_is_that_accounts_and_that_requests_alone() -> None:
    async with in_memory() as world:
        one, other = await world.user(), await world.user()
        request = structs.replace(KEYED, user_id=one.id)
        await world.core.once.answer(request, asking(world.core, one))
        await world.core.once.answer(
            structs.replace(request, user_id=other.id), asking(world.core, other)
        )
        with pytest.raises(Conflict):
            await world.core.once.answer(
                structs.replace(request, digest=b"e" * 32), asking(world.core, one)
            )
        assert (await wishes(world, one), await wishes(world, other)) == (1, 1)


async def test_after_a_day_the_key_is_free() -> None:
    async with in_memory() as world:
        who = await world.user()
        request = structs.replace(KEYED, user_id=who.id)
        await world.core.once.answer(request, asking(world.core, who))
        world.clock.set(world.clock.now() + LIFE + timedelta(seconds=1))
        await world.core.once.answer(request, asking(world.core, who))
        assert await wishes(world, who) == 2
        await world.core.once.forget()
        async with world.ports.store.read() as tx:
            assert await tx.repeats.get(who.id, "k") is not None


async def test_of_the_same_request_at_once_one_is_done() -> None:
    async with in_memory() as world:
        who = await world.user()
        request = structs.replace(KEYED, user_id=who.id)
        answers = asyncio.gather(
            *(world.core.once.answer(request, asking(world.core, who)) for _ in range(8))
        )
        while not answers.done():
            await world.clock.advance(1)
        assert len({answer.body for answer in await answers}) == 1
        assert await wishes(world, who) == 1


async def test_a_request_that_fails_leaves_its_key_free() -> None:
    async with in_memory() as world:
        who = await world.user()
        request = structs.replace(KEYED, user_id=who.id)

        async def fail() -> Answer:
            raise Unavailable("away")

        with pytest.raises(Unavailable):
            await world.core.once.answer(request, fail)
        await world.core.once.answer(request, asking(world.core, who))
        assert await wishes(world, who) == 1


async def test_a_request_that_writes_nothing_keeps_nothing() -> None:
    async with in_memory() as world:
        who = await world.user()
        request = structs.replace(KEYED, user_id=who.id)

        async def look() -> Answer:
            await wishes(world, who)
            return Answer(status=200, headers=(), body=b"0")

        await world.core.once.answer(request, look)
        async with world.ports.store.read() as tx:
            assert await tx.repeats.get(who.id, "k") is None


async def test_f100_an_answer_that_was_lost_is_told_and_nothing_is_done_twice() -> None:
    async with in_memory() as world:
        who = await world.user()
        request = structs.replace(KEYED, user_id=who.id)

        async def die() -> Answer:
            await asking(world.core, who)()
            raise KeyboardInterrupt  # the process is killed before the answer is kept

        with pytest.raises(KeyboardInterrupt):
            await world.core.once.answer(request, die)
        asked = asyncio.gather(
            world.core.once.answer(request, asking(world.core, who)), return_exceptions=True
        )
        while not asked.done():
            await world.clock.advance(1)
        (busy,) = await asked
        assert isinstance(busy, Unavailable)
        await world.clock.advance(PATIENCE.total_seconds())
        with pytest.raises(Conflict, match="answer was lost"):
            await world.core.once.answer(request, asking(world.core, who))
        assert await wishes(world, who) == 1


async def test_f107_an_answer_that_cannot_be_kept_is_given_all_the_same() -> None:
    async with in_memory() as world:
        who = await world.user()
        request = structs.replace(KEYED, user_id=who.id)
        failing = FailingStore(world.ports.store)
        core = TwoSigma(structs.replace(world.ports, store=failing))

        async def make() -> Answer:
            answer = await asking(core, who)()
            failing.failing = failing.calls + 1
            return answer

        answer = await core.once.answer(request, make)
        assert answer.status == 201
        assert await wishes(world, who) == 1
