"""Universities, departments, subjects."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from msgspec import structs

from twosigma.adapters.memory.catalog import fold
from twosigma.adapters.memory.tables import Transaction
from twosigma.domain.catalog import Page
from twosigma.domain.places import (
    Department,
    DepartmentFields,
    Subject,
    University,
    UniversityFields,
)

P = TypeVar("P", University, Department, Subject)


def _page(rows: Iterable[P], page: Page) -> tuple[Sequence[P], int]:
    ordered = sorted(rows, key=lambda row: row.id)
    return ordered[page.skip : page.skip + page.limit], len(ordered)


class MemoryPlaces:
    """One writes at a time here: to hold or to lock is to read."""

    def __init__(self, tx: Transaction) -> None:
        self._tables = tx.tables
        self._ids = tx.ids

    async def universities(self, page: Page) -> tuple[Sequence[University], int]:
        return _page(self._tables.universities.values(), page)

    async def university(self, university_id: int) -> University | None:
        return self._tables.universities.get(university_id)

    hold_university = university
    lock_university = university

    async def find_university(self, name: str) -> University | None:
        university_id = self._tables.university_by_name.get(fold(name))
        return None if university_id is None else self._tables.universities[university_id]

    async def named_university(self, name: str, now: datetime) -> University:
        known = await self.find_university(name)
        return known or self._put_university(UniversityFields(name=name), now)

    async def add_university(self, fields: UniversityFields, now: datetime) -> University | None:
        if fold(fields.name) in self._tables.university_by_name:
            return None
        return self._put_university(fields, now)

    def _put_university(self, fields: UniversityFields, now: datetime) -> University:
        added = University(
            id=self._ids.next("universities"), created_at=now, **structs.asdict(fields)
        )
        self._tables.universities.put(added.id, added)
        self._tables.university_by_name.put(fold(added.name), added.id)
        return added

    async def save_university(self, university: University) -> bool:
        names, key = self._tables.university_by_name, fold(university.name)
        if names.get(key) not in (None, university.id):
            return False
        names.pop(fold(self._tables.universities[university.id].name))
        names.put(key, university.id)
        self._tables.universities.put(university.id, university)
        return True

    async def remove_university(self, university_id: int) -> bool:
        owners = {each.university_id for each in self._tables.departments.values()}
        owners |= {each.university_id for each in self._tables.courses.values()}
        if university_id in owners:
            return False
        removed = self._tables.universities.pop(university_id)
        if removed is not None:
            self._tables.university_by_name.pop(fold(removed.name))
        return True

    async def departments(self, university_id: int, page: Page) -> tuple[Sequence[Department], int]:
        every = self._tables.departments.values()
        return _page((each for each in every if each.university_id == university_id), page)

    async def department(self, department_id: int) -> Department | None:
        return self._tables.departments.get(department_id)

    hold_department = department
    lock_department = department

    async def add_department(
        self, university_id: int, fields: DepartmentFields, now: datetime
    ) -> Department | None:
        key = (university_id, fold(fields.name))
        if key in self._tables.department_by_name:
            return None
        added = Department(
            id=self._ids.next("departments"), university_id=university_id, created_at=now,
            **structs.asdict(fields),
        )  # fmt: skip
        self._tables.departments.put(added.id, added)
        self._tables.department_by_name.put(key, added.id)
        return added

    async def save_department(self, department: Department) -> bool:
        before = self._tables.departments[department.id]
        names, owner = self._tables.department_by_name, before.university_id
        key = (owner, fold(department.name))
        if names.get(key) not in (None, department.id):
            return False
        names.pop((owner, fold(before.name)))
        names.put(key, department.id)
        # A department stays in its university.
        kept = structs.replace(department, university_id=owner)
        self._tables.departments.put(department.id, kept)
        return True

    async def remove_department(self, department_id: int) -> bool:
        if any(each.department_id == department_id for each in self._tables.courses.values()):
            return False
        removed = self._tables.departments.pop(department_id)
        if removed is not None:
            self._tables.department_by_name.pop((removed.university_id, fold(removed.name)))
        return True

    async def subjects(self, page: Page) -> tuple[Sequence[Subject], int]:
        return _page(self._tables.subjects.values(), page)

    async def subject(self, subject_id: int) -> Subject | None:
        return self._tables.subjects.get(subject_id)

    async def hold_subjects(self, subject_ids: Collection[int]) -> Collection[int]:
        return {each for each in subject_ids if each in self._tables.subjects}

    hold_subject = subject
    lock_subject = subject

    async def find_subject(self, name: str) -> Subject | None:
        subject_id = self._tables.subject_by_name.get(fold(name))
        return None if subject_id is None else self._tables.subjects[subject_id]

    async def add_subject(self, name: str, slug: str) -> Subject | None:
        if fold(name) in self._tables.subject_by_name or slug in self._tables.subject_by_slug:
            return None
        added = Subject(id=self._ids.next("subjects"), name=name, slug=slug)
        self._put_subject(added)
        return added

    async def save_subject(self, subject: Subject) -> bool:
        holders = {
            self._tables.subject_by_name.get(fold(subject.name)),
            self._tables.subject_by_slug.get(subject.slug),
        }
        if not holders <= {None, subject.id}:
            return False
        self._pop_subject(subject.id)
        self._put_subject(subject)
        return True

    async def remove_subject(self, subject_id: int) -> bool:
        preferred = self._tables.subject_preferences.values()
        if any(each.primary_subject_id == subject_id for each in self._tables.courses.values()):
            return False
        if any(subject_id in of_user for of_user in preferred):
            return False
        self._pop_subject(subject_id)
        return True

    def _put_subject(self, subject: Subject) -> None:
        self._tables.subjects.put(subject.id, subject)
        self._tables.subject_by_name.put(fold(subject.name), subject.id)
        self._tables.subject_by_slug.put(subject.slug, subject.id)

    def _pop_subject(self, subject_id: int) -> None:
        removed = self._tables.subjects.pop(subject_id)
        if removed is not None:
            self._tables.subject_by_name.pop(fold(removed.name))
            self._tables.subject_by_slug.pop(removed.slug)
