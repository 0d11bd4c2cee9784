"""What is removed whole, the same in every store."""

import pytest
from msgspec import structs

from tests.contract.builders import (
    ANSWER,
    GREETING,
    LATER,
    NOW,
    Lesson,
    add_exchange,
    add_item,
    add_module,
    add_node,
    add_reply,
    add_session,
    add_tree,
    add_user,
    make_lesson,
)
from twosigma.domain.actor import Role
from twosigma.domain.cache_tree import Position
from twosigma.domain.catalog import Page, StaffRole
from twosigma.domain.chat import Session
from twosigma.domain.content import Item
from twosigma.domain.modules import Module
from twosigma.domain.progress import Report, Target, merged
from twosigma.domain.users import User
from twosigma.ports.branches import Branch
from twosigma.ports.store import Store

PAGE = Page()


async def below(store: Store, lesson: Lesson) -> tuple[Module, Item]:
    """A module below that of the lesson's item, with an item."""
    module = await add_module(store, lesson.course, parent_module_id=lesson.item.module_id)
    return module, await add_item(store, module)


async def open_session(store: Store, lesson: Lesson, item: Item, user: User) -> Session:
    about = structs.replace(lesson, item=item, user=user)
    return await add_session(store, about)


async def has_history(store: Store, branch: Branch) -> bool:
    async with store.write() as tx:
        await tx.branches.lock(branch)
        return await tx.branches.has_learner_history(branch)


async def remove(store: Store, branch: Branch) -> None:
    async with store.write() as tx:
        await tx.branches.lock(branch)
        await tx.branches.remove(branch)


async def test_a_learners_session_is_history_of_its_item_and_all_above(store: Store) -> None:
    lesson = await make_lesson(store)
    module, item = await below(store, lesson)
    beside = await add_item(store, module)
    await open_session(store, lesson, item, lesson.user)
    top = Branch(module_id=lesson.item.module_id)
    for branch in (Branch(item_id=item.id), Branch(module_id=module.id), top):
        assert await has_history(store, branch)
    for branch in (Branch(item_id=beside.id), Branch(item_id=lesson.item.id)):
        assert not await has_history(store, branch)


@pytest.mark.parametrize("target", list(Target))
async def test_progress_is_history_of_its_place_and_all_above(store: Store, target: Target) -> None:
    lesson = await make_lesson(store)
    module, item = await below(store, lesson)
    beside = await add_item(store, module)
    place = item.id if target is Target.CONTENT else module.id
    opened = merged(None, Report(progress_percent=0), enrolled_at=NOW, now=LATER)
    async with store.write() as tx:
        await tx.progress.save(target, lesson.user.id, lesson.offering.id, {place: opened})
    for branch in (Branch(module_id=module.id), Branch(module_id=lesson.item.module_id)):
        assert await has_history(store, branch)
    assert await has_history(store, Branch(item_id=item.id)) == (target is Target.CONTENT)
    assert not await has_history(store, Branch(item_id=beside.id))


@pytest.mark.parametrize("role", [*StaffRole, None])
async def test_the_sessions_of_staff_and_admins_are_none(
    store: Store, role: StaffRole | None
) -> None:
    lesson, elsewhere = await make_lesson(store), await make_lesson(store)
    user = await add_user(store, Role.PLATFORM_ADMIN if role is None else Role.INSTRUCTOR)
    if role is not None:
        async with store.write() as tx:
            await tx.catalog.set_staff(lesson.course.id, user.id, role)
    await add_session(store, structs.replace(lesson, user=user))
    await add_session(store, structs.replace(elsewhere, user=user))
    assert not await has_history(store, Branch(item_id=lesson.item.id))
    assert await has_history(store, Branch(item_id=elsewhere.item.id)) == (role is not None)


async def test_a_module_goes_with_all_below_it(store: Store) -> None:
    lesson = await make_lesson(store)
    module, item = await below(store, lesson)
    deep = await add_module(store, lesson.course, parent_module_id=module.id)
    deepest = await add_item(store, deep)
    await remove(store, Branch(module_id=module.id))
    async with store.read() as tx:
        assert [row.id for row in await tx.modules.of_course(lesson.course.id)] == [
            lesson.item.module_id
        ]
        assert list(await tx.content.of_course(lesson.course.id)) == [lesson.item]
        for each in (item, deepest):
            assert await tx.content.get(each.id) is None
        assert await tx.modules.get(deep.id) is None
        assert await tx.catalog.course(lesson.course.id) == lesson.course


async def test_an_item_goes_with_its_trees_and_sessions_and_nothing_else(store: Store) -> None:
    lesson = await make_lesson(store)
    other = await add_item(store, await add_module(store, lesson.course))
    doomed, kept = await add_tree(store, lesson.item), await add_tree(store, other, b"o" * 32)
    shared = await add_reply(store, "both")
    for tree in (doomed, kept):
        root = await add_node(store, tree, GREETING, "Hello")
        await add_node(store, tree, ANSWER, "Right", parent=root)
    talk = await add_session(store, lesson, position=Position(tree_id=doomed.id))
    await add_exchange(store, talk, "t1", "Why not?")
    await add_exchange(store, talk, "t2", reply_id=shared)
    left = await open_session(store, lesson, other, lesson.user)
    await add_exchange(store, left, "t3", reply_id=shared)
    await remove(store, Branch(item_id=lesson.item.id))
    async with store.read() as tx:
        assert await tx.content.get(lesson.item.id) is None
        assert await tx.content.get(other.id) == other
        assert [tree.id for tree in await tx.cache.trees(None, None)] == [kept.id]
        assert list(await tx.cache.nodes(doomed.id)) == []
        assert len(await tx.cache.nodes(kept.id)) == 2
        assert await tx.chat.get(talk.id) is None
        assert [each.content for each in await tx.chat.last_messages(left.id, 1)] == ["both"]
        rows, total = await tx.chat.of_user(lesson.user.id, None, PAGE)
        assert ([row.id for row in rows], total) == ([left.id], 1)
        assert await tx.modules.get(lesson.item.module_id) is not None


async def test_what_is_not_there_is_removed_already(store: Store) -> None:
    lesson = await make_lesson(store)
    for branch in (Branch(item_id=10**9), Branch(module_id=10**9)):
        assert not await has_history(store, branch)
        await remove(store, branch)
    async with store.read() as tx:
        assert await tx.content.get(lesson.item.id) == lesson.item
