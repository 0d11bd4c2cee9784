"""Failed sign-ins and used Idempotency-Keys, the same in every store."""

import asyncio
from datetime import timedelta

from msgspec import structs

from tests.contract.builders import LATER, NOW, rolled_back
from twosigma.domain.repeats import Answer, Kept, Request
from twosigma.ports.store import Store

ANSWER = Answer(status=201, headers=(("content-type", "application/json"),), body=b'{"id":1}\x00')
REQUEST = Request(user_id=7, key="k é 🎉", digest=b"d" * 32)
OTHER = structs.replace(REQUEST, digest=b"e" * 32)


async def failures(store: Store, key: str = "k") -> list[float]:
    async with store.read() as tx:
        return list(await tx.sign_in_failures.get(key))


async def save(store: Store, key: str, times: list[float]) -> None:
    async with store.write() as tx:
        await tx.sign_in_failures.lock(key)
        await tx.sign_in_failures.save(key, times)


async def test_failures_read_back_and_go(store: Store) -> None:
    assert await failures(store) == []
    await save(store, "k", [1.25, 2.5])
    await save(store, "other", [9.0])
    assert await failures(store) == [1.25, 2.5]
    await save(store, "k", [2.5, 3.0])
    assert await failures(store) == [2.5, 3.0]
    async with store.write() as tx:
        assert list(await tx.sign_in_failures.lock("k")) == [2.5, 3.0]
        await tx.sign_in_failures.remove("k")
        await tx.sign_in_failures.remove("nobody")
    assert (await failures(store), await failures(store, "other")) == ([], [9.0])


async def test_old_failures_are_forgotten(store: Store) -> None:
    await save(store, "old", [1.0, 2.0])
    await save(store, "new", [1.0, 3.0])
    async with store.write() as tx:
        await tx.sign_in_failures.forget(3.0)
    assert (await failures(store, "old"), await failures(store, "new")) == ([], [1.0, 3.0])


async def test_f127_failures_at_once_are_all_counted(store: Store) -> None:
    async def fail(at: float) -> None:
        async with store.write() as tx:
            times = await tx.sign_in_failures.lock("k")
            await tx.sign_in_failures.save("k", sorted([*times, at]))

    await asyncio.gather(*(fail(float(at)) for at in range(8)))
    assert await failures(store) == [float(at) for at in range(8)]


async def kept(store: Store, user_id: int = 7) -> Kept | None:
    async with store.read() as tx:
        return await tx.repeats.get(user_id, REQUEST.key)


async def use(store: Store, request: Request) -> bool:
    async with store.write() as tx:
        return await tx.repeats.use(request, NOW)


async def test_a_key_is_used_once_by_each_account(store: Store) -> None:
    assert await use(store, REQUEST)
    assert not await use(store, REQUEST)
    assert not await use(store, OTHER)
    assert await kept(store) == Kept(request_digest=REQUEST.digest, created_at=NOW)
    assert await use(store, structs.replace(OTHER, user_id=8))
    assert await kept(store, 9) is None


async def test_an_answer_is_kept_for_the_request_that_used_the_key(store: Store) -> None:
    await use(store, REQUEST)
    async with store.write() as tx:
        await tx.repeats.keep(OTHER, ANSWER)
        await tx.repeats.keep(structs.replace(REQUEST, key="unused"), ANSWER)
    assert await kept(store) == Kept(request_digest=REQUEST.digest, created_at=NOW)
    async with store.write() as tx:
        await tx.repeats.keep(REQUEST, ANSWER)
    assert await kept(store) == Kept(request_digest=REQUEST.digest, created_at=NOW, answer=ANSWER)


async def test_what_is_undone_uses_no_key(store: Store) -> None:
    async with rolled_back(store) as tx:
        assert await tx.repeats.use(REQUEST, NOW)
    assert await kept(store) is None


async def test_keys_are_freed(store: Store) -> None:
    await use(store, REQUEST)
    async with store.write() as tx:
        await tx.repeats.remove(7, REQUEST.key, NOW)
        await tx.repeats.forget(NOW)
    assert await kept(store) is not None
    async with store.write() as tx:
        await tx.repeats.remove(7, REQUEST.key, NOW + timedelta(microseconds=1))
    assert await use(store, OTHER)
    async with store.write() as tx:
        await tx.repeats.forget(LATER)
    assert await use(store, REQUEST)
    async with store.write() as tx:
        await tx.repeats.remove_all(8)
    assert await kept(store) is not None
    async with store.write() as tx:
        await tx.repeats.remove_all(7)
    assert await kept(store) is None


async def test_of_requests_at_once_one_uses_the_key(store: Store) -> None:
    used = await asyncio.gather(*(use(store, REQUEST) for _ in range(8)))
    assert sorted(used) == [False] * 7 + [True]
