"""Join an offering; see what one has joined, and who is in it; complete it, leave it, come back."""

from datetime import datetime

from msgspec import Struct

from twosigma.app.access import (
    OFFERING_MISSING,
    USER_MISSING,
    is_staff,
    staffed_offering,
    visible_offering,
)
from twosigma.app.enrollment_views import EnrollmentView, viewed
from twosigma.domain.actor import Actor
from twosigma.domain.catalog import Offering, Page
from twosigma.domain.enrollments import (
    By,
    EnrollmentStatus,
    Opening,
    moved,
    reactivated,
    require_new,
    require_window,
)
from twosigma.domain.errors import Conflict, Forbidden, Missing
from twosigma.domain.users import User
from twosigma.ports.clock import Clock
from twosigma.ports.store import Store, Write


class RosterRow(Struct, frozen=True, kw_only=True):
    """An enrollment as staff see it; when its learner was last active in the course."""

    view: EnrollmentView
    user: User
    last_activity_at: datetime | None


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

    async def get(self, actor: Actor, enrollment_id: int) -> EnrollmentView:
        """One's own enrollment, or one in a course whose staff one is of; else Missing."""
        async with self._store.read() as tx:
            row = await tx.enrollments.get(enrollment_id)
            if row is None or not (
                row.user_id == actor.user_id or await is_staff(tx, actor, row.course_id)
            ):
                raise Missing("Enrollment not found")
            return (await viewed(tx, [row]))[0]

    async def roster(
        self,
        actor: Actor,
        course_id: int,
        offering_id: int,
        status: EnrollmentStatus | None,
        page: Page,
    ) -> tuple[list[RosterRow], int]:
        """The enrollments in an offering, by id, with their learners, and how many in all; for
        the course's staff. Raises Forbidden, Missing."""
        async with self._store.read() as tx:
            await staffed_offering(tx, actor, course_id, offering_id)
            rows, total = await tx.enrollments.of_offering(offering_id, status, page)
            ids = [row.user_id for row in rows]
            users = await tx.accounts.get_all(ids)
            active = await tx.activity.last_in_course(ids, course_id)
            views = await viewed(tx, rows)
        return [
            RosterRow(
                view=view,
                user=users[view.enrollment.user_id],
                last_activity_at=active.get(view.enrollment.user_id),
            )
            for view in views
        ], total

    async def enroll(
        self, actor: Actor, offering_id: int, user_id: int | None = None
    ) -> EnrollmentView:
        """Join an offering, or come back to it; staff may put another account into it.

        Raises Missing for an offering that is not to be seen, and for no such account;
        Forbidden to others than staff for another account; Conflict for an offering that is not
        open now, is full, or has the account already. Staff of the course pass window and
        capacity. The window is checked in the transaction that joins.
        """
        now = self._clock.now()
        async with self._store.write() as tx:
            offering = await _locked(tx, actor, offering_id)
            staff = await is_staff(tx, actor, offering.course_id)
            joining = actor.user_id
            if user_id is not None and user_id != joining:
                joining = await _other(tx, user_id, staff=staff)
            existing = await tx.enrollments.find(joining, offering_id)
            require_new(existing)
            if not staff:
                require_window(offering, await tx.enrollments.count_active(offering_id), now)
            if existing is not None:
                joined = reactivated(existing, now)
                await tx.enrollments.save(joined)
            else:
                added = await tx.enrollments.add(joining, offering_id, now)
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


async def _locked(tx: Write, actor: Actor, offering_id: int) -> Offering:
    """The offering that the actor sees; the lock makes the count of seats and the new row one
    step."""
    known = await tx.catalog.offering(offering_id)
    if known is None:
        raise Missing(OFFERING_MISSING)
    await tx.catalog.hold_course(known.course_id)
    await tx.catalog.lock_offering(offering_id)
    return await visible_offering(tx, actor, offering_id)


async def _other(tx: Write, user_id: int, *, staff: bool) -> int:
    """The account that staff enroll."""
    if not staff:
        raise Forbidden("Only staff of the course may enroll others")
    user = await tx.accounts.get(user_id)
    if user is None:
        raise Missing(USER_MISSING)
    if not user.is_active:
        raise Conflict("The account is inactive", code="account_inactive")
    return user.id
