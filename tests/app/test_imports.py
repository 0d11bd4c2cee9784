# long: each fate of an imported row
"""Courses from elsewhere, brought in again and again."""

from dataclasses import replace
from typing import Any

import pytest
from msgspec import structs

from tests.app.failing_store import FailingStore
from tests.app.school import UNIVERSITY, imported
from twosigma.adapters.courses.demo import demo_course
from twosigma.adapters.memory.store import MemoryStore
from twosigma.app.core import TwoSigma
from twosigma.app.imports import ImportReport
from twosigma.domain.actor import Role
from twosigma.domain.catalog import Course, CourseFields
from twosigma.domain.content import Item
from twosigma.domain.errors import Conflict, Unavailable
from twosigma.domain.imports import ImportedCourse
from twosigma.domain.modules import Module
from twosigma.testing import World, in_memory

MODULES = (("m1", None), ("m2", "m1"), ("m3", None))
ITEMS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("i1", "m2", {"body": "One."}),
    ("i2", "m2", {"body": "Two."}),
    ("i3", "m3", {"body": "Three."}),
)
WHOLE = imported(modules=MODULES, items=ITEMS)


async def bring(world: World, source: ImportedCourse = WHOLE, **how: Any) -> ImportReport:
    return await world.core.imports.run(source, UNIVERSITY, **how)


def rows(world: World) -> dict[str, object]:
    store = world.ports.store
    assert isinstance(store, MemoryStore)
    return {name: dict(table.items()) for name, table in vars(store._tables).items()}


async def epochs(world: World, course_id: int) -> tuple[int, int]:
    async with world.ports.store.read() as tx:
        return await tx.epochs.read(course_id)


async def course_of(world: World, course_id: int) -> Course:
    async with world.ports.store.read() as tx:
        course = await tx.catalog.course(course_id)
    assert course is not None
    return course


async def modules_of(world: World, course_id: int) -> dict[str, Module]:
    async with world.ports.store.read() as tx:
        found = await tx.modules.of_course(course_id)
    return {row.provenance.external_id: row for row in found if row.provenance is not None}


async def items_of(world: World, course_id: int) -> dict[str, Item]:
    async with world.ports.store.read() as tx:
        found = await tx.content.of_course(course_id)
    return {row.provenance.external_id: row for row in found if row.provenance is not None}


def numbers(report: ImportReport) -> dict[str, tuple[int, int, int, int, int, int]]:
    """(added, updated, unchanged, archived, revived, kept) of each kind."""
    kinds = {"course": report.course, "modules": report.modules, "items": report.items}
    return {
        name: (c.added, c.updated, c.unchanged, c.archived, c.revived, len(c.kept))
        for name, c in kinds.items()
    }


async def test_a_new_course_is_published_with_one_open_offering() -> None:
    async with in_memory() as world:
        seen: list[tuple[int, int]] = []
        report = await bring(world, on_progress=lambda done, total: seen.append((done, total)))
        assert report.is_new
        assert numbers(report) == {
            "course": (1, 0, 0, 0, 0, 0),
            "modules": (3, 0, 0, 0, 0, 0),
            "items": (3, 0, 0, 0, 0, 0),
        }
        assert seen == sorted(seen)
        assert seen[-1] == (6, 6)
        course = await course_of(world, report.course_id)
        assert (course.title, course.is_published, course.license) == (
            "From elsewhere", True, "CC BY 4.0",
        )  # fmt: skip
        modules = await modules_of(world, course.id)
        assert modules["m2"].parent_module_id == modules["m1"].id
        items = await items_of(world, course.id)
        assert items["i2"].module_id == modules["m2"].id
        assert items["i2"].data_json == {"body": "Two."}
        who = await world.user()
        (offering,) = await world.core.catalog.offerings(who.actor, course.id)
        await world.core.enrollments.enroll(who.actor, offering.id)
        assert await epochs(world, course.id) > (1, 0)


async def test_a_course_can_be_brought_in_as_a_draft() -> None:
    async with in_memory() as world:
        report = await bring(world, publish=False)
        assert not (await course_of(world, report.course_id)).is_published
        await bring(world, publish=True)
        assert not (await course_of(world, report.course_id)).is_published, "it is theirs to say"


async def test_the_same_again_writes_nothing() -> None:
    async with in_memory() as world:
        report = await bring(world)
        before = rows(world)
        await world.clock.advance(60)
        again = await bring(world)
        assert (again.is_new, again.course_id) == (False, report.course_id)
        assert numbers(again) == {
            "course": (0, 0, 1, 0, 0, 0),
            "modules": (0, 0, 3, 0, 0, 0),
            "items": (0, 0, 3, 0, 0, 0),
        }
        after = rows(world)
        after.pop("epochs"), before.pop("epochs")
        assert after == before


async def test_the_demo_course_twice_is_a_no_op_the_second_time() -> None:
    demo = demo_course()
    async with in_memory() as world:
        first = await bring(world, demo)
        assert (first.modules.added, first.items.added) == (len(demo.modules), len(demo.items))
        before = rows(world)
        again = await bring(world, demo)
        assert (again.course.unchanged, again.modules.unchanged, again.items.unchanged) == (
            1, len(demo.modules), len(demo.items),
        )  # fmt: skip
        after = rows(world)
        after.pop("epochs"), before.pop("epochs")
        assert after == before
        who = await world.user()
        seen = await world.core.modules.of_course(who.actor, first.course_id)
        assert [row.id for row in seen] == sorted(row.id for row in seen)
        assert len(seen) == len(demo.modules)


async def test_what_the_source_changed_is_changed_and_revisions_rise_with_data_only() -> None:
    async with in_memory() as world:
        report = await bring(world)
        before = await items_of(world, report.course_id)
        raised = await epochs(world, report.course_id)
        await world.clock.advance(60)
        # i1: other data; i2: another module; i3: as it was. The course: another title.
        source = imported(
            modules=MODULES,
            items=(("i1", "m2", {"body": "Uno."}), ("i2", "m3", {"body": "Two."}), ITEMS[2]),
            title="Renamed",
        )
        again = await bring(world, source)
        assert numbers(again)["items"] == (0, 2, 1, 0, 0, 0)
        assert numbers(again)["course"] == (0, 1, 0, 0, 0, 0)
        items = await items_of(world, report.course_id)
        assert [items[key].revision for key in ("i1", "i2", "i3")] == [2, 1, 1]
        assert [items[key].id for key in items] == [before[key].id for key in items]
        assert items["i2"].module_id == (await modules_of(world, report.course_id))["m3"].id
        assert items["i1"].updated_at == world.clock.now()
        assert items["i3"] == before["i3"]
        assert (await course_of(world, report.course_id)).title == "Renamed"
        assert (await epochs(world, report.course_id))[1] > raised[1]


async def test_a_key_that_was_1_and_is_true_now_is_new_data() -> None:
    async with in_memory() as world:
        report = await bring(world, imported(items=(("i1", "m2", {"a": 1, "b": 2}),)))
        await bring(world, imported(items=(("i1", "m2", {"b": 2, "a": True}),)))
        assert (await items_of(world, report.course_id))["i1"].revision == 2


async def test_a_code_that_another_course_has_is_a_conflict_and_leaves_nothing() -> None:
    async with in_memory() as world:
        report = await bring(world)
        course = await course_of(world, report.course_id)
        admin = (await world.user(Role.PLATFORM_ADMIN)).actor
        fields = CourseFields(title="T", code="taken", university_id=course.university_id)
        await world.core.catalog.create_course(admin, fields)
        before = rows(world)
        with pytest.raises(Conflict, match="Taken"):
            await bring(world, imported(modules=MODULES, items=ITEMS[:1], code="Taken"))
        other = structs.replace(WHOLE, external_id="another", code="X1")
        with pytest.raises(Conflict, match="X1"):
            await bring(world, other)
        assert rows(world) == before


async def test_an_import_that_fails_on_the_way_leaves_nothing() -> None:
    async with in_memory() as world:
        await bring(world, imported(modules=MODULES, items=ITEMS[:2]))
        before = rows(world)
        store = FailingStore(world.ports.store)
        process = replace(world, core=TwoSigma(structs.replace(world.ports, store=store)))
        source = imported(modules=MODULES[:2], items=(ITEMS[2], ("i1", "m1", {})), title="New")
        source = structs.replace(source, items=source.items[1:])
        failing = 1
        while True:
            store.calls, store.failing = 0, failing
            try:
                await bring(process, source)
            except Unavailable:
                assert rows(world) == before
                failing += 1
                continue
            break
        assert failing > 8
        assert rows(world) != before


async def test_the_university_is_found_by_its_name_or_made() -> None:
    async with in_memory() as world:
        one = await course_of(world, (await bring(world)).course_id)
        other = structs.replace(WHOLE, external_id="second", code="X2")
        report = await world.core.imports.run(other, UNIVERSITY.upper())
        assert (await course_of(world, report.course_id)).university_id == one.university_id
        third = structs.replace(WHOLE, external_id="third")
        report = await world.core.imports.run(third, "Elsewhere")
        assert (await course_of(world, report.course_id)).university_id != one.university_id
