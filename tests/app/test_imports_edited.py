"""Imports over rows that were edited here, that are gone from the source, and that come back."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from msgspec import structs

from tests.app.school import imported
from tests.app.test_imports import ITEMS, MODULES, WHOLE, bring, items_of, modules_of, numbers, rows
from twosigma.domain.actor import Role
from twosigma.domain.catalog_rules import CourseChanges
from twosigma.domain.content import Item
from twosigma.domain.modules import Module
from twosigma.testing import World, in_memory


async def edit_item(world: World, row: Item, **changes: Any) -> None:
    async with world.ports.store.write() as tx:
        await tx.content.save(structs.replace(row, **changes))


async def edit_module(world: World, row: Module, **changes: Any) -> None:
    async with world.ports.store.write() as tx:
        await tx.modules.save(structs.replace(row, **changes))


Edit = Callable[[World, int], Awaitable[None]]


async def _edit_course(world: World, course_id: int) -> None:
    admin = (await world.user(Role.PLATFORM_ADMIN)).actor
    await world.core.catalog.update_course(admin, course_id, CourseChanges(title="Ours"))


async def _edit_module(world: World, course_id: int) -> None:
    await edit_module(world, (await modules_of(world, course_id))["m3"], title="Ours")


async def _edit_item(world: World, course_id: int) -> None:
    row = (await items_of(world, course_id))["i3"]
    await edit_item(world, row, data_json={"body": "Ours."}, revision=2)


@pytest.mark.parametrize(
    ("kind", "edit"),
    [("course", _edit_course), ("modules", _edit_module), ("items", _edit_item)],
)
async def test_what_was_edited_here_is_kept_and_told(kind: str, edit: Edit) -> None:
    async with in_memory() as world:
        report = await bring(world)
        await edit(world, report.course_id)
        ours = rows(world)[{"course": "courses"}.get(kind, kind)]
        changed = imported(
            modules=MODULES,
            items=(ITEMS[0], ITEMS[1], ("i3", "m3", {"body": "Theirs."})),
            description="Theirs.",
        )
        without = imported(modules=MODULES[:2], items=ITEMS[:2])
        for source, state in ((WHOLE, "same"), (changed, "changed"), (without, "gone")):
            if (kind, state) in {("course", "gone"), ("modules", "changed")}:
                continue
            again = await bring(world, source)
            (kept,) = getattr(again, kind).kept
            assert kept.source == state
            assert kept.row.is_edited
            now = rows(world)[{"course": "courses"}.get(kind, kind)]
            assert isinstance(now, dict)
            assert isinstance(ours, dict)
            assert now[kept.row.id] == ours[kept.row.id]


async def test_what_was_edited_into_what_the_source_has_now_is_theirs_again() -> None:
    async with in_memory() as world:
        report = await bring(world)
        row = (await items_of(world, report.course_id))["i3"]
        await edit_item(world, row, data_json={"body": "Better."}, revision=2)
        source = imported(modules=MODULES, items=(*ITEMS[:2], ("i3", "m3", {"body": "Better."})))
        assert numbers(await bring(world, source))["items"] == (0, 1, 2, 0, 0, 0)
        assert (await items_of(world, report.course_id))["i3"].revision == 2
        assert numbers(await bring(world, source))["items"] == (0, 0, 3, 0, 0, 0)


async def test_an_items_own_prompt_is_set_here_and_stays() -> None:
    async with in_memory() as world:
        report = await bring(world)
        row = (await items_of(world, report.course_id))["i1"]
        await edit_item(world, row, prompt_name="Video Tutor")
        await bring(world, imported(modules=MODULES, items=(("i1", "m2", {"body": "New."}),)))
        after = (await items_of(world, report.course_id))["i1"]
        assert (after.data_json, after.prompt_name) == ({"body": "New."}, "Video Tutor")


async def test_what_is_gone_is_archived_and_comes_back_as_the_same_row() -> None:
    async with in_memory() as world:
        report = await bring(world)
        before = await items_of(world, report.course_id)
        less = imported(modules=MODULES[:2], items=(ITEMS[0],))
        assert numbers(await bring(world, less)) == {
            "course": (0, 0, 1, 0, 0, 0),
            "modules": (0, 0, 2, 1, 0, 0),
            "items": (0, 0, 1, 2, 0, 0),
        }
        gone = await items_of(world, report.course_id)
        assert [gone[key].is_archived for key in ("i1", "i2", "i3")] == [False, True, True]
        assert gone["i2"].data_json == before["i2"].data_json
        assert numbers(await bring(world, less))["items"] == (0, 0, 3, 0, 0, 0)
        again = await bring(world)
        assert numbers(again)["modules"] == (0, 0, 2, 0, 1, 0)
        assert numbers(again)["items"] == (0, 0, 1, 0, 2, 0)
        back = await items_of(world, report.course_id)
        assert {key: row.id for key, row in back.items()} == {
            key: row.id for key, row in before.items()
        }
        assert not any(row.is_archived for row in back.values())
        assert {row.revision for row in back.values()} == {1}


async def test_rows_made_here_are_left_alone() -> None:
    async with in_memory() as world:
        report = await bring(world)
        admin = (await world.user(Role.PLATFORM_ADMIN)).actor
        module = (await modules_of(world, report.course_id))["m3"]
        async with world.ports.store.write() as tx:
            kind = (await tx.content.types())[0]
            like = (await items_of(world, report.course_id))["i1"]
            fields = structs.replace(like, module_id=module.id, content_type_id=kind.id)
            ours = await tx.content.add(fields, None, world.clock.now())
        less = await bring(world, imported(modules=MODULES[:2], items=ITEMS[:2]))
        assert numbers(less)["items"] == (0, 0, 2, 1, 0, 0)
        assert (await world.core.content.get(admin, ours.id)).item == ours
