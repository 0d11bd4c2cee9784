"""How far somebody is in a course, counted by every store as the domain counts."""

from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from msgspec import Struct, structs

from tests.contract.builders import (
    LATER,
    NOBODY,
    NOW,
    Lesson,
    add_course,
    add_item,
    add_module,
    add_offering,
    add_user,
    enroll,
    make_lesson,
)
from tests.domain.skeletons import Scene, item, module, scenes
from twosigma.adapters.memory.store import MemoryStore
from twosigma.adapters.system.clock import SystemClock
from twosigma.domain.activity import ActivityEvent
from twosigma.domain.completeness import Skeleton, Standing, standing
from twosigma.domain.content import ContentTypeFields, Item
from twosigma.domain.course_stats import CourseCounts
from twosigma.domain.enrollments import EnrollmentStatus
from twosigma.domain.modules import Module, ancestry
from twosigma.domain.progress import Report, Target, merged
from twosigma.ports.store import Store

SCENE = Scene(
    Skeleton(
        modules=[
            module(1), module(2, 1, 1), module(3, 1, 0), module(4, 3),
            module(5, 1, 2, is_archived=True), module(6, 5), module(7, is_archived=True),
            module(8),
        ],
        items=[
            item(1, 2), item(2, 4, 1), item(3, 4, 0), item(4, 1, 5),
            item(5, 4, 2, is_archived=True), item(6, 6), item(7, 7), item(8, 8),
        ],
    ),
    {4: 100, 3: 100, 2: 99, 1: 50, 5: 100, 6: 100, 7: 100},
    {},
)  # fmt: skip


class Built(Struct, frozen=True):
    """A scene in a store: the learner, and the store's ids of modules and items by the scene's."""

    lesson: Lesson
    modules: Mapping[int, int]
    items: Mapping[int, int]


async def build(store: Store, scene: Scene) -> Built:
    lesson = await make_lesson(store)
    lesson = structs.replace(lesson, course=await add_course(store))
    offering = await add_offering(store, lesson.course)
    lesson = structs.replace(
        lesson, offering=offering, enrollment=await enroll(store, lesson.user, offering)
    )
    modules: dict[int, Module] = {}
    items: dict[int, Item] = {}
    for each in sorted(scene.skeleton.modules, key=lambda one: one.id):
        made = await add_module(
            store, lesson.course, title=each.title, sequence_index=each.sequence_index,
            parent_module_id=each.parent_module_id and modules[each.parent_module_id].id,
            is_archived=each.is_archived,
        )  # fmt: skip
        modules[each.id] = made
    for leaf in sorted(scene.skeleton.items, key=lambda one: one.id):
        items[leaf.id] = await add_item(
            store, modules[leaf.module_id], sequence_index=leaf.sequence_index,
            is_archived=leaf.is_archived,
        )  # fmt: skip
    built = Built(
        lesson,
        {key: each.id for key, each in modules.items()},
        {key: each.id for key, each in items.items()},
    )
    await report(
        store,
        lesson,
        {items[key].id: percent for key, percent in scene.percents.items() if key in items},
    )
    return built


async def report(store: Store, lesson: Lesson, percents: Mapping[int, int]) -> None:
    states = {
        key: merged(None, Report(progress_percent=percent), enrolled_at=NOW, now=LATER)
        for key, percent in percents.items()
    }
    async with store.write() as tx:
        await tx.progress.save(Target.CONTENT, lesson.user.id, lesson.offering.id, states)


async def wanted(store: Store, built: Built) -> Standing:
    """What the domain makes of what the store has."""
    async with store.read() as tx:
        course_id, row = built.lesson.course.id, built.lesson.enrollment
        skeletons = await tx.progress.skeletons([course_id])
        percents = await tx.progress.percents([row.id])
    return standing(skeletons[course_id], percents[row.id])


async def check(store: Store, built: Built) -> None:
    """The store counts what the domain counts: in all, and along every path."""
    known = await wanted(store, built)
    lesson = built.lesson
    below = {each.module.id: each.tally for each in known.modules if each.tally.items_total}
    async with store.read() as tx:
        assert await tx.progress.tallies([lesson.enrollment.id]) == {
            lesson.enrollment.id: known.tally
        }
        for module_id in built.modules.values():
            path = [each.id for each in await tx.modules.path(module_id)]
            shares = await tx.progress.shares(lesson.user.id, lesson.offering.id, path)
            for at, each in enumerate(path):
                parts = [shares[one] for one in path[at:] if one in shares]
                total = sum(parts[1:], start=parts[0]) if parts else None
                assert total == below.get(each)


async def test_a_scene_comes_back_as_it_was_built(store: Store) -> None:
    built = await build(store, SCENE)
    names = {value: key for key, value in built.modules.items()}
    parts = {value: key for key, value in built.items.items()}
    async with store.read() as tx:
        found = (await tx.progress.skeletons([built.lesson.course.id]))[built.lesson.course.id]
    back = Skeleton(
        modules=[
            structs.replace(
                each, id=names[each.id],
                parent_module_id=each.parent_module_id and names[each.parent_module_id],
            )
            for each in sorted(found.modules, key=lambda one: one.id)
        ],
        items=[
            structs.replace(each, id=parts[each.id], module_id=names[each.module_id])
            for each in sorted(found.items, key=lambda one: one.id)
        ],
    )  # fmt: skip
    assert back == SCENE.skeleton
    assert (await wanted(store, built)).tally == standing(SCENE.skeleton, SCENE.percents).tally


async def test_live_items_are_counted_as_the_domain_counts_them(store: Store) -> None:
    built = await build(store, SCENE)
    await check(store, built)
    async with store.read() as tx:
        assert await tx.progress.shares(built.lesson.user.id, built.lesson.offering.id, []) == {}
        assert await tx.progress.tallies([]) == {}
        assert await tx.progress.tallies([NOBODY]) == {}


@settings(max_examples=40)
@given(scenes())
async def test_any_course_is_counted_as_the_domain_counts_it(scene: Scene) -> None:
    store = MemoryStore(clock=SystemClock())
    await check(store, await build(store, scene))


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scenes())
async def test_any_course_is_counted_by_a_database_as_the_domain_counts_it(
    store: Store, scene: Scene
) -> None:
    await check(store, await build(store, scene))


async def test_the_path_of_a_module_comes_from_its_root_down(store: Store) -> None:
    built = await build(store, SCENE)
    async with store.read() as tx:
        rows = {each.id: each for each in await tx.modules.of_course(built.lesson.course.id)}
        for module_id in built.modules.values():
            assert list(await tx.modules.path(module_id)) == ancestry(module_id, rows.get)
        assert list(await tx.modules.path(NOBODY)) == []


async def test_many_enrollments_are_counted_each_by_itself(store: Store) -> None:
    built = await build(store, SCENE)
    other = await make_lesson(store)
    await report(store, other, {other.item.id: 70})
    idle = await add_user(store)
    third = await enroll(store, idle, built.lesson.offering)
    ids = [built.lesson.enrollment.id, other.enrollment.id, third.id]
    async with store.read() as tx:
        tallies = await tx.progress.tallies(ids)
        percents = await tx.progress.percents(ids)
        skeletons = await tx.progress.skeletons([built.lesson.course.id, other.course.id, NOBODY])
    assert [(tallies[each].items_total, tallies[each].percent) for each in ids] == [
        (5, 69), (1, 70), (5, 0),
    ]  # fmt: skip
    assert percents[other.enrollment.id] == {other.item.id: 70}
    assert percents[third.id] == {}
    assert skeletons[NOBODY] == Skeleton(modules=[], items=[])
    assert [each.id for each in skeletons[other.course.id].items] == [other.item.id]


@pytest.mark.parametrize(
    ("kind", "data", "is_mastered"),
    [
        ("text", {"body": "Read."}, True), ("text", {"questions": []}, True),
        ("text", {"questions": [{"id": 1}]}, False), ("lab", {}, False), ("quiz", {}, True),
    ],
)  # fmt: skip
async def test_what_needs_an_attempt_or_a_grade_is_not_mastered_by_progress(
    store: Store, kind: str, data: dict[str, object], is_mastered: bool
) -> None:
    lesson = await make_lesson(store)
    async with store.write() as tx:
        added = await tx.content.add_type(ContentTypeFields(name=kind, label=kind))
    assert added is not None
    here = await add_module(store, lesson.course)
    made = await add_item(store, here, content_type_id=added.id, data_json=data)
    await report(store, lesson, {made.id: 100, lesson.item.id: 99})
    async with store.read() as tx:
        assert await tx.progress.mastered([lesson.enrollment.id]) == (
            {lesson.enrollment.id: 1} if is_mastered else {}
        )


async def test_a_course_is_counted_over_all_its_enrollments(store: Store) -> None:
    built = await build(store, SCENE)
    lesson = built.lesson
    async with store.read() as tx:
        empty = await tx.progress.counts(NOBODY)
    assert empty == CourseCounts(
        offerings=0, modules=0, items=0, by_status={}, percent_sum=0, last_activity_at=None
    )
    second = await add_user(store)
    dropped = await enroll(store, second, await add_offering(store, lesson.course))
    async with store.write() as tx:
        await tx.enrollments.save(structs.replace(dropped, status=EnrollmentStatus.DROPPED))
        for user_id, at, as_staff in (
            (lesson.user.id, NOW, False), (lesson.user.id, LATER, True), (NOBODY, LATER, False),
        ):  # fmt: skip
            await tx.activity.append(
                ActivityEvent(
                    user_id=user_id, occurred_at=at, time_zone="UTC", kind="progress",
                    course_id=lesson.course.id, as_staff=as_staff,
                )
            )  # fmt: skip
    async with store.read() as tx:
        assert await tx.progress.counts(lesson.course.id) == CourseCounts(
            offerings=2, modules=5, items=5,
            by_status={EnrollmentStatus.ACTIVE: 1, EnrollmentStatus.DROPPED: 1},
            percent_sum=349, last_activity_at=NOW,
        )  # fmt: skip
