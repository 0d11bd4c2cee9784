"""How often one may ask, sign up, fail to sign in, and need the model."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.app.lessons import ADD
from tests.app.school import PASSWORD, sign_up
from twosigma.app.policy import Policy
from twosigma.domain.errors import Conflict, DomainError, TooMany, Unauthenticated
from twosigma.domain.rate_limits import LOGIN_FAILURES, MODEL_TURNS, REQUESTS, SIGN_UPS
from twosigma.testing import World, in_memory

ON = Policy(rate_limits=True)
HERE, THERE = "192.0.2.1", "192.0.2.2"


async def fail(world: World, email: str, client: str = HERE) -> DomainError:
    with pytest.raises(DomainError) as refused:
        await world.core.auth.login(email, "not the password", client)
    return refused.value


async def test_f40_the_eleventh_failed_sign_in_is_told_to_wait_even_with_the_password() -> None:
    async with in_memory(policy=ON) as world:
        user, other = (await world.user()).user, (await world.user()).user
        for _ in range(LOGIN_FAILURES.count):
            assert isinstance(await fail(world, user.email), Unauthenticated)
            await world.clock.advance(1)
        refused = await fail(world, user.email)
        assert isinstance(refused, TooMany)
        assert refused.retry_after == LOGIN_FAILURES.seconds - LOGIN_FAILURES.count
        with pytest.raises(TooMany):
            await world.core.auth.login(user.email.upper(), PASSWORD, HERE)
        await world.core.auth.login(user.email, PASSWORD, THERE)
        await world.core.auth.login(other.email, PASSWORD, HERE)
        world.clock.set(world.clock.now() + timedelta(seconds=refused.retry_after))
        await world.core.auth.login(user.email, PASSWORD, HERE)
        for _ in range(LOGIN_FAILURES.count):
            assert isinstance(await fail(world, user.email), Unauthenticated)


async def test_f40_unknown_addresses_are_counted_alike() -> None:
    async with in_memory(policy=ON) as world:
        kinds = [type(await fail(world, "nobody@example.com")) for _ in range(12)]
        assert kinds == [Unauthenticated] * 10 + [TooMany] * 2


async def test_f40_many_tries_at_once_are_no_way_around() -> None:
    async with in_memory(policy=ON) as world:
        user = (await world.user()).user
        refused = await asyncio.gather(*(fail(world, user.email) for _ in range(32)))
        kinds = [type(each) for each in refused]
        assert kinds.count(Unauthenticated) == LOGIN_FAILURES.count
        assert kinds.count(TooMany) == 32 - LOGIN_FAILURES.count


async def test_failed_sign_ins_are_forgotten_when_they_count_no_more() -> None:
    async with in_memory(policy=ON) as world:
        await fail(world, "nobody@example.com")
        store = world.ports.store
        for moved, left in ((LOGIN_FAILURES.seconds, 1), (1, 0)):
            await world.clock.advance(moved)
            await world.core.limits.forget()
            assert len(list(store._tables.sign_in_failures.items())) == left  # type: ignore[attr-defined]  # memory's own


def use_up(take: Callable[[], None], count: int) -> TooMany:
    for _ in range(count):
        take()
    with pytest.raises(TooMany) as refused:
        take()
    return refused.value


async def test_f125_requests_and_sign_ups_are_counted_by_account_and_by_client() -> None:
    async with in_memory(policy=ON) as world:
        limits = world.core.limits
        assert use_up(lambda: limits.request(1), REQUESTS.count).retry_after == REQUESTS.seconds
        limits.request(2)
        assert use_up(lambda: limits.sign_up(HERE), SIGN_UPS.count).code == "rate_limited"
        limits.sign_up(THERE)
        with pytest.raises(TooMany):
            await world.core.auth.check_email("free@example.com", HERE)
        with pytest.raises(TooMany):
            await world.core.auth.register(sign_up(), HERE)
        await world.clock.advance(REQUESTS.seconds)
        limits.request(1)
        await world.core.auth.register(sign_up(), HERE)


async def test_f125_turns_that_need_the_model_are_counted_and_cached_ones_are_free() -> None:
    async with in_memory(policy=ON) as world:
        course = await world.course(questions=[ADD])
        first, second = await world.learner(course), await world.learner(course)
        talk = await first.open(course.items[0])
        await talk.greet()
        for at in range(MODEL_TURNS.count - 1):
            await talk.send(f"Why? {at}")
        before = await talk.session()
        with pytest.raises(TooMany):
            await talk.send("Why, again?")
        assert await talk.session() == before, "refused, and something is written"
        with pytest.raises(TooMany):
            await (await first.open(course.items[0])).send("Why?")
        for _ in range(MODEL_TURNS.count + 5):
            again = await (await second.open(course.items[0])).greet()
            assert again.source == "cache"
        await world.clock.advance(MODEL_TURNS.seconds)
        await talk.send("Why now?")


async def test_where_limits_are_off_nobody_waits() -> None:
    async with in_memory() as world:
        user = (await world.user()).user
        kinds = {type(await fail(world, user.email)) for _ in range(LOGIN_FAILURES.count + 2)}
        assert kinds == {Unauthenticated}
        for _ in range(REQUESTS.count + 1):
            world.core.limits.request(1)
        with pytest.raises(Conflict):
            await world.core.auth.register(sign_up(email=user.email), HERE)
