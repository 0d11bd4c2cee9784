"""Join an offering; see what one has joined; complete it, leave it, come back."""

from twosigma.app.access import is_staff, visible_offering
from twosigma.app.enrollment_views import EnrollmentView, viewed
from twosigma.domain.actor import Actor
from twosigma.domain.catalog import Page
from twosigma.domain.enrollments import (
    By,
    EnrollmentStatus,
    Opening,
    moved,
    reactivated,
    require_new,
    require_window,
)
from twosigma.domain.errors import Conflict, Missing
from twosigma.ports.clock import Clock
from twosigma.ports.store import Store


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
            return await viewed(tx, rows), total

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
                joined = reactivated(existing, now)
                await tx.enrollments.save(joined)
            else:
                added = await tx.enrollments.add(actor.user_id, offering_id, now)
                if added is None:
                    raise Conflict("Already enrolled", code="already_enrolled")
                joined = added
            return (await viewed(tx, [joined]))[0]

    async def set_status(
        self, actor: Actor, enrollment_id: int, status: EnrollmentStatus | None
    ) -> EnrollmentView:
        """Move an enrollment to another status, or leave it (None); as its learner, or as staff
        of the course.

        Raises Missing to all others; Conflict where it cannot go there now. Window, capacity
        and completeness are looked at in the transaction that moves it.
        """
        now = self._clock.now()
        async with self._store.write() as tx:
            known = await tx.enrollments.get(enrollment_id)
            if known is None:
                raise Missing("Enrollment not found")
            staff = await is_staff(tx, actor, known.course_id)
            if not staff and known.user_id != actor.user_id:
                raise Missing("Enrollment not found")
            offering = await tx.catalog.lock_offering(known.course_offering_id)
            before = await tx.enrollments.lock(known.user_id, known.course_offering_id)
            if offering is None or before is None:
                raise Missing("Enrollment not found")
            active = await tx.enrollments.count_active(offering.id)
            tallies = await tx.progress.tallies([before.id])
            after = moved(
                before,
                before.status if status is None else status,
                By.STAFF if staff else By.LEARNER,
                is_complete=tallies[before.id].is_complete,
                opening=Opening(offering=offering, active=active),
                now=now,
            )
            if after != before:
                await tx.enrollments.save(after)
            return (await viewed(tx, [after]))[0]
