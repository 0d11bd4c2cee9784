"""API keys as use cases: made, used, ended, and what ends with their owners."""

import asyncio
from datetime import timedelta

import pytest

from tests.app.school import PASSWORD
from twosigma.domain.actor import Actor, Role
from twosigma.domain.api_keys import IssuedKey
from twosigma.domain.audit import Action, EntryFilter
from twosigma.domain.catalog import Page
from twosigma.domain.errors import Conflict, DomainError, Invalid, Missing, Unauthenticated
from twosigma.testing import World, in_memory


async def admin_of(world: World) -> Actor:
    return (await world.user(Role.PLATFORM_ADMIN)).actor


async def made(world: World, owner: Actor) -> IssuedKey:
    admin = await admin_of(world)
    return await world.core.api_keys.create(admin, "Editor", owner.user_id)


async def use(world: World, pair: IssuedKey) -> Actor:
    return await world.core.api_keys.actor(pair.key.public_key, pair.secret_key)


async def last_used(world: World) -> object:
    async with world.ports.store.read() as tx:
        ((key,), _) = await tx.api_keys.all(Page())
    return key.last_used_at


async def test_a_pair_acts_for_its_owner_with_the_role_of_this_moment() -> None:
    async with in_memory() as world:
        teacher = (await world.user(Role.INSTRUCTOR)).actor
        pair = await made(world, teacher)
        assert pair.key.public_key.startswith("pk-lf-")
        assert pair.secret_key.startswith("sk-lf-")
        assert await use(world, pair) == teacher
        await world.core.users.set_role(await admin_of(world), teacher.user_id, Role.STUDENT)
        assert (await use(world, pair)).role is Role.STUDENT


async def test_without_an_owner_it_is_the_admins_own() -> None:
    async with in_memory() as world:
        admin = await admin_of(world)
        pair = await world.core.api_keys.create(admin, " Mine ", None)
        assert (pair.key.user_id, pair.key.name) == (admin.user_id, "Mine")
        assert await use(world, pair) == admin


async def test_no_secret_is_stored_and_no_two_pairs_are_alike() -> None:
    async with in_memory() as world:
        admin = await admin_of(world)
        pairs = [await world.core.api_keys.create(admin, "Same", None) for _ in range(2)]
        async with world.ports.store.read() as tx:
            rows, total = await tx.api_keys.all(Page())
        assert total == 2
        for pair, row in zip(pairs, rows, strict=True):
            assert pair.secret_key.encode() not in row.digest
            assert pair.secret_key not in repr(pair)
        (one, other) = pairs
        for public_key, secret in (
            (one.key.public_key, other.secret_key), ("pk-lf-unknown", one.secret_key), ("", ""),
            ("pk-lf-\0", one.secret_key), ("pk-lf-\ud800", one.secret_key),
            (one.key.public_key, ""), (one.secret_key, one.secret_key),
            (one.key.public_key, one.secret_key + " "), (one.key.public_key, "\ud800"),
        ):  # fmt: skip
            with pytest.raises(Unauthenticated, match=r"^Invalid API key$"):
                await world.core.api_keys.actor(public_key, secret)


async def test_who_may_not_own_one_is_told_so_and_nothing_is_written() -> None:
    async with in_memory() as world:
        admin, core = await admin_of(world), world.core
        student, gone = await world.user(), await world.user(Role.INSTRUCTOR)
        off = await world.user(Role.INSTRUCTOR)
        await core.erasure.erase(gone.actor, PASSWORD)
        await core.users.set_status(admin, off.id, is_active=False)
        refusals: list[tuple[int, type[DomainError]]] = [
            (student.id, Conflict), (off.id, Conflict), (gone.id, Missing), (10**9, Missing),
        ]  # fmt: skip
        for owner_id, refusal in refusals:
            with pytest.raises(refusal):
                await core.api_keys.create(admin, "Editor", owner_id)
        with pytest.raises(Invalid):
            await core.api_keys.create(admin, "  ", None)
        assert await core.api_keys.list(admin, Page()) == ([], 0)


async def test_f34_a_switched_off_owners_key_is_401_and_good_again_with_its_owner() -> None:
    async with in_memory() as world:
        teacher, admin = await world.user(Role.INSTRUCTOR), await admin_of(world)
        pair = await made(world, teacher.actor)
        await world.core.users.set_status(admin, teacher.id, is_active=False)
        with pytest.raises(Unauthenticated):
            await use(world, pair)
        await world.core.users.set_status(admin, teacher.id, is_active=True)
        assert await use(world, pair) == teacher.actor


async def test_an_erased_owner_leaves_no_key() -> None:
    async with in_memory() as world:
        teacher = await world.user(Role.INSTRUCTOR)
        pair = await made(world, teacher.actor)
        await world.core.erasure.erase(teacher.actor, PASSWORD)
        with pytest.raises(Unauthenticated):
            await use(world, pair)
        assert await world.core.api_keys.list(await admin_of(world), Page()) == ([], 0)


async def test_a_revoked_key_is_401_and_to_revoke_it_again_changes_nothing() -> None:
    async with in_memory() as world:
        admin = await admin_of(world)
        pair = await made(world, admin)
        await world.core.api_keys.revoke(admin, pair.key.id)
        first = await world.core.api_keys.list(admin, Page())
        await world.clock.advance(timedelta(hours=1).total_seconds())
        await world.core.api_keys.revoke(admin, pair.key.id)
        assert await world.core.api_keys.list(admin, Page()) == first
        with pytest.raises(Unauthenticated):
            await use(world, pair)
        with pytest.raises(Missing):
            await world.core.api_keys.revoke(admin, pair.key.id + 1)


async def test_who_made_and_who_ended_a_key_is_in_the_audit_log_without_its_secret() -> None:
    async with in_memory() as world:
        admin, teacher = await admin_of(world), await world.user(Role.INSTRUCTOR)
        pair = await world.core.api_keys.create(admin, "Editor", teacher.id)
        await world.core.api_keys.revoke(admin, pair.key.id)
        await world.core.api_keys.revoke(admin, pair.key.id)
        entries, _ = await world.core.audit_log.entries(
            admin, EntryFilter(target_id=str(pair.key.id)), Page()
        )
        acts = [entry for entry in entries if entry.action.value.startswith("api_key")]
        assert [act.action for act in acts] == [Action.API_KEY_REVOKED, Action.API_KEY_CREATED]
        for act in acts:
            assert act.actor_id == admin.user_id
            assert act.details == {"user_id": teacher.id, "public_key": pair.key.public_key}
            assert pair.secret_key not in repr(act)


async def test_the_last_use_is_written_once_an_hour_beside_the_requests() -> None:
    async with in_memory() as world:
        pair = await made(world, await admin_of(world))
        assert await last_used(world) is None
        first = world.clock.now()
        for seconds, wanted in ((0, first), (3_599, first), (1, first + timedelta(hours=1))):
            await world.clock.advance(seconds)
            await use(world, pair)
            await world.core.settled()
            assert await last_used(world) == wanted


async def test_a_core_that_does_not_run_still_knows_its_keys() -> None:
    async with in_memory(running=False) as world:
        admin = await admin_of(world)
        pair = await world.core.api_keys.create(admin, "Editor", None)
        assert await use(world, pair) == admin
        assert await last_used(world) is None


async def test_a_key_made_while_its_owner_is_erased_is_refused_or_erased() -> None:
    async with in_memory() as world:
        admin, teacher = await admin_of(world), await world.user(Role.INSTRUCTOR)
        made_key, erased = await asyncio.gather(
            world.core.api_keys.create(admin, "Editor", teacher.id),
            world.core.erasure.erase(teacher.actor, PASSWORD),
            return_exceptions=True,
        )
        assert erased is None
        assert isinstance(made_key, IssuedKey | Missing)
        assert await world.core.api_keys.list(admin, Page()) == ([], 0)


async def test_the_operator_makes_and_ends_keys_by_what_people_know_of_them() -> None:
    async with in_memory() as world:
        admin, teacher = await admin_of(world), await world.user(Role.INSTRUCTOR)
        pair = await world.core.api_keys.issue(f" {teacher.user.email.upper()}", "Scripts")
        assert (pair.key.user_id, await use(world, pair)) == (teacher.id, teacher.actor)
        await world.core.api_keys.withdraw(pair.key.public_key)
        await world.core.api_keys.withdraw(pair.key.public_key)
        with pytest.raises(Unauthenticated):
            await use(world, pair)
        entries, _ = await world.core.audit_log.entries(
            admin, EntryFilter(target_id=str(pair.key.id)), Page()
        )
        assert [(act.action, act.actor_id) for act in entries if "key" in act.action.value] == [
            (Action.API_KEY_REVOKED, None), (Action.API_KEY_CREATED, None),
        ]  # fmt: skip


async def test_what_the_operator_names_wrongly_is_told() -> None:
    async with in_memory() as world:
        student = await world.user()
        keys = world.core.api_keys
        with pytest.raises(Missing, match="No account has this address"):
            await keys.issue("nobody@x.example", "Scripts")
        with pytest.raises(Conflict):
            await keys.issue(student.user.email, "Scripts")
        for public_key in ("pk-lf-unknown", "\0", ""):
            with pytest.raises(Missing, match="API key not found"):
                await keys.withdraw(public_key)
        assert await keys.owned() == []


async def test_the_operator_sees_all_keys_with_their_owners() -> None:
    async with in_memory() as world:
        admin, teacher = await admin_of(world), await world.user(Role.INSTRUCTOR)
        owners = [admin.user_id, *[teacher.id] * 101]
        made_keys = [await world.core.api_keys.create(admin, "Many", owner) for owner in owners]
        rows = await world.core.api_keys.owned()
        assert [row.key for row in rows] == [pair.key for pair in made_keys]
        assert [row.owner.id for row in rows] == owners
