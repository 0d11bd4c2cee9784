"""The first page of an account."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from tests.app.school import School, build, item_fields, work
from twosigma.app.overview import OverviewPage
from twosigma.domain.catalog import OfferingFields
from twosigma.domain.enrollments import EnrollmentStatus
from twosigma.domain.progress import Target
from twosigma.domain.recommendations import Reason
from twosigma.testing import in_memory


@pytest.fixture
async def school() -> AsyncIterator[School]:
    async with in_memory() as world:
        yield await build(world)


async def page(school: School, who: str = "learner") -> OverviewPage:
    return await school.core.overview.show(school.actor(who))


async def report(school: School, item_id: int, percent: int) -> None:
    sent = work(school, Target.CONTENT, item_id, progress_percent=percent)
    await school.core.progress.report(school.actor("learner"), sent)


async def move(school: School, enrollment_id: int, status: EnrollmentStatus) -> None:
    await school.core.enrollments.set_status(school.actor("admin"), enrollment_id, status)


async def test_what_is_active_comes_newest_first_with_what_is_next(school: School) -> None:
    first = school.course.items[0]
    later = await school.core.content.create(school.actor("owner"), item_fields(school), None, None)
    await school.world.clock.advance(1)
    other = await school.world.course()
    learner = school.people["learner"]
    assert learner is not None
    await learner.enroll(other)
    await report(school, first, 100)
    active = (await page(school)).active
    assert [
        (each.view.course.id, each.view.progress_percent, each.next_content_item_id)
        for each in active
    ] == [(other.id, 0, other.items[0]), (school.course.id, 50, later.item.id)]
    await move(school, school.enrollment_id, EnrollmentStatus.DROPPED)
    assert [each.view.course.id for each in (await page(school)).active] == [other.id]
    await school.world.change_course(other, is_published=False)
    assert [each.next_content_item_id for each in (await page(school)).active] == [None]


async def test_courses_to_join_are_those_one_does_not_learn_in(school: School) -> None:
    other = await school.world.course()
    for who, wanted in (
        ("learner", [(other.id, Reason.OPEN_NOW)]),
        ("stranger", [(school.course.id, Reason.POPULAR), (other.id, Reason.OPEN_NOW)]),
    ):
        told = (await page(school, who)).recommended
        assert [(each.course.id, each.reason) for each in told] == wanted
    await move(school, school.enrollment_id, EnrollmentStatus.COMPLETED)
    assert [each.course.id for each in (await page(school)).recommended] == [other.id]
    now = school.world.clock.now()
    await school.core.catalog.create_offering(
        school.actor("admin"),
        (await school.world.course(is_published=False)).id,
        OfferingFields(term_name="Later", enrollment_start=now + timedelta(days=1)),
    )
    assert len((await page(school)).recommended) == 1


async def test_at_most_five_courses_and_ten_activities_are_told(school: School) -> None:
    for _ in range(6):
        await school.world.course()
    for percent in range(12):
        await school.world.clock.advance(1)
        await report(school, school.course.items[0], percent)
    known = await page(school)
    assert len(known.recommended) == 5
    times = [each.occurred_at for each in known.recent]
    assert len(times) == 10
    assert times == sorted(times, reverse=True)
    assert {each.type for each in known.recent} == {"progress"}


async def test_a_chat_is_an_activity_like_others(school: School) -> None:
    (talk,) = (await page(school)).recent
    assert (talk.type, talk.course_id, talk.module_id, talk.content_item_id, talk.title) == (
        "chat_turn", school.course.id, school.course.module_id, school.course.items[0], "Item 1",
    )  # fmt: skip


async def test_streak_and_completed_courses_are_told(school: School) -> None:
    await school.world.clock.advance(86_400)
    await report(school, school.course.items[0], 10)
    assert (await page(school)).current_streak == 2
    assert (await page(school)).completed_courses == 0
    await move(school, school.enrollment_id, EnrollmentStatus.COMPLETED)
    assert (await page(school)).completed_courses == 1
    await school.world.clock.advance(3 * 86_400)
    assert (await page(school)).current_streak == 0
    assert (await page(school, "admin")).current_streak == 0


async def test_courses_of_preferred_subjects_come_first(school: School) -> None:
    other = await school.world.course(primary_subject_id=school.spare.subject_id)
    stranger = school.actor("stranger")
    await school.core.profiles.prefer(stranger, [school.spare.subject_id])
    found = (await page(school, "stranger")).recommended
    assert [(each.course.id, each.reason) for each in found] == [
        (other.id, Reason.SUBJECT_PREFERENCE), (school.course.id, Reason.POPULAR),
    ]  # fmt: skip
