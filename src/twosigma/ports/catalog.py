"""Courses, offerings, course staff."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from twosigma.domain.catalog import (
    Course,
    CourseFields,
    CourseFilter,
    Offering,
    OfferingFields,
    Page,
    Provenance,
    StaffRole,
)


class CatalogReader(Protocol):
    async def course(self, course_id: int) -> Course | None: ...

    async def courses(self, wanted: CourseFilter, page: Page) -> tuple[Sequence[Course], int]:
        """A page of the courses that fit, by id, and how many there are in all. A draft fits
        only as the filter's `staff_of` and `all_drafts` say."""
        ...

    async def get_courses(self, course_ids: Collection[int]) -> Mapping[int, Course]:
        """Those of these courses that there are, by id."""
        ...

    async def imported_course(self, source: str, external_id: str) -> Course | None: ...

    async def offering(self, offering_id: int) -> Offering | None: ...

    async def get_offerings(self, offering_ids: Collection[int]) -> Mapping[int, Offering]:
        """Those of these offerings that there are, by id."""
        ...

    async def offerings(self, course_id: int) -> Sequence[Offering]:
        """All offerings of a course, by id."""
        ...

    async def staff_role(self, course_id: int, user_id: int) -> StaffRole | None: ...

    async def staff(self, course_id: int) -> Mapping[int, StaffRole]:
        """The staff of a course: roles by account, in the order of ids."""
        ...

    async def staffed(self, user_id: int, course_ids: Collection[int]) -> frozenset[int]:
        """Those of these courses whose staff the account is in."""
        ...

    async def staff_roles(self, user_id: int) -> Mapping[int, StaffRole]:
        """Of each course that the account is of the staff of: what it is there."""
        ...


class Catalog(CatalogReader, Protocol):
    async def add_course(
        self, course: CourseFields, provenance: Provenance | None, now: datetime
    ) -> Course | None:
        """The new course in a university (department, subject) that is held; None
        where its university has this code (case-insensitively)."""
        ...

    async def lock_course(self, course_id: int) -> Course | None:
        """The course, held until the transaction ends."""
        ...

    async def hold_course(self, course_id: int) -> Course | None:
        """The course, kept from being deleted until the transaction ends. Comes before any lock
        on what is below it."""
        ...

    async def save_course(self, course: Course) -> bool:
        """Store all fields of a course; False (and nothing stored) where the code is taken."""
        ...

    async def remove_course(self, course_id: int) -> frozenset[str] | None:
        """Delete a course with all below it: items, modules, trees, sessions, offerings, their
        invitations, staff, and the replies that nobody else refers to. Gives the ids of the
        turns that ran in its sessions; None (and nothing deleted) where it has an enrollment.
        Needs `lock_course`; locks items, then trees, then sessions."""
        ...

    async def hold_offering(self, offering_id: int) -> Offering | None:
        """The offering, which nobody locks or removes until the transaction ends."""
        ...

    async def lock_offering(self, offering_id: int) -> Offering | None: ...

    async def add_offering(
        self, course_id: int, offering: OfferingFields, now: datetime
    ) -> Offering: ...

    async def save_offering(self, offering: Offering) -> None:
        """Store all fields of an offering; it stays in its course."""
        ...

    async def remove_offering(self, offering_id: int) -> bool:
        """Delete an offering with its invitations; False where it has an enrollment. Needs
        `lock_offering`."""
        ...

    async def set_staff(self, course_id: int, user_id: int, role: StaffRole) -> None: ...

    async def remove_from_staff(self, course_id: int, user_id: int) -> None: ...

    async def lock_owners(self, user_id: int) -> Mapping[int, Collection[int]]:
        """Of each course that the account is an OWNER of: the ids of its OWNERs. These courses
        are held until the transaction ends."""
        ...

    async def remove_staff(self, user_id: int) -> None:
        """Take the account out of the staff of every course."""
        ...
