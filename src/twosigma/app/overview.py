"""The first page of an account: what it learns, could learn, did last, and for how long."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from twosigma.app.access import active_user
from twosigma.app.enrollment_views import EnrollmentView, viewed
from twosigma.domain.actor import Actor
from twosigma.domain.catalog import Course, Page
from twosigma.domain.completeness import standing
from twosigma.domain.enrollments import EnrollmentStatus
from twosigma.domain.overview import MAX_RECENT, RecentActivity
from twosigma.domain.recommendations import Reason, recommended
from twosigma.domain.streaks import shown, streak
from twosigma.ports.clock import Clock
from twosigma.ports.store import Read, Store


class ActiveEnrollment(Struct, frozen=True, kw_only=True):
    """What somebody learns now, and the first item that is left to do."""

    view: EnrollmentView
    next_content_item_id: int | None


class RecommendedCourse(Struct, frozen=True, kw_only=True):
    """A course that could be joined now, by which offering, and why it is told of."""

    course: Course
    course_offering_id: int
    reason: Reason


class OverviewPage(Struct, frozen=True, kw_only=True):
    active: Sequence[ActiveEnrollment]
    recommended: Sequence[RecommendedCourse]
    recent: Sequence[RecentActivity]
    completed_courses: int
    current_streak: int


class Overview:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def show(self, actor: Actor) -> OverviewPage:
        """The actor's own page, of one moment, in a fixed number of statements."""
        now = self._clock.now()
        async with self._store.read() as tx:
            user = await active_user(tx, actor.user_id)
            hours = await tx.activity.hours_of([user.id])
            days, _ = shown(streak(hours.get(user.id, ())), now, user.time_zone)
            return OverviewPage(
                active=await _active(tx, user.id),
                recommended=await _recommended(tx, user.id, now),
                recent=await tx.overview.recent(user.id, MAX_RECENT),
                completed_courses=await tx.overview.completed_courses(user.id),
                current_streak=days,
            )


async def _active(tx: Read, user_id: int) -> list[ActiveEnrollment]:
    rows, _ = await tx.enrollments.of_user(user_id, EnrollmentStatus.ACTIVE, Page())
    skeletons = await tx.progress.skeletons({row.course_id for row in rows})
    percents = await tx.progress.percents([row.id for row in rows])
    return [
        ActiveEnrollment(
            view=view,
            next_content_item_id=(
                # Nothing of a course that is a draft again can be opened.
                standing(
                    skeletons[view.course.id], percents[view.enrollment.id]
                ).next_content_item_id
                if view.course.is_published
                else None
            ),
        )
        for view in await viewed(tx, rows)
    ]


async def _recommended(tx: Read, user_id: int, now: datetime) -> list[RecommendedCourse]:
    preferences = await tx.profiles.subject_preferences(user_id)
    found = recommended(await tx.overview.candidates(user_id, now), preferences, now)
    courses = await tx.catalog.get_courses([each.course_id for each in found])
    return [
        RecommendedCourse(
            course=courses[each.course_id],
            course_offering_id=each.course_offering_id,
            reason=each.reason,
        )
        for each in found
    ]
