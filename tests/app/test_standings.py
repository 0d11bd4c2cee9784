"""How far learners are: oneself, those of an offering, and a course in figures."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from tests.app.school import School, build, item_fields, work
from twosigma.domain.catalog import Page
from twosigma.domain.enrollments import EnrollmentStatus
from twosigma.domain.errors import Forbidden
from twosigma.domain.modules import ModuleFields
from twosigma.domain.progress import Target
from twosigma.testing import in_memory


@pytest.fixture
async def school() -> AsyncIterator[School]:
    async with in_memory() as world:
        yield await build(world)


async def add(school: School, parent: int | None = None) -> tuple[int, int]:
    """A module with an item."""
    owner = school.actor("owner")
    new = ModuleFields(course_id=school.course.id, title="More", parent_module_id=parent)
    module = await school.core.modules.create(owner, new, None)
    fields = item_fields(school, module_id=module.id)
    return module.id, (await school.core.content.create(owner, fields, None, None)).item.id


async def report(
    school: School, target: Target, target_id: int, percent: int, who: str = "learner"
) -> None:
    sent = work(school, target, target_id, progress_percent=percent)
    await school.core.progress.report(school.actor(who), sent)


async def save(school: School, **changes: Any) -> None:
    async with school.world.ports.store.write() as tx:
        row = await tx.enrollments.get(school.enrollment_id)
        assert row is not None
        await tx.enrollments.save(structs.replace(row, **changes))


async def test_a_summary_is_of_today_s_live_items(school: School) -> None:
    unit, first = school.course.module_id, school.course.items[0]
    below, second = await add(school, unit)
    bare = await school.core.modules.create(
        school.actor("owner"), ModuleFields(course_id=school.course.id, title="Bare"), None
    )
    await report(school, Target.CONTENT, first, 100)
    await report(school, Target.MODULE, unit, 90)
    await report(school, Target.MODULE, bare.id, 30)
    known = (
        await school.core.standings.summary(
            school.actor("learner"), school.course.offering_id, None
        )
    ).standing
    assert (known.tally.items_total, known.tally.items_completed, known.tally.percent) == (2, 1, 50)
    assert known.next_content_item_id == second
    assert [(each.module.id, each.progress_percent) for each in known.modules] == [
        (unit, 50), (below, 0), (bare.id, 30),
    ]  # fmt: skip


async def test_who_left_sees_no_summary_and_staff_do(school: School) -> None:
    await save(school, status=EnrollmentStatus.DROPPED)
    offering_id, learner = school.course.offering_id, school.user_id("learner")
    with pytest.raises(Forbidden, match=r"^You are not enrolled in this offering$"):
        await school.core.standings.summary(school.actor("learner"), offering_id, None)
    summary = await school.core.standings.summary(school.actor("assistant"), offering_id, learner)
    assert summary.enrollment.status is EnrollmentStatus.DROPPED


async def test_learners_come_with_their_silence_and_what_they_mastered(school: School) -> None:
    clock, start = school.world.clock, school.world.clock.now()
    _, text = await add(school)
    await school.core.enrollments.enroll(school.actor("stranger"), school.course.offering_id)
    await clock.advance(3 * 86_400)
    await report(school, Target.CONTENT, text, 100)
    await report(school, Target.CONTENT, school.course.items[0], 100)
    await clock.advance(2 * 86_400 + 5)
    views, total = await school.core.standings.learners(
        school.actor("assistant"), school.course.offering_id, Page()
    )
    assert total == 2
    told = [
        (each.user.id, each.progress_percent, each.last_activity_at, each.silent_days,
         each.mastered_topics)
        for each in views
    ]  # fmt: skip
    assert told == [
        # One of the two has questions: reading it masters nothing.
        (school.user_id("learner"), 100, start + timedelta(days=3), 2, 1),
        (school.user_id("stranger"), 0, None, 5, 0),
    ]
    last, total = await school.core.standings.learners(
        school.actor("assistant"), school.course.offering_id, Page(skip=1)
    )
    assert ([each.user.id for each in last], total) == ([school.user_id("stranger")], 2)


async def test_my_enrollments_have_the_percent_of_today_s_live_items(school: School) -> None:
    await report(school, Target.CONTENT, school.course.items[0], 100)
    mine = school.core.enrollments.mine

    async def percents() -> list[int]:
        views, _ = await mine(school.actor("learner"), None, Page())
        return [view.progress_percent for view in views]

    assert await percents() == [100]
    await add(school)
    assert await percents() == [50]


async def test_a_course_s_figures_follow_what_happens_in_it(school: School) -> None:
    await add(school)
    await report(school, Target.CONTENT, school.course.items[0], 33)
    await school.core.enrollments.enroll(school.actor("stranger"), school.course.offering_id)
    await save(school, status=EnrollmentStatus.COMPLETED)
    stats = await school.core.standings.course_stats(school.actor("owner"), school.course.id)
    assert (stats.total_modules, stats.total_content_items, stats.total_offerings) == (2, 2, 1)
    assert (stats.total_enrollments, stats.active_enrollments, stats.completion_rate) == (2, 1, 0.5)
    assert stats.average_progress_percent == 8.25
    assert stats.last_activity_at == school.world.clock.now()
