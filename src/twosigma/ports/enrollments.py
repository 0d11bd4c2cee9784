"""Enrollments."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from twosigma.domain.catalog import Page
from twosigma.domain.enrollments import Enrollment, EnrollmentStatus


class EnrollmentsReader(Protocol):
    async def get(self, enrollment_id: int) -> Enrollment | None: ...

    async def find(self, user_id: int, offering_id: int) -> Enrollment | None: ...

    async def is_learner(self, user_id: int, course_id: int) -> bool:
        """Whether the account is ACTIVE or COMPLETED in any offering of the course."""
        ...

    async def of_user(
        self, user_id: int, status: EnrollmentStatus | None, page: Page
    ) -> tuple[Sequence[Enrollment], int]:
        """Newest first, and how many in all."""
        ...

    async def of_offering(
        self, offering_id: int, status: EnrollmentStatus | None, page: Page
    ) -> tuple[Sequence[Enrollment], int]:
        """By id, and how many in all."""
        ...

    async def of_users(
        self, offering_id: int, user_ids: Collection[int]
    ) -> Mapping[int, Enrollment]:
        """The enrollments of these accounts in an offering, by account."""
        ...

    async def joined(self, user_id: int, course_id: int) -> frozenset[int]:
        """The offerings of a course that the account has an enrollment in, of any status."""
        ...

    async def count_active(self, offering_id: int) -> int: ...


class Enrollments(EnrollmentsReader, Protocol):
    async def lock(self, user_id: int, offering_id: int) -> Enrollment | None:
        """The enrollment, held by nobody else until the transaction ends. The offering is held
        or locked before."""
        ...

    async def add(self, user_id: int, offering_id: int, now: datetime) -> Enrollment | None:
        """The new ACTIVE enrollment; None where there is one already."""
        ...

    async def save(self, enrollment: Enrollment) -> None: ...

    async def add_all(self, offering_id: int, user_ids: Collection[int], now: datetime) -> None:
        """New ACTIVE enrollments of these accounts; those that have one keep it."""
        ...

    async def save_all(self, enrollments: Sequence[Enrollment]) -> None: ...
