"""Enrollments, the same in every store."""

import asyncio
from datetime import timedelta

import pytest
from msgspec import structs

from tests.contract.builders import (
    LATER,
    NOBODY,
    NOW,
    add_course,
    add_offering,
    add_user,
    enroll,
    make_lesson,
)
from twosigma.domain.catalog import Page
from twosigma.domain.enrollments import Enrollment, EnrollmentStatus
from twosigma.ports.store import Store


async def test_an_enrollment_reads_back_as_it_was_added(store: Store) -> None:
    lesson = await make_lesson(store)
    assert lesson.enrollment == Enrollment(
        id=lesson.enrollment.id, user_id=lesson.user.id, course_offering_id=lesson.offering.id,
        course_id=lesson.course.id, status=EnrollmentStatus.ACTIVE, enrolled_at=NOW,
    )  # fmt: skip
    async with store.read() as tx:
        found = await tx.enrollments.find(lesson.user.id, lesson.offering.id)
        assert found == lesson.enrollment
        assert await tx.enrollments.find(lesson.user.id, NOBODY) is None
        assert await tx.enrollments.find(NOBODY, lesson.offering.id) is None


async def test_there_is_one_enrollment_for_each_account_and_offering(store: Store) -> None:
    lesson = await make_lesson(store)
    async with store.write() as tx:
        assert await tx.enrollments.add(lesson.user.id, lesson.offering.id, LATER) is None
    async with store.read() as tx:
        assert await tx.enrollments.of_user(lesson.user.id, None, Page()) == (
            [lesson.enrollment], 1,
        )  # fmt: skip


async def test_of_two_at_once_one_enrolls(store: Store) -> None:
    user, offering = await add_user(store), await add_offering(store, await add_course(store))

    async def join() -> bool:
        async with store.write() as tx:
            return await tx.enrollments.add(user.id, offering.id, NOW) is not None

    assert sorted(await asyncio.gather(join(), join(), join())) == [False, False, True]


async def test_a_saved_enrollment_has_its_new_status(store: Store) -> None:
    lesson = await make_lesson(store)
    changed = structs.replace(
        lesson.enrollment, status=EnrollmentStatus.DROPPED, enrolled_at=NOW - timedelta(1),
        dropped_at=LATER, reactivated_at=NOW, completed_at=NOW,
    )  # fmt: skip
    async with store.write() as tx:
        await tx.enrollments.save(changed)
    async with store.read() as tx:
        assert await tx.enrollments.find(lesson.user.id, lesson.offering.id) == changed


@pytest.mark.parametrize(
    ("status", "learns"),
    [
        (EnrollmentStatus.ACTIVE, True),
        (EnrollmentStatus.COMPLETED, True),
        (EnrollmentStatus.DROPPED, False),
    ],
)
async def test_a_learner_is_active_or_has_completed(
    store: Store, status: EnrollmentStatus, learns: bool
) -> None:
    lesson = await make_lesson(store)
    async with store.write() as tx:
        await tx.enrollments.save(structs.replace(lesson.enrollment, status=status))
        assert await tx.enrollments.is_learner(lesson.user.id, lesson.course.id) is learns


async def test_a_learner_of_one_course_is_none_of_another(store: Store) -> None:
    lesson, other = await make_lesson(store), await make_lesson(store)
    async with store.read() as tx:
        assert not await tx.enrollments.is_learner(lesson.user.id, other.course.id)
        assert not await tx.enrollments.is_learner(NOBODY, lesson.course.id)


async def test_any_offering_of_the_course_will_do(store: Store) -> None:
    lesson = await make_lesson(store)
    second = await add_offering(store, lesson.course)
    await enroll(store, lesson.user, second)
    dropped = structs.replace(lesson.enrollment, status=EnrollmentStatus.DROPPED)
    async with store.write() as tx:
        await tx.enrollments.save(dropped)
        assert await tx.enrollments.is_learner(lesson.user.id, lesson.course.id)


async def test_enrollments_come_newest_first_in_pages(store: Store) -> None:
    user, course = await add_user(store), await add_course(store)
    rows = [await enroll(store, user, await add_offering(store, course)) for _ in range(4)]
    latest = structs.replace(
        rows[0], enrolled_at=LATER, status=EnrollmentStatus.DROPPED, dropped_at=LATER
    )
    async with store.write() as tx:
        await tx.enrollments.save(latest)
    newest = [latest, rows[3], rows[2], rows[1]]
    async with store.read() as tx:
        for skip, limit in ((0, 100), (1, 2), (3, 2), (9, 1)):
            page, total = await tx.enrollments.of_user(user.id, None, Page(skip=skip, limit=limit))
            assert (list(page), total) == (newest[skip : skip + limit], 4)
        page, total = await tx.enrollments.of_user(user.id, EnrollmentStatus.ACTIVE, Page(limit=2))
        assert (list(page), total) == (newest[1:3], 3)
        assert await tx.enrollments.of_user(NOBODY, None, Page()) == ([], 0)


async def test_only_the_active_fill_an_offering(store: Store) -> None:
    lesson = await make_lesson(store)
    rows = [
        await enroll(store, await add_user(store), lesson.offering)
        for _ in (EnrollmentStatus.COMPLETED, EnrollmentStatus.DROPPED)
    ]
    async with store.write() as tx:
        assert await tx.enrollments.count_active(lesson.offering.id) == 3
        await tx.enrollments.save(structs.replace(rows[0], status=EnrollmentStatus.COMPLETED))
        await tx.enrollments.save(structs.replace(rows[1], status=EnrollmentStatus.DROPPED))
    async with store.read() as tx:
        assert await tx.enrollments.count_active(lesson.offering.id) == 1
        assert await tx.enrollments.count_active(NOBODY) == 0
