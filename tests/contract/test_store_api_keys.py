"""API keys, the same in every store."""

from datetime import timedelta

import pytest
from msgspec import structs

from tests.contract.builders import LATER, NOBODY, NOW, add_user, rolled_back
from twosigma.domain.api_keys import ApiKey, NewApiKey
from twosigma.domain.catalog import Page
from twosigma.domain.users import User
from twosigma.ports.store import Store


def new_key(user: User, public_key: str) -> NewApiKey:
    return NewApiKey(
        user_id=user.id, name="Editor", public_key=public_key, digest=b"d" * 32, created_at=NOW
    )


async def add_key(store: Store, user: User, public_key: str) -> ApiKey:
    async with store.write() as tx:
        return await tx.api_keys.add(new_key(user, public_key))


async def test_a_key_reads_back_as_it_was_added(store: Store) -> None:
    user = await add_user(store)
    key = await add_key(store, user, "pk-lf-a")
    assert key == ApiKey(id=key.id, **structs.asdict(new_key(user, "pk-lf-a")))
    async with store.read() as tx:
        assert await tx.api_keys.find("pk-lf-a") == key
        assert await tx.api_keys.find("PK-lf-a") is None
        assert await tx.api_keys.find("") is None


async def test_keys_are_listed_by_id_and_by_account(store: Store) -> None:
    user, other = await add_user(store), await add_user(store)
    keys = [await add_key(store, owner, f"pk-{n}") for n, owner in enumerate((user, other, user))]
    async with store.read() as tx:
        assert await tx.api_keys.all(Page()) == (keys, 3)
        assert await tx.api_keys.all(Page(skip=1, limit=1)) == ([keys[1]], 3)
        assert list(await tx.api_keys.of_user(user.id)) == [keys[0], keys[2]]
        assert list(await tx.api_keys.of_user(NOBODY)) == []


async def test_a_revoked_key_stays_and_says_when(store: Store) -> None:
    user = await add_user(store)
    key, other = await add_key(store, user, "pk-1"), await add_key(store, user, "pk-2")
    async with store.write() as tx:
        assert await tx.api_keys.lock(key.id) == key
        assert await tx.api_keys.lock(NOBODY) is None
        await tx.api_keys.revoke(key.id, LATER)
    async with store.read() as tx:
        assert await tx.api_keys.find("pk-1") == structs.replace(key, revoked_at=LATER)
        assert await tx.api_keys.find("pk-2") == other


async def test_a_use_is_noted_and_no_time_goes_back(store: Store) -> None:
    key = await add_key(store, await add_user(store), "pk-1")
    for at, wanted in ((NOW, NOW), (LATER, LATER), (LATER - timedelta(minutes=1), LATER)):
        async with store.write() as tx:
            await tx.api_keys.note_use(key.id, at)
            await tx.api_keys.note_use(NOBODY, at)
        async with store.read() as tx:
            assert await tx.api_keys.find("pk-1") == structs.replace(key, last_used_at=wanted)


async def test_the_keys_of_an_account_are_erased_and_no_others(store: Store) -> None:
    user, other = await add_user(store), await add_user(store)
    key = await add_key(store, user, "pk-1")
    kept = await add_key(store, other, "pk-2")
    async with store.write() as tx:
        await tx.api_keys.remove_all(user.id)
        await tx.api_keys.remove_all(NOBODY)
        await tx.api_keys.note_use(key.id, NOW)
    async with store.read() as tx:
        assert await tx.api_keys.find("pk-1") is None
        assert await tx.api_keys.all(Page()) == ([kept], 1)
    again = await add_key(store, user, "pk-1")
    assert again.id not in {key.id, kept.id}


async def test_a_failed_write_leaves_no_key(store: Store) -> None:
    user = await add_user(store)
    async with rolled_back(store) as tx:
        await tx.api_keys.add(new_key(user, "pk-1"))
    async with store.read() as tx:
        assert await tx.api_keys.find("pk-1") is None
        assert await tx.api_keys.all(Page()) == ([], 0)


@pytest.mark.parametrize("public_key", ["x" * 5_000, "ü'; --"])
async def test_what_names_no_key_finds_none(store: Store, public_key: str) -> None:
    async with store.read() as tx:
        assert await tx.api_keys.find(public_key) is None
