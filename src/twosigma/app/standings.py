"""How far learners are: oneself, those of an offering, and a course in figures."""

from datetime import datetime

from msgspec import Struct

from twosigma.app.access import is_staff, visible_course, visible_offering
from twosigma.domain.actor import Actor
from twosigma.domain.catalog import Offering, Page
from twosigma.domain.completeness import Standing, standing
from twosigma.domain.course_stats import CourseStats, course_stats, silent_days
from twosigma.domain.enrollments import LEARNING, Enrollment
from twosigma.domain.errors import Forbidden, Missing
from twosigma.domain.progress import Target
from twosigma.domain.users import User
from twosigma.ports.clock import Clock
from twosigma.ports.store import Read, Store


class Summary(Struct, frozen=True, kw_only=True):
    """How far a learner is in an offering, module by module."""

    enrollment: Enrollment
    standing: Standing


class LearnerView(Struct, frozen=True, kw_only=True):
    """A learner of an offering, as its staff see one."""

    enrollment: Enrollment
    user: User
    progress_percent: int
    last_activity_at: datetime | None
    silent_days: int
    mastered_topics: int


class Standings:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def summary(self, actor: Actor, offering_id: int, user_id: int | None) -> Summary:
        """How far the actor is in an offering, or, for the staff of its course, somebody else.

        Raises Missing for an offering that is not to be seen, and for somebody who never was in
        it; Forbidden to those who are not in it now, and who ask for others without being of
        the staff.
        """
        async with self._store.read() as tx:
            offering = await visible_offering(tx, actor, offering_id)
            enrollment = await _summed_up(tx, actor, offering, user_id)
            skeletons = await tx.progress.skeletons([offering.course_id])
            percents = await tx.progress.percents([enrollment.id])
            skeleton, done = skeletons[offering.course_id], percents[enrollment.id]
            known = standing(skeleton, done)
            # Only where there is no content do modules count by their own rows.
            bare = [each.module.id for each in known.modules if not each.tally.items_total]
            own = await tx.progress.of_targets(Target.MODULE, enrollment.user_id, offering_id, bare)
        if own:
            rows = {module_id: row.progress_percent for module_id, row in own.items()}
            known = standing(skeleton, done, rows)
        return Summary(enrollment=enrollment, standing=known)

    async def learners(
        self, actor: Actor, offering_id: int, page: Page
    ) -> tuple[list[LearnerView], int]:
        """Everybody who is or was in an offering, by enrollment, and how many in all; for the
        staff of its course. Raises Missing, Forbidden."""
        now = self._clock.now()
        async with self._store.read() as tx:
            offering = await visible_offering(tx, actor, offering_id)
            if not await is_staff(tx, actor, offering.course_id):
                raise Forbidden("Only the course's staff see its learners")
            rows, total = await tx.enrollments.of_offering(offering_id, None, page)
            ids, user_ids = [row.id for row in rows], [row.user_id for row in rows]
            tallies = await tx.progress.tallies(ids)
            mastered = await tx.progress.mastered(ids)
            users = await tx.accounts.get_all(user_ids)
            last = await tx.activity.last_in_course(user_ids, offering.course_id)
        return [
            LearnerView(
                enrollment=row,
                user=users[row.user_id],
                progress_percent=tallies[row.id].percent,
                last_activity_at=last.get(row.user_id),
                silent_days=silent_days(row, offering.starts_at, last.get(row.user_id), now),
                mastered_topics=mastered.get(row.id, 0),
            )
            for row in rows
        ], total

    async def course_stats(self, actor: Actor, course_id: int) -> CourseStats:
        """A course in figures, for its staff. Raises Missing, Forbidden."""
        async with self._store.read() as tx:
            _, staff = await visible_course(tx, actor, course_id)
            if not staff:
                raise Forbidden("Only the course's staff see its figures")
            return course_stats(course_id, await tx.progress.counts(course_id))


async def _summed_up(tx: Read, actor: Actor, offering: Offering, user_id: int | None) -> Enrollment:
    """The enrollment that the actor asks about."""
    if user_id in (None, actor.user_id):
        own = await tx.enrollments.find(actor.user_id, offering.id)
        if own is None or own.status not in LEARNING:
            raise Forbidden("You are not enrolled in this offering")
        return own
    if not await is_staff(tx, actor, offering.course_id):
        raise Forbidden("Only the course's staff see the progress of others")
    enrollment = await tx.enrollments.find(user_id, offering.id)
    if enrollment is None:
        raise Missing("Enrollment not found")
    return enrollment
