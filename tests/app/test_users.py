"""Accounts as their owners see them."""

from datetime import date, timedelta

import pytest

from twosigma.domain.actor import Actor, Role
from twosigma.domain.errors import Missing
from twosigma.testing import in_memory


async def test_a_new_account_has_no_streak() -> None:
    async with in_memory() as world:
        who = await world.user()
        profile = await world.core.users.me(who.actor)
        assert profile.user == who.user
        assert (profile.current_streak_days, profile.last_activity_date) == (0, None)


async def test_a_streak_counts_days_of_turns_and_dies_after_a_day_without_one() -> None:
    async with in_memory() as world:
        course = await world.course(items=3)
        who = await world.learner(course)
        for at in range(3):
            await (await who.open(course.items[at])).greet()
            profile = await world.core.users.me(who.actor)
            assert profile.current_streak_days == at + 1
            world.clock.set(world.clock.now() + timedelta(days=1))
        assert (await world.core.users.me(who.actor)).current_streak_days == 3
        world.clock.set(world.clock.now() + timedelta(days=1))
        profile = await world.core.users.me(who.actor)
        assert profile.current_streak_days == 0
        assert profile.last_activity_date == date(2026, 1, 7)


async def test_reading_and_signing_in_are_no_activity() -> None:
    async with in_memory() as world:
        course = await world.course()
        who = await world.learner(course)
        await who.open(course.items[0])
        await world.core.auth.login(who.user.email, "correct horse battery")
        await world.core.content.get(who.actor, course.items[0])
        assert (await world.core.users.me(who.actor)).last_activity_date is None


async def test_the_day_is_that_of_the_learners_time_zone() -> None:
    async with in_memory() as world:
        course = await world.course()
        days = []
        for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):  # UTC+14, UTC-11; at 12:00 UTC
            who = await world.learner(course, time_zone=zone)
            await (await who.open(course.items[0])).greet()
            days.append((await world.core.users.me(who.actor)).last_activity_date)
        assert days == [date(2026, 1, 6), date(2026, 1, 5)]


async def test_an_account_that_is_gone_is_missing() -> None:
    async with in_memory() as world:
        with pytest.raises(Missing, match=r"^User not found$"):
            await world.core.users.me(Actor(user_id=4711, role=Role.STUDENT))
