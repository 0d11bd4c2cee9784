"""Signing out, changing a password, and where somebody is signed in."""

import asyncio
from datetime import timedelta

import pytest

from tests.app.gates import GatedStore
from tests.app.school import PASSWORD, sign_up
from twosigma.app.auth import Auth
from twosigma.app.policy import Policy
from twosigma.domain.catalog import Page
from twosigma.domain.errors import Conflict, Invalid, Missing, Unauthenticated
from twosigma.testing import World, in_memory

NEW = "another horse battery"


def auth_over(world: World, store: GatedStore) -> Auth:
    ports = world.ports
    return Auth(
        store=store, clock=ports.clock, passwords=ports.passwords, tokens=ports.tokens,
        random=ports.random, limits=world.core.limits, policy=Policy(),
    )  # fmt: skip


async def test_signing_out_ends_that_sign_in_and_no_other() -> None:
    async with in_memory() as world:
        auth = world.core.auth
        here = await auth.register(sign_up())
        there = await auth.login("new@example.com", PASSWORD)
        after = await auth.refresh(here.refresh_token)
        await auth.logout(here.refresh_token)  # a used one: whoever has it may end it
        await auth.logout(after.refresh_token)
        for dead in (here, after):
            with pytest.raises(Unauthenticated):
                await auth.refresh(dead.refresh_token)
        await auth.actor(after.access_token)
        there = await auth.refresh(there.refresh_token)
        for wrong in (there.access_token, "x", ""):
            with pytest.raises(Unauthenticated):
                await auth.logout(wrong)
        await auth.refresh(there.refresh_token)


async def test_signing_out_everywhere_ends_all_of_one_account() -> None:
    async with in_memory() as world:
        auth, other = world.core.auth, await world.user()
        others = await auth.login(other.user.email, PASSWORD)
        pairs = [await auth.register(sign_up()), await auth.login("new@example.com", PASSWORD)]
        actor = await auth.actor(pairs[0].access_token)
        await auth.logout_all(actor)
        for pair in pairs:
            with pytest.raises(Unauthenticated):
                await auth.refresh(pair.refresh_token)
        assert await auth.sign_ins(actor, Page()) == ([], 0)
        await auth.refresh(others.refresh_token)
        await auth.refresh((await auth.login("new@example.com", PASSWORD)).refresh_token)


async def test_a_changed_password_is_the_only_one_and_ends_every_sign_in() -> None:
    async with in_memory() as world:
        auth = world.core.auth
        pairs = [await auth.register(sign_up()), await auth.login("new@example.com", PASSWORD)]
        actor = await auth.actor(pairs[0].access_token)
        await auth.change_password(actor, PASSWORD, NEW)
        for pair in pairs:
            with pytest.raises(Unauthenticated):
                await auth.refresh(pair.refresh_token)
        with pytest.raises(Unauthenticated):
            await auth.login("new@example.com", PASSWORD)
        await auth.refresh((await auth.login("new@example.com", NEW)).refresh_token)


async def test_f38_a_wrong_or_bad_password_changes_nothing() -> None:
    async with in_memory() as world:
        auth = world.core.auth
        pair = await auth.register(sign_up())
        actor = await auth.actor(pair.access_token)
        for current in ("wrong horse battery", "", PASSWORD + " "):
            with pytest.raises(Conflict) as refused:
                await auth.change_password(actor, current, NEW)
            assert refused.value.code == "wrong_password"
        for new in ("short", "x" * 129, "NEW@example.com", "nul\x00 in it"):
            with pytest.raises(Invalid) as invalid:
                await auth.change_password(actor, PASSWORD, new)
            assert [fault.loc for fault in invalid.value.faults] == [("body", "new_password")]
        await auth.refresh(pair.refresh_token)
        await auth.login("new@example.com", PASSWORD)


async def test_f38_both_forms_of_an_accent_are_the_same_password() -> None:
    async with in_memory() as world:
        auth = world.core.auth
        pair = await auth.register(sign_up(password="Zoë 12345"))
        actor = await auth.actor(pair.access_token)
        await auth.change_password(actor, "Zoe\u0308 12345", "Ae\u0308 123456")
        await auth.login("new@example.com", "Aë 123456")


@pytest.mark.parametrize("is_login", [True, False])
async def test_who_comes_with_the_old_password_while_it_changes_is_refused(
    *, is_login: bool
) -> None:
    async with in_memory() as world:
        store = GatedStore(world.ports.store)
        slow = auth_over(world, store)
        actor = await world.core.auth.actor(
            (await world.core.auth.register(sign_up())).access_token
        )
        store.writes.close()
        late = asyncio.ensure_future(
            slow.login("new@example.com", PASSWORD)
            if is_login
            else slow.change_password(actor, PASSWORD, "a third horse battery")
        )
        await asyncio.sleep(0)
        await world.core.auth.change_password(actor, PASSWORD, NEW)
        store.writes.open()
        with pytest.raises(Unauthenticated if is_login else Conflict):
            await late
        assert await world.core.auth.sign_ins(actor, Page()) == ([], 0)
        await world.core.auth.login("new@example.com", NEW)


async def test_sign_ins_are_listed_and_ended_one_by_one_by_their_owner() -> None:
    async with in_memory() as world:
        auth, other, start = world.core.auth, await world.user(), world.clock.now()
        first = await auth.register(sign_up())
        actor = await auth.actor(first.access_token)
        await world.clock.advance(60)
        second = await auth.login("new@example.com", PASSWORD)
        await world.clock.advance(60)
        await auth.refresh(second.refresh_token)
        (one, two), total = await auth.sign_ins(actor, Page())
        assert total == 2
        minute, month = timedelta(minutes=1), timedelta(days=30)
        assert (one.created_at, one.last_used_at, one.expires_at) == (start, start, start + month)
        assert (two.created_at, two.last_used_at) == (start + minute, start + 2 * minute)
        assert two.expires_at == start + 2 * minute + month
        for who, sign_in_id in ((other.actor, one.id), (actor, "unknown")):
            with pytest.raises(Missing, match=r"^Session not found$"):
                await auth.end_sign_in(who, sign_in_id)
        await auth.end_sign_in(actor, two.id)
        assert await auth.sign_ins(actor, Page()) == ([one], 1)
        with pytest.raises(Missing):
            await auth.end_sign_in(actor, two.id)
        with pytest.raises(Unauthenticated):
            await auth.refresh(second.refresh_token)
        await auth.refresh(first.refresh_token)
