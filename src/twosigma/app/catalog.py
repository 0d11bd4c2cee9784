"""Courses and their offerings: who sees which, and who writes them."""

from collections.abc import Callable, Sequence

from msgspec import Struct, structs

from twosigma.app.access import editable_course, is_staff, visible_course
from twosigma.domain.actor import Actor, Role, require
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
    checked_changes,
    checked_course,
    checked_offering,
)
from twosigma.domain.errors import Conflict, Missing
from twosigma.ports.clock import Clock
from twosigma.ports.store import Read, Store, Write


class CourseView(Struct, frozen=True, kw_only=True):
    """A course as this actor sees it: staff also see which model and prompt it has."""

    course: Course
    is_staff: bool


class Catalog:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

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
            return [await _viewed(tx, actor, course) for course in rows], total

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

    async def offerings(self, actor: Actor | None, course_id: int) -> Sequence[Offering]:
        """The offerings of a course: staff see all, others what is listed, and their own."""
        async with self._store.read() as tx:
            _, staff = await visible_course(tx, actor, course_id)
            rows = await tx.catalog.offerings(course_id)
            if staff:
                return rows
            return [row for row in rows if await _is_listed(tx, actor, row)]

    async def create_offering(
        self, actor: Actor | None, course_id: int, fields: OfferingFields
    ) -> Offering:
        """A new term of a course. Raises Forbidden, Invalid, Missing."""
        require(actor, Role.INSTRUCTOR)
        offering = checked_offering(fields)
        async with self._store.write() as tx:
            await editable_course(tx, actor, course_id)
            return await tx.catalog.add_offering(course_id, offering, self._clock.now())


async def _viewed(tx: Read, actor: Actor | None, course: Course) -> CourseView:
    return CourseView(course=course, is_staff=await is_staff(tx, actor, course.id))


async def _is_listed(tx: Read, actor: Actor | None, offering: Offering) -> bool:
    if offering.visibility is Visibility.PUBLIC:
        return True
    if actor is None:
        return False
    return await tx.enrollments.find(actor.user_id, offering.id) is not None


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


def _code_taken() -> Conflict:
    return Conflict("This university has a course with this code already", code="code_taken")
