"""Progress in items and modules, the same in every store."""

from datetime import timedelta

import pytest
from msgspec import structs

from tests.contract.builders import (
    LATER,
    NOBODY,
    NOW,
    Lesson,
    add_item,
    add_module,
    add_offering,
    add_user,
    enroll,
    make_lesson,
)
from twosigma.domain.activity import ActivityEvent
from twosigma.domain.catalog import Page
from twosigma.domain.progress import Progress, State, Target
from twosigma.ports.store import Store

ONE = State(progress_percent=40, started_at=NOW, completed_at=None, updated_at=NOW)
WHOLE = State(progress_percent=100, started_at=NOW, completed_at=LATER, updated_at=LATER)


async def save(
    store: Store, target: Target, lesson: Lesson, target_id: int, state: State
) -> Progress:
    async with store.write() as tx:
        await tx.enrollments.lock(lesson.user.id, lesson.offering.id)
        rows = await tx.progress.save(
            target, lesson.user.id, lesson.offering.id, {target_id: state}
        )
    return rows[target_id]


def target_of(lesson: Lesson, target: Target) -> int:
    return lesson.item.id if target is Target.CONTENT else lesson.item.module_id


@pytest.mark.parametrize("target", list(Target))
async def test_a_row_reads_back_as_it_was_saved(store: Store, target: Target) -> None:
    lesson = await make_lesson(store)
    target_id = target_of(lesson, target)
    row = await save(store, target, lesson, target_id, ONE)
    assert row == Progress(
        id=row.id, user_id=lesson.user.id, target_id=target_id,
        course_offering_id=lesson.offering.id, progress_percent=40, started_at=NOW,
        completed_at=None, updated_at=NOW,
    )  # fmt: skip
    async with store.read() as tx:
        found = await tx.progress.of_targets(
            target, lesson.user.id, lesson.offering.id, [target_id, NOBODY]
        )
        assert found == {target_id: row}
        for user_id, offering_id in ((NOBODY, lesson.offering.id), (lesson.user.id, NOBODY)):
            assert not await tx.progress.of_targets(target, user_id, offering_id, [target_id])
        other = Target.MODULE if target is Target.CONTENT else Target.CONTENT
        assert await tx.progress.of_user(other, lesson.user.id, None, Page()) == ([], 0)


@pytest.mark.parametrize("target", list(Target))
async def test_saved_again_it_is_the_same_row(store: Store, target: Target) -> None:
    lesson = await make_lesson(store)
    target_id = target_of(lesson, target)
    first = await save(store, target, lesson, target_id, ONE)
    second = await save(store, target, lesson, target_id, WHOLE)
    assert (second.id, second.progress_percent, second.completed_at) == (first.id, 100, LATER)
    async with store.read() as tx:
        assert await tx.progress.of_user(target, lesson.user.id, None, Page()) == ([second], 1)


async def test_many_are_saved_at_once_and_none_is_nothing(store: Store) -> None:
    lesson = await make_lesson(store)
    more = await add_item(store, await add_module(store, lesson.course))
    await save(store, Target.CONTENT, lesson, more.id, ONE)
    async with store.write() as tx:
        owner = (Target.CONTENT, lesson.user.id, lesson.offering.id)
        assert await tx.progress.save(*owner, {}) == {}
        rows = await tx.progress.save(*owner, {more.id: WHOLE, lesson.item.id: ONE})
        assert {key: row.progress_percent for key, row in rows.items()} == {
            more.id: 100, lesson.item.id: 40,
        }  # fmt: skip


async def test_own_rows_come_by_id_in_one_offering_or_all(store: Store) -> None:
    lesson = await make_lesson(store)
    items = [lesson.item]
    for _ in range(2):
        items.append(await add_item(store, await add_module(store, lesson.course)))
    second = await add_offering(store, lesson.course)
    again = structs.replace(
        lesson, offering=second, enrollment=await enroll(store, lesson.user, second)
    )
    other = structs.replace(lesson, user=await add_user(store))
    await enroll(store, other.user, lesson.offering)
    rows = [await save(store, Target.CONTENT, lesson, item.id, ONE) for item in items[::-1]]
    elsewhere = await save(store, Target.CONTENT, again, items[0].id, ONE)
    await save(store, Target.CONTENT, other, items[0].id, ONE)
    async with store.read() as tx:
        mine = tx.progress.of_user

        async def listed(offering_id: int | None, **page: int) -> tuple[list[Progress], int]:
            found, total = await mine(Target.CONTENT, lesson.user.id, offering_id, Page(**page))
            return list(found), total

        assert await listed(None) == ([*rows, elsewhere], 4)
        assert await listed(None, skip=1, limit=2) == (rows[1:], 4)
        assert await listed(lesson.offering.id) == (rows, 3)
        assert await listed(second.id, skip=5) == ([], 1)
        assert await listed(NOBODY) == ([], 0)


async def test_an_enrollment_is_found_by_its_id_and_locked_by_whose_it_is(store: Store) -> None:
    lesson = await make_lesson(store)
    async with store.write() as tx:
        assert await tx.enrollments.get(lesson.enrollment.id) == lesson.enrollment
        assert await tx.enrollments.get(NOBODY) is None
        held = await tx.enrollments.lock(lesson.user.id, lesson.offering.id)
        assert held == lesson.enrollment
        assert await tx.enrollments.lock(NOBODY, lesson.offering.id) is None
        assert await tx.catalog.hold_offering(lesson.offering.id) == lesson.offering
        assert await tx.catalog.hold_offering(NOBODY) is None
        assert await tx.catalog.hold_course(lesson.course.id) == lesson.course
        assert await tx.catalog.hold_course(NOBODY) is None


async def test_an_event_of_progress_names_what_it_was_in(store: Store) -> None:
    lesson = await make_lesson(store)
    event = ActivityEvent(
        user_id=lesson.user.id, occurred_at=NOW, time_zone="UTC", kind="progress",
        course_id=lesson.course.id, content_item_id=lesson.item.id, as_staff=False,
    )  # fmt: skip
    nowhere = structs.replace(event, course_id=None, content_item_id=None, occurred_at=LATER)
    async with store.write() as tx:
        await tx.activity.append(event)
        await tx.activity.append(nowhere)
    async with store.read() as tx:
        assert await tx.activity.last_in_course([lesson.user.id, NOBODY], lesson.course.id) == {
            lesson.user.id: NOW
        }
        hours = await tx.activity.hours_of([lesson.user.id])
    assert [at for at, _ in hours[lesson.user.id]] == [
        NOW,
        NOW + timedelta(hours=1, microseconds=1),
    ]
