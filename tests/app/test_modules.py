"""The module tree of a course."""

import asyncio
from typing import Any

import pytest
from msgspec import structs

from tests.app.school import School, build
from twosigma.domain.errors import Conflict, Forbidden, Invalid, Missing, Unauthenticated
from twosigma.domain.modules import MAX_DEPTH, Module, ModuleFields, ModuleType
from twosigma.testing import in_memory


async def make(school: School, title: str, index: int | None = None, **fields: Any) -> Module:
    known: dict[str, Any] = {"course_id": school.course.id, "title": title, **fields}
    who = known.pop("who", "owner")
    return await school.core.modules.create(school.actor(who), ModuleFields(**known), index)


async def titles(school: School, who: str) -> list[str]:
    rows = await school.core.modules.of_course(school.actor(who), school.course.id)
    return [row.title for row in rows]


async def archive(school: School, module: Module) -> None:
    async with school.world.ports.store.write() as tx:
        await tx.modules.save(structs.replace(module, is_archived=True))


async def test_modules_come_depth_first_and_new_ones_last_among_their_siblings() -> None:
    async with in_memory() as world:
        school = await build(world)
        chapter = await make(school, " Cha\u0301pter ")
        await make(school, "1.2", parent_module_id=chapter.id)
        await make(school, "1.1", 0, parent_module_id=chapter.id)
        late = await make(school, "1.3", parent_module_id=chapter.id)
        first = await make(school, "First", 0)
        assert (chapter.title, chapter.sequence_index, late.sequence_index) == ("Chápter", 1, 1)
        # Of equal indexes the older comes first.
        assert await titles(school, "anonymous") == [
            "Unit", "First", "Chápter", "1.2", "1.1", "1.3",
        ]  # fmt: skip
        roots = await world.core.modules.roots(None, school.course.id)
        assert [row.id for row in roots] == [school.course.module_id, first.id, chapter.id]
        below = await world.core.modules.children(None, chapter.id)
        assert [row.title for row in below] == ["1.2", "1.1", "1.3"]
        assert await world.core.modules.get(None, late.id) == late
        assert await world.core.modules.children(None, late.id) == []


async def test_what_is_archived_and_all_below_it_is_hidden_but_to_staff() -> None:
    async with in_memory() as world:
        school = await build(world)
        old = await make(school, "Old")
        below = await make(school, "Below", parent_module_id=old.id)
        await archive(school, old)
        for who in ("anonymous", "learner", "other"):
            assert await titles(school, who) == ["Unit"]
            assert len(await world.core.modules.roots(school.actor(who), school.course.id)) == 1
            for module in (old, below):
                with pytest.raises(Missing, match=r"^Module not found$"):
                    await world.core.modules.get(school.actor(who), module.id)
                with pytest.raises(Missing):
                    await world.core.modules.children(school.actor(who), module.id)
        assert await titles(school, "assistant") == ["Unit", "Old", "Below"]
        assert (await world.core.modules.get(school.actor("admin"), below.id)) == below
        kept = await make(school, "Kept")
        gone = await make(school, "Gone", parent_module_id=kept.id)
        await archive(school, gone)
        assert await world.core.modules.children(None, kept.id) == []
        staff_sees = await world.core.modules.children(school.actor("owner"), kept.id)
        assert [row.id for row in staff_sees] == [gone.id]


async def test_a_course_has_one_root_module_without_a_parent() -> None:
    async with in_memory() as world:
        school = await build(world)
        unit = school.course.module_id
        with pytest.raises(Conflict):
            await make(school, "R", module_type=ModuleType.COURSE_ROOT, parent_module_id=unit)
        root = await make(school, "Root", module_type=ModuleType.COURSE_ROOT)
        with pytest.raises(Conflict):
            await make(school, "Another", module_type=ModuleType.COURSE_ROOT)
        assert (await make(school, "Under", parent_module_id=root.id)).parent_module_id == root.id


async def test_of_two_root_modules_at_once_one_is_made() -> None:
    async with in_memory() as world:
        school = await build(world)
        ends = await asyncio.gather(
            *(make(school, "Root", module_type=ModuleType.COURSE_ROOT) for _ in range(3)),
            return_exceptions=True,
        )
        assert sorted(type(end).__name__ for end in ends) == ["Conflict", "Conflict", "Module"]


async def test_modules_made_at_once_have_places_of_their_own() -> None:
    async with in_memory() as world:
        school = await build(world)
        made = await asyncio.gather(*(make(school, "New") for _ in range(5)))
        assert sorted(each.sequence_index for each in made) == [1, 2, 3, 4, 5]


async def test_modules_nest_ten_deep() -> None:
    async with in_memory() as world:
        school = await build(world)
        parent: int | None = None
        for depth in range(MAX_DEPTH):
            parent = (await make(school, f"{depth}", parent_module_id=parent)).id
        with pytest.raises(Conflict):
            await make(school, "Too deep", parent_module_id=parent)


async def test_a_parent_must_be_there_and_of_the_same_course() -> None:
    async with in_memory() as world:
        school = await build(world)
        elsewhere = await world.course()
        with pytest.raises(Missing, match=r"^Parent module not found$"):
            await make(school, "X", parent_module_id=999)
        with pytest.raises(Conflict):
            await make(school, "X", parent_module_id=elsewhere.module_id)
        assert await titles(school, "owner") == ["Unit"]


async def test_the_checks_of_a_new_module_come_in_their_order() -> None:
    async with in_memory() as world:
        school = await build(world)
        with pytest.raises(Unauthenticated):
            await make(school, "", who="anonymous")
        with pytest.raises(Forbidden):
            await make(school, "", who="assistant")
        with pytest.raises(Invalid) as refused:
            await make(school, "\x00", -1, who="other", description="x" * 10_001, course_id=999)
        assert {fault.loc[1] for fault in refused.value.faults} == {
            "title", "description", "sequence_index",
        }  # fmt: skip
        with pytest.raises(Missing, match=r"^Course not found$"):
            await make(school, "X", who="other", course_id=999)
        with pytest.raises(Forbidden):
            await make(school, "X", who="other", parent_module_id=999)
        with pytest.raises(Missing, match=r"^Course not found$"):
            await world.core.modules.of_course(None, 999)
        with pytest.raises(Missing, match=r"^Module not found$"):
            await world.core.modules.get(None, 999)
