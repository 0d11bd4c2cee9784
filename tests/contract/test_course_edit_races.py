"""Modules and content ordered, moved and removed at once, on every store."""

import asyncio
from collections.abc import Awaitable
from itertools import permutations
from typing import Any

import pytest

from tests.contract.test_use_case_races import at_once, over, refused
from twosigma.app.progress import Work
from twosigma.domain.actor import Actor, Role
from twosigma.domain.catalog import Page
from twosigma.domain.content import ItemFields
from twosigma.domain.content_rules import ItemChanges
from twosigma.domain.errors import Conflict, DomainError, Forbidden, Missing
from twosigma.domain.module_rules import ModuleChanges
from twosigma.domain.modules import Module, ModuleFields, ancestry
from twosigma.domain.progress import Target
from twosigma.ports.store import Store
from twosigma.testing import Course, Learner, World

ROUNDS = 6
PAGE = Page()
callers = pytest.mark.parametrize("callers", [2, 8])


async def add_module(world: World, admin: Actor, course: Course, **fields: Any) -> Module:
    wanted = ModuleFields(**{"course_id": course.id, "title": "M", **fields})
    return await world.core.modules.create(admin, wanted, None)


def new_item(course: Course, type_id: int) -> ItemFields:
    return ItemFields(
        course_id=0, module_id=course.module_id, content_type_id=type_id, title="I",
        data_json={"body": "B"},
    )  # fmt: skip


async def text_id(store: Store) -> int:
    async with store.read() as tx:
        return next(kind.id for kind in await tx.content.types() if kind.name == "text")


@callers
async def test_f71_of_many_orders_at_once_one_is_the_last(store: Store, callers: int) -> None:
    async with over(store) as world:
        admin = (await world.user(Role.PLATFORM_ADMIN)).actor
        course = await world.course()
        ids = [course.module_id]
        ids += [(await add_module(world, admin, course)).id for _ in range(3)]
        orders = list(permutations(ids))
        for turn in range(ROUNDS):
            asked = orders[turn * callers % len(orders) :][:callers]
            results = await both(*(world.core.modules.reorder(admin, ids) for ids in asked))
            assert refused(results) == 0
            roots = await world.core.modules.roots(admin, course.id)
            assert tuple(row.id for row in roots) in asked
            assert [row.sequence_index for row in roots] == [0, 1, 2, 3]


@callers
async def test_f71_items_ordered_at_once_have_one_of_the_orders(store: Store, callers: int) -> None:
    async with over(store) as world:
        admin = (await world.user(Role.PLATFORM_ADMIN)).actor
        course = await world.course(items=4)
        orders = list(permutations(course.items))[:callers]
        content = world.core.content
        results = await at_once(
            callers, lambda n: content.reorder(admin, course.module_id, orders[n])
        )
        assert refused(results) == 0
        views = await content.of_module(admin, course.module_id)
        assert tuple(view.item.id for view in views) in orders
        assert [view.item.sequence_index for view in views] == [0, 1, 2, 3]


@callers
async def test_modules_moved_below_one_another_at_once_stay_a_tree(
    store: Store, callers: int
) -> None:
    async with over(store) as world:
        admin = (await world.user(Role.PLATFORM_ADMIN)).actor
        course = await world.course()
        ids = [(await add_module(world, admin, course)).id for _ in range(callers)]

        async def below_the_next(n: int) -> object:
            changes = ModuleChanges(parent_module_id=ids[(n + 1) % callers])
            return await world.core.modules.update(admin, ids[n], changes)

        results = await at_once(callers, below_the_next)
        assert refused(results) == 1, "the last of the circle"
        rows = {row.id: row for row in await world.core.modules.of_course(admin, course.id)}
        assert len(rows) == callers + 1
        assert all(ancestry(each, rows.get)[0].parent_module_id is None for each in ids)


@callers
async def test_changes_of_data_at_once_are_revisions_one_by_one(store: Store, callers: int) -> None:
    async with over(store) as world:
        admin = (await world.user(Role.PLATFORM_ADMIN)).actor
        (item_id,) = (await world.course()).items
        content = world.core.content
        results = await at_once(
            callers,
            lambda n: content.update(admin, item_id, ItemChanges(data_json={"body": f"{n}"})),
        )
        revisions = sorted(view.item.revision for view in results)  # type: ignore[attr-defined]  # all views
        assert revisions == list(range(2, callers + 2))


async def both(*calls: Awaitable[object]) -> list[object]:
    """How two things end that are done at once: well, or refused."""
    ends = await asyncio.gather(*calls, return_exceptions=True)
    for end in ends:
        if isinstance(end, Exception) and not isinstance(end, DomainError):
            raise end
    return list(ends)


@pytest.mark.parametrize("whole", [False, True], ids=["item", "module"])
async def test_a_learner_opens_a_session_while_its_item_is_removed(
    store: Store,
    whole: bool,
) -> None:
    async with over(store) as world:
        admin = (await world.user(Role.PLATFORM_ADMIN)).actor
        for turn in range(ROUNDS):
            course = await world.course()
            learner = await world.learner(course)
            opening = world.core.chat_sessions.create(learner.actor, course.items[0])
            removing = _removal(world, admin, course, whole=whole)
            calls = (opening, removing) if turn % 2 else (removing, opening)
            ends = await both(*calls)
            opened, removed = ends if turn % 2 else reversed(ends)
            if removed is None:
                assert isinstance(opened, Missing)
            else:
                assert isinstance(removed, Conflict)
                assert not isinstance(opened, Exception)


@pytest.mark.parametrize("target", Target)
async def test_a_learner_reports_work_while_it_is_removed(store: Store, target: Target) -> None:
    async with over(store) as world:
        admin = (await world.user(Role.PLATFORM_ADMIN)).actor
        for turn in range(ROUNDS):
            course = await world.course()
            learner = await world.learner(course)
            work = Work(
                target=target, course_offering_id=course.offering_id, progress_percent=50,
                target_id=course.items[0] if target is Target.CONTENT else course.module_id,
            )  # fmt: skip
            reporting = world.core.progress.report(learner.actor, work)
            removing = _removal(world, admin, course, whole=True)
            calls = (reporting, removing) if turn % 2 else (removing, reporting)
            ends = await both(*calls)
            reported, removed = ends if turn % 2 else reversed(ends)
            if removed is None:
                assert isinstance(reported, Missing)
            else:
                assert isinstance(removed, Conflict)
                assert not isinstance(reported, Exception)


def _removal(world: World, admin: Actor, course: Course, *, whole: bool) -> Awaitable[object]:
    if whole:
        return world.core.modules.remove(admin, course.module_id)
    return world.core.content.remove(admin, course.items[0])


async def test_staff_talk_about_an_item_while_it_is_removed(store: Store) -> None:
    async with over(store) as world:
        admin = await world.user(Role.PLATFORM_ADMIN)
        for _ in range(ROUNDS):
            course = await world.course()
            talk = await admin.open(course.items[0])
            await talk.greet()
            other = await admin.open(course.items[0])
            ends = await both(
                talk.send("Why?"), other.greet(), _open(admin, course),
                _removal(world, admin.actor, course, whole=False),
            )  # fmt: skip
            assert ends[-1] is None
            async with store.read() as tx:
                assert await tx.content.get(course.items[0]) is None
                assert await tx.cache.trees(course.items[0], None) == []
            _, total = await world.core.chat_sessions.list(admin.actor, course.items[0], PAGE)
            assert total == 0


async def _open(who: Learner, course: Course) -> object:
    return await who.open(course.items[0])


async def test_an_item_comes_to_a_module_that_is_removed(store: Store) -> None:
    async with over(store) as world:
        admin = (await world.user(Role.PLATFORM_ADMIN)).actor
        kind = await text_id(store)
        for turn in range(ROUNDS):
            course = await world.course()
            adding = world.core.content.create(admin, new_item(course, kind), None, None)
            removing = world.core.modules.remove(admin, course.module_id)
            below = add_module(world, admin, course, parent_module_id=course.module_id)
            calls = [adding, removing, below]
            ends = await both(*(calls if turn % 2 else calls[::-1]))
            assert all(not isinstance(end, Forbidden) for end in ends)
            assert await world.core.modules.of_course(admin, course.id) == []
            async with store.read() as tx:
                assert list(await tx.content.of_course(course.id)) == []
