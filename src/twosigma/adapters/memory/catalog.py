"""Courses, offerings, course staff."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from unicodedata import normalize

from msgspec import structs

from twosigma.adapters.memory.course_removal import erase_course, erase_offering
from twosigma.adapters.memory.tables import Transaction, append
from twosigma.domain.catalog import (
    Course,
    CourseFields,
    CourseFilter,
    Offering,
    OfferingFields,
    Page,
    Provenance,
    StaffRole,
)


def fold(text: str) -> str:
    """The form in which names are told apart and searched."""
    return normalize("NFC", text).casefold()


def _fits(wanted: CourseFilter, course: Course) -> bool:
    pairs = (
        (wanted.university_id, course.university_id),
        (wanted.department_id, course.department_id),
        (wanted.subject_id, course.primary_subject_id),
        (wanted.level, course.level),
        (wanted.is_published, course.is_published),
    )
    if any(value is not None and value != its for value, its in pairs):
        return False
    if wanted.q is None:
        return True
    words = fold(wanted.q)
    return words in fold(course.title) or words in fold(course.code)


class MemoryCatalog:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._tables = tx.tables
        self._ids = tx.ids

    async def course(self, course_id: int) -> Course | None:
        return self._tables.courses.get(course_id)

    async def courses(self, wanted: CourseFilter, page: Page) -> tuple[Sequence[Course], int]:
        fitting = [
            course
            for course in self._tables.courses.values()
            if self._is_seen(wanted, course) and _fits(wanted, course)
        ]
        fitting.sort(key=lambda course: course.id)
        return fitting[page.skip : page.skip + page.limit], len(fitting)

    def _is_seen(self, wanted: CourseFilter, course: Course) -> bool:
        if course.is_published or wanted.all_drafts:
            return True
        return wanted.staff_of is not None and (course.id, wanted.staff_of) in self._tables.staff

    async def get_courses(self, course_ids: Collection[int]) -> Mapping[int, Course]:
        known = self._tables.courses
        return {each: known[each] for each in course_ids if each in known}

    async def imported_course(self, source: str, external_id: str) -> Course | None:
        course_id = self._tables.course_by_origin.get((source, external_id))
        return None if course_id is None else self._tables.courses[course_id]

    async def offering(self, offering_id: int) -> Offering | None:
        return self._tables.offerings.get(offering_id)

    async def get_offerings(self, offering_ids: Collection[int]) -> Mapping[int, Offering]:
        known = self._tables.offerings
        return {each: known[each] for each in offering_ids if each in known}

    async def offerings(self, course_id: int) -> Sequence[Offering]:
        ids = self._tables.offerings_of_course.get(course_id) or ()
        return [self._tables.offerings[each] for each in ids]

    async def staff_role(self, course_id: int, user_id: int) -> StaffRole | None:
        return self._tables.staff.get((course_id, user_id))

    async def staff(self, course_id: int) -> Mapping[int, StaffRole]:
        places = sorted(place for place, _ in self._tables.staff.items() if place[0] == course_id)
        return {place[1]: self._tables.staff[place] for place in places}

    async def staffed(self, user_id: int, course_ids: Collection[int]) -> frozenset[int]:
        return frozenset(each for each in course_ids if (each, user_id) in self._tables.staff)

    async def staff_roles(self, user_id: int) -> Mapping[int, StaffRole]:
        staff = self._tables.staff.items()
        return {course_id: role for (course_id, member), role in staff if member == user_id}

    async def add_course(
        self, course: CourseFields, provenance: Provenance | None, now: datetime
    ) -> Course | None:
        fields = {name: getattr(course, name) for name in CourseFields.__struct_fields__}
        origin = None
        if provenance is not None:
            origin = (provenance.source, provenance.external_id)
        code = (course.university_id, fold(course.code))
        if code in self._tables.course_by_code or (
            origin is not None and origin in self._tables.course_by_origin
        ):
            return None
        added = Course(
            id=self._ids.next("courses"), provenance=provenance, created_at=now, updated_at=now,
            **fields,
        )  # fmt: skip
        self._put(added)
        return added

    async def hold_course(self, course_id: int) -> Course | None:
        return self._tables.courses.get(course_id)

    async def lock_course(self, course_id: int) -> Course | None:
        return self._tables.courses.get(course_id)

    async def save_course(self, course: Course) -> bool:
        holder = self._tables.course_by_code.get((course.university_id, fold(course.code)))
        if holder not in (None, course.id):
            return False
        before = self._tables.courses.get(course.id)
        if before is not None:
            self._pop(course.id)
            self._put(structs.replace(course, created_at=before.created_at))
        return True

    async def remove_course(self, course_id: int) -> frozenset[str] | None:
        turns = await erase_course(self._tx, course_id)
        if turns is not None:
            self._pop(course_id)
        return turns

    def _pop(self, course_id: int) -> None:
        course = self._tables.courses.pop(course_id)
        if course is not None:
            self._tables.course_by_code.pop((course.university_id, fold(course.code)))
            if course.provenance is not None:
                origin = (course.provenance.source, course.provenance.external_id)
                self._tables.course_by_origin.pop(origin)

    def _put(self, course: Course) -> None:
        self._tables.courses.put(course.id, course)
        self._tables.course_by_code.put((course.university_id, fold(course.code)), course.id)
        if course.provenance is not None:
            origin = (course.provenance.source, course.provenance.external_id)
            self._tables.course_by_origin.put(origin, course.id)

    async def hold_offering(self, offering_id: int) -> Offering | None:
        return self._tables.offerings.get(offering_id)

    async def lock_offering(self, offering_id: int) -> Offering | None:
        return self._tables.offerings.get(offering_id)

    async def add_offering(
        self, course_id: int, offering: OfferingFields, now: datetime
    ) -> Offering:
        added = Offering(
            id=self._ids.next("offerings"), course_id=course_id, created_at=now, updated_at=now,
            **structs.asdict(offering),
        )  # fmt: skip
        self._tables.offerings.put(added.id, added)
        append(self._tables.offerings_of_course, course_id, added.id)
        return added

    async def save_offering(self, offering: Offering) -> None:
        before = self._tables.offerings.get(offering.id)
        if before is not None:
            kept = structs.replace(
                offering, course_id=before.course_id, created_at=before.created_at
            )
            self._tables.offerings.put(kept.id, kept)

    async def remove_offering(self, offering_id: int) -> bool:
        return erase_offering(self._tables, offering_id)

    async def set_staff(self, course_id: int, user_id: int, role: StaffRole) -> None:
        self._tables.staff.put((course_id, user_id), role)

    async def remove_from_staff(self, course_id: int, user_id: int) -> None:
        self._tables.staff.pop((course_id, user_id))

    async def lock_owners(self, user_id: int) -> Mapping[int, Collection[int]]:
        owners: dict[int, set[int]] = {}
        for (course_id, member), role in self._tables.staff.items():
            if role is StaffRole.OWNER:
                owners.setdefault(course_id, set()).add(member)
        return {course_id: of for course_id, of in owners.items() if user_id in of}

    async def remove_staff(self, user_id: int) -> None:
        for course_id in await self.staff_roles(user_id):
            self._tables.staff.pop((course_id, user_id))
