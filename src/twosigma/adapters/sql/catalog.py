"""Courses, offerings, course staff."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import structs
from sqlalchemy import (
    ColumnElement,
    Row,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from twosigma.adapters.sql.connection import Sql
from twosigma.adapters.sql.course_removal import erase_course
from twosigma.adapters.sql.rows import provenance, provenance_values
from twosigma.adapters.sql.schema import (
    course_staff,
    courses,
    enrollments,
    epochs,
    invitations,
    offerings,
)
from twosigma.adapters.sql.types import fold
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

_COURSE = select(courses).where(courses.c.id == bindparam("course_id"))
# Locks that foreign keys do not wait for: a turn that has its session has its keys looked up
# again, while the deletion of its course waits for that session.
_LOCK_COURSE = _COURSE.with_for_update(key_share=True)
_HOLD_COURSE = _COURSE.with_for_update(read=True)
_COURSES = select(courses).where(courses.c.id.in_(bindparam("course_ids", expanding=True)))
_IMPORTED = select(courses).where(
    courses.c.source == bindparam("source"), courses.c.external_id == bindparam("external_id")
)
_ADD_COURSE = upsert(courses).on_conflict_do_nothing().returning(*courses.c)
_ADD_EPOCH = upsert(epochs).on_conflict_do_nothing()
_SAVE_COURSE = update(courses).where(courses.c.id == bindparam("course_id"))

_OFFERING = select(offerings).where(offerings.c.id == bindparam("offering_id"))
_LOCK_OFFERING = _OFFERING.with_for_update(key_share=True)
_HOLD_OFFERING = _OFFERING.with_for_update(read=True)
_OFFERINGS_BY_ID = select(offerings).where(
    offerings.c.id.in_(bindparam("offering_ids", expanding=True))
)
_OFFERINGS = (
    select(offerings)
    .where(offerings.c.course_id == bindparam("course_id"))
    .order_by(offerings.c.id)
)
_ADD_OFFERING = insert(offerings).returning(*offerings.c)
_SAVE_OFFERING = update(offerings).where(offerings.c.id == bindparam("offering_id"))
_IS_USED = select(exists().where(enrollments.c.course_offering_id == bindparam("offering_id")))
_ERASE_INVITATIONS = delete(invitations).where(
    invitations.c.course_offering_id == bindparam("offering_id")
)
_REMOVE_OFFERING = delete(offerings).where(offerings.c.id == bindparam("offering_id"))

_STAFF_ROLE = select(course_staff.c.role).where(
    course_staff.c.course_id == bindparam("course_id"),
    course_staff.c.user_id == bindparam("user_id"),
)
_STAFF = (
    select(course_staff.c.user_id, course_staff.c.role)
    .where(course_staff.c.course_id == bindparam("course_id"))
    .order_by(course_staff.c.user_id)
)
_STAFFED = select(course_staff.c.course_id).where(
    course_staff.c.user_id == bindparam("user_id"),
    course_staff.c.course_id.in_(bindparam("course_ids", expanding=True)),
)
_REMOVE_FROM_STAFF = delete(course_staff).where(
    course_staff.c.course_id == bindparam("course_id"),
    course_staff.c.user_id == bindparam("user_id"),
)
_STAFF_ROLES = select(course_staff.c.course_id, course_staff.c.role).where(
    course_staff.c.user_id == bindparam("user_id")
)
_OWNED = select(course_staff.c.course_id).where(
    course_staff.c.user_id == bindparam("user_id"), course_staff.c.role == StaffRole.OWNER
)
# The courses first, in the order of ids: whoever changes a course's staff holds it. Rows that
# refer to a course may still be added.
_LOCK_OWNED = (
    select(courses.c.id)
    .where(courses.c.id.in_(_OWNED))
    .order_by(courses.c.id)
    .with_for_update(key_share=True)
)
_OWNERS = select(course_staff.c.course_id, course_staff.c.user_id).where(
    course_staff.c.course_id.in_(bindparam("course_ids", expanding=True)),
    course_staff.c.role == StaffRole.OWNER,
)
_REMOVE_STAFF = delete(course_staff).where(course_staff.c.user_id == bindparam("user_id"))
_SET_STAFF = upsert(course_staff)
_SET_STAFF = _SET_STAFF.on_conflict_do_update(
    index_elements=["course_id", "user_id"], set_={"role": _SET_STAFF.excluded.role}
)


def _course(row: Row[Any] | None) -> Course | None:
    if row is None:
        return None
    course = msgspec.convert(row, Course, from_attributes=True)
    return structs.replace(course, provenance=provenance(row))


def _offering(row: Row[Any]) -> Offering:
    return msgspec.convert(row, Offering, from_attributes=True)


def _course_values(course: CourseFields, known: Provenance | None) -> dict[str, Any]:
    fields = {name: getattr(course, name) for name in CourseFields.__struct_fields__}
    folded = {"title_folded": fold(course.title), "code_folded": fold(course.code)}
    return {**fields, **folded, **provenance_values(known)}


def _fits(wanted: CourseFilter) -> list[ColumnElement[bool]]:
    pairs = (
        (courses.c.university_id, wanted.university_id),
        (courses.c.department_id, wanted.department_id),
        (courses.c.primary_subject_id, wanted.subject_id),
        (courses.c.level, wanted.level),
        (courses.c.is_published, wanted.is_published),
    )
    conditions: list[ColumnElement[bool]] = [
        column == value for column, value in pairs if value is not None
    ]
    if wanted.q is not None:
        words = fold(wanted.q)
        columns = (courses.c.title_folded, courses.c.code_folded)
        conditions.append(or_(*(column.contains(words, autoescape=True) for column in columns)))
    if not wanted.all_drafts:
        conditions.append(or_(courses.c.is_published, _has_staff(wanted.staff_of)))
    return conditions


def _has_staff(user_id: int | None) -> ColumnElement[bool]:
    return exists().where(
        course_staff.c.course_id == courses.c.id, course_staff.c.user_id == user_id
    )


class SqlCatalog:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def course(self, course_id: int) -> Course | None:
        return _course(await self._sql.first(_COURSE, course_id=course_id))

    async def get_courses(self, course_ids: Collection[int]) -> Mapping[int, Course]:
        rows = await self._sql.all(_COURSES, course_ids=list(course_ids))
        return {course.id: course for course in map(_course, rows) if course is not None}

    async def lock_course(self, course_id: int) -> Course | None:
        return _course(await self._sql.first(_LOCK_COURSE, course_id=course_id))

    async def hold_course(self, course_id: int) -> Course | None:
        return _course(await self._sql.first(_HOLD_COURSE, course_id=course_id))

    async def imported_course(self, source: str, external_id: str) -> Course | None:
        return _course(await self._sql.first(_IMPORTED, source=source, external_id=external_id))

    async def courses(self, wanted: CourseFilter, page: Page) -> tuple[Sequence[Course], int]:
        fitting = select(courses).where(*_fits(wanted))
        shown = fitting.order_by(courses.c.id).offset(page.skip).limit(page.limit)
        rows = await self._sql.all(shown)
        total = await self._sql.scalar(select(func.count()).select_from(fitting.subquery()))
        return [course for course in map(_course, rows) if course is not None], total

    async def add_course(
        self, course: CourseFields, provenance: Provenance | None, now: datetime
    ) -> Course | None:
        values = _course_values(course, provenance)
        row = await self._sql.first(_ADD_COURSE, **values, created_at=now, updated_at=now)
        if row is not None:
            await self._sql.run(_ADD_EPOCH, course_id=row.id, n=0)
        return _course(row)

    async def save_course(self, course: Course) -> bool:
        values = _course_values(course, course.provenance)
        statement = _SAVE_COURSE.values(**values, updated_at=course.updated_at)
        return await self._sql.run_unless_taken(statement, "code_folded", course_id=course.id)

    async def remove_course(self, course_id: int) -> frozenset[str] | None:
        return await erase_course(self._sql, course_id)

    async def offering(self, offering_id: int) -> Offering | None:
        row = await self._sql.first(_OFFERING, offering_id=offering_id)
        return row and _offering(row)

    async def get_offerings(self, offering_ids: Collection[int]) -> Mapping[int, Offering]:
        rows = await self._sql.all(_OFFERINGS_BY_ID, offering_ids=list(offering_ids))
        return {row.id: _offering(row) for row in rows}

    async def hold_offering(self, offering_id: int) -> Offering | None:
        row = await self._sql.first(_HOLD_OFFERING, offering_id=offering_id)
        return row and msgspec.convert(row, Offering, from_attributes=True)

    async def lock_offering(self, offering_id: int) -> Offering | None:
        row = await self._sql.first(_LOCK_OFFERING, offering_id=offering_id)
        return row and _offering(row)

    async def offerings(self, course_id: int) -> Sequence[Offering]:
        rows = await self._sql.all(_OFFERINGS, course_id=course_id)
        return [_offering(row) for row in rows]

    async def add_offering(
        self, course_id: int, offering: OfferingFields, now: datetime
    ) -> Offering:
        row = await self._sql.one(
            _ADD_OFFERING, **structs.asdict(offering), course_id=course_id, created_at=now,
            updated_at=now,
        )  # fmt: skip
        return _offering(row)

    async def save_offering(self, offering: Offering) -> None:
        fields = {name: getattr(offering, name) for name in OfferingFields.__struct_fields__}
        statement = _SAVE_OFFERING.values(**fields, updated_at=offering.updated_at)
        await self._sql.run(statement, offering_id=offering.id)

    async def remove_offering(self, offering_id: int) -> bool:
        if await self._sql.scalar(_IS_USED, offering_id=offering_id):
            return False
        await self._sql.run(_ERASE_INVITATIONS, offering_id=offering_id)
        await self._sql.run(_REMOVE_OFFERING, offering_id=offering_id)
        return True

    async def staff_role(self, course_id: int, user_id: int) -> StaffRole | None:
        role = await self._sql.scalar(_STAFF_ROLE, course_id=course_id, user_id=user_id)
        return None if role is None else StaffRole(role)

    async def staff(self, course_id: int) -> Mapping[int, StaffRole]:
        rows = await self._sql.all(_STAFF, course_id=course_id)
        return {row.user_id: StaffRole(row.role) for row in rows}

    async def staffed(self, user_id: int, course_ids: Collection[int]) -> frozenset[int]:
        rows = await self._sql.all(_STAFFED, user_id=user_id, course_ids=list(course_ids))
        return frozenset(row.course_id for row in rows)

    async def staff_roles(self, user_id: int) -> Mapping[int, StaffRole]:
        rows = await self._sql.all(_STAFF_ROLES, user_id=user_id)
        return {row.course_id: StaffRole(row.role) for row in rows}

    async def lock_owners(self, user_id: int) -> Mapping[int, Collection[int]]:
        locked = await self._sql.all(_LOCK_OWNED, user_id=user_id)
        owners: dict[int, set[int]] = {}
        for row in await self._sql.all(_OWNERS, course_ids=[each.id for each in locked]):
            owners.setdefault(row.course_id, set()).add(row.user_id)
        return {course_id: of for course_id, of in owners.items() if user_id in of}

    async def remove_staff(self, user_id: int) -> None:
        await self._sql.run(_REMOVE_STAFF, user_id=user_id)

    async def set_staff(self, course_id: int, user_id: int, role: StaffRole) -> None:
        await self._sql.run(_SET_STAFF, course_id=course_id, user_id=user_id, role=role)

    async def remove_from_staff(self, course_id: int, user_id: int) -> None:
        await self._sql.run(_REMOVE_FROM_STAFF, course_id=course_id, user_id=user_id)
