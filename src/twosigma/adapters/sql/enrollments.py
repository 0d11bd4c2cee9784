"""Enrollments."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, Select, bindparam, func, literal, select, true, update
from sqlalchemy.dialects.postgresql import insert

from twosigma.adapters.sql.connection import Sql
from twosigma.adapters.sql.schema import enrollments, offerings, users
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
_OF_USERS = select(enrollments).where(
    enrollments.c.course_offering_id == bindparam("offering_id"),
    enrollments.c.user_id.in_(bindparam("user_ids", expanding=True)),
)
_JOINED = select(enrollments.c.course_offering_id).where(
    enrollments.c.user_id == bindparam("user_id"),
    enrollments.c.course_id == bindparam("course_id"),
)
_COUNT_ACTIVE = select(func.count()).where(
    enrollments.c.course_offering_id == bindparam("offering_id"),
    enrollments.c.status == EnrollmentStatus.ACTIVE,
)
# In the order of ids, so that two who enroll many never wait for each other.
_ADD_ALL = (
    insert(enrollments)
    .from_select(
        ["user_id", "course_offering_id", "course_id", "status", "enrolled_at"],
        select(
            users.c.id,
            offerings.c.id,
            offerings.c.course_id,
            literal(EnrollmentStatus.ACTIVE.value),
            bindparam("now", type_=UtcDateTime()),
        )
        .select_from(users.join(offerings, true()))
        .where(
            offerings.c.id.in_(bindparam("offering_ids", expanding=True)),
            users.c.id.in_(bindparam("user_ids", expanding=True)),
        )
        .order_by(offerings.c.id, users.c.id),
    )
    .on_conflict_do_nothing(index_elements=["user_id", "course_offering_id"])
    .returning(*enrollments.c)
)
_CHANGEABLE = ("status", "enrolled_at", "reactivated_at", "completed_at", "dropped_at")
_SAVE = (
    update(enrollments)
    .where(enrollments.c.id == bindparam("enrollment_id"))
    .values({name: bindparam(f"new_{name}") for name in _CHANGEABLE})
)


def _enrollment(row: Row[Any]) -> Enrollment:
    return msgspec.convert(row, Enrollment, from_attributes=True)


async def add_enrollments(
    sql: Sql, offering_ids: Collection[int], user_ids: Collection[int], now: datetime
) -> Sequence[Enrollment]:
    """New ACTIVE enrollments of these accounts in these offerings, where there are none yet."""
    rows = await sql.all(
        _ADD_ALL, offering_ids=list(offering_ids), user_ids=list(user_ids), now=now
    )
    return [_enrollment(row) for row in rows]


def _saved(enrollment: Enrollment) -> dict[str, Any]:
    return {
        "enrollment_id": enrollment.id,
        **{f"new_{name}": getattr(enrollment, name) for name in _CHANGEABLE},
    }


class SqlEnrollments:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def get(self, enrollment_id: int) -> Enrollment | None:
        row = await self._sql.first(_GET, enrollment_id=enrollment_id)
        return row and _enrollment(row)

    async def lock(self, user_id: int, offering_id: int) -> Enrollment | None:
        row = await self._sql.first(_LOCK, user_id=user_id, offering_id=offering_id)
        return row and _enrollment(row)

    async def find(self, user_id: int, offering_id: int) -> Enrollment | None:
        row = await self._sql.first(_FIND, user_id=user_id, offering_id=offering_id)
        return row and _enrollment(row)

    async def is_learner(self, user_id: int, course_id: int) -> bool:
        row = await self._sql.first(_IS_LEARNER, user_id=user_id, course_id=course_id)
        return row is not None

    async def of_user(
        self, user_id: int, status: EnrollmentStatus | None, page: Page
    ) -> tuple[Sequence[Enrollment], int]:
        its = _of_status(select(enrollments).where(enrollments.c.user_id == user_id), status)
        newest = its.order_by(enrollments.c.enrolled_at.desc(), enrollments.c.id.desc())
        return await self._page(newest, page)

    async def of_offering(
        self, offering_id: int, status: EnrollmentStatus | None, page: Page
    ) -> tuple[Sequence[Enrollment], int]:
        of_it = select(enrollments).where(enrollments.c.course_offering_id == offering_id)
        return await self._page(_of_status(of_it, status).order_by(enrollments.c.id), page)

    async def _page(self, rows: Select[Any], page: Page) -> tuple[Sequence[Enrollment], int]:
        found = await self._sql.all(rows.offset(page.skip).limit(page.limit))
        unordered = rows.order_by(None).subquery()
        total: int = await self._sql.scalar(select(func.count()).select_from(unordered))
        return [_enrollment(row) for row in found], total

    async def of_users(
        self, offering_id: int, user_ids: Collection[int]
    ) -> Mapping[int, Enrollment]:
        rows = await self._sql.all(_OF_USERS, offering_id=offering_id, user_ids=list(user_ids))
        return {row.user_id: _enrollment(row) for row in rows}

    async def joined(self, user_id: int, course_id: int) -> frozenset[int]:
        rows = await self._sql.all(_JOINED, user_id=user_id, course_id=course_id)
        return frozenset(row.course_offering_id for row in rows)

    async def count_active(self, offering_id: int) -> int:
        count: int = await self._sql.scalar(_COUNT_ACTIVE, offering_id=offering_id)
        return count

    async def add(self, user_id: int, offering_id: int, now: datetime) -> Enrollment | None:
        added = await add_enrollments(self._sql, [offering_id], [user_id], now)
        return added[0] if added else None

    async def add_all(self, offering_id: int, user_ids: Collection[int], now: datetime) -> None:
        await add_enrollments(self._sql, [offering_id], user_ids, now)

    async def save(self, enrollment: Enrollment) -> None:
        await self._sql.run(_SAVE, **_saved(enrollment))

    async def save_all(self, enrollments: Sequence[Enrollment]) -> None:
        await self._sql.run_each(_SAVE, [_saved(row) for row in enrollments])


def _of_status(rows: Select[Any], status: EnrollmentStatus | None) -> Select[Any]:
    return rows if status is None else rows.where(enrollments.c.status == status)
