"""Progress in items and modules, and how far it brings somebody.

An item is live when it and all modules above it are not archived (`domain.completeness`).
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from twosigma.domain.catalog import Page
from twosigma.domain.completeness import Skeleton, Tally
from twosigma.domain.course_stats import CourseCounts
from twosigma.domain.progress import Progress, State, Target


class ProgressRecordsReader(Protocol):
    async def of_user(
        self, target: Target, user_id: int, offering_id: int | None, page: Page
    ) -> tuple[Sequence[Progress], int]:
        """An account's rows, in one offering or all, by id, and how many in all."""
        ...

    async def of_targets(
        self, target: Target, user_id: int, offering_id: int, ids: Collection[int]
    ) -> Mapping[int, Progress]:
        """The rows that there are of these items (or modules), by the item's id."""
        ...

    async def shares(
        self, user_id: int, offering_id: int, path: Sequence[int]
    ) -> Mapping[int, Tally]:
        """For each module of a path from a root down: the tally of the live items that lie below
        it and not below the next one of the path. Modules with no such item are not in it."""
        ...

    async def tallies(self, enrollment_ids: Collection[int]) -> Mapping[int, Tally]:
        """How far each of these enrollments is, by the live items of its course."""
        ...

    async def percents(self, enrollment_ids: Collection[int]) -> Mapping[int, Mapping[int, int]]:
        """Of each of these enrollments: the percents of the items that have a row, by item."""
        ...

    async def skeletons(self, course_ids: Collection[int]) -> Mapping[int, Skeleton]:
        """The skeletons of these courses."""
        ...

    async def mastered(self, enrollment_ids: Collection[int]) -> Mapping[int, int]:
        """How many items are mastered in each of these enrollments, by progress alone; those
        with none are not in it."""
        ...

    async def counts(self, course_id: int) -> CourseCounts:
        """What is counted of a course; its last activity is that of those enrolled in it, in so
        far as they did not act as its staff."""
        ...


class ProgressRecords(ProgressRecordsReader, Protocol):
    async def save(
        self, target: Target, user_id: int, offering_id: int, states: Mapping[int, State]
    ) -> Mapping[int, Progress]:
        """Store the states of these items (or modules), new or not, and give their rows. The
        enrollment is locked; the items are held."""
        ...
