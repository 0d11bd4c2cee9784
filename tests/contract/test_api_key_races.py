"""API keys made, used and ended at once, on every store."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial

import pytest

from twosigma.adapters.system.clock import SystemClock
from twosigma.domain.actor import Role
from twosigma.domain.api_keys import IssuedKey
from twosigma.domain.audit import Action, EntryFilter
from twosigma.domain.catalog import Page
from twosigma.domain.errors import Conflict, Missing, Unauthenticated
from twosigma.ports.store import Store
from twosigma.testing import PASSWORD, World, in_memory

ROUNDS = 6


def over(store: Store) -> AbstractAsyncContextManager[World]:
    return in_memory(store=store, time=SystemClock())


async def at_once(*acts: Callable[[], Awaitable[object]]) -> list[object]:
    return list(await asyncio.gather(*(act() for act in acts), return_exceptions=True))


@pytest.mark.parametrize("callers", [2, 8])
async def test_a_key_that_many_revoke_is_revoked_once(store: Store, callers: int) -> None:
    async with over(store) as world:
        admin = (await world.user(Role.PLATFORM_ADMIN)).actor
        pair = await world.core.api_keys.create(admin, "Key", None)
        revoke = world.core.api_keys.revoke
        assert await at_once(*[lambda: revoke(admin, pair.key.id)] * callers) == [None] * callers
        wanted = EntryFilter(action=Action.API_KEY_REVOKED)
        _, total = await world.core.audit_log.entries(admin, wanted, Page())
        assert total == 1


async def test_no_key_outlives_an_account_that_is_erased_meanwhile(store: Store) -> None:
    async with over(store) as world:
        admin = (await world.user(Role.PLATFORM_ADMIN)).actor
        for n in range(ROUNDS):
            owner = await world.user(Role.INSTRUCTOR)
            acts: list[Callable[[], Awaitable[object]]] = [
                partial(world.core.api_keys.create, admin, "Key", owner.id),
                partial(world.core.erasure.erase, owner.actor, PASSWORD),
            ]
            results = await at_once(*(acts if n % 2 else reversed(acts)))
            (key,) = (result for result in results if result is not None)
            assert isinstance(key, IssuedKey | Missing)
            assert await world.core.api_keys.list(admin, Page()) == ([], 0)
            if isinstance(key, IssuedKey):
                with pytest.raises(Unauthenticated):
                    await world.core.api_keys.actor(key.key.public_key, key.secret_key)


async def test_an_owner_who_is_demoted_meanwhile_gets_a_key_or_none(store: Store) -> None:
    async with over(store) as world:
        admin = (await world.user(Role.PLATFORM_ADMIN)).actor
        for _ in range(ROUNDS):
            owner = await world.user(Role.INSTRUCTOR)
            made, _ = await at_once(
                partial(world.core.api_keys.create, admin, "Key", owner.id),
                partial(world.core.users.set_role, admin, owner.id, Role.STUDENT),
            )
            assert isinstance(made, IssuedKey | Conflict)
            if isinstance(made, IssuedKey):
                acting = await world.core.api_keys.actor(made.key.public_key, made.secret_key)
                assert acting.role is Role.STUDENT


async def test_many_uses_at_once_are_noted(store: Store) -> None:
    async with over(store) as world:
        admin = (await world.user(Role.PLATFORM_ADMIN)).actor
        pair = await world.core.api_keys.create(admin, "Key", None)
        use = world.core.api_keys.actor
        uses = [lambda: use(pair.key.public_key, pair.secret_key)] * 16
        assert await at_once(*uses) == [admin] * 16
        await world.core.settled()
        ((key,), _) = await world.core.api_keys.list(admin, Page())
        assert key.last_used_at is not None
