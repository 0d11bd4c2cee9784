"""Progress in items and modules, and how far it brings somebody."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Column, ColumnElement, Executable, Row, Table, func, select
from sqlalchemy.dialects.postgresql import insert

from twosigma.adapters.sql.connection import Sql
from twosigma.adapters.sql.schema import content_progress, module_progress
from twosigma.adapters.sql.tallies import (
    BRANCHES,
    BY_STATUS,
    COUNTS,
    LEAVES,
    MASTERED,
    PERCENTS,
    SHARES,
    TALLIES,
)
from twosigma.domain.catalog import Page
from twosigma.domain.completeness import Skeleton, SkeletonItem, SkeletonModule, Tally
from twosigma.domain.course_stats import CourseCounts
from twosigma.domain.enrollments import EnrollmentStatus
from twosigma.domain.progress import Progress, State, Target


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


def _tally(row: Row[Any]) -> Tally:
    return Tally(
        items_total=row.total or 0,
        items_completed=int(row.completed or 0),
        percent_sum=int(row.percents or 0),
    )


def _leaf(row: Row[Any]) -> tuple[int, SkeletonItem]:
    """By hand: a course may have a hundred thousand."""
    item = SkeletonItem(
        id=row.id, module_id=row.module_id, sequence_index=row.sequence_index,
        is_archived=row.is_archived,
    )  # fmt: skip
    return row.course_id, item


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
            SHARES, user_id=user_id, offering_id=offering_id, top=path[0], path=list(path)
        )
        return {row.share: _tally(row) for row in rows}

    async def tallies(self, enrollment_ids: Collection[int]) -> Mapping[int, Tally]:
        rows = await self._sql.all(TALLIES, ids=list(enrollment_ids))
        return {row.id: _tally(row) for row in rows}

    async def percents(self, enrollment_ids: Collection[int]) -> Mapping[int, Mapping[int, int]]:
        percents: dict[int, dict[int, int]] = {each: {} for each in enrollment_ids}
        for row in await self._sql.all(PERCENTS, ids=list(enrollment_ids)):
            percents[row.id][row.content_item_id] = row.progress_percent
        return percents

    async def skeletons(self, course_ids: Collection[int]) -> Mapping[int, Skeleton]:
        branches: dict[int, list[SkeletonModule]] = {each: [] for each in course_ids}
        leaves: dict[int, list[SkeletonItem]] = {each: [] for each in course_ids}
        for row in await self._sql.all(BRANCHES, ids=list(course_ids)):
            branches[row.course_id].append(
                msgspec.convert(row, SkeletonModule, from_attributes=True)
            )
        for course_id, leaf in await self._sql.made(_leaf, LEAVES, ids=list(course_ids)):
            leaves[course_id].append(leaf)
        return {each: Skeleton(modules=branches[each], items=leaves[each]) for each in branches}

    async def mastered(self, enrollment_ids: Collection[int]) -> Mapping[int, int]:
        rows = await self._sql.all(MASTERED, ids=list(enrollment_ids))
        return {row.id: row.times for row in rows}

    async def counts(self, course_id: int) -> CourseCounts:
        row = await self._sql.one(COUNTS, course_id=course_id)
        statuses = await self._sql.all(BY_STATUS, course_id=course_id)
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
