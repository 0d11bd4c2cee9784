"""Enrollments."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import bindparam, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from twosigma.adapters.sql.connection import Sql
from twosigma.adapters.sql.schema import enrollments, offerings
from twosigma.adapters.sql.types import UtcDateTime
from twosigma.domain.catalog import Page
from twosigma.domain.enrollments import LEARNING, Enrollment, EnrollmentStatus

_GET = select(enrollments).where(enrollments.c.id == bindparam("enrollment_id"))
_FIND = select(enrollments).where(
    enrollments.c.user_id == bindparam("user_id"),
    enrollments.c.course_offering_id == bindparam("offering_id"),
)
_LOCK = _FIND.with_for_update()
_IS_LEARNER = (
    select(literal(1))
    .where(
        enrollments.c.user_id == bindparam("user_id"),
        enrollments.c.course_id == bindparam("course_id"),
        enrollments.c.status.in_(sorted(LEARNING)),
    )
    .limit(1)
)
_COUNT_ACTIVE = select(func.count()).where(
    enrollments.c.course_offering_id == bindparam("offering_id"),
    enrollments.c.status == EnrollmentStatus.ACTIVE,
)
_ADD = (
    insert(enrollments)
    .from_select(
        ["user_id", "course_offering_id", "course_id", "status", "enrolled_at"],
        select(
            bindparam("user_id", type_=enrollments.c.user_id.type),
            offerings.c.id,
            offerings.c.course_id,
            literal(EnrollmentStatus.ACTIVE.value),
            bindparam("now", type_=UtcDateTime()),
        ).where(offerings.c.id == bindparam("offering_id")),
    )
    .on_conflict_do_nothing(index_elements=["user_id", "course_offering_id"])
    .returning(*enrollments.c)
)
_SAVE = (
    update(enrollments)
    .where(enrollments.c.id == bindparam("enrollment_id"))
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in ("status", "enrolled_at", "reactivated_at", "completed_at", "dropped_at")
        }
    )
)


class SqlEnrollments:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def get(self, enrollment_id: int) -> Enrollment | None:
        row = await self._sql.first(_GET, enrollment_id=enrollment_id)
        return row and msgspec.convert(row, Enrollment, from_attributes=True)

    async def lock(self, user_id: int, offering_id: int) -> Enrollment | None:
        row = await self._sql.first(_LOCK, user_id=user_id, offering_id=offering_id)
        return row and msgspec.convert(row, Enrollment, from_attributes=True)

    async def find(self, user_id: int, offering_id: int) -> Enrollment | None:
        row = await self._sql.first(_FIND, user_id=user_id, offering_id=offering_id)
        return row and msgspec.convert(row, Enrollment, from_attributes=True)

    async def is_learner(self, user_id: int, course_id: int) -> bool:
        row = await self._sql.first(_IS_LEARNER, user_id=user_id, course_id=course_id)
        return row is not None

    async def of_user(
        self, user_id: int, status: EnrollmentStatus | None, page: Page
    ) -> tuple[Sequence[Enrollment], int]:
        of_user = select(enrollments).where(enrollments.c.user_id == user_id)
        if status is not None:
            of_user = of_user.where(enrollments.c.status == status)
        newest = of_user.order_by(enrollments.c.enrolled_at.desc(), enrollments.c.id.desc())
        rows = await self._sql.all(newest.offset(page.skip).limit(page.limit))
        total = await self._sql.scalar(select(func.count()).select_from(of_user.subquery()))
        return [msgspec.convert(row, Enrollment, from_attributes=True) for row in rows], total

    async def of_offering(
        self, offering_id: int, status: EnrollmentStatus | None, page: Page
    ) -> tuple[Sequence[Enrollment], int]:
        of_it = select(enrollments).where(enrollments.c.course_offering_id == offering_id)
        if status is not None:
            of_it = of_it.where(enrollments.c.status == status)
        by_id = of_it.order_by(enrollments.c.id)
        rows = await self._sql.all(by_id.offset(page.skip).limit(page.limit))
        total = await self._sql.scalar(select(func.count()).select_from(of_it.subquery()))
        return [msgspec.convert(row, Enrollment, from_attributes=True) for row in rows], total

    async def count_active(self, offering_id: int) -> int:
        count: int = await self._sql.scalar(_COUNT_ACTIVE, offering_id=offering_id)
        return count

    async def add(self, user_id: int, offering_id: int, now: datetime) -> Enrollment | None:
        row = await self._sql.first(_ADD, user_id=user_id, offering_id=offering_id, now=now)
        return row and msgspec.convert(row, Enrollment, from_attributes=True)

    async def save(self, enrollment: Enrollment) -> None:
        await self._sql.run(
            _SAVE, enrollment_id=enrollment.id, new_status=enrollment.status,
            new_enrolled_at=enrollment.enrolled_at, new_reactivated_at=enrollment.reactivated_at,
            new_completed_at=enrollment.completed_at, new_dropped_at=enrollment.dropped_at,
        )  # fmt: skip
