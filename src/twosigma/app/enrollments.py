"""Join an offering; see what one has joined."""

from collections.abc import Sequence

from msgspec import Struct, structs

from twosigma.app.access import is_staff, visible_offering
from twosigma.domain.actor import Actor
from twosigma.domain.catalog import Course, Offering, Page
from twosigma.domain.enrollments import (
    Enrollment,
    EnrollmentStatus,
    require_new,
    require_window,
)
from twosigma.domain.errors import Conflict, Missing
from twosigma.ports.clock import Clock
from twosigma.ports.store import Read, Store


class EnrollmentView(Struct, frozen=True, kw_only=True):
    """An enrollment with what it is in."""

    enrollment: Enrollment
    offering: Offering
    course: Course


class Enrollments:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def mine(
        self, actor: Actor, status: EnrollmentStatus | None, page: Page
    ) -> tuple[list[EnrollmentView], int]:
        """The actor's enrollments, newest first, and how many in all."""
        async with self._store.read() as tx:
            rows, total = await tx.enrollments.of_user(actor.user_id, status, page)
            return await _viewed(tx, rows), total

    async def enroll(self, actor: Actor, offering_id: int) -> EnrollmentView:
        """Join an offering, or come back to it.

        Raises Missing for an offering that is not to be seen; Conflict for one that is not
        open now, is full, or has the actor already. Staff of the course pass window and
        capacity. The window is checked in the transaction that joins.
        """
        now = self._clock.now()
        async with self._store.write() as tx:
            # The lock on the offering makes the count of seats and the new row one step.
            await tx.catalog.lock_offering(offering_id)
            offering = await visible_offering(tx, actor, offering_id)
            existing = await tx.enrollments.find(actor.user_id, offering_id)
            require_new(existing)
            if not await is_staff(tx, actor, offering.course_id):
                require_window(offering, await tx.enrollments.count_active(offering_id), now)
            if existing is not None:
                joined = structs.replace(
                    existing, status=EnrollmentStatus.ACTIVE, reactivated_at=now, dropped_at=None
                )
                await tx.enrollments.save(joined)
            else:
                added = await tx.enrollments.add(actor.user_id, offering_id, now)
                if added is None:
                    raise Conflict("Already enrolled", code="already_enrolled")
                joined = added
            return (await _viewed(tx, [joined]))[0]


async def _viewed(tx: Read, rows: Sequence[Enrollment]) -> list[EnrollmentView]:
    """The rows with their offerings and courses, each read once."""
    offerings: dict[int, Offering] = {}
    courses: dict[int, Course] = {}
    for row in rows:
        if row.course_offering_id not in offerings:
            offering = await tx.catalog.offering(row.course_offering_id)
            if offering is None:
                raise Missing("Offering not found")
            offerings[offering.id] = offering
        if row.course_id not in courses:
            course = await tx.catalog.course(row.course_id)
            if course is None:
                raise Missing("Course not found")
            courses[course.id] = course
    return [
        EnrollmentView(
            enrollment=row,
            offering=offerings[row.course_offering_id],
            course=courses[row.course_id],
        )
        for row in rows
    ]
