"""Progress from many devices at once, on every store: one row, the highest value, nothing lost."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from twosigma.adapters.system.clock import SystemClock
from twosigma.app.progress import Work
from twosigma.domain.catalog import OfferingFields, Page
from twosigma.domain.enrollments import EnrollmentStatus
from twosigma.domain.errors import Conflict, DomainError, Forbidden
from twosigma.domain.progress import Progress, Target
from twosigma.ports.store import Store
from twosigma.testing import Course, Learner, World, in_memory

CONTENT, MODULE = Target


async def at_once(callers: int, act: Callable[[int], Awaitable[object]]) -> list[object]:
    results = await asyncio.gather(*(act(n) for n in range(callers)), return_exceptions=True)
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, DomainError):
            raise result
    return list(results)


def work(course: Course, percent: float, at: int = 0, target: Target = CONTENT) -> Work:
    target_id = course.items[at] if target is CONTENT else course.module_id
    return Work(
        target=target, target_id=target_id, course_offering_id=course.offering_id,
        progress_percent=percent,
    )  # fmt: skip


async def own(world: World, learner: Learner, target: Target) -> list[Progress]:
    rows, total = await world.core.progress.mine(learner.actor, target, None, Page())
    assert len(rows) == total
    return list(rows)


@pytest.mark.parametrize("callers", [2, 8, 32])
@pytest.mark.parametrize("target", list(Target))
async def test_f66_of_many_devices_the_highest_value_stays_in_one_row(
    store: Store, target: Target, callers: int
) -> None:
    async with in_memory(store=store, time=SystemClock()) as world:
        course = await world.course()
        learner = await world.learner(course)
        percents = [(n * 37) % callers * 99 // max(callers - 1, 1) for n in range(callers)]
        results = await at_once(
            callers,
            lambda n: world.core.progress.report(
                learner.actor, work(course, percents[n], target=target)
            ),
        )
        assert all(isinstance(each, Progress) for each in results)
        (row,) = await own(world, learner, target)
        assert row.progress_percent == max(percents) == 99
        (unit,) = await own(world, learner, MODULE)
        assert unit.progress_percent == 99
        async with store.read() as tx:
            recent = await tx.overview.recent(learner.id, 100)
        assert len(recent) == callers, "every accepted report is an activity"


@pytest.mark.parametrize("callers", [2, 8, 32])
async def test_f66_the_first_completion_stays(store: Store, callers: int) -> None:
    async with in_memory(store=store, time=SystemClock()) as world:
        course = await world.course()
        learner = await world.learner(course)
        results = await at_once(
            callers, lambda _: world.core.progress.report(learner.actor, work(course, 100))
        )
        times = {each.completed_at for each in results if isinstance(each, Progress)}
        (row,) = await own(world, learner, CONTENT)
        assert times == {row.completed_at}


@pytest.mark.parametrize("callers", [2, 8])
async def test_f66_items_done_at_once_complete_their_module(store: Store, callers: int) -> None:
    async with in_memory(store=store, time=SystemClock()) as world:
        course = await world.course(items=callers)
        learner = await world.learner(course)
        await at_once(
            callers, lambda n: world.core.progress.report(learner.actor, work(course, 100, n))
        )
        (unit,) = await own(world, learner, MODULE)
        assert unit.progress_percent == 100
        assert unit.completed_at is not None


@pytest.mark.parametrize("callers", [2, 8])
async def test_reports_and_moves_of_one_enrollment_never_wait_for_each_other_in_a_ring(
    store: Store, callers: int
) -> None:
    async with in_memory(store=store, time=SystemClock()) as world:
        course = await world.course()
        learner = await world.learner(course)
        others = [await world.user() for _ in range(callers)]
        (view,), _ = await world.core.enrollments.mine(learner.actor, None, Page())
        statuses = (EnrollmentStatus.DROPPED, EnrollmentStatus.ACTIVE)

        async def act(n: int) -> object:
            if n % 3 == 0:
                return await world.core.progress.report(learner.actor, work(course, n))
            if n % 3 == 1:
                return await world.core.enrollments.set_status(
                    learner.actor, view.enrollment.id, statuses[n % 2]
                )
            return await world.core.enrollments.enroll(
                others[n // 3 % callers].actor, course.offering_id
            )

        results = await at_once(callers * 3, act)
        refused = [each for each in results if isinstance(each, DomainError)]
        assert all(isinstance(each, Forbidden | Conflict) for each in refused)


@pytest.mark.parametrize("callers", [2, 8])
async def test_f55_the_last_seat_is_taken_once_by_those_who_come_back(
    store: Store, callers: int
) -> None:
    async with in_memory(store=store, time=SystemClock()) as world:
        course = await world.course()
        async with store.write() as tx:
            small = await tx.catalog.add_offering(
                course.id, OfferingFields(term_name="Small", capacity=1), SystemClock().now()
            )
        rows = []
        for _ in range(callers):
            learner = await world.user()
            row = (await world.core.enrollments.enroll(learner.actor, small.id)).enrollment
            move = world.core.enrollments.set_status
            await move(learner.actor, row.id, EnrollmentStatus.DROPPED)
            rows.append((learner.actor, row.id))
        results = await at_once(
            callers,
            lambda n: world.core.enrollments.set_status(*rows[n], EnrollmentStatus.ACTIVE),
        )
        assert sum(isinstance(each, Conflict) for each in results) == callers - 1


class Ticking(SystemClock):
    """A clock that goes on by a second whenever it is looked at."""

    def __init__(self, start: datetime) -> None:
        self.at = start

    def now(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


@pytest.mark.parametrize("callers", [2, 8])
async def test_f73_activities_at_once_over_midnight_add_one_day(store: Store, callers: int) -> None:
    clock = Ticking(datetime(2026, 3, 9, 12, tzinfo=UTC))
    async with in_memory(store=store, time=clock) as world:
        course = await world.course()
        learner = await world.learner(course)
        clock.at = datetime(2026, 3, 9, 23, 59, 59 - callers // 2, tzinfo=UTC)
        await at_once(callers, lambda n: world.core.progress.report(learner.actor, work(course, n)))
        assert (await world.core.users.me(learner.actor)).current_streak_days == 2
