"""Accounts and refresh tokens, the same in every store."""

import asyncio
from datetime import timedelta

from msgspec import structs

from tests.contract.builders import LATER, NOBODY, NOW, add_user, new_user
from twosigma.domain.actor import Role
from twosigma.domain.tokens import Pair, RefreshToken, mint
from twosigma.domain.users import Credentials
from twosigma.ports.store import Store

LIVES = (timedelta(minutes=30), timedelta(days=30))


def pair(user_id: int, name: str) -> Pair:
    return mint(user_id, (f"access-{name}", f"refresh-{name}"), NOW, LIVES)


async def test_an_account_reads_back_as_it_was_added(store: Store) -> None:
    async with store.write() as tx:
        added = await tx.accounts.add(new_user("ada@example.org", Role.INSTRUCTOR))
    assert added is not None
    assert added.is_active
    assert (added.role, added.created_at, added.updated_at) == (Role.INSTRUCTOR, NOW, NOW)
    assert (added.full_name, added.locale, added.time_zone) == (
        "Ada Lovelace", "de", "Europe/Berlin",
    )  # fmt: skip
    async with store.read() as tx:
        assert await tx.accounts.get(added.id) == added
        assert await tx.accounts.find_by_email("ada@example.org") == added
        assert await tx.accounts.find_credentials("ada@example.org") == Credentials(
            user_id=added.id, password_hash="hash", is_active=True
        )


async def test_an_unknown_account_is_none(store: Store) -> None:
    async with store.read() as tx:
        assert await tx.accounts.get(NOBODY) is None
        assert await tx.accounts.find_by_email("nobody@example.org") is None
        assert await tx.accounts.find_credentials("nobody@example.org") is None


async def test_accounts_are_read_together_and_unknown_ones_left_out(store: Store) -> None:
    one, other, _ = [await add_user(store) for _ in range(3)]
    async with store.read() as tx:
        assert await tx.accounts.get_all({one.id, other.id, NOBODY}) == {
            one.id: one, other.id: other,
        }  # fmt: skip
        assert await tx.accounts.get_all(()) == {}


async def test_an_address_is_given_once(store: Store) -> None:
    async with store.write() as tx:
        first = await tx.accounts.add(new_user("ada@example.org"))
        assert await tx.accounts.add(new_user("ada@example.org")) is None
        # The transaction is still good.
        assert await tx.accounts.add(new_user("bob@example.org")) is not None
    async with store.read() as tx:
        assert await tx.accounts.find_by_email("ada@example.org") == first


async def test_of_two_at_once_one_gets_the_address(store: Store) -> None:
    async def register() -> bool:
        async with store.write() as tx:
            return await tx.accounts.add(new_user("ada@example.org")) is not None

    assert sorted(await asyncio.gather(*(register() for _ in range(4)))) == [False] * 3 + [True]


async def test_a_family_begins_with_a_fresh_token(store: Store) -> None:
    user = await add_user(store)
    first = pair(user.id, "1")
    async with store.write() as tx:
        await tx.refresh_tokens.start_family("family", user.id, first)
    async with store.write() as tx:
        assert await tx.refresh_tokens.lock(first.refresh.jti) == RefreshToken(
            jti=first.refresh.jti, family_id="family", user_id=user.id,
            expires_at=first.refresh.expires_at, family_revoked=False,
        )  # fmt: skip
        assert await tx.refresh_tokens.lock(first.access.jti) is None
        assert await tx.refresh_tokens.lock("unknown") is None


async def test_a_rotated_token_knows_its_successor(store: Store) -> None:
    user = await add_user(store)
    first, second = pair(user.id, "1"), pair(user.id, "2")
    async with store.write() as tx:
        await tx.refresh_tokens.start_family("family", user.id, first)
    async with store.write() as tx:
        fresh = await tx.refresh_tokens.lock(first.refresh.jti)
        assert fresh is not None
        await tx.refresh_tokens.rotate(fresh, second, LATER)
    async with store.write() as tx:
        used = await tx.refresh_tokens.lock(first.refresh.jti)
        successor = await tx.refresh_tokens.lock(second.refresh.jti)
    assert used == structs.replace(fresh, rotated_at=LATER, successor=second)
    assert successor is not None
    assert (successor.family_id, successor.user_id) == ("family", user.id)
    assert (successor.rotated_at, successor.successor) == (None, None)


async def test_a_revoked_family_takes_all_its_tokens_and_no_other(store: Store) -> None:
    user = await add_user(store)
    first, second, other = (pair(user.id, name) for name in "123")
    async with store.write() as tx:
        await tx.refresh_tokens.start_family("family", user.id, first)
        await tx.refresh_tokens.start_family("other", user.id, other)
        fresh = await tx.refresh_tokens.lock(first.refresh.jti)
        assert fresh is not None
        await tx.refresh_tokens.rotate(fresh, second, NOW)
    async with store.write() as tx:
        await tx.refresh_tokens.revoke_family("family", LATER)
        await tx.refresh_tokens.revoke_family("unknown", LATER)
    async with store.write() as tx:
        tokens = [await tx.refresh_tokens.lock(each.refresh.jti) for each in (first, second, other)]
    assert [token and token.family_revoked for token in tokens] == [True, True, False]


async def test_of_two_who_rotate_at_once_one_finds_it_used(store: Store) -> None:
    user = await add_user(store)
    first = pair(user.id, "1")
    async with store.write() as tx:
        await tx.refresh_tokens.start_family("family", user.id, first)

    async def rotate(name: str) -> bool:
        async with store.write() as tx:
            token = await tx.refresh_tokens.lock(first.refresh.jti)
            assert token is not None
            if token.rotated_at is not None:
                return False
            await tx.refresh_tokens.rotate(token, pair(user.id, name), NOW)
            return True

    assert sorted(await asyncio.gather(rotate("2"), rotate("3"), rotate("4"))) == [
        False, False, True,
    ]  # fmt: skip
