"""Credentials stored, erased and sealed anew at once, on every store."""

import asyncio

import pytest
from msgspec import structs

from tests.credentials import AWS
from twosigma.adapters.system.clock import SystemClock
from twosigma.app.credentials import stored_keys
from twosigma.domain.actor import Role
from twosigma.ports.store import Store
from twosigma.testing import NamedCipher, in_memory

ROUNDS = 6


@pytest.mark.parametrize("callers", [2, 8])
async def test_of_many_stored_at_once_one_set_stays_whole(store: Store, callers: int) -> None:
    async with in_memory(store=store, time=SystemClock()) as world:
        admin = (await world.user(Role.PLATFORM_ADMIN)).actor
        many = [
            structs.replace(AWS, access_key_id=f"AKIA{n:016}", secret_access_key=f"secret{n:016}")
            for n in range(callers)
        ]
        for _ in range(ROUNDS):
            await world.core.credentials.remove(admin)
            await asyncio.gather(*(world.core.credentials.store(admin, keys) for keys in many))
            assert await stored_keys(store, world.ports.cipher) in many


async def test_f111_a_rotation_loses_no_credentials_that_are_stored_meanwhile(
    store: Store,
) -> None:
    async with in_memory(store=store, time=SystemClock()) as world:
        cipher, credentials = world.ports.cipher, world.core.credentials
        assert isinstance(cipher, NamedCipher)
        admin = (await world.user(Role.PLATFORM_ADMIN)).actor
        later = structs.replace(AWS, access_key_id="AKIALATERLATERLATER0")
        for n in range(ROUNDS):
            cipher.keys = ("old",)
            await credentials.store(admin, AWS)
            cipher.keys = ("new", "old")
            calls = [credentials.rotate(), credentials.rotate(), credentials.store(admin, later)]
            await asyncio.gather(*(calls if n % 2 else reversed(calls)))
            cipher.keys = ("new",)
            assert await stored_keys(store, cipher) == later


async def test_of_a_rotation_and_an_erasure_at_once_nothing_comes_back(store: Store) -> None:
    async with in_memory(store=store, time=SystemClock()) as world:
        cipher, credentials = world.ports.cipher, world.core.credentials
        assert isinstance(cipher, NamedCipher)
        admin = (await world.user(Role.PLATFORM_ADMIN)).actor
        for n in range(ROUNDS):
            cipher.keys = ("old",)
            await credentials.store(admin, AWS)
            cipher.keys = ("new", "old")
            calls = [credentials.rotate(), credentials.remove(admin)]
            await asyncio.gather(*(calls if n % 2 else reversed(calls)))
            assert await stored_keys(store, cipher) is None
