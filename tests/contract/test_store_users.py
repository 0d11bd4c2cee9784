"""Accounts as they are listed, held and changed, the same in every store."""

import asyncio
from datetime import timedelta

import pytest
from msgspec import structs

from tests.contract.builders import LATER, NOBODY, add_user, new_user, rolled_back
from tests.contract.test_store_accounts import pair
from twosigma.domain.actor import Role
from twosigma.domain.catalog import Page
from twosigma.domain.users import Credentials, User, UserFilter
from twosigma.ports.store import Store

NAMES = {
    "ada@example.org": "Ada Lovelace",
    "emmy@maths.example.org": "ÉMMY Noether",
    "100%_sure@example.org": "Per Cent",
    "x@example.org": "50% of _underscore_ \\ a/b",
}


async def _people(store: Store) -> list[User]:
    added = []
    async with store.write() as tx:
        for email, full_name in NAMES.items():
            user = structs.replace(new_user(email), full_name=full_name)
            added.append(await tx.accounts.add(user))
    return [user for user in added if user is not None]


async def _listed(store: Store, wanted: UserFilter, page: Page = Page()) -> list[User]:  # noqa: B008 -- frozen
    async with store.read() as tx:
        rows, total = await tx.accounts.list(wanted, page)
    assert page != Page() or total == len(rows)
    return list(rows)


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("LOVE", [0]), ("émmy", [1]), ("e\u0301MMY", [1]), ("maths", [1]), ("MATHS.", [1]),
        ("%", [2, 3]), ("_", [2, 3]), ("0%_s", [2]), ("f _u", [3]), ("\\", [3]), ("/", [3]),
        ("a_a", []), ("", [0, 1, 2, 3]), ("example.org", [0, 1, 2, 3]), ("nobody", []),
    ],
)  # fmt: skip
async def test_a_list_is_searched_by_name_and_address_in_any_case(
    store: Store, q: str, found: list[int]
) -> None:
    people = await _people(store)
    assert await _listed(store, UserFilter(q=q)) == [people[at] for at in found]


async def test_a_list_is_narrowed_by_role_and_state(store: Store) -> None:
    student, teacher = await add_user(store), await add_user(store, Role.INSTRUCTOR)
    gone = structs.replace(await add_user(store, Role.INSTRUCTOR), is_active=False)
    async with store.write() as tx:
        await tx.accounts.save(gone)
    assert await _listed(store, UserFilter()) == [student, teacher, gone]
    assert await _listed(store, UserFilter(role=Role.INSTRUCTOR)) == [teacher, gone]
    assert await _listed(store, UserFilter(is_active=False)) == [gone]
    assert await _listed(store, UserFilter(is_active=True, role=Role.INSTRUCTOR)) == [teacher]
    assert await _listed(store, UserFilter(role=Role.PLATFORM_ADMIN)) == []


async def test_a_stretch_of_a_list_knows_the_whole(store: Store) -> None:
    people = [await add_user(store) for _ in range(5)]
    async with store.read() as tx:
        assert await tx.accounts.list(UserFilter(), Page(skip=1, limit=2)) == (people[1:3], 5)
        assert await tx.accounts.list(UserFilter(), Page(skip=9, limit=2)) == ([], 5)
        assert await tx.accounts.list(UserFilter(q="USER"), Page(skip=4, limit=2)) == (
            people[4:], 5,
        )  # fmt: skip


async def test_a_saved_account_reads_back_and_is_found_by_its_new_name(store: Store) -> None:
    user, other = await add_user(store), await add_user(store)
    after = structs.replace(
        user, full_name="Zoë Ä", locale="es", time_zone="Asia/Tokyo", role=Role.INSTRUCTOR,
        is_active=False, updated_at=LATER,
    )  # fmt: skip
    async with store.write() as tx:
        assert await tx.accounts.lock(user.id) == user
        await tx.accounts.save(after)
    async with store.read() as tx:
        assert await tx.accounts.get(user.id) == after
        assert await tx.accounts.get(other.id) == other
    assert await _listed(store, UserFilter(q="zoë ä")) == [after]
    assert await _listed(store, UserFilter(q="lovelace")) == [other]


async def test_a_save_changes_no_address_and_adds_nobody(store: Store) -> None:
    user = await add_user(store)
    moved = structs.replace(
        user, email="other@example.org", created_at=user.created_at + timedelta(days=1)
    )
    async with store.write() as tx:
        await tx.accounts.save(moved)
        await tx.accounts.save(structs.replace(user, id=NOBODY))
        assert await tx.accounts.lock(NOBODY) is None
    async with store.read() as tx:
        assert await tx.accounts.get(user.id) == user
        assert await tx.accounts.get(NOBODY) is None
        assert await tx.accounts.find_by_email("other@example.org") is None


async def test_what_is_rolled_back_is_not_saved(store: Store) -> None:
    user = await add_user(store)
    async with rolled_back(store) as tx:
        await tx.accounts.save(structs.replace(user, full_name="Other"))
    async with store.read() as tx:
        assert await tx.accounts.get(user.id) == user


async def test_the_active_admins_are_held(store: Store) -> None:
    admin, other = [await add_user(store, Role.PLATFORM_ADMIN) for _ in range(2)]
    await add_user(store, Role.INSTRUCTOR)
    async with store.write() as tx:
        assert await tx.accounts.lock_admins() == {admin.id, other.id}
        await tx.accounts.save(structs.replace(other, is_active=False))
        assert await tx.accounts.lock_admins() == {admin.id}
        await tx.accounts.save(structs.replace(admin, role=Role.STUDENT))
        assert await tx.accounts.lock_admins() == frozenset()


async def test_who_waits_for_the_admins_sees_who_is_one_no_longer(store: Store) -> None:
    admin, other = [await add_user(store, Role.PLATFORM_ADMIN) for _ in range(2)]
    holds, waits = asyncio.Event(), asyncio.Event()

    async def demote() -> None:
        async with store.write() as tx:
            await tx.accounts.lock_admins()
            holds.set()
            await waits.wait()
            await asyncio.sleep(0.05)
            await tx.accounts.save(structs.replace(admin, role=Role.STUDENT))

    async def look() -> frozenset[int]:
        await holds.wait()
        waits.set()
        async with store.write() as tx:
            return await tx.accounts.lock_admins()

    _, seen = await asyncio.gather(demote(), look())
    assert seen == {other.id}


async def test_credentials_are_held_by_id(store: Store) -> None:
    user = await add_user(store)
    async with store.write() as tx:
        assert await tx.accounts.lock_credentials(user.id) == Credentials(
            user_id=user.id, password_hash="hash", is_active=True
        )
        assert await tx.accounts.lock_credentials(NOBODY) is None


async def test_all_families_of_one_account_are_revoked(store: Store) -> None:
    user, other = await add_user(store), await add_user(store)
    async with store.write() as tx:
        for name, of in (("1", user), ("2", user), ("3", other)):
            await tx.refresh_tokens.start_family(name, of.id, pair(of.id, name))
        await tx.refresh_tokens.revoke_all(user.id, LATER)
        await tx.refresh_tokens.revoke_all(NOBODY, LATER)
    async with store.write() as tx:
        tokens = [await tx.refresh_tokens.lock(f"refresh-{name}") for name in "123"]
    assert [token and token.family_revoked for token in tokens] == [True, True, False]
