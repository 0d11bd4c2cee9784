"""What the deletion of a course locks, and how many statements lists and class lists take."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from tests.contract.builders import add_course, add_item, add_module, add_tree, new_tree
from tests.contract.course_rows import rows
from tests.sql.statements import counted
from twosigma.adapters.sql.store import SqlStore
from twosigma.adapters.system.clock import SystemClock
from twosigma.domain.actor import Role
from twosigma.domain.cache_tree import Position, Tree
from twosigma.domain.catalog import CourseFilter, OfferingFields, Page, StaffRole
from twosigma.domain.class_lists import MAX_LINES
from twosigma.domain.content import Item
from twosigma.testing import World, in_memory

SOON = 0.1


async def item_of_a_course(store: SqlStore) -> Item:
    return await add_item(store, await add_module(store, await add_course(store)))


async def remove(store: SqlStore, course_id: int) -> frozenset[str] | None:
    async with store.write() as tx:
        await tx.catalog.lock_course(course_id)
        return await tx.catalog.remove_course(course_id)


async def test_f72_a_tree_is_not_added_to_an_item_that_goes(sql_store: SqlStore) -> None:
    item = await item_of_a_course(sql_store)

    async def add() -> Tree | None:
        async with sql_store.write() as tx:
            return await tx.cache.lock_or_add_tree(new_tree(item))

    async with sql_store.write() as tx:
        await tx.catalog.lock_course(item.course_id)
        assert await tx.catalog.remove_course(item.course_id) == frozenset()
        adding = asyncio.create_task(add())
        await asyncio.sleep(SOON)
        assert not adding.done()
    assert await adding is None


async def test_f72_a_tree_that_is_being_added_goes_with_its_course(sql_store: SqlStore) -> None:
    before = await rows(sql_store)
    item = await item_of_a_course(sql_store)
    async with sql_store.write() as tx:
        assert await tx.cache.lock_or_add_tree(new_tree(item)) is not None
        removing = asyncio.create_task(remove(sql_store, item.course_id))
        await asyncio.sleep(SOON)
        assert not removing.done()
    assert await removing == frozenset()
    assert await rows(sql_store) == before


async def test_f72_trees_are_locked_before_sessions(sql_store: SqlStore) -> None:
    """A turn holds its tree and then wants its session: the deletion waits for the tree and has
    no session meanwhile."""
    item = await item_of_a_course(sql_store)
    tree = await add_tree(sql_store, item)
    async with in_memory(store=sql_store, time=SystemClock()) as world:
        admin = await world.user(Role.PLATFORM_ADMIN)
        session = await world.core.chat_sessions.create(admin.actor, item.id)
    async with sql_store.write() as tx:
        assert await tx.cache.hold_tree(tree.id)
        removing = asyncio.create_task(remove(sql_store, item.course_id))
        await asyncio.sleep(SOON)
        async with asyncio.timeout(1):
            assert await tx.chat.lock(session.id) is not None
        assert not removing.done()
    assert await removing == frozenset()


@asynccontextmanager
async def over(store: SqlStore) -> AsyncIterator[World]:
    async with in_memory(store=store, time=SystemClock(), running=False) as world:
        yield world


async def count(store: SqlStore, call: Callable[[], Awaitable[object]]) -> int:
    with counted(store) as statements:
        await call()
    assert statements
    return len(statements)


async def test_a_class_of_any_size_takes_the_same_statements(sql_store: SqlStore) -> None:
    async with over(sql_store) as world:
        admin, course = await world.user(Role.PLATFORM_ADMIN), await world.course()
        known = [(await world.user()).user.email for _ in range(6)]
        for email in known[3:]:
            async with sql_store.write() as tx:
                user = await tx.accounts.find_by_email(email)
                assert user is not None
                await tx.enrollments.add(user.id, course.offering_id, world.ports.clock.now())

        def enroll(*lines: str) -> Callable[[], Awaitable[object]]:
            return lambda: world.core.invitations.enroll_class(
                admin.actor, course.id, course.offering_id, "\n".join(lines)
            )

        small = await count(sql_store, enroll(known[0], known[3], "a@example.com", "x"))
        many = [f"new{n}@example.com" for n in range(1_000)]
        large = await count(sql_store, enroll(*known, *many, *["x"] * 100))
        assert large == small


async def test_lists_take_the_same_statements_for_any_number_of_rows(sql_store: SqlStore) -> None:
    async with over(sql_store) as world:
        admin, teacher = await world.user(Role.PLATFORM_ADMIN), await world.user(Role.INSTRUCTOR)
        one = await world.user()
        course = await world.course()
        core, page = world.core, Page()
        await core.course_staff.put(admin.actor, course.id, teacher.id, StaffRole.OWNER)
        await one.enroll(course)
        calls: list[Callable[[], Awaitable[object]]] = [
            lambda: core.catalog.courses(teacher.actor, CourseFilter(), page),
            lambda: core.catalog.offerings(one.actor, course.id),
            lambda: core.enrollments.mine(one.actor, None, page),
            lambda: core.enrollments.roster(
                teacher.actor, course.id, course.offering_id, None, page
            ),
            lambda: core.course_staff.list(teacher.actor, course.id),
            lambda: core.invitations.list(teacher.actor, course.id, course.offering_id, page),
        ]
        few = [await count(sql_store, call) for call in calls]
        for _ in range(4):
            more, another = await world.course(), await world.user(Role.INSTRUCTOR)
            await one.enroll(more)
            await another.enroll(course)
            await core.course_staff.put(admin.actor, course.id, another.id, StaffRole.OWNER)
            await core.catalog.create_offering(
                admin.actor, course.id, OfferingFields(term_name="More")
            )
        assert [await count(sql_store, call) for call in calls] == few


async def test_the_largest_class_is_enrolled(sql_store: SqlStore) -> None:
    async with over(sql_store) as world:
        admin, course = await world.user(Role.PLATFORM_ADMIN), await world.course()
        emails = [f"u{n}@example.com" for n in range(MAX_LINES)]
        where = (admin.actor, course.id, course.offering_id, "\n".join(emails))
        assert len(await world.core.invitations.enroll_class(*where)) == MAX_LINES
        again = await world.core.invitations.enroll_class(*where)
        assert {line.outcome.value for line in again} == {"already_invited"}


async def test_f72_a_turn_that_has_its_session_ends_while_the_course_waits_for_it(
    sql_store: SqlStore,
) -> None:
    """The second write to a row in one transaction has its foreign keys looked up again: none
    of them may wait for the deletion, which waits for the row."""
    item = await item_of_a_course(sql_store)
    tree = await add_tree(sql_store, item)
    async with in_memory(store=sql_store, time=SystemClock()) as world:
        admin = await world.user(Role.PLATFORM_ADMIN)
        session = await world.core.chat_sessions.create(admin.actor, item.id)
    position = Position(tree_id=tree.id)
    async with sql_store.write() as tx:
        assert await tx.chat.lock(session.id) is not None
        removing = asyncio.create_task(remove(sql_store, item.course_id))
        await asyncio.sleep(SOON)
        for _ in range(2):
            await tx.chat.move(session.id, position, None, session.created_at)
        assert not removing.done()
    assert await removing == frozenset()
