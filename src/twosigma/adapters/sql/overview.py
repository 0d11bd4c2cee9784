"""What an account's first page is made of."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Select, bindparam, distinct, exists, func, or_, select

from twosigma.adapters.sql.connection import Sql
from twosigma.adapters.sql.schema import (
    activity_events,
    content_items,
    courses,
    enrollments,
    modules,
    offerings,
)
from twosigma.adapters.sql.types import UtcDateTime
from twosigma.domain.catalog import Offering, Visibility
from twosigma.domain.enrollments import LEARNING, EnrollmentStatus
from twosigma.domain.overview import RecentActivity
from twosigma.domain.recommendations import Candidate

_COMPLETED = select(func.count(distinct(enrollments.c.course_id))).where(
    enrollments.c.user_id == bindparam("user_id"),
    enrollments.c.status == EnrollmentStatus.COMPLETED,
)
_RECENT = (
    select(
        activity_events.c.kind.label("type"),
        activity_events.c.course_id,
        func.coalesce(activity_events.c.module_id, content_items.c.module_id).label("module_id"),
        activity_events.c.content_item_id,
        func.coalesce(content_items.c.title, modules.c.title).label("title"),
        activity_events.c.occurred_at,
    )
    .outerjoin(content_items, content_items.c.id == activity_events.c.content_item_id)
    .outerjoin(modules, modules.c.id == activity_events.c.module_id)
    .where(activity_events.c.user_id == bindparam("user_id"))
    .order_by(activity_events.c.occurred_at.desc(), activity_events.c.id.desc())
    .limit(bindparam("count"))
)


def _candidates() -> Select[Any]:
    now = bindparam("now", type_=UtcDateTime())
    of_course = enrollments.alias()
    mine = enrollments.alias()
    active = (
        select(func.count())
        .where(
            enrollments.c.course_offering_id == offerings.c.id,
            enrollments.c.status == EnrollmentStatus.ACTIVE,
        )
        .scalar_subquery()
    )
    siblings = offerings.alias()
    learners = (
        select(func.count())
        .select_from(of_course.join(siblings, of_course.c.course_offering_id == siblings.c.id))
        .where(siblings.c.course_id == courses.c.id, of_course.c.status.in_(sorted(LEARNING)))
        .scalar_subquery()
    )
    return (
        select(
            offerings,
            courses.c.primary_subject_id,
            active.label("active"),
            learners.label("learners"),
        )
        .join(courses, courses.c.id == offerings.c.course_id)
        .where(
            courses.c.is_published,
            offerings.c.visibility == Visibility.PUBLIC,
            or_(offerings.c.enrollment_start.is_(None), offerings.c.enrollment_start <= now),
            or_(offerings.c.enrollment_end.is_(None), offerings.c.enrollment_end >= now),
            ~exists().where(
                mine.c.course_id == courses.c.id,
                mine.c.user_id == bindparam("user_id"),
                mine.c.status.in_(sorted(LEARNING)),
            ),
        )
    )


_CANDIDATES = _candidates()


class SqlOverview:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def completed_courses(self, user_id: int) -> int:
        count: int = await self._sql.scalar(_COMPLETED, user_id=user_id)
        return count

    async def recent(self, user_id: int, limit: int) -> Sequence[RecentActivity]:
        rows = await self._sql.all(_RECENT, user_id=user_id, count=limit)
        return [msgspec.convert(row, RecentActivity, from_attributes=True) for row in rows]

    async def candidates(self, user_id: int, now: datetime) -> Sequence[Candidate]:
        rows = await self._sql.all(_CANDIDATES, user_id=user_id, now=now)
        return [
            Candidate(
                offering=msgspec.convert(row, Offering, from_attributes=True),
                subject_id=row.primary_subject_id,
                active=row.active,
                learners=row.learners,
            )
            for row in rows
        ]
