"""Sign up, sign in, stay signed in."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from tests.app.school import PASSWORD, sign_up
from twosigma.adapters.memory.store import MemoryStore
from twosigma.domain.actor import Actor, Role
from twosigma.domain.errors import Conflict, Forbidden, Invalid, Unauthenticated
from twosigma.testing import Learner, World, in_memory

UNKNOWN_OR_WRONG = "Incorrect email or password"


def kinds_of(refused: Invalid) -> dict[str, str]:
    return {str(fault.loc[-1]): fault.type for fault in refused.faults}


async def switch(world: World, who: Learner, **changes: Any) -> None:
    """Change an account behind the use cases' back, as an operator's SQL would."""
    store = world.ports.store
    assert isinstance(store, MemoryStore)
    async with store._transaction() as tx:
        tx.tables.users.put(who.id, structs.replace(tx.tables.users[who.id], **changes))


async def test_who_registers_is_a_student_and_signed_in() -> None:
    async with in_memory() as world:
        pair = await world.core.auth.register(sign_up(locale="PT-br", time_zone="Europe/Lisbon"))
        actor = await world.core.auth.actor(pair.access_token)
        me = (await world.core.users.me(actor)).user
        assert (actor.role, me.is_active, me.created_at) == (Role.STUDENT, True, world.clock.now())
        assert (me.locale, me.time_zone) == ("pt-BR", "Europe/Lisbon")
        assert world.core.auth.user_id_of(pair.access_token) == me.id
        again = await world.core.auth.refresh(pair.refresh_token)
        assert again != pair


async def test_names_and_addresses_are_normalised() -> None:
    async with in_memory() as world:
        form = sign_up(email="  ADA.Lovelace@Exämple.COM ", full_name=" Zoe\u0308 ")
        user = await world.core.auth.create_user(form, Role.INSTRUCTOR)
        assert (user.email, user.full_name) == ("ada.lovelace@exämple.com", "Zoë")
        assert user.role is Role.INSTRUCTOR
        assert not await world.core.auth.check_email("Ada.Lovelace@EXÄMPLE.com")
        assert await world.core.auth.check_email("ada@example.com")


async def test_all_faults_of_a_form_are_told_at_once() -> None:
    async with in_memory() as world:
        form = sign_up(
            email="nobody", password="short", full_name=" ", locale="e", time_zone="Mars/Base"
        )
        with pytest.raises(Invalid) as refused:
            await world.core.auth.register(form)
        assert kinds_of(refused.value) == {
            "email": "value_error.email",
            "password": "value_error.any_str.min_length",
            "full_name": "value_error.any_str.min_length",
            "locale": "value_error",
            "time_zone": "value_error",
        }
        assert "nobody" not in str(refused.value)
        with pytest.raises(Invalid):
            await world.core.auth.check_email("nobody")


@pytest.mark.parametrize(
    "password",
    ["1234567", "x" * 129, "NEW@example.com", "nul\x00 in it", "half \ud800 of a pair"],
)
async def test_f38_a_password_has_8_to_128_characters_and_is_not_the_address(password: str) -> None:
    async with in_memory() as world:
        with pytest.raises(Invalid) as refused:
            await world.core.auth.register(sign_up(password=password))
        assert list(kinds_of(refused.value)) == ["password"]


@pytest.mark.parametrize(
    "password", ["x" * 128, "  spaces are kept  ", "🙂" * 8, "Zoe\u0308 12345"]
)
async def test_f38_what_a_password_holds_is_kept(password: str) -> None:
    async with in_memory() as world:
        await world.core.auth.register(sign_up(password=password))
        await world.core.auth.login("new@example.com", password)
        for near in (password[:-1], password + " ", password.upper() + "!"):
            with pytest.raises(Unauthenticated):
                await world.core.auth.login("new@example.com", near)


async def test_f38_both_forms_of_an_accent_log_in() -> None:
    async with in_memory() as world:
        await world.core.auth.register(sign_up(password="Zoë 12345"))
        await world.core.auth.login("new@example.com", "Zoe\u0308 12345")


async def test_a_taken_address_is_a_conflict_however_it_is_written() -> None:
    async with in_memory() as world:
        await world.core.auth.register(sign_up())
        with pytest.raises(Conflict, match=r"^Email already registered$") as refused:
            await world.core.auth.register(sign_up(email="NEW@Example.com "))
        assert refused.value.code == "email_taken"
        with pytest.raises(Invalid):  # what is malformed is told before what is taken
            await world.core.auth.register(sign_up(full_name=""))


async def test_f60_of_two_who_register_one_address_at_once_one_does() -> None:
    async with in_memory() as world:
        forms = [sign_up(email=email) for email in ("a@x.org", "A@x.org", "a@X.ORG")]
        ends = await asyncio.gather(
            *(world.core.auth.register(form) for form in forms), return_exceptions=True
        )
        assert sorted(type(end).__name__ for end in ends) == ["Conflict", "Conflict", "TokenPair"]


async def test_f37_an_unknown_address_and_a_wrong_password_are_one_error() -> None:
    async with in_memory() as world:
        await world.core.auth.register(sign_up())
        errors = []
        for email, password in (
            ("new@example.com", "wrong horse battery"),
            ("nobody@example.com", PASSWORD),
            ("no address at all", PASSWORD),
            ("new@example.com", ""),
            ("\ud800", "\ud800"),
        ):
            with pytest.raises(Unauthenticated) as refused:
                await world.core.auth.login(email, password)
            errors.append((type(refused.value), str(refused.value), refused.value.code))
        assert set(errors) == {(Unauthenticated, UNKNOWN_OR_WRONG, "unauthenticated")}


async def test_a_login_takes_the_address_as_it_is_typed() -> None:
    async with in_memory() as world:
        await world.core.auth.register(sign_up())
        pair = await world.core.auth.login(" NEW@example.COM", PASSWORD)
        assert (await world.core.auth.actor(pair.access_token)).user_id


async def test_f36_an_account_that_is_switched_off_is_out_at_once() -> None:
    async with in_memory() as world:
        who = await world.user()
        pair = await world.core.auth.login(who.user.email, PASSWORD)
        await switch(world, who, is_active=False)
        with pytest.raises(Forbidden, match=r"^Account is inactive$") as refused:
            await world.core.auth.login(who.user.email, PASSWORD)
        assert refused.value.code == "account_inactive"
        with pytest.raises(Unauthenticated, match=UNKNOWN_OR_WRONG):
            await world.core.auth.login(who.user.email, "wrong horse battery")
        with pytest.raises(Unauthenticated):
            await world.core.auth.actor(pair.access_token)
        with pytest.raises(Unauthenticated):
            await world.core.auth.refresh(pair.refresh_token)


async def test_f36_the_role_is_that_of_the_account_now() -> None:
    async with in_memory() as world:
        who = await world.user(Role.PLATFORM_ADMIN)
        pair = await world.core.auth.login(who.user.email, PASSWORD)
        await switch(world, who, role=Role.STUDENT)
        actor = await world.core.auth.actor(pair.access_token)
        assert actor == Actor(user_id=who.id, role=Role.STUDENT)


async def test_tokens_are_of_one_kind_and_end() -> None:
    async with in_memory() as world:
        auth = world.core.auth
        pair = await auth.register(sign_up())
        for wrong in (pair.refresh_token, "", "not.a.token", pair.access_token[:-2]):
            with pytest.raises(Unauthenticated):
                auth.user_id_of(wrong)
        for wrong in (pair.access_token, "x"):
            with pytest.raises(Unauthenticated):
                await auth.refresh(wrong)
        world.clock.set(world.clock.now() + timedelta(minutes=29))
        auth.user_id_of(pair.access_token)
        world.clock.set(world.clock.now() + timedelta(minutes=2))
        with pytest.raises(Unauthenticated):
            auth.user_id_of(pair.access_token)
        world.clock.set(world.clock.now() + timedelta(days=30))
        with pytest.raises(Unauthenticated):
            await auth.refresh(pair.refresh_token)


@pytest.mark.parametrize("seconds", [0, 5, 10])
async def test_f35_a_refresh_again_within_the_grace_is_the_same_pair(seconds: float) -> None:
    async with in_memory() as world:
        pair = await world.core.auth.register(sign_up())
        first = await world.core.auth.refresh(pair.refresh_token)
        await world.clock.advance(seconds)
        assert await world.core.auth.refresh(pair.refresh_token) == first
        assert await world.core.auth.refresh(first.refresh_token) != first


async def test_f35_reuse_after_the_grace_revokes_the_family_and_that_is_committed() -> None:
    async with in_memory() as world:
        auth = world.core.auth
        pair = await auth.register(sign_up())
        elsewhere = await auth.login("new@example.com", PASSWORD)
        first = await auth.refresh(pair.refresh_token)
        second = await auth.refresh(first.refresh_token)
        await world.clock.advance(11)
        with pytest.raises(Unauthenticated):
            await auth.refresh(pair.refresh_token)
        for dead in (pair, first, second):
            with pytest.raises(Unauthenticated):
                await auth.refresh(dead.refresh_token)
        await auth.refresh(elsewhere.refresh_token)


async def test_f70_one_refresh_token_at_once_is_one_successor() -> None:
    async with in_memory() as world:
        pair = await world.core.auth.register(sign_up())
        pairs = await asyncio.gather(
            *(world.core.auth.refresh(pair.refresh_token) for _ in range(8))
        )
        assert len({each.refresh_token for each in pairs}) == 1
        await world.core.auth.refresh(pairs[0].refresh_token)


async def test_nothing_secret_shows_when_it_is_printed() -> None:
    async with in_memory() as world:
        pair = await world.core.auth.register(sign_up())
        shown = repr((sign_up(), pair))
        assert PASSWORD not in shown
        assert pair.access_token not in shown
        assert pair.refresh_token not in shown
