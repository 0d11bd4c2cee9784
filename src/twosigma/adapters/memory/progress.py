"""Progress in items and modules, and how far it brings somebody."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import msgspec

from twosigma.adapters.memory.tables import Transaction, append
from twosigma.domain.catalog import Page
from twosigma.domain.completeness import (
    Skeleton,
    SkeletonItem,
    SkeletonModule,
    Tally,
    is_mastered_by_progress,
    live_items,
    live_modules,
    tallied,
)
from twosigma.domain.course_stats import CourseCounts
from twosigma.domain.enrollments import Enrollment, EnrollmentStatus
from twosigma.domain.progress import WHOLE, Progress, State, Target


class MemoryProgressRecords:
    def __init__(self, tx: Transaction) -> None:
        self._tables = tx.tables
        self._ids = tx.ids

    async def of_user(
        self, target: Target, user_id: int, offering_id: int | None, page: Page
    ) -> tuple[Sequence[Progress], int]:
        rows = [
            row
            for row in self._own(target, user_id)
            if offering_id is None or row.course_offering_id == offering_id
        ]
        return rows[page.skip : page.skip + page.limit], len(rows)

    async def of_targets(
        self, target: Target, user_id: int, offering_id: int, ids: Collection[int]
    ) -> Mapping[int, Progress]:
        rows = {each: self._row(target, user_id, offering_id, each) for each in ids}
        return {each: row for each, row in rows.items() if row is not None}

    async def shares(
        self, user_id: int, offering_id: int, path: Sequence[int]
    ) -> Mapping[int, Tally]:
        if not path:
            return {}
        skeleton = self._skeleton(self._tables.modules[path[0]].course_id)
        owner = {path[0]: path[0]}
        percents: dict[int, list[int]] = {}
        items = live_items(skeleton)
        for module in live_modules(skeleton):
            above = owner.get(module.parent_module_id or 0)
            share = module.id if module.id in path else above
            if share is not None:
                owner[module.id] = share
                for item in items[module.id]:
                    row = self._row(Target.CONTENT, user_id, offering_id, item.id)
                    percents.setdefault(share, []).append(row.progress_percent if row else 0)
        return {share: tallied(known) for share, known in percents.items()}

    async def tallies(self, enrollment_ids: Collection[int]) -> Mapping[int, Tally]:
        return {row.id: self._tally(row) for row in self._enrollments(enrollment_ids)}

    async def percents(self, enrollment_ids: Collection[int]) -> Mapping[int, Mapping[int, int]]:
        return {
            row.id: {each.target_id: each.progress_percent for each in self._done(row)}
            for row in self._enrollments(enrollment_ids)
        }

    async def skeletons(self, course_ids: Collection[int]) -> Mapping[int, Skeleton]:
        return {each: self._skeleton(each) for each in course_ids}

    async def mastered(self, enrollment_ids: Collection[int]) -> Mapping[int, int]:
        mastered = {
            row.id: sum(self._is_mastered(each) for each in self._done(row))
            for row in self._enrollments(enrollment_ids)
        }
        return {each: times for each, times in mastered.items() if times}

    async def counts(self, course_id: int) -> CourseCounts:
        skeleton = self._skeleton(course_id)
        rows = [row for row in self._tables.enrollments.values() if row.course_id == course_id]
        statuses = [row.status for row in rows]
        return CourseCounts(
            offerings=len(self._tables.offerings_of_course.get(course_id) or ()),
            modules=len(live_modules(skeleton)),
            items=sum(map(len, live_items(skeleton).values())),
            by_status={each: statuses.count(each) for each in EnrollmentStatus if each in statuses},
            percent_sum=sum(self._tally(row).percent_sum for row in rows),
            last_activity_at=max(
                (at for row in rows for at in self._active(row.user_id, course_id)), default=None
            ),
        )

    async def save(
        self, target: Target, user_id: int, offering_id: int, states: Mapping[int, State]
    ) -> Mapping[int, Progress]:
        saved = {}
        for target_id, state in states.items():
            before = self._row(target, user_id, offering_id, target_id)
            row = Progress(
                id=self._ids.next(f"{target}_progress") if before is None else before.id,
                user_id=user_id,
                target_id=target_id,
                course_offering_id=offering_id,
                **{name: getattr(state, name) for name in State.__struct_fields__},
            )
            self._tables.progress.put((target, user_id, offering_id, target_id), row)
            if before is None:
                key = (offering_id, target_id)
                append(self._tables.progress_of_user, (target, user_id), key)
            saved[target_id] = row
        return saved

    def _row(
        self, target: Target, user_id: int, offering_id: int, target_id: int
    ) -> Progress | None:
        return self._tables.progress.get((target, user_id, offering_id, target_id))

    def _own(self, target: Target, user_id: int) -> list[Progress]:
        keys = self._tables.progress_of_user.get((target, user_id)) or ()
        return [self._tables.progress[target, user_id, *key] for key in keys]

    def _done(self, row: Enrollment) -> list[Progress]:
        own = self._own(Target.CONTENT, row.user_id)
        return [each for each in own if each.course_offering_id == row.course_offering_id]

    def _enrollments(self, ids: Collection[int]) -> list[Enrollment]:
        return [self._tables.enrollments[each] for each in ids if each in self._tables.enrollments]

    def _tally(self, row: Enrollment) -> Tally:
        percents = {each.target_id: each.progress_percent for each in self._done(row)}
        items = live_items(self._skeleton(row.course_id)).values()
        return tallied(percents.get(item.id, 0) for of_module in items for item in of_module)

    def _is_mastered(self, row: Progress) -> bool:
        item = self._tables.items[row.target_id]
        kind = self._tables.content_types[item.content_type_id].name
        return row.progress_percent == WHOLE and is_mastered_by_progress(kind, item.data_json)

    def _active(self, user_id: int, course_id: int) -> list[datetime]:
        events = self._tables.events_of_user.get(user_id) or ()
        return [
            event.occurred_at
            for event in events
            if event.course_id == course_id and not event.as_staff
        ]

    def _skeleton(self, course_id: int) -> Skeleton:
        modules = [
            self._tables.modules[each]
            for each in self._tables.modules_of_course.get(course_id) or ()
        ]
        items = [
            self._tables.items[each] for each in self._tables.items_of_course.get(course_id) or ()
        ]
        return Skeleton(
            modules=[
                msgspec.convert(each, SkeletonModule, from_attributes=True) for each in modules
            ],
            items=[msgspec.convert(each, SkeletonItem, from_attributes=True) for each in items],
        )
