"""The one set of AWS credentials, the same in every store."""

from msgspec import structs

from tests.contract.builders import LATER, NOW, rolled_back
from twosigma.domain.credentials import CredentialsTest, SealedKeys, StoredCredentials
from twosigma.ports.store import Store

STORED = StoredCredentials(
    id="first",
    sealed=SealedKeys(access_key_id="k:1==", secret_access_key="k:2", session_token="k:3"),
    access_key_last4="MPLE",
    aws_region="eu-west-1",
    updated_at=NOW,
    updated_by=7,
)
OTHER = StoredCredentials(
    id="second",
    sealed=SealedKeys(access_key_id="n:1", secret_access_key="n:2"),
    access_key_last4="ABCD",
    aws_region="us-east-1",
    updated_at=LATER,
    updated_by=8,
)
TEST = CredentialsTest(
    credentials_id="first", success=False, message="ExpiredTokenException", region="eu-west-1",
    latency_ms=41, tested_at=LATER, tested_by=7,
)  # fmt: skip


async def put(store: Store, credentials: StoredCredentials) -> None:
    async with store.write() as tx:
        await tx.credentials.put(credentials)


async def test_nothing_is_stored_at_first(store: Store) -> None:
    async with store.write() as tx:
        assert await tx.credentials.get() is None
        assert await tx.credentials.lock() is None
        assert await tx.credentials.last_test() is None
        await tx.credentials.remove()


async def test_what_is_stored_reads_back_as_it_was(store: Store) -> None:
    await put(store, STORED)
    async with store.write() as tx:
        assert await tx.credentials.get() == STORED
        assert await tx.credentials.lock() == STORED


async def test_the_next_ones_take_the_place_of_the_last(store: Store) -> None:
    await put(store, STORED)
    await put(store, OTHER)
    async with store.read() as tx:
        assert await tx.credentials.get() == OTHER


async def test_a_test_takes_the_place_of_the_last_and_outlives_the_credentials(
    store: Store,
) -> None:
    await put(store, STORED)
    ambient = structs.replace(TEST, credentials_id=None, success=True)
    for test in (ambient, TEST):
        async with store.write() as tx:
            await tx.credentials.put_test(test)
            assert await tx.credentials.last_test() == test
    async with store.write() as tx:
        await tx.credentials.remove()
    async with store.read() as tx:
        assert await tx.credentials.get() is None
        assert await tx.credentials.last_test() == TEST


async def test_a_failed_write_leaves_what_was_stored(store: Store) -> None:
    await put(store, STORED)
    async with rolled_back(store) as tx:
        await tx.credentials.put(OTHER)
    async with rolled_back(store) as tx:
        await tx.credentials.remove()
    async with store.read() as tx:
        assert await tx.credentials.get() == STORED
