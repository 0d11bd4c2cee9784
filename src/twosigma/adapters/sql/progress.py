"""Progress in items and modules, and how far it brings somebody."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Executable,
    Row,
    Select,
    Table,
    and_,
    bindparam,
    case,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from twosigma.adapters.sql.connection import Sql
from twosigma.adapters.sql.live import items_in, live_modules
from twosigma.adapters.sql.schema import (
    activity_events,
    content_items,
    content_progress,
    content_types,
    enrollments,
    module_progress,
    modules,
    offerings,
)
from twosigma.adapters.sql.types import QuestionCount
from twosigma.domain.catalog import Page
from twosigma.domain.completeness import LAB, Skeleton, SkeletonItem, SkeletonModule, Tally
from twosigma.domain.course_stats import CourseCounts
from twosigma.domain.enrollments import EnrollmentStatus
from twosigma.domain.progress import WHOLE, Progress, State, Target


class _Rows(NamedTuple):
    """Where the rows of a kind of target are: the table, its target's column, what is read."""

    table: Table
    of: Column[int]

    @property
    def columns(self) -> list[ColumnElement[Any]]:
        common = (self.table.c[name] for name in Progress.__struct_fields__ if name != "target_id")
        return [self.of.label("target_id"), *common]


_ROWS = {
    Target.CONTENT: _Rows(content_progress, content_progress.c.content_item_id),
    Target.MODULE: _Rows(module_progress, module_progress.c.module_id),
}
_ids: BindParameter[int] = bindparam("ids", expanding=True)
_percent = content_progress.c.progress_percent
_whole = case((_percent == WHOLE, 1), else_=0)
_of_enrollment = and_(
    content_progress.c.user_id == enrollments.c.user_id,
    content_progress.c.course_offering_id == enrollments.c.course_offering_id,
)
_PERCENTS = (
    select(enrollments.c.id, content_progress.c.content_item_id, _percent)
    .join(content_progress, _of_enrollment)
    .where(enrollments.c.id.in_(_ids))
)
_MASTERED = (
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
_BRANCHES = select(
    modules.c.course_id, modules.c.id, modules.c.parent_module_id, modules.c.title,
    modules.c.sequence_index, modules.c.is_archived,
).where(modules.c.course_id.in_(_ids))  # fmt: skip
_LEAVES = select(
    content_items.c.course_id, content_items.c.id, content_items.c.module_id,
    content_items.c.sequence_index, content_items.c.is_archived,
).where(content_items.c.course_id.in_(_ids))  # fmt: skip


def _tallies() -> Select[Any]:
    of_courses = select(enrollments.c.course_id).where(enrollments.c.id.in_(_ids))
    live = items_in(live_modules(of_courses)).cte("live_items")
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
        .where(~content_items.c.is_archived)
        .group_by(below.c.share)
    )


def _counts() -> Select[Any]:
    course_id: BindParameter[int] = bindparam("course_id", type_=enrollments.c.course_id.type)
    live = live_modules(select(course_id))
    items = items_in(live).cte("live_items")
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


_TALLIES, _SHARES, _COUNTS = _tallies(), _shares(), _counts()
_BY_STATUS = (
    select(enrollments.c.status, func.count().label("times"))
    .where(enrollments.c.course_id == bindparam("course_id"))
    .group_by(enrollments.c.status)
)


def _tally(row: Row[Any]) -> Tally:
    return Tally(
        items_total=row.total or 0,
        items_completed=int(row.completed or 0),
        percent_sum=int(row.percents or 0),
    )


class SqlProgressRecords:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def of_user(
        self, target: Target, user_id: int, offering_id: int | None, page: Page
    ) -> tuple[Sequence[Progress], int]:
        rows = _ROWS[target]
        table = rows.table
        own = select(*rows.columns).where(table.c.user_id == user_id)
        if offering_id is not None:
            own = own.where(table.c.course_offering_id == offering_id)
        found = await self._read(own.order_by(table.c.id).offset(page.skip).limit(page.limit))
        total: int = await self._sql.scalar(select(func.count()).select_from(own.subquery()))
        return found, total

    async def of_targets(
        self, target: Target, user_id: int, offering_id: int, ids: Collection[int]
    ) -> Mapping[int, Progress]:
        rows = _ROWS[target]
        statement = select(*rows.columns).where(
            rows.table.c.user_id == user_id,
            rows.table.c.course_offering_id == offering_id,
            rows.of.in_(ids),
        )
        return {row.target_id: row for row in await self._read(statement)}

    async def shares(
        self, user_id: int, offering_id: int, path: Sequence[int]
    ) -> Mapping[int, Tally]:
        if not path:
            return {}
        rows = await self._sql.all(
            _SHARES, user_id=user_id, offering_id=offering_id, top=path[0], path=list(path)
        )
        return {row.share: _tally(row) for row in rows}

    async def tallies(self, enrollment_ids: Collection[int]) -> Mapping[int, Tally]:
        rows = await self._sql.all(_TALLIES, ids=list(enrollment_ids))
        return {row.id: _tally(row) for row in rows}

    async def percents(self, enrollment_ids: Collection[int]) -> Mapping[int, Mapping[int, int]]:
        percents: dict[int, dict[int, int]] = {each: {} for each in enrollment_ids}
        for row in await self._sql.all(_PERCENTS, ids=list(enrollment_ids)):
            percents[row.id][row.content_item_id] = row.progress_percent
        return percents

    async def skeletons(self, course_ids: Collection[int]) -> Mapping[int, Skeleton]:
        branches: dict[int, list[SkeletonModule]] = {each: [] for each in course_ids}
        leaves: dict[int, list[SkeletonItem]] = {each: [] for each in course_ids}
        for row in await self._sql.all(_BRANCHES, ids=list(course_ids)):
            branches[row.course_id].append(
                msgspec.convert(row, SkeletonModule, from_attributes=True)
            )
        for row in await self._sql.all(_LEAVES, ids=list(course_ids)):
            leaves[row.course_id].append(msgspec.convert(row, SkeletonItem, from_attributes=True))
        return {each: Skeleton(modules=branches[each], items=leaves[each]) for each in branches}

    async def mastered(self, enrollment_ids: Collection[int]) -> Mapping[int, int]:
        rows = await self._sql.all(_MASTERED, ids=list(enrollment_ids))
        return {row.id: row.times for row in rows}

    async def counts(self, course_id: int) -> CourseCounts:
        row = await self._sql.one(_COUNTS, course_id=course_id)
        statuses = await self._sql.all(_BY_STATUS, course_id=course_id)
        return CourseCounts(
            offerings=row.offerings,
            modules=row.modules,
            items=row.items,
            by_status={EnrollmentStatus(each.status): each.times for each in statuses},
            percent_sum=int(row.percent_sum),
            last_activity_at=row.last_activity_at,
        )

    async def save(
        self, target: Target, user_id: int, offering_id: int, states: Mapping[int, State]
    ) -> Mapping[int, Progress]:
        if not states:
            return {}
        table, of = _ROWS[target]
        statement = insert(table).values(
            [
                {
                    "user_id": user_id, of.name: target_id, "course_offering_id": offering_id,
                    **{name: getattr(state, name) for name in State.__struct_fields__},
                }
                for target_id, state in states.items()
            ]
        )  # fmt: skip
        changed = {name: statement.excluded[name] for name in State.__struct_fields__}
        saved = statement.on_conflict_do_update(
            index_elements=["user_id", "course_offering_id", of.name], set_=changed
        ).returning(*_ROWS[target].columns)
        return {row.target_id: row for row in await self._read(saved)}

    async def _read(self, statement: Executable) -> list[Progress]:
        rows = await self._sql.all(statement)
        return [msgspec.convert(row, Progress, from_attributes=True) for row in rows]
