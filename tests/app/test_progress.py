"""Reports of work: who may make them, how they are kept, and what they raise."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec import structs

from tests.app.school import School, build, item_fields, work
from twosigma.domain.catalog import OfferingFields, Page, Visibility
from twosigma.domain.enrollments import EnrollmentStatus
from twosigma.domain.errors import Conflict, Forbidden, Invalid, Missing
from twosigma.domain.modules import Module, ModuleFields
from twosigma.domain.progress import Progress, Target
from twosigma.testing import in_memory

DAY = timedelta(days=1)
CONTENT, MODULE = Target


@pytest.fixture
async def school() -> AsyncIterator[School]:
    async with in_memory() as world:
        yield await build(world)


async def report(
    school: School, percent: float, *, who: str = "learner", target: Target = CONTENT,
    target_id: int | None = None, **fields: Any,
) -> Progress:  # fmt: skip
    if target_id is None:
        target_id = school.course.items[0] if target is CONTENT else school.course.module_id
    sent = work(school, target, target_id, progress_percent=percent, **fields)
    return await school.core.progress.report(school.actor(who), sent)


async def mine(school: School, target: Target, who: str = "learner") -> dict[int, int]:
    rows, total = await school.core.progress.mine(school.actor(who), target, None, Page())
    assert total == len(rows)
    return {row.target_id: row.progress_percent for row in rows}


async def module(school: School, parent: int | None = None, **fields: Any) -> int:
    new = ModuleFields(course_id=school.course.id, title="More", parent_module_id=parent, **fields)
    return (await school.core.modules.create(school.actor("owner"), new, None)).id


async def item(school: School, module_id: int, **fields: Any) -> int:
    new = item_fields(school, module_id=module_id, **fields)
    return (await school.core.content.create(school.actor("owner"), new, None, None)).item.id


async def archive(
    school: School, *, module_id: int | None = None, item_id: int | None = None
) -> None:
    async with school.world.ports.store.write() as tx:
        if module_id is not None:
            known = await tx.modules.get(module_id)
            assert isinstance(known, Module)
            await tx.modules.save(structs.replace(known, is_archived=True))
        if item_id is not None:
            old = await tx.content.get(item_id)
            assert old is not None
            await tx.content.save(structs.replace(old, is_archived=True))


async def test_what_was_reached_stays_and_the_answer_is_what_is_stored(school: School) -> None:
    start = school.world.clock.now()
    opened = await report(school, 0)
    assert (opened.progress_percent, opened.started_at, opened.completed_at) == (0, start, None)
    assert (opened.user_id, opened.target_id, opened.course_offering_id) == (
        school.user_id("learner"), school.course.items[0], school.course.offering_id,
    )  # fmt: skip
    await school.world.clock.advance(60)
    whole = await report(school, 100)
    assert (whole.id, whole.completed_at) == (opened.id, start + timedelta(minutes=1))
    await school.world.clock.advance(60)
    assert await report(school, 20.7) == whole
    assert await report(school, 100, completed_at=start) == whole
    assert await mine(school, CONTENT) == {school.course.items[0]: 100}


async def test_what_is_wrong_with_a_report_is_told_before_anything_else(school: School) -> None:
    ahead = school.world.clock.now() + timedelta(minutes=5, microseconds=1)
    with pytest.raises(Invalid) as refused:
        await report(school, 101, who="stranger", target_id=999, completed_at=ahead)
    assert len(refused.value.faults) == 2


async def test_completion_is_not_before_the_enrollment(school: School) -> None:
    joined = school.world.clock.now()
    await school.world.clock.advance(60)
    assert (await report(school, 100, completed_at=joined - DAY)).completed_at == joined


@pytest.mark.parametrize("status", list(EnrollmentStatus))
async def test_only_who_is_or_has_been_through_reports(
    school: School, status: EnrollmentStatus
) -> None:
    async with school.world.ports.store.write() as tx:
        row = await tx.enrollments.get(school.enrollment_id)
        assert row is not None
        await tx.enrollments.save(structs.replace(row, status=status))
    if status is EnrollmentStatus.DROPPED:
        with pytest.raises(Forbidden, match=r"^You are not enrolled in this offering$"):
            await report(school, 50)
        assert await mine(school, CONTENT) == {}
    else:
        assert (await report(school, 50)).progress_percent == 50


async def test_another_offering_of_the_course_is_another_matter(school: School) -> None:
    await report(school, 80)
    second = await school.core.catalog.create_offering(
        school.actor("owner"), school.course.id, OfferingFields(term_name="Next")
    )
    with pytest.raises(Forbidden):
        await report(school, 50, course_offering_id=second.id)
    await school.core.enrollments.enroll(school.actor("learner"), second.id)
    assert (await report(school, 50, course_offering_id=second.id)).progress_percent == 50
    rows, total = await school.core.progress.mine(
        school.actor("learner"), CONTENT, second.id, Page()
    )
    assert ([row.progress_percent for row in rows], total) == ([50], 1)


@pytest.mark.parametrize("target", list(Target))
async def test_what_is_of_another_course_is_refused(school: School, target: Target) -> None:
    other = await school.world.course()
    target_id = other.items[0] if target is CONTENT else other.module_id
    with pytest.raises(Conflict, match="another course") as refused:
        await report(school, 50, target=target, target_id=target_id)
    assert refused.value.code == "another_course"
    await school.world.change_course(other, is_published=False)
    with pytest.raises(Missing):
        await report(school, 50, target=target, target_id=target_id)


async def test_f53_what_is_not_to_be_seen_is_missing(school: School) -> None:
    hidden = await module(school, is_archived=True)
    below = await item(school, await module(school, hidden))
    single = await item(school, school.course.module_id)
    await archive(school, item_id=single)
    for target, target_id, name in (
        (CONTENT, 999, "Content"), (MODULE, 999, "Module"), (CONTENT, below, "Content"),
        (MODULE, hidden, "Module"), (CONTENT, single, "Content"),
    ):  # fmt: skip
        with pytest.raises(Missing, match=f"^{name} not found$"):
            await report(school, 50, target=target, target_id=target_id)
    private = await school.core.catalog.create_offering(
        school.actor("owner"), school.course.id,
        OfferingFields(term_name="Own", visibility=Visibility.PRIVATE),
    )  # fmt: skip
    for offering_id in (private.id, 999):
        with pytest.raises(Missing, match=r"^Offering not found$"):
            await report(school, 50, course_offering_id=offering_id)
    await school.world.change_course(school.course, is_published=False)
    with pytest.raises(Missing, match=r"^Offering not found$"):
        await report(school, 50)


async def test_staff_who_learn_work_on_what_is_archived_and_raise_nothing(school: School) -> None:
    await school.core.enrollments.enroll(school.actor("owner"), school.course.offering_id)
    single = await item(school, school.course.module_id)
    await archive(school, item_id=single)
    await report(school, 100, who="owner", target_id=single)
    assert await mine(school, MODULE, "owner") == {school.course.module_id: 0}
    await archive(school, module_id=school.course.module_id)
    await report(school, 50, who="owner")
    assert await mine(school, MODULE, "owner") == {school.course.module_id: 0}


async def test_an_item_raises_all_modules_above_it(school: School) -> None:
    unit = school.course.module_id
    chapter = await module(school, unit)
    section, empty = await module(school, chapter), await module(school, unit)
    deep = [await item(school, section), await item(school, section)]
    await report(school, 0, target_id=deep[0])
    assert await mine(school, MODULE) == {unit: 0, chapter: 0, section: 0}
    await report(school, 100, target_id=deep[0])
    assert await mine(school, MODULE) == {unit: 33, chapter: 50, section: 50}
    await report(school, 99, target_id=deep[1])
    assert await mine(school, MODULE) == {unit: 66, chapter: 99, section: 99}
    await report(school, 100, target_id=deep[1])
    assert await mine(school, MODULE) == {unit: 66, chapter: 100, section: 100}
    await report(school, 100)
    assert await mine(school, MODULE) == {unit: 100, chapter: 100, section: 100}
    assert empty not in await mine(school, MODULE)
    rows, _ = await school.core.progress.mine(school.actor("learner"), MODULE, None, Page())
    assert {row.completed_at for row in rows} == {school.world.clock.now()}


async def test_a_module_keeps_what_it_reached_when_content_comes(school: School) -> None:
    unit = school.course.module_id
    await report(school, 100)
    later = await item(school, unit)
    assert (await report(school, 10, target_id=later)).progress_percent == 10
    assert await mine(school, MODULE) == {unit: 100}
    await report(school, 20, target=MODULE)
    assert await mine(school, MODULE) == {unit: 100}


async def test_a_module_s_own_report_is_merged_and_raises_nothing_above(school: School) -> None:
    unit = school.course.module_id
    below = await module(school, unit)
    row = await report(school, 70.9, target=MODULE, target_id=below)
    assert (row.target_id, row.progress_percent) == (below, 70)
    assert await mine(school, MODULE) == {below: 70}
    await report(school, 50)
    assert await mine(school, MODULE) == {below: 70, unit: 50}
    assert (await report(school, 60, target=MODULE, target_id=below)).progress_percent == 70


async def events(school: School, who: str = "learner") -> list[dict[str, Any]]:
    async with school.world.ports.store.read() as tx:
        known = tx.activity._tables.events_of_user.get(school.user_id(who)) or ()  # type: ignore[attr-defined]  # the memory adapter's own
    return [structs.asdict(event) for event in known if event.kind == "progress"]


async def test_each_accepted_report_is_an_activity_even_if_nothing_rose(school: School) -> None:
    await report(school, 50)
    await report(school, 50)
    await report(school, 10, target=MODULE)
    with pytest.raises(Missing):
        await report(school, 50, target_id=999)
    told = [(each["content_item_id"], each["module_id"]) for each in await events(school)]
    single = (school.course.items[0], None)
    assert told == [single, single, (None, school.course.module_id)]
    first = (await events(school))[0]
    assert (first["course_id"], first["as_staff"], first["time_zone"]) == (
        school.course.id, False, "UTC",
    )  # fmt: skip
    assert first["occurred_at"] == school.world.clock.now()
    assert (first["session_id"], first["outcome"]) == (None, None)
    await school.core.enrollments.enroll(school.actor("owner"), school.course.offering_id)
    await report(school, 50, who="owner")
    assert [each["as_staff"] for each in await events(school, "owner")] == [True]


async def streak_at(school: School, moment: datetime, zone: str) -> int:
    """The learner's streak after a report at this moment, in this zone."""
    school.world.clock.set(moment)
    async with school.world.ports.store.write() as tx:
        user = await tx.accounts.lock(school.user_id("learner"))
        assert user is not None
        await tx.accounts.save(structs.replace(user, time_zone=zone))
    await report(school, 10)
    return (await school.core.users.me(school.actor("learner"))).current_streak_days


async def test_f73_reports_make_a_streak_in_the_learner_s_own_zone(school: School) -> None:
    # The learner's greeting is of that day too.
    noon = school.world.clock.now().replace(hour=12)
    assert await streak_at(school, noon, "UTC") == 1
    assert await streak_at(school, noon + timedelta(hours=11), "UTC") == 1
    assert await streak_at(school, noon + timedelta(hours=12), "UTC") == 2
    # Already the day after there.
    assert await streak_at(school, noon + timedelta(hours=13), "Pacific/Kiritimati") == 2
    assert await streak_at(school, noon + timedelta(days=4), "UTC") == 1
