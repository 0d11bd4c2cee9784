"""Courses and their offerings: who sees which, and who writes them."""

from collections.abc import Callable, Collection, Sequence

from msgspec import Struct, structs

from twosigma.app.access import (
    OFFERING_MISSING,
    editable_course,
    locked_offering,
    owned_course,
    visible_course,
    visible_offering,
)
from twosigma.app.audit_trail import record
from twosigma.app.turn_tasks import TurnTasks
from twosigma.domain.actor import Actor, Role, require
from twosigma.domain.audit import Action
from twosigma.domain.catalog import (
    Course,
    CourseFields,
    CourseFilter,
    Offering,
    OfferingFields,
    Page,
    StaffRole,
    Visibility,
)
from twosigma.domain.catalog_rules import (
    CourseChanges,
    OfferingChanges,
    changed_offering,
    checked_changes,
    checked_course,
    checked_offering,
)
from twosigma.domain.enrollments import require_seats
from twosigma.domain.errors import Conflict, Missing
from twosigma.ports.clock import Clock
from twosigma.ports.store import Read, Store, Write


class CourseView(Struct, frozen=True, kw_only=True):
    """A course as this actor sees it: staff also see which model and prompt it has."""

    course: Course
    is_staff: bool


class Catalog:
    def __init__(self, store: Store, clock: Clock, tasks: TurnTasks) -> None:
        self._store = store
        self._clock = clock
        self._tasks = tasks

    async def courses(
        self, actor: Actor | None, wanted: CourseFilter, page: Page
    ) -> tuple[list[CourseView], int]:
        """The published courses that fit, and the actor's own drafts; how many in all."""
        seen = structs.replace(
            wanted,
            staff_of=None if actor is None else actor.user_id,
            all_drafts=actor is not None and actor.is_admin,
        )
        async with self._store.read() as tx:
            rows, total = await tx.catalog.courses(seen, page)
            staffed = await _staffed(tx, actor, [course.id for course in rows])
        return [CourseView(course=row, is_staff=row.id in staffed) for row in rows], total

    async def course(self, actor: Actor | None, course_id: int) -> CourseView:
        async with self._store.read() as tx:
            course, staff = await visible_course(tx, actor, course_id)
        return CourseView(course=course, is_staff=staff)

    async def create_course(self, actor: Actor | None, fields: CourseFields) -> CourseView:
        """A new course, whose creator becomes its OWNER.

        Raises Forbidden to less than an INSTRUCTOR, Invalid, Missing for a university,
        department or subject that is not there, Conflict for a code the university has.
        """
        known = require(actor, Role.INSTRUCTOR)
        course = checked_course(fields)
        async with self._store.write() as tx:
            await _require_references(tx, course)
            added = await tx.catalog.add_course(course, None, self._clock.now())
            if added is None:
                raise _code_taken()
            await tx.catalog.set_staff(added.id, known.user_id, StaffRole.OWNER)
        return CourseView(course=added, is_staff=True)

    async def update_course(
        self,
        actor: Actor | None,
        course_id: int,
        changes: CourseChanges,
        require_same: Callable[[CourseView], None] = lambda _: None,
    ) -> CourseView:
        """Change what was sent, if `require_same` (of the course as it is) raises nothing.
        Raises as `create_course`, and Missing for no such course."""
        require(actor, Role.INSTRUCTOR)
        checked = checked_changes(changes)
        async with self._store.write() as tx:
            await editable_course(tx, actor, course_id)
            before = await tx.catalog.lock_course(course_id)
            if before is None:
                raise Missing("Course not found")
            require_same(CourseView(course=before, is_staff=True))
            after = structs.replace(before, **checked)
            await _require_references(tx, after)
            if after != before:
                after = structs.replace(after, updated_at=self._clock.now())
                if not await tx.catalog.save_course(after):
                    raise _code_taken()
                await tx.epochs.raise_course(course_id)
        return CourseView(course=after, is_staff=True)

    async def remove_course(self, actor: Actor | None, course_id: int) -> None:
        """Delete a course that nobody ever enrolled in, with all below it; turns that run there
        are stopped. Raises Forbidden to all but its owners, Missing, Conflict."""
        require(actor, Role.INSTRUCTOR)
        async with self._store.write() as tx:
            course = await owned_course(tx, actor, course_id)
            turns = await tx.catalog.remove_course(course_id)
            if turns is None:
                raise _used("course")
            # Its epoch stays, as a sign to those who remember what they read before.
            await tx.epochs.raise_course(course_id)
            await record(
                tx, actor, Action.COURSE_DELETED, course_id, self._clock.now(), title=course.title,
                code=course.code,
            )  # fmt: skip
        for turn_id in turns:
            self._tasks.stop(turn_id)

    async def offerings(self, actor: Actor | None, course_id: int) -> Sequence[Offering]:
        """The offerings of a course: staff see all, others what is listed, and their own."""
        async with self._store.read() as tx:
            _, staff = await visible_course(tx, actor, course_id)
            rows = await tx.catalog.offerings(course_id)
            if staff:
                return rows
            own = await tx.enrollments.joined(actor.user_id, course_id) if actor else ()
        return [row for row in rows if row.visibility is Visibility.PUBLIC or row.id in own]

    async def offering(self, actor: Actor | None, course_id: int, offering_id: int) -> Offering:
        """An offering of this course. Raises Missing for another course's, and for a private
        one to those who are not in it."""
        async with self._store.read() as tx:
            await visible_course(tx, actor, course_id)
            offering = await visible_offering(tx, actor, offering_id)
        if offering.course_id != course_id:
            raise Missing(OFFERING_MISSING)
        return offering

    async def create_offering(
        self, actor: Actor | None, course_id: int, fields: OfferingFields
    ) -> Offering:
        """A new term of a course. Raises Forbidden, Invalid, Missing."""
        require(actor, Role.INSTRUCTOR)
        offering = checked_offering(fields)
        async with self._store.write() as tx:
            await tx.catalog.hold_course(course_id)
            await editable_course(tx, actor, course_id)
            return await tx.catalog.add_offering(course_id, offering, self._clock.now())

    async def update_offering(
        self,
        actor: Actor | None,
        course_id: int,
        offering_id: int,
        changes: OfferingChanges,
        require_same: Callable[[Offering], None] = lambda _: None,
    ) -> Offering:
        """Change what was sent, if `require_same` (of the offering as it is) raises nothing.
        Raises Forbidden, Missing, Invalid (also for times in the wrong order with those that
        were there), Conflict for fewer seats than learners."""
        require(actor, Role.INSTRUCTOR)
        async with self._store.write() as tx:
            await editable_course(tx, actor, course_id)
            before = await locked_offering(tx, course_id, offering_id)
            require_same(before)
            after = changed_offering(before, changes)
            require_seats(before, after, await tx.enrollments.count_active(offering_id))
            if after != before:
                after = structs.replace(after, updated_at=self._clock.now())
                await tx.catalog.save_offering(after)
        return after

    async def remove_offering(self, actor: Actor | None, course_id: int, offering_id: int) -> None:
        """Delete an offering that nobody ever enrolled in, with its invitations."""
        require(actor, Role.INSTRUCTOR)
        async with self._store.write() as tx:
            await editable_course(tx, actor, course_id)
            await locked_offering(tx, course_id, offering_id)
            if not await tx.catalog.remove_offering(offering_id):
                raise _used("offering")


async def _staffed(tx: Read, actor: Actor | None, course_ids: Sequence[int]) -> Collection[int]:
    """Those of these courses whose staff the actor is of; an admin is of all."""
    if actor is None:
        return ()
    return course_ids if actor.is_admin else await tx.catalog.staffed(actor.user_id, course_ids)


async def _require_references(tx: Write, course: CourseFields) -> None:
    """Raise unless university, department and subject are there and belong together; from now
    on nobody removes them before this transaction ends."""
    if await tx.places.hold_university(course.university_id) is None:
        raise Missing("University not found")
    if course.department_id is not None:
        department = await tx.places.hold_department(course.department_id)
        if department is None:
            raise Missing("Department not found")
        if department.university_id != course.university_id:
            raise Conflict("The department belongs to another university")
    subject = course.primary_subject_id
    if subject is not None and await tx.places.hold_subject(subject) is None:
        raise Missing("Subject not found")


def _used(what: str) -> Conflict:
    return Conflict(f"The {what} has enrollments: it cannot be deleted", code="in_use")


def _code_taken() -> Conflict:
    return Conflict("This university has a course with this code already", code="code_taken")
