"""An enrollment moves: what it takes, and who may."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from tests.app.school import School, build, item_fields, work
from twosigma.app.enrollment_views import EnrollmentView
from twosigma.domain.catalog import OfferingFields
from twosigma.domain.enrollments import EnrollmentStatus
from twosigma.domain.errors import Conflict, Missing
from twosigma.domain.progress import Target
from twosigma.testing import in_memory

ACTIVE, COMPLETED, DROPPED = EnrollmentStatus
DAY = timedelta(days=1)


@pytest.fixture
async def school() -> AsyncIterator[School]:
    async with in_memory() as world:
        yield await build(world)


async def move(
    school: School, status: EnrollmentStatus | None, who: str = "learner",
    enrollment_id: int | None = None,
) -> EnrollmentView:  # fmt: skip
    return await school.core.enrollments.set_status(
        school.actor(who), enrollment_id or school.enrollment_id, status
    )


async def report(school: School, item_id: int, percent: int) -> None:
    sent = work(school, Target.CONTENT, item_id, progress_percent=percent)
    await school.core.progress.report(school.actor("learner"), sent)


async def small(school: School, **fields: Any) -> int:
    """The id of a new offering."""
    new = OfferingFields(term_name="Small", **fields)
    return (
        await school.core.catalog.create_offering(school.actor("owner"), school.course.id, new)
    ).id


async def test_completing_takes_every_live_item(school: School) -> None:
    second = await school.core.content.create(
        school.actor("owner"), item_fields(school), None, None
    )
    for item_id, percent in ((school.course.items[0], 100), (second.item.id, 99)):
        await report(school, item_id, percent)
        with pytest.raises(Conflict, match=r"^Not every content item is complete yet$"):
            await move(school, COMPLETED)
    await report(school, second.item.id, 100)
    now = school.world.clock.now()
    view = await move(school, COMPLETED)
    assert (view.enrollment.status, view.enrollment.completed_at) == (COMPLETED, now)
    assert view.progress_percent == 100
    await school.core.content.create(school.actor("owner"), item_fields(school), None, None)
    assert (await move(school, None)).enrollment.status is COMPLETED, (
        "later content changes nothing"
    )


async def test_a_course_without_content_is_completed_by_staff_alone(school: School) -> None:
    empty = await school.world.course(items=0)
    learner = school.people["learner"]
    assert learner is not None
    row = (await school.core.enrollments.enroll(learner.actor, empty.offering_id)).enrollment
    with pytest.raises(Conflict, match=r"^Not every content item is complete yet$"):
        await move(school, COMPLETED, enrollment_id=row.id)
    done = await move(school, COMPLETED, "admin", enrollment_id=row.id)
    assert done.enrollment.status is COMPLETED


@pytest.mark.parametrize("who", ["stranger", "other"])
async def test_f51_another_s_enrollment_is_missing(school: School, who: str) -> None:
    before = school.dump()
    for enrollment_id in (None, 999):
        with pytest.raises(Missing, match=r"^Enrollment not found$"):
            await move(school, DROPPED, who, enrollment_id)
    assert school.dump() == before


async def test_who_left_keeps_the_progress_and_comes_back_to_it(school: School) -> None:
    await report(school, school.course.items[0], 60)
    now = school.world.clock.now()
    assert (await move(school, DROPPED)).enrollment.dropped_at == now
    view = await move(school, ACTIVE)
    assert (view.enrollment.reactivated_at, view.enrollment.dropped_at) == (now, None)
    assert view.progress_percent == 60


async def test_coming_back_takes_a_seat_and_an_open_window_but_for_staff(school: School) -> None:
    start = school.world.clock.now()
    offering_id = await small(school, capacity=1, enrollment_end=start + DAY)
    learner, stranger = school.actor("learner"), school.actor("stranger")
    row = (await school.core.enrollments.enroll(learner, offering_id)).enrollment
    await move(school, DROPPED, enrollment_id=row.id)
    taken = (await school.core.enrollments.enroll(stranger, offering_id)).enrollment
    with pytest.raises(Conflict, match=r"^Offering is full$"):
        await move(school, ACTIVE, enrollment_id=row.id)
    await move(school, DROPPED, "stranger", taken.id)
    school.world.clock.set(start + DAY + timedelta(microseconds=1))
    with pytest.raises(Conflict, match=r"^Enrollment is closed$"):
        await move(school, ACTIVE, enrollment_id=row.id)
    for enrollment_id in (row.id, taken.id):
        view = await move(school, ACTIVE, "assistant", enrollment_id)
        assert view.enrollment.status is ACTIVE


async def test_of_many_who_come_back_to_the_last_seat_one_does(school: School) -> None:
    offering_id = await small(school, capacity=1)
    rows = []
    for who in ("learner", "stranger", "other"):
        row = (await school.core.enrollments.enroll(school.actor(who), offering_id)).enrollment
        await move(school, DROPPED, who, row.id)
        rows.append((who, row.id))
    ends = await asyncio.gather(
        *(move(school, ACTIVE, who, row_id) for who, row_id in rows), return_exceptions=True
    )
    assert sorted(type(end).__name__ for end in ends) == ["Conflict", "Conflict", "EnrollmentView"]
