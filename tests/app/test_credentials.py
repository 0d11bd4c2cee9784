"""AWS credentials as use cases: who stores them, what is told of them, keys that change."""

from collections.abc import Callable

import pytest
from msgspec import structs

from tests.credentials import AWS, CANARIES
from twosigma.app.credentials import stored_keys
from twosigma.domain.actor import Actor, Role
from twosigma.domain.audit import OF_PROMPTS, Action, EntryFilter
from twosigma.domain.catalog import Page
from twosigma.domain.credentials import Ambient, SealedKeys, Source, StoredCredentials
from twosigma.domain.errors import Conflict, Unavailable
from twosigma.domain.sealing import Rotation, Unreadable
from twosigma.testing import NamedCipher, ScriptedBedrock, World, in_memory

FOUND = Ambient(access_key_last4="ENVI", has_session_token=False)
Damage = Callable[[StoredCredentials], StoredCredentials]


async def admin_of(world: World) -> Actor:
    return (await world.user(Role.PLATFORM_ADMIN)).actor


def cipher_of(world: World) -> NamedCipher:
    assert isinstance(world.ports.cipher, NamedCipher)
    return world.ports.cipher


def bedrock_of(world: World) -> ScriptedBedrock:
    assert isinstance(world.ports.bedrock, ScriptedBedrock)
    return world.ports.bedrock


async def change(world: World, damage: Damage) -> None:
    """Change the stored row behind the use cases' back."""
    async with world.ports.store.write() as tx:
        stored = await tx.credentials.lock()
        assert stored is not None
        await tx.credentials.put(damage(stored))


async def test_stored_credentials_are_those_that_are_used() -> None:
    async with in_memory() as world:
        admin = await admin_of(world)
        stored = await world.core.credentials.store(admin, AWS)
        assert await stored_keys(world.ports.store, world.ports.cipher) == AWS
        assert (stored.access_key_last4, stored.updated_by) == ("4321", admin.user_id)
        assert stored.updated_at == world.clock.now()
        assert not any(canary in repr(stored) for canary in CANARIES)
        status = await world.core.credentials.status(admin)
        assert (status.configured, status.source) == (True, Source.DATABASE)
        assert status.has_session_token


async def test_the_next_ones_take_their_place_without_the_old_session_token() -> None:
    async with in_memory() as world:
        admin = await admin_of(world)
        await world.core.credentials.store(admin, AWS)
        plain = structs.replace(AWS, session_token=None, region="eu-west-1")
        await world.core.credentials.store(admin, plain)
        assert await stored_keys(world.ports.store, world.ports.cipher) == plain


async def test_without_an_encryption_key_nothing_is_stored() -> None:
    async with in_memory() as world:
        admin = await admin_of(world)
        cipher_of(world).keys = ()
        with pytest.raises(Unavailable, match="no encryption key"):
            await world.core.credentials.store(admin, AWS)
        assert (await world.core.credentials.status(admin)).source is Source.NONE


async def test_without_stored_ones_the_environments_are_told_and_tried() -> None:
    async with in_memory() as world:
        admin, bedrock = await admin_of(world), bedrock_of(world)
        with pytest.raises(Conflict, match="No AWS credentials"):
            await world.core.credentials.test(admin)
        bedrock.found = FOUND
        assert (await world.core.credentials.test(admin)).success
        assert bedrock.probed == [None]
        status = await world.core.credentials.status(admin)
        assert (status.source, status.access_key_last4) == (Source.ENVIRONMENT, "ENVI")
        assert status.last_test is not None


async def test_f81_a_trial_that_aws_refuses_is_remembered_with_its_class() -> None:
    async with in_memory() as world:
        admin, bedrock = await admin_of(world), bedrock_of(world)
        await world.core.credentials.store(admin, AWS)
        bedrock.failure = "ExpiredTokenException"
        test = await world.core.credentials.test(admin)
        assert bedrock.probed == [AWS]
        assert (test.success, test.message.partition(":")[0]) == (False, "ExpiredTokenException")
        assert (await world.core.credentials.status(admin)).last_test == test
        await world.core.credentials.store(admin, AWS)
        assert (await world.core.credentials.status(admin)).last_test is None, "not tried yet"


async def test_erasing_is_done_once_and_may_be_repeated() -> None:
    async with in_memory() as world:
        admin = await admin_of(world)
        await world.core.credentials.store(admin, AWS)
        for _ in range(2):
            await world.core.credentials.remove(admin)
        assert await stored_keys(world.ports.store, world.ports.cipher) is None
        assert (await world.core.credentials.status(admin)).source is Source.NONE


def swapped(stored: StoredCredentials) -> StoredCredentials:
    """Two columns of the row, one in the other's place."""
    sealed = stored.sealed
    return structs.replace(
        stored,
        sealed=SealedKeys(
            access_key_id=sealed.secret_access_key,
            secret_access_key=sealed.access_key_id,
            session_token=sealed.session_token,
        ),
    )


def cut(stored: StoredCredentials) -> StoredCredentials:
    changed = stored.sealed.access_key_id[:-8]
    return structs.replace(stored, sealed=structs.replace(stored.sealed, access_key_id=changed))


DAMAGES: dict[str, Damage] = {
    "bytes changed": cut,
    "columns swapped": swapped,
    "another row's": lambda stored: structs.replace(stored, id="another"),
}


async def assert_unreadable(world: World, admin: Actor) -> None:
    bedrock_of(world).found = FOUND
    status = await world.core.credentials.status(admin)
    assert (status.configured, status.error) == (False, "unreadable")
    assert (status.source, status.access_key_last4) == (Source.DATABASE, "4321")
    with pytest.raises(Conflict, match="cannot be read"):
        await world.core.credentials.test(admin)
    assert bedrock_of(world).probed == [], "the environment's are not taken instead"
    with pytest.raises(Unreadable):
        await stored_keys(world.ports.store, world.ports.cipher)


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
async def test_f111_what_was_changed_is_unreadable_and_can_be_replaced(damage: Damage) -> None:
    async with in_memory() as world:
        admin = await admin_of(world)
        await world.core.credentials.store(admin, AWS)
        await change(world, damage)
        await assert_unreadable(world, admin)
        await world.core.credentials.store(admin, AWS)
        assert (await world.core.credentials.status(admin)).configured


async def test_f111_an_older_rows_secrets_do_not_fit_the_row_of_today() -> None:
    async with in_memory() as world:
        admin = await admin_of(world)
        before = await world.core.credentials.store(admin, AWS)
        await world.core.credentials.store(admin, AWS)
        await change(world, lambda stored: structs.replace(stored, sealed=before.sealed))
        await assert_unreadable(world, admin)


async def test_f111_with_its_key_gone_it_is_unreadable_and_back_with_it() -> None:
    async with in_memory() as world:
        admin = await admin_of(world)
        await world.core.credentials.store(admin, AWS)
        for keys in (("new",), ()):
            cipher_of(world).keys = keys
            await assert_unreadable(world, admin)
        cipher_of(world).keys = ("new", "memory")
        assert await stored_keys(world.ports.store, world.ports.cipher) == AWS


async def test_f111_a_rotation_moves_all_to_the_first_key_and_may_be_repeated() -> None:
    async with in_memory() as world:
        admin, credentials = await admin_of(world), world.core.credentials
        assert await credentials.rotate() == Rotation(resealed=0, current=0, unreadable=())
        before = await credentials.store(admin, AWS)
        assert await credentials.rotate() == Rotation(resealed=0, current=3, unreadable=())
        cipher_of(world).keys = ("new", "memory")
        assert await credentials.rotate() == Rotation(resealed=3, current=0, unreadable=())
        assert await credentials.rotate() == Rotation(resealed=0, current=3, unreadable=())
        cipher_of(world).keys = ("new",)
        assert await stored_keys(world.ports.store, world.ports.cipher) == AWS
        async with world.ports.store.read() as tx:
            after = await tx.credentials.get()
        assert after is not None
        assert structs.replace(after, sealed=before.sealed) == before, "all else stays"


async def test_f111_a_rotation_names_what_it_cannot_read_and_moves_the_rest() -> None:
    async with in_memory() as world:
        admin, credentials = await admin_of(world), world.core.credentials
        await credentials.store(admin, AWS)
        await change(world, cut)
        cipher_of(world).keys = ("new", "memory")
        names = ("aws_credentials.access_key_id",)
        assert await credentials.rotate() == Rotation(resealed=2, current=0, unreadable=names)
        assert await credentials.rotate() == Rotation(resealed=0, current=2, unreadable=names)


async def test_every_act_is_in_the_audit_log_without_a_secret() -> None:
    async with in_memory() as world:
        admin, credentials = await admin_of(world), world.core.credentials
        stored = await credentials.store(admin, AWS)
        await credentials.test(admin)
        cipher_of(world).keys = ("new", "memory")
        await credentials.rotate()
        for _ in range(2):
            await credentials.rotate()
            await credentials.remove(admin)
        rows, _ = await world.core.audit_log.entries(admin, EntryFilter(), Page())
        entries = [row for row in reversed(rows) if row.action not in OF_PROMPTS]
        acts = [(entry.action, entry.actor_id, entry.target_id) for entry in entries]
        assert acts == [
            (Action.CREDENTIALS_STORED, admin.user_id, stored.id),
            (Action.CREDENTIALS_TESTED, admin.user_id, stored.id),
            (Action.KEYS_ROTATED, None, stored.id),
            (Action.CREDENTIALS_DELETED, admin.user_id, stored.id),
        ]
        assert not any(canary in repr(entries) for canary in CANARIES)
