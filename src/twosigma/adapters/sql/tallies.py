"""Statements that count: over live items, for enrollments, along a path, in a whole course."""

from typing import Any

from sqlalchemy import BindParameter, Select, and_, bindparam, case, func, select

from twosigma.adapters.sql.live import items_in, live_modules
from twosigma.adapters.sql.schema import (
    activity_events,
    content_items,
    content_progress,
    content_types,
    enrollments,
    modules,
    offerings,
)
from twosigma.adapters.sql.types import QuestionCount
from twosigma.domain.completeness import LAB
from twosigma.domain.progress import WHOLE

_ids: BindParameter[int] = bindparam("ids", expanding=True)
_percent = content_progress.c.progress_percent
_whole = case((_percent == WHOLE, 1), else_=0)
_of_enrollment = and_(
    content_progress.c.user_id == enrollments.c.user_id,
    content_progress.c.course_offering_id == enrollments.c.course_offering_id,
)
PERCENTS = (
    select(enrollments.c.id, content_progress.c.content_item_id, _percent)
    .join(content_progress, _of_enrollment)
    .where(enrollments.c.id.in_(_ids))
)
MASTERED = (
    select(enrollments.c.id, func.count().label("times"))
    .join(content_progress, _of_enrollment)
    .join(content_items, content_items.c.id == content_progress.c.content_item_id)
    .join(content_types, content_types.c.id == content_items.c.content_type_id)
    .where(
        enrollments.c.id.in_(_ids),
        _percent == WHOLE,
        content_types.c.name != LAB,
        QuestionCount(content_items.c.data_json) == 0,
    )
    .group_by(enrollments.c.id)
)
BRANCHES = select(
    modules.c.course_id, modules.c.id, modules.c.parent_module_id, modules.c.title,
    modules.c.sequence_index, modules.c.is_archived,
).where(modules.c.course_id.in_(_ids))  # fmt: skip
LEAVES = select(
    content_items.c.course_id, content_items.c.id, content_items.c.module_id,
    content_items.c.sequence_index, content_items.c.is_archived,
).where(content_items.c.course_id.in_(_ids))  # fmt: skip


def _tallies() -> Select[Any]:
    of_courses = select(enrollments.c.course_id).where(enrollments.c.id.in_(_ids))
    live = items_in(live_modules(of_courses), of_courses).cte("live_items")
    totals = (
        select(live.c.course_id, func.count().label("total")).group_by(live.c.course_id).subquery()
    )
    done = (
        select(
            enrollments.c.id,
            func.sum(_percent).label("percents"),
            func.sum(_whole).label("completed"),
        )
        .join(content_progress, _of_enrollment)
        .join(live, live.c.id == content_progress.c.content_item_id)
        .where(enrollments.c.id.in_(_ids))
        .group_by(enrollments.c.id)
        .subquery()
    )
    return (
        select(enrollments.c.id, totals.c.total, done.c.percents, done.c.completed)
        .outerjoin(totals, totals.c.course_id == enrollments.c.course_id)
        .outerjoin(done, done.c.id == enrollments.c.id)
        .where(enrollments.c.id.in_(_ids))
    )


def _shares() -> Select[Any]:
    """From the top of the path down, once: every module is of the share of the deepest module of
    the path that it is, or lies below."""
    path: BindParameter[int] = bindparam("path", expanding=True)
    course_id = (
        select(modules.c.course_id).where(modules.c.id == bindparam("top")).scalar_subquery()
    )
    top = (
        select(modules.c.id, modules.c.id.label("share"))
        .where(modules.c.id == bindparam("top"), ~modules.c.is_archived)
        .cte("below", recursive=True)
    )
    below = top.union(
        select(modules.c.id, case((modules.c.id.in_(path), modules.c.id), else_=top.c.share))
        .join(top, modules.c.parent_module_id == top.c.id)
        .where(~modules.c.is_archived)
    )
    mine = and_(
        content_progress.c.content_item_id == content_items.c.id,
        content_progress.c.user_id == bindparam("user_id"),
        content_progress.c.course_offering_id == bindparam("offering_id"),
    )
    return (
        select(
            below.c.share,
            func.count().label("total"),
            func.sum(_percent).label("percents"),
            func.sum(_whole).label("completed"),
        )
        .join(content_items, content_items.c.module_id == below.c.id)
        .outerjoin(content_progress, mine)
        # That all is of one course follows, which PostgreSQL cannot know (`live.py`).
        .where(~content_items.c.is_archived, content_items.c.course_id == course_id)
        .group_by(below.c.share)
    )


def _counts() -> Select[Any]:
    course_id: BindParameter[int] = bindparam("course_id", type_=enrollments.c.course_id.type)
    live = live_modules(select(course_id))
    items = items_in(live, select(course_id)).cte("live_items")
    last = (
        select(func.max(activity_events.c.occurred_at))
        .where(
            activity_events.c.user_id == enrollments.c.user_id,
            activity_events.c.course_id == course_id,
            ~activity_events.c.as_staff,
        )
        .correlate(enrollments)
        .scalar_subquery()
    )
    return select(
        select(func.count()).where(offerings.c.course_id == course_id).scalar_subquery()
        .label("offerings"),
        select(func.count()).select_from(live).scalar_subquery().label("modules"),
        select(func.count()).select_from(items).scalar_subquery().label("items"),
        select(func.coalesce(func.sum(_percent), 0))
        .join(items, items.c.id == content_progress.c.content_item_id)
        .scalar_subquery().label("percent_sum"),
        select(func.max(last)).where(enrollments.c.course_id == course_id).scalar_subquery()
        .label("last_activity_at"),
    )  # fmt: skip


TALLIES, SHARES, COUNTS = _tallies(), _shares(), _counts()
BY_STATUS = (
    select(enrollments.c.status, func.count().label("times"))
    .where(enrollments.c.course_id == bindparam("course_id"))
    .group_by(enrollments.c.status)
)
