"""Universities, departments, subjects.

To hold a row is FOR KEY SHARE, as a foreign key does it; a removal locks the row first, in a
statement of its own, so that its look at who uses it sees all that came before the lock.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from msgspec import Struct, structs
from sqlalchemy import (
    BindParameter,
    Row,
    Select,
    Table,
    bindparam,
    delete,
    exists,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from twosigma.adapters.sql.connection import Sql
from twosigma.adapters.sql.schema import (
    courses,
    departments,
    subject_preferences,
    subjects,
    universities,
)
from twosigma.adapters.sql.types import fold
from twosigma.domain.catalog import Page
from twosigma.domain.places import (
    Department,
    DepartmentFields,
    Subject,
    University,
    UniversityFields,
)

P = TypeVar("P", bound=Struct)
Rows = Select[Any]

_ID: BindParameter[int] = bindparam("wanted_id")


def _by_id(table: Table) -> tuple[Rows, Rows, Rows]:
    """To read a row, to hold it, to lock it."""
    read = select(table).where(table.c.id == _ID)
    return read, read.with_for_update(read=True, key_share=True), read.with_for_update()


_UNIVERSITY, _HOLD_UNIVERSITY, _LOCK_UNIVERSITY = _by_id(universities)
_UNIVERSITY_NAMED = select(universities).where(universities.c.name_folded == bindparam("folded"))
_HOLD_NAMED = _UNIVERSITY_NAMED.with_for_update(read=True, key_share=True)
_ADD_UNIVERSITY = insert(universities).on_conflict_do_nothing().returning(*universities.c)
_SAVE_UNIVERSITY = update(universities).where(universities.c.id == _ID)
_REMOVE_UNIVERSITY = delete(universities).where(
    universities.c.id == _ID,
    ~exists().where(departments.c.university_id == universities.c.id),
    ~exists().where(courses.c.university_id == universities.c.id),
)

_DEPARTMENT, _HOLD_DEPARTMENT, _LOCK_DEPARTMENT = _by_id(departments)
_ADD_DEPARTMENT = insert(departments).on_conflict_do_nothing().returning(*departments.c)
_SAVE_DEPARTMENT = update(departments).where(departments.c.id == _ID)
_REMOVE_DEPARTMENT = delete(departments).where(
    departments.c.id == _ID, ~exists().where(courses.c.department_id == departments.c.id)
)

_SUBJECT, _HOLD_SUBJECT, _LOCK_SUBJECT = _by_id(subjects)
_SUBJECT_NAMED = select(subjects).where(subjects.c.name_folded == bindparam("folded"))
_ADD_SUBJECT = insert(subjects).on_conflict_do_nothing().returning(*subjects.c)
_SAVE_SUBJECT = update(subjects).where(subjects.c.id == _ID)
# In the order of ids, so that two who hold many never wait for each other.
_HOLD_SUBJECTS = (
    select(subjects.c.id)
    .where(subjects.c.id.in_(bindparam("wanted_ids", expanding=True)))
    .order_by(subjects.c.id)
    .with_for_update(read=True, key_share=True)
)
_REMOVE_SUBJECT = delete(subjects).where(
    subjects.c.id == _ID,
    ~exists().where(courses.c.primary_subject_id == subjects.c.id),
    ~exists().where(subject_preferences.c.subject_id == subjects.c.id),
)


def _entity(row: Row[Any] | None, kind: type[P]) -> P | None:
    return None if row is None else msgspec.convert(row, kind, from_attributes=True)


class SqlPlaces:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def universities(self, page: Page) -> tuple[Sequence[University], int]:
        return await self._page(select(universities), page, University)

    async def university(self, university_id: int) -> University | None:
        return _entity(await self._sql.first(_UNIVERSITY, wanted_id=university_id), University)

    async def hold_university(self, university_id: int) -> University | None:
        row = await self._sql.first(_HOLD_UNIVERSITY, wanted_id=university_id)
        return _entity(row, University)

    async def lock_university(self, university_id: int) -> University | None:
        row = await self._sql.first(_LOCK_UNIVERSITY, wanted_id=university_id)
        return _entity(row, University)

    async def find_university(self, name: str) -> University | None:
        return _entity(await self._sql.first(_UNIVERSITY_NAMED, folded=fold(name)), University)

    async def named_university(self, name: str, now: datetime) -> University:
        while True:  # until nobody adds it, and then removes it, between the two
            held = await self._sql.first(_HOLD_NAMED, folded=fold(name))
            known = _entity(held, University) or await self.add_university(
                UniversityFields(name=name), now
            )
            if known is not None:
                return known

    async def add_university(self, fields: UniversityFields, now: datetime) -> University | None:
        row = await self._sql.first(
            _ADD_UNIVERSITY,
            **structs.asdict(fields),
            name_folded=fold(fields.name),
            created_at=now,
        )
        return _entity(row, University)

    async def save_university(self, university: University) -> bool:
        statement = _SAVE_UNIVERSITY.values(
            name=university.name,
            name_folded=fold(university.name),
            code=university.code,
            country=university.country,
            website_url=university.website_url,
        )
        return await self._sql.run_unless_taken(statement, "name_folded", wanted_id=university.id)

    async def remove_university(self, university_id: int) -> bool:
        return await self._sql.run(_REMOVE_UNIVERSITY, wanted_id=university_id) == 1

    async def departments(self, university_id: int, page: Page) -> tuple[Sequence[Department], int]:
        rows = select(departments).where(departments.c.university_id == university_id)
        return await self._page(rows, page, Department)

    async def department(self, department_id: int) -> Department | None:
        return _entity(await self._sql.first(_DEPARTMENT, wanted_id=department_id), Department)

    async def hold_department(self, department_id: int) -> Department | None:
        row = await self._sql.first(_HOLD_DEPARTMENT, wanted_id=department_id)
        return _entity(row, Department)

    async def lock_department(self, department_id: int) -> Department | None:
        row = await self._sql.first(_LOCK_DEPARTMENT, wanted_id=department_id)
        return _entity(row, Department)

    async def add_department(
        self, university_id: int, fields: DepartmentFields, now: datetime
    ) -> Department | None:
        row = await self._sql.first(
            _ADD_DEPARTMENT,
            **structs.asdict(fields),
            name_folded=fold(fields.name),
            university_id=university_id,
            created_at=now,
        )
        return _entity(row, Department)

    async def save_department(self, department: Department) -> bool:
        statement = _SAVE_DEPARTMENT.values(
            name=department.name, name_folded=fold(department.name), code=department.code
        )
        return await self._sql.run_unless_taken(statement, "name_folded", wanted_id=department.id)

    async def remove_department(self, department_id: int) -> bool:
        return await self._sql.run(_REMOVE_DEPARTMENT, wanted_id=department_id) == 1

    async def subjects(self, page: Page) -> tuple[Sequence[Subject], int]:
        return await self._page(select(subjects), page, Subject)

    async def subject(self, subject_id: int) -> Subject | None:
        return _entity(await self._sql.first(_SUBJECT, wanted_id=subject_id), Subject)

    async def hold_subject(self, subject_id: int) -> Subject | None:
        return _entity(await self._sql.first(_HOLD_SUBJECT, wanted_id=subject_id), Subject)

    async def hold_subjects(self, subject_ids: Collection[int]) -> Collection[int]:
        rows = await self._sql.all(_HOLD_SUBJECTS, wanted_ids=list(subject_ids))
        return {row.id for row in rows}

    async def lock_subject(self, subject_id: int) -> Subject | None:
        return _entity(await self._sql.first(_LOCK_SUBJECT, wanted_id=subject_id), Subject)

    async def find_subject(self, name: str) -> Subject | None:
        return _entity(await self._sql.first(_SUBJECT_NAMED, folded=fold(name)), Subject)

    async def add_subject(self, name: str, slug: str) -> Subject | None:
        row = await self._sql.first(_ADD_SUBJECT, name=name, name_folded=fold(name), slug=slug)
        return _entity(row, Subject)

    async def save_subject(self, subject: Subject) -> bool:
        statement = _SAVE_SUBJECT.values(
            name=subject.name, name_folded=fold(subject.name), slug=subject.slug
        )
        # Any unique key of the table: each has the table in its name.
        return await self._sql.run_unless_taken(statement, "subjects", wanted_id=subject.id)

    async def remove_subject(self, subject_id: int) -> bool:
        return await self._sql.run(_REMOVE_SUBJECT, wanted_id=subject_id) == 1

    async def _page(self, rows: Rows, page: Page, kind: type[P]) -> tuple[Sequence[P], int]:
        shown = rows.order_by(rows.selected_columns.id).offset(page.skip).limit(page.limit)
        found = await self._sql.all(shown)
        total: int = await self._sql.scalar(select(func.count()).select_from(rows.subquery()))
        return [msgspec.convert(row, kind, from_attributes=True) for row in found], total
