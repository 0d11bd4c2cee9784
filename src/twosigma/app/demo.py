"""The demo: which course it is, and who sits where in it."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from twosigma.domain.catalog import CourseFilter, Page, StaffRole
from twosigma.domain.enrollments import LEARNING, reactivated
from twosigma.domain.errors import Missing
from twosigma.ports.clock import Clock
from twosigma.ports.store import Store, Write


class DemoState(Struct, frozen=True, kw_only=True):
    """`is_empty`: there is no course at all; `course_id`: the demo's, if it is there."""

    is_empty: bool
    course_id: int | None


class Demo:
    """For the operator's command line, which is trusted."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def state(self, university: str) -> DemoState:
        """What there is; the demo's course is the first of the university of this name."""
        async with self._store.read() as tx:
            _, total = await tx.catalog.courses(CourseFilter(all_drafts=True), Page(limit=1))
            found = await tx.places.find_university(university)
            if found is None:
                return DemoState(is_empty=total == 0, course_id=None)
            wanted = CourseFilter(university_id=found.id, all_drafts=True)
            courses, _ = await tx.catalog.courses(wanted, Page(limit=1))
        return DemoState(is_empty=total == 0, course_id=courses[0].id if courses else None)

    async def seat(
        self, course_id: int, *, learners: Sequence[str], staff: Mapping[str, StaffRole]
    ) -> None:
        """Put accounts, by their e-mail addresses, into the course's staff and into its first
        offering. Who is in it already stays; raises Missing for no such account or offering."""
        async with self._store.write() as tx:
            await tx.catalog.hold_course(course_id)
            offerings = await tx.catalog.offerings(course_id)
            if not offerings:
                raise Missing("Offering not found")
            for email, role in staff.items():
                await tx.catalog.set_staff(course_id, await _user_id(tx, email), role)
            for email in learners:
                await self._enroll(tx, await _user_id(tx, email), offerings[0].id)

    async def _enroll(self, tx: Write, user_id: int, offering_id: int) -> None:
        await tx.catalog.lock_offering(offering_id)
        row = await tx.enrollments.find(user_id, offering_id)
        if row is None:
            await tx.enrollments.add(user_id, offering_id, self._clock.now())
        elif row.status not in LEARNING:
            await tx.enrollments.save(reactivated(row, self._clock.now()))


async def _user_id(tx: Write, email: str) -> int:
    user = await tx.accounts.find_by_email(email)
    if user is None:
        raise Missing(f"User {email} not found")
    return user.id
