"""Universities, departments, subjects.

A `hold_…` gives a row that cannot be removed until the transaction ends, a `lock_…` one that
nobody else holds, changes or removes; None where it is not there. A `remove_…` wants the row
locked: False, and nothing removed, where it is used. Names are told apart without case.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from twosigma.domain.catalog import Page
from twosigma.domain.places import (
    Department,
    DepartmentFields,
    Subject,
    University,
    UniversityFields,
)


class PlacesReader(Protocol):
    async def universities(self, page: Page) -> tuple[Sequence[University], int]:
        """A page of all, by id, and how many there are."""
        ...

    async def university(self, university_id: int) -> University | None: ...

    async def find_university(self, name: str) -> University | None: ...

    async def departments(self, university_id: int, page: Page) -> tuple[Sequence[Department], int]:
        """A page of a university's, by id, and how many it has."""
        ...

    async def department(self, department_id: int) -> Department | None: ...

    async def subjects(self, page: Page) -> tuple[Sequence[Subject], int]:
        """A page of all, by id, and how many there are."""
        ...

    async def subject(self, subject_id: int) -> Subject | None: ...

    async def find_subject(self, name: str) -> Subject | None: ...


class Places(PlacesReader, Protocol):
    async def hold_university(self, university_id: int) -> University | None: ...

    async def lock_university(self, university_id: int) -> University | None: ...

    async def named_university(self, name: str, now: datetime) -> University:
        """The university of this name, held; added if there is none."""
        ...

    async def add_university(self, fields: UniversityFields, now: datetime) -> University | None:
        """The new university; None where the name is taken."""
        ...

    async def save_university(self, university: University) -> bool:
        """Store all fields; False (and nothing stored) where the name is taken."""
        ...

    async def remove_university(self, university_id: int) -> bool:
        """Used: it has departments or courses."""
        ...

    async def hold_department(self, department_id: int) -> Department | None: ...

    async def lock_department(self, department_id: int) -> Department | None: ...

    async def add_department(
        self, university_id: int, fields: DepartmentFields, now: datetime
    ) -> Department | None:
        """The new department of a university that is held; None where it has this name."""
        ...

    async def save_department(self, department: Department) -> bool:
        """Store name and code; False (and nothing stored) where its university has the name."""
        ...

    async def remove_department(self, department_id: int) -> bool:
        """Used: it has courses."""
        ...

    async def hold_subject(self, subject_id: int) -> Subject | None: ...

    async def hold_subjects(self, subject_ids: Collection[int]) -> Collection[int]:
        """The ids of those of these subjects that there are, held."""
        ...

    async def lock_subject(self, subject_id: int) -> Subject | None: ...

    async def add_subject(self, name: str, slug: str) -> Subject | None:
        """The new subject; None where the name or the slug is taken."""
        ...

    async def save_subject(self, subject: Subject) -> bool:
        """Store all fields; False (and nothing stored) where the name or the slug is taken."""
        ...

    async def remove_subject(self, subject_id: int) -> bool:
        """Used: a course is about it, or somebody prefers it."""
        ...
