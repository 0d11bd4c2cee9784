"""Sign-ins as their owners see and end them, the same in every store."""

from datetime import timedelta

from tests.contract.builders import LATER, NOBODY, NOW, add_user
from tests.contract.test_store_accounts import LIVES, pair
from twosigma.domain.catalog import Page
from twosigma.domain.tokens import SignIn, mint
from twosigma.domain.users import Credentials
from twosigma.ports.store import Store

START = NOW.replace(microsecond=0)
END = START + LIVES[1]


async def _ids(store: Store, user_id: int, after: timedelta = timedelta(0)) -> list[str]:
    async with store.read() as tx:
        rows, total = await tx.refresh_tokens.sign_ins(user_id, START + after, Page())
    assert total == len(rows)
    return [row.id for row in rows]


async def test_a_new_sign_in_was_last_used_when_it_was_made(store: Store) -> None:
    user = await add_user(store)
    async with store.write() as tx:
        await tx.refresh_tokens.start_family("family", user.id, pair(user.id, "1"))
    async with store.read() as tx:
        assert await tx.refresh_tokens.sign_ins(user.id, NOW, Page()) == (
            [SignIn(id="family", created_at=START, last_used_at=START, expires_at=END)], 1,
        )  # fmt: skip
        assert await tx.refresh_tokens.sign_ins(NOBODY, NOW, Page()) == ([], 0)


async def test_a_refresh_uses_and_prolongs_it(store: Store) -> None:
    user = await add_user(store)
    second = mint(user.id, ("access-2", "refresh-2"), LATER, LIVES)
    third = mint(user.id, ("access-3", "refresh-3"), LATER + timedelta(days=1), LIVES)
    async with store.write() as tx:
        await tx.refresh_tokens.start_family("family", user.id, pair(user.id, "1"))
        for jti, successor, at in (
            ("refresh-1", second, LATER), ("refresh-2", third, LATER + timedelta(days=1)),
        ):  # fmt: skip
            token = await tx.refresh_tokens.lock(jti)
            assert token is not None
            await tx.refresh_tokens.rotate(token, successor, at)
    async with store.read() as tx:
        rows, total = await tx.refresh_tokens.sign_ins(user.id, NOW, Page())
    at = LATER + timedelta(days=1)
    assert (list(rows), total) == (
        [
            SignIn(
                id="family", created_at=START, last_used_at=at,
                expires_at=third.refresh.expires_at,
            )
        ], 1,
    )  # fmt: skip


async def test_the_expired_the_revoked_and_others_are_not_shown(store: Store) -> None:
    user, other = await add_user(store), await add_user(store)
    async with store.write() as tx:
        for name in ("b", "a", "c"):
            await tx.refresh_tokens.start_family(name, user.id, pair(user.id, name))
        late = mint(user.id, ("access-d", "refresh-d"), LATER, LIVES)
        await tx.refresh_tokens.start_family("0", user.id, late)
        await tx.refresh_tokens.start_family("e", other.id, pair(other.id, "e"))
        await tx.refresh_tokens.revoke_family("c", LATER)
    assert await _ids(store, user.id) == ["a", "b", "0"]
    assert await _ids(store, other.id) == ["e"]
    assert await _ids(store, user.id, after=LIVES[1] - timedelta(seconds=1)) == ["a", "b", "0"]
    assert await _ids(store, user.id, after=LIVES[1]) == ["0"]
    assert await _ids(store, user.id, after=LIVES[1] + timedelta(hours=2)) == []
    async with store.read() as tx:
        rows, total = await tx.refresh_tokens.sign_ins(user.id, NOW, Page(skip=1, limit=1))
    assert ([row.id for row in rows], total) == (["b"], 3)


async def test_one_ends_ones_own_sign_in_once(store: Store) -> None:
    user, other = await add_user(store), await add_user(store)
    async with store.write() as tx:
        for name in ("a", "b"):
            await tx.refresh_tokens.start_family(name, user.id, pair(user.id, name))
        assert not await tx.refresh_tokens.revoke_own(other.id, "a", LATER)
        assert not await tx.refresh_tokens.revoke_own(user.id, "unknown", LATER)
        assert await tx.refresh_tokens.revoke_own(user.id, "a", LATER)
        assert not await tx.refresh_tokens.revoke_own(user.id, "a", LATER)
    assert await _ids(store, user.id) == ["b"]


async def test_a_password_is_changed_of_one_account(store: Store) -> None:
    user, other = await add_user(store), await add_user(store)
    async with store.write() as tx:
        await tx.accounts.set_password(user.id, "new hash")
        await tx.accounts.set_password(NOBODY, "new hash")
    async with store.read() as tx:
        for who, hashed in ((user, "new hash"), (other, "hash")):
            assert await tx.accounts.find_credentials(who.email) == Credentials(
                user_id=who.id, password_hash=hashed, is_active=True
            )
            assert await tx.accounts.get(who.id) == who
