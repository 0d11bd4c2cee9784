"""Universities, departments and subjects: read by all, written by platform admins.

Reads raise Missing for what is not there. Writes raise Unauthenticated and Forbidden, Invalid
with all faults, Missing, Conflict for a name that is taken; a removal Conflict for what is used.
"""

from collections.abc import Sequence

from msgspec import structs

from twosigma.app.access import SUBJECT_MISSING
from twosigma.app.audit_trail import record
from twosigma.domain.actor import Actor, Role, require
from twosigma.domain.audit import Action
from twosigma.domain.audit import changes as differences
from twosigma.domain.catalog import Page
from twosigma.domain.errors import Conflict, Missing
from twosigma.domain.place_rules import (
    checked_department,
    checked_department_changes,
    checked_subject,
    checked_subject_changes,
    checked_university,
    checked_university_changes,
    slugs_of,
)
from twosigma.domain.places import (
    Department,
    DepartmentChanges,
    DepartmentFields,
    Subject,
    SubjectChanges,
    SubjectFields,
    University,
    UniversityChanges,
    UniversityFields,
)
from twosigma.ports.clock import Clock
from twosigma.ports.store import Store, Write

UNIVERSITY_MISSING = "University not found"
DEPARTMENT_MISSING = "Department not found"


class Places:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def universities(self, page: Page) -> tuple[Sequence[University], int]:
        """A page of the universities, by id; how many in all."""
        async with self._store.read() as tx:
            return await tx.places.universities(page)

    async def university(self, university_id: int) -> University:
        async with self._store.read() as tx:
            university = await tx.places.university(university_id)
        if university is None:
            raise Missing(UNIVERSITY_MISSING)
        return university

    async def create_university(self, actor: Actor | None, fields: UniversityFields) -> University:
        require(actor, Role.PLATFORM_ADMIN)
        checked = checked_university(fields)
        async with self._store.write() as tx:
            now = self._clock.now()
            added = await tx.places.add_university(checked, now)
            if added is None:
                raise _university_taken()
            await record(tx, actor, Action.UNIVERSITY_CREATED, added.id, now, name=added.name)
        return added

    async def update_university(
        self, actor: Actor | None, university_id: int, changes: UniversityChanges
    ) -> University:
        """Change what was sent."""
        require(actor, Role.PLATFORM_ADMIN)
        checked = checked_university_changes(changes)
        async with self._store.write() as tx:
            before = await tx.places.lock_university(university_id)
            if before is None:
                raise Missing(UNIVERSITY_MISSING)
            after = structs.replace(before, **checked)
            if after != before:
                if not await tx.places.save_university(after):
                    raise _university_taken()
                now, changed = self._clock.now(), differences(before, after)
                await record(tx, actor, Action.UNIVERSITY_UPDATED, after.id, now, **changed)
        return after

    async def remove_university(self, actor: Actor | None, university_id: int) -> None:
        """Used: it has departments or courses."""
        require(actor, Role.PLATFORM_ADMIN)
        async with self._store.write() as tx:
            if await tx.places.lock_university(university_id) is None:
                raise Missing(UNIVERSITY_MISSING)
            if not await tx.places.remove_university(university_id):
                raise _used("The university has departments or courses")
            await record(tx, actor, Action.UNIVERSITY_DELETED, university_id, self._clock.now())

    async def departments(self, university_id: int, page: Page) -> tuple[Sequence[Department], int]:
        """A page of a university's departments, by id; how many it has."""
        async with self._store.read() as tx:
            if await tx.places.university(university_id) is None:
                raise Missing(UNIVERSITY_MISSING)
            return await tx.places.departments(university_id, page)

    async def department(self, department_id: int) -> Department:
        async with self._store.read() as tx:
            department = await tx.places.department(department_id)
        if department is None:
            raise Missing(DEPARTMENT_MISSING)
        return department

    async def create_department(
        self, actor: Actor | None, university_id: int, fields: DepartmentFields
    ) -> Department:
        require(actor, Role.PLATFORM_ADMIN)
        checked = checked_department(fields)
        async with self._store.write() as tx:
            if await tx.places.hold_university(university_id) is None:
                raise Missing(UNIVERSITY_MISSING)
            now = self._clock.now()
            added = await tx.places.add_department(university_id, checked, now)
            if added is None:
                raise _department_taken()
            await record(tx, actor, Action.DEPARTMENT_CREATED, added.id, now, name=added.name)
        return added

    async def update_department(
        self, actor: Actor | None, department_id: int, changes: DepartmentChanges
    ) -> Department:
        """Change what was sent."""
        require(actor, Role.PLATFORM_ADMIN)
        checked = checked_department_changes(changes)
        async with self._store.write() as tx:
            before = await tx.places.lock_department(department_id)
            if before is None:
                raise Missing(DEPARTMENT_MISSING)
            after = structs.replace(before, **checked)
            if after != before:
                if not await tx.places.save_department(after):
                    raise _department_taken()
                now, changed = self._clock.now(), differences(before, after)
                await record(tx, actor, Action.DEPARTMENT_UPDATED, after.id, now, **changed)
        return after

    async def remove_department(self, actor: Actor | None, department_id: int) -> None:
        """Used: it has courses."""
        require(actor, Role.PLATFORM_ADMIN)
        async with self._store.write() as tx:
            if await tx.places.lock_department(department_id) is None:
                raise Missing(DEPARTMENT_MISSING)
            if not await tx.places.remove_department(department_id):
                raise _used("The department has courses")
            await record(tx, actor, Action.DEPARTMENT_DELETED, department_id, self._clock.now())

    async def subjects(self, page: Page) -> tuple[Sequence[Subject], int]:
        """A page of the subjects, by id; how many in all."""
        async with self._store.read() as tx:
            return await tx.places.subjects(page)

    async def subject(self, subject_id: int) -> Subject:
        async with self._store.read() as tx:
            subject = await tx.places.subject(subject_id)
        if subject is None:
            raise Missing(SUBJECT_MISSING)
        return subject

    async def create_subject(self, actor: Actor | None, fields: SubjectFields) -> Subject:
        """A new subject; without a slug it gets the first of its name's that is free."""
        require(actor, Role.PLATFORM_ADMIN)
        checked = checked_subject(fields)
        async with self._store.write() as tx:
            added = await _add_subject(tx, checked)
            now = self._clock.now()
            await record(tx, actor, Action.SUBJECT_CREATED, added.id, now, name=added.name)
        return added

    async def update_subject(
        self, actor: Actor | None, subject_id: int, changes: SubjectChanges
    ) -> Subject:
        """Change what was sent."""
        require(actor, Role.PLATFORM_ADMIN)
        checked = checked_subject_changes(changes)
        async with self._store.write() as tx:
            before = await tx.places.lock_subject(subject_id)
            if before is None:
                raise Missing(SUBJECT_MISSING)
            after = structs.replace(before, **checked)
            if after != before:
                if not await tx.places.save_subject(after):
                    raise _subject_taken()
                now, changed = self._clock.now(), differences(before, after)
                await record(tx, actor, Action.SUBJECT_UPDATED, after.id, now, **changed)
        return after

    async def remove_subject(self, actor: Actor | None, subject_id: int) -> None:
        """Used: a course is about it, or somebody prefers it."""
        require(actor, Role.PLATFORM_ADMIN)
        async with self._store.write() as tx:
            if await tx.places.lock_subject(subject_id) is None:
                raise Missing(SUBJECT_MISSING)
            if not await tx.places.remove_subject(subject_id):
                raise _used("There are courses about this subject, or learners who prefer it")
            await record(tx, actor, Action.SUBJECT_DELETED, subject_id, self._clock.now())


async def _add_subject(tx: Write, fields: SubjectFields) -> Subject:
    for slug in slugs_of(fields.name) if fields.slug is None else (fields.slug,):
        added = await tx.places.add_subject(fields.name, slug)
        if added is not None:
            return added
        if await tx.places.find_subject(fields.name) is not None:
            break
    raise _subject_taken()


def _university_taken() -> Conflict:
    return Conflict("There is a university of this name already", code="name_taken")


def _department_taken() -> Conflict:
    return Conflict("The university has a department of this name already", code="name_taken")


def _subject_taken() -> Conflict:
    return Conflict("There is a subject of this name or slug already", code="name_taken")


def _used(why: str) -> Conflict:
    return Conflict(f"{why}: it cannot be deleted", code="in_use")
