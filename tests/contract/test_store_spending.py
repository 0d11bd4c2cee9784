"""Tokens spent by day, the same in every store."""

import asyncio
from datetime import timedelta

import pytest

from tests.contract.builders import NOBODY, NOW, rolled_back
from twosigma.domain.llm import Usage
from twosigma.domain.spending import DaySpent, Payer, Purse
from twosigma.ports.store import Store

TODAY = NOW.date()
YESTERDAY = TODAY - timedelta(days=1)
PAYER = Payer(user_id=7, course_id=7)
BIG = Usage(input=2**40, output=2**41)


async def add(store: Store, purse: Purse, usage: Usage, day: object = TODAY) -> None:
    async with store.write() as tx:
        await tx.spending.add(purse, day, usage)  # type: ignore[arg-type]  # a date


async def spent(store: Store, purse: Purse) -> Usage:
    async with store.read() as tx:
        return await tx.spending.get(purse, TODAY)


async def test_what_is_spent_adds_up_by_purse_and_day(store: Store) -> None:
    assert await spent(store, PAYER.learner) == Usage()
    await add(store, PAYER.learner, Usage(input=3, output=2))
    await add(store, PAYER.learner, Usage(output=5))
    await add(store, PAYER.learner, Usage(input=100), YESTERDAY)
    await add(store, PAYER.course, BIG)
    await add(store, PAYER.course, BIG)
    assert await spent(store, PAYER.learner) == Usage(input=3, output=7)
    assert await spent(store, PAYER.course) == BIG + BIG
    assert await spent(store, Payer(user_id=NOBODY, course_id=7).learner) == Usage()
    async with store.write() as tx:
        assert await tx.spending.get(PAYER.learner, YESTERDAY) == Usage(input=100)
        assert list(await tx.spending.history(PAYER.learner)) == [
            DaySpent(day=YESTERDAY, usage=Usage(input=100)),
            DaySpent(day=TODAY, usage=Usage(input=3, output=7)),
        ]


async def test_what_is_undone_is_not_spent(store: Store) -> None:
    async with rolled_back(store) as tx:
        await tx.spending.add(PAYER.course, TODAY, BIG)
    assert await spent(store, PAYER.course) == Usage()


async def test_old_days_are_forgotten(store: Store) -> None:
    for day in (YESTERDAY - timedelta(days=1), YESTERDAY, TODAY):
        await add(store, PAYER.learner, Usage(input=1), day)
    async with store.write() as tx:
        await tx.spending.forget(YESTERDAY)
    async with store.read() as tx:
        days = [each.day for each in await tx.spending.history(PAYER.learner)]
    assert days == [YESTERDAY, TODAY]


async def test_a_purse_is_forgotten_and_no_other(store: Store) -> None:
    other = Payer(user_id=8, course_id=8)
    for purse in (PAYER.learner, PAYER.course, other.learner):
        await add(store, purse, Usage(input=1))
        await add(store, purse, Usage(input=1), YESTERDAY)
    async with store.write() as tx:
        await tx.spending.remove(PAYER.learner)
    async with store.read() as tx:
        assert list(await tx.spending.history(PAYER.learner)) == []
        for purse in (PAYER.course, other.learner):
            assert len(await tx.spending.history(purse)) == 2


@pytest.mark.parametrize("writers", [2, 16])
async def test_many_writers_at_once_add_up_exactly(store: Store, writers: int) -> None:
    """Each learner's purse and the one course's, in the order in which a charge takes them."""

    async def charge(number: int) -> None:
        payer = Payer(user_id=number % 4, course_id=1)
        async with store.write() as tx:
            await tx.spending.add(payer.learner, TODAY, Usage(input=number, output=1))
            await tx.spending.add(payer.course, TODAY, Usage(input=number, output=1))

    await asyncio.gather(*(charge(number) for number in range(writers)))
    course = await spent(store, Payer(user_id=0, course_id=1).course)
    learners = [await spent(store, Payer(user_id=each, course_id=1).learner) for each in range(4)]
    assert course == Usage(input=sum(range(writers)), output=writers)
    assert sum(each.total for each in learners) == course.total
