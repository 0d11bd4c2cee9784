"""Changing, moving, ordering and removing modules."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tests.app.drafts import draft
from tests.app.school import School, build, item_fields
from tests.app.test_modules import make, titles
from twosigma.domain.catalog import Page
from twosigma.domain.errors import Conflict, Forbidden, Invalid, Missing
from twosigma.domain.module_rules import ModuleChanges
from twosigma.domain.modules import MAX_DEPTH, Module, ModuleType
from twosigma.testing import in_memory

PAGE = Page()


async def change(school: School, module_id: int, who: str = "owner", **fields: Any) -> Module:
    return await school.core.modules.update(school.actor(who), module_id, ModuleChanges(**fields))


async def epoch(school: School) -> int:
    async with school.world.ports.store.read() as tx:
        return (await tx.epochs.read(school.course.id))[1]


async def test_only_what_is_sent_changes_and_nothing_sent_is_nothing_written() -> None:
    async with in_memory() as world:
        school = await build(world)
        before = await world.core.modules.get(None, school.course.module_id)
        began = await epoch(school)
        world.clock.set(world.clock.now() + timedelta(hours=1))
        assert await change(school, before.id) == before
        assert await change(school, before.id, title=before.title, is_archived=False) == before
        assert await epoch(school) == began
        after = await change(school, before.id, title=" New ", module_type=ModuleType.LAB)
        assert (after.title, after.module_type, after.description) == ("New", "LAB", "")
        assert (after.created_at, after.updated_at) == (before.created_at, world.clock.now())
        assert await world.core.modules.get(None, before.id) == after
        assert await epoch(school) == began + 1


async def test_a_module_moves_with_all_below_it() -> None:
    async with in_memory() as world:
        school = await build(world)
        one, two = await make(school, "One"), await make(school, "Two")
        below = await make(school, "Below", parent_module_id=one.id)
        await make(school, "Deep", parent_module_id=below.id)
        await change(school, below.id, parent_module_id=two.id)
        assert await titles(school, "learner") == ["Unit", "One", "Two", "Below", "Deep"]
        await change(school, below.id, parent_module_id=None, sequence_index=0)
        assert await titles(school, "learner") == ["Unit", "Below", "Deep", "One", "Two"]


async def test_a_move_keeps_the_rules_of_the_tree() -> None:
    async with in_memory() as world:
        school = await build(world)
        elsewhere = await world.course()
        top = await make(school, "Top")
        line = [top]
        for depth in range(MAX_DEPTH - 1):
            line.append(await make(school, f"{depth}", parent_module_id=line[-1].id))
        pair = await make(school, "Pair")
        await make(school, "Second", parent_module_id=pair.id)
        before = school.dump()
        with pytest.raises(Conflict, match="10 deep"):
            await change(school, pair.id, parent_module_id=line[-2].id)
        for below in (line[0], line[4]):
            with pytest.raises(Conflict, match="below itself"):
                await change(school, top.id, parent_module_id=below.id)
        with pytest.raises(Conflict, match="another course"):
            await change(school, top.id, parent_module_id=elsewhere.module_id)
        with pytest.raises(Missing, match=r"^Parent module not found$"):
            await change(school, top.id, parent_module_id=999)
        with pytest.raises(Conflict, match="no parent"):
            await change(school, line[1].id, module_type=ModuleType.COURSE_ROOT)
        assert school.dump() == before
        await change(school, pair.id, parent_module_id=line[-3].id)
        await change(school, top.id, module_type=ModuleType.COURSE_ROOT)
        await change(school, top.id, title="Still the root")
        with pytest.raises(Conflict, match="already"):
            await change(school, school.course.module_id, module_type=ModuleType.COURSE_ROOT)
        with pytest.raises(Conflict, match="no parent"):
            await change(school, top.id, parent_module_id=school.course.module_id)


async def test_two_moves_at_once_make_no_circle() -> None:
    async with in_memory() as world:
        school = await build(world)
        one, two = await make(school, "One"), await make(school, "Two")
        ends = await asyncio.gather(
            change(school, one.id, parent_module_id=two.id),
            change(school, two.id, parent_module_id=one.id),
            return_exceptions=True,
        )
        assert sorted(type(end).__name__ for end in ends) == ["Conflict", "Module"]


async def test_the_checks_of_a_change_come_in_their_order() -> None:
    async with in_memory() as world:
        school = await build(world)
        hidden = await world.course(is_published=False)
        with pytest.raises(Invalid) as refused:
            await change(school, 999, title=" ", sequence_index=-1)
        assert {fault.loc[1] for fault in refused.value.faults} == {"title", "sequence_index"}
        for module_id in (999, hidden.module_id):
            with pytest.raises(Missing, match=r"^Module not found$"):
                await change(school, module_id, title="X")
            with pytest.raises(Missing, match=r"^Module not found$"):
                await world.core.modules.remove(school.actor("owner"), module_id)
            with pytest.raises(Missing, match=r"^Module not found$"):
                await world.core.modules.reorder(school.actor("owner"), [module_id])
        with pytest.raises(Forbidden):
            await change(school, school.course.module_id, "other", title="X")
        with pytest.raises(Invalid):
            await world.core.modules.reorder(school.actor("other"), [])


async def test_siblings_come_in_the_order_asked_for_without_those_archived() -> None:
    async with in_memory() as world:
        school = await build(world)
        unit = school.course.module_id
        one, two, old = [await make(school, name) for name in ("One", "Two", "Old")]
        below = await make(school, "Below", parent_module_id=one.id)
        await change(school, old.id, is_archived=True)
        began = await epoch(school)
        modules, owner = world.core.modules, school.actor("owner")
        rows = await modules.reorder(owner, [two.id, unit, one.id])
        assert [(row.id, row.sequence_index) for row in rows] == [
            (two.id, 0), (unit, 1), (one.id, 2),
        ]  # fmt: skip
        assert await titles(school, "learner") == ["Two", "Unit", "One", "Below"]
        assert await epoch(school) == began, "no model is told of an order"
        for ids in (
            [two.id, unit], [two.id, unit, one.id, one.id], [two.id, unit, one.id, old.id],
            [two.id, unit, below.id], [two.id, unit, one.id, 999], [below.id, one.id],
        ):  # fmt: skip
            with pytest.raises(Conflict):
                await modules.reorder(owner, ids)
        assert [row.id for row in await modules.reorder(owner, [below.id])] == [below.id]


async def test_a_module_goes_with_all_below_it_but_not_where_learners_worked() -> None:
    async with in_memory() as world:
        school = await build(world)
        modules, owner = world.core.modules, school.actor("owner")
        await draft(school)
        made = school.spare
        below = await make(school, "Below", parent_module_id=made.module_id)
        item = (
            await world.core.content.create(
                owner, item_fields(school, module_id=below.id), None, None
            )
        ).item
        for who in ("owner", "admin", "assistant"):
            person = school.people[who]
            assert person is not None
            await (await person.open(item.id)).greet()
        began = await epoch(school)
        await modules.remove(owner, made.module_id)
        assert await titles(school, "owner") == ["Unit"]
        assert await epoch(school) == began + 1
        with pytest.raises(Missing):
            await world.core.content.get(owner, item.id)
        admin = school.people["admin"]
        assert admin is not None
        assert (await world.core.chat_sessions.list(admin.actor, None, PAGE))[1] == 0
        with pytest.raises(Conflict, match="archive instead"):
            await modules.remove(owner, school.course.module_id)


async def test_learner_history_deep_below_keeps_a_module() -> None:
    async with in_memory() as world:
        school = await build(world)
        top = await make(school, "Top")
        await change(school, school.course.module_id, parent_module_id=top.id)
        before = school.dump()
        with pytest.raises(Conflict, match="archive instead"):
            await world.core.modules.remove(school.actor("admin"), top.id)
        assert school.dump() == before
        learner = school.people["learner"]
        assert learner is not None
        await world.core.chat_sessions.remove(learner.actor, school.session_id)
        await world.core.modules.remove(school.actor("admin"), top.id)
        assert await titles(school, "admin") == []


async def test_the_tree_has_what_the_reader_sees() -> None:
    async with in_memory() as world:
        school = await build(world)
        await draft(school)
        made = school.spare
        below = await make(school, "Below", parent_module_id=made.module_id, is_archived=True)
        await world.core.content.reorder(school.actor("owner"), made.module_id, made.items[::-1])
        for who, children in (("learner", []), ("assistant", [below.id])):
            found = await world.core.modules.tree(school.actor(who), school.course.id)
            unit, whole = found.roots
            assert [item.id for item in unit.items] == school.course.items
            assert [item.id for item in whole.items] == list(made.items[::-1])
            assert [child.module.id for child in whole.children] == children
            assert {found.kinds[item.content_type_id].name for item in whole.items} == {"text"}
        empty = await world.course(items=0)
        assert (await world.core.modules.tree(None, empty.id)).roots[0].items == ()
