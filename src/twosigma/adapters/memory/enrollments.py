"""Enrollments."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import structs

from twosigma.adapters.memory.tables import Tables, Transaction, append
from twosigma.domain.catalog import Page
from twosigma.domain.enrollments import LEARNING, Enrollment, EnrollmentStatus


def is_learner(tables: Tables, user_id: int, course_id: int) -> bool:
    """Whether the account is ACTIVE or COMPLETED in any offering of the course."""
    return any(
        each.course_id == course_id and each.status in LEARNING
        for each in map(
            tables.enrollments.__getitem__, tables.enrollments_of_user.get(user_id) or ()
        )
    )


class MemoryEnrollments:
    def __init__(self, tx: Transaction) -> None:
        self._tables = tx.tables
        self._ids = tx.ids

    async def get(self, enrollment_id: int) -> Enrollment | None:
        return self._tables.enrollments.get(enrollment_id)

    async def lock(self, user_id: int, offering_id: int) -> Enrollment | None:
        return await self.find(user_id, offering_id)

    async def find(self, user_id: int, offering_id: int) -> Enrollment | None:
        enrollment_id = self._tables.enrollment_of.get((user_id, offering_id))
        return None if enrollment_id is None else self._tables.enrollments[enrollment_id]

    async def is_learner(self, user_id: int, course_id: int) -> bool:
        return is_learner(self._tables, user_id, course_id)

    async def of_user(
        self, user_id: int, status: EnrollmentStatus | None, page: Page
    ) -> tuple[Sequence[Enrollment], int]:
        ids = self._tables.enrollments_of_user.get(user_id) or ()
        rows = self._of_status(ids, status)
        rows.sort(key=lambda row: (row.enrolled_at, row.id), reverse=True)
        return rows[page.skip : page.skip + page.limit], len(rows)

    async def of_offering(
        self, offering_id: int, status: EnrollmentStatus | None, page: Page
    ) -> tuple[Sequence[Enrollment], int]:
        rows = self._of_status(self._tables.enrollments_of_offering.get(offering_id) or (), status)
        return rows[page.skip : page.skip + page.limit], len(rows)

    def _of_status(self, ids: Iterable[int], status: EnrollmentStatus | None) -> list[Enrollment]:
        rows = (self._tables.enrollments[each] for each in ids)
        return [row for row in rows if status is None or row.status is status]

    async def of_users(
        self, offering_id: int, user_ids: Collection[int]
    ) -> Mapping[int, Enrollment]:
        rows = [await self.find(user_id, offering_id) for user_id in user_ids]
        return {row.user_id: row for row in rows if row is not None}

    async def joined(self, user_id: int, course_id: int) -> frozenset[int]:
        ids = self._tables.enrollments_of_user.get(user_id) or ()
        rows = (self._tables.enrollments[each] for each in ids)
        return frozenset(row.course_offering_id for row in rows if row.course_id == course_id)

    async def count_active(self, offering_id: int) -> int:
        ids = self._tables.enrollments_of_offering.get(offering_id) or ()
        return sum(self._tables.enrollments[each].status is EnrollmentStatus.ACTIVE for each in ids)

    async def add(self, user_id: int, offering_id: int, now: datetime) -> Enrollment | None:
        offering = self._tables.offerings.get(offering_id)
        if offering is None or (user_id, offering_id) in self._tables.enrollment_of:
            return None
        added = Enrollment(
            id=self._ids.next("enrollments"), user_id=user_id, course_offering_id=offering_id,
            course_id=offering.course_id, status=EnrollmentStatus.ACTIVE, enrolled_at=now,
        )  # fmt: skip
        self._tables.enrollments.put(added.id, added)
        self._tables.enrollment_of.put((user_id, offering_id), added.id)
        append(self._tables.enrollments_of_user, user_id, added.id)
        append(self._tables.enrollments_of_offering, offering_id, added.id)
        return added

    async def save(self, enrollment: Enrollment) -> None:
        before = self._tables.enrollments.get(enrollment.id)
        if before is not None:
            # Whose it is and of what never changes.
            kept = structs.replace(
                enrollment, user_id=before.user_id, course_id=before.course_id,
                course_offering_id=before.course_offering_id,
            )  # fmt: skip
            self._tables.enrollments.put(kept.id, kept)

    async def add_all(self, offering_id: int, user_ids: Collection[int], now: datetime) -> None:
        for user_id in user_ids:
            await self.add(user_id, offering_id, now)

    async def save_all(self, enrollments: Sequence[Enrollment]) -> None:
        for enrollment in enrollments:
            await self.save(enrollment)
