"""Universities, departments and subjects."""

import pytest

from tests.app.school import School, build, course_fields
from twosigma.domain.catalog import Page
from twosigma.domain.errors import Conflict, Invalid, Missing
from twosigma.domain.places import (
    DepartmentChanges,
    DepartmentFields,
    SubjectChanges,
    SubjectFields,
    UniversityChanges,
    UniversityFields,
)
from twosigma.testing import in_memory

NOWHERE = 999


async def test_a_university_is_made_changed_and_removed() -> None:
    async with in_memory() as world:
        admin, places = (await build(world)).actor("admin"), world.core.places
        made = await places.create_university(admin, UniversityFields(name=" Aalto ", country="fi"))
        assert (made.name, made.country, made.created_at) == ("Aalto", "FI", world.clock.now())
        assert await places.university(made.id) == made
        changed = await places.update_university(
            admin, made.id, UniversityChanges(code="A", country=None)
        )
        assert (changed.name, changed.code, changed.country) == ("Aalto", "A", None)
        assert await places.update_university(admin, made.id, UniversityChanges()) == changed
        assert (await places.universities(Page(skip=2)))[0] == [changed]
        await places.remove_university(admin, made.id)
        with pytest.raises(Missing):
            await places.university(made.id)


async def test_names_are_taken_however_they_are_written() -> None:
    async with in_memory() as world:
        school = await build(world)
        admin, places, spare = school.actor("admin"), world.core.places, school.spare
        calls = (
            places.create_university(admin, UniversityFields(name="test UNIVERSITY ")),
            places.update_university(
                admin, spare.university_id, UniversityChanges(name="TEST University")
            ),
            places.create_department(admin, school.university_id, DepartmentFields(name="SPARE")),
            places.create_subject(admin, SubjectFields(name="SPARE")),
            places.create_subject(admin, SubjectFields(name="Other", slug="spare")),
        )
        for call in calls:
            with pytest.raises(Conflict) as refused:
                await call
            assert refused.value.code == "name_taken"
        another = await places.create_department(
            admin, school.university_id, DepartmentFields(name="Another")
        )
        with pytest.raises(Conflict):
            await places.update_department(admin, another.id, DepartmentChanges(name="spare"))
        other = await places.create_subject(admin, SubjectFields(name="Other"))
        for changes in (SubjectChanges(name="spare"), SubjectChanges(slug="spare")):
            with pytest.raises(Conflict):
                await places.update_subject(admin, other.id, changes)
        assert await places.department(another.id) == another
        assert await places.subject(other.id) == other


async def _use(school: School) -> None:
    """A course in the spare department, about the spare subject."""
    fields = course_fields(
        school, department_id=school.spare.department_id,
        primary_subject_id=school.spare.subject_id,
    )  # fmt: skip
    await school.core.catalog.create_course(school.actor("owner"), fields)


async def test_what_is_used_is_not_removed() -> None:
    async with in_memory() as world:
        school = await build(world)
        admin, places, spare = school.actor("admin"), world.core.places, school.spare
        await _use(school)
        await places.create_department(admin, spare.university_id, DepartmentFields(name="D"))
        before = school.dump()
        for removal in (
            places.remove_university(admin, school.university_id),
            places.remove_university(admin, spare.university_id),
            places.remove_department(admin, spare.department_id),
            places.remove_subject(admin, spare.subject_id),
        ):
            with pytest.raises(Conflict) as refused:
                await removal
            assert refused.value.code == "in_use"
        assert school.dump() == before


async def test_what_is_not_there_is_missing() -> None:
    async with in_memory() as world:
        admin, places = (await build(world)).actor("admin"), world.core.places
        for call, what in (
            (places.university(NOWHERE), "University"),
            (places.update_university(admin, NOWHERE, UniversityChanges()), "University"),
            (places.remove_university(admin, NOWHERE), "University"),
            (places.departments(NOWHERE, Page()), "University"),
            (places.create_department(admin, NOWHERE, DepartmentFields(name="D")), "University"),
            (places.department(NOWHERE), "Department"),
            (places.update_department(admin, NOWHERE, DepartmentChanges()), "Department"),
            (places.remove_department(admin, NOWHERE), "Department"),
            (places.subject(NOWHERE), "Subject"),
            (places.update_subject(admin, NOWHERE, SubjectChanges()), "Subject"),
            (places.remove_subject(admin, NOWHERE), "Subject"),
        ):
            with pytest.raises(Missing, match=f"^{what} not found$"):
                await call


async def test_faults_are_told_before_anything_is_looked_up() -> None:
    async with in_memory() as world:
        admin, places = (await build(world)).actor("admin"), world.core.places
        for call in (
            places.create_university(admin, UniversityFields(name=" ")),
            places.update_university(admin, NOWHERE, UniversityChanges(country="XX")),
            places.create_department(admin, NOWHERE, DepartmentFields(name="")),
            places.update_department(admin, NOWHERE, DepartmentChanges(code=" ")),
            places.create_subject(admin, SubjectFields(name="\x00")),
            places.update_subject(admin, NOWHERE, SubjectChanges(slug="A B")),
        ):
            with pytest.raises(Invalid):
                await call


async def test_a_department_and_a_subject_are_changed_and_removed() -> None:
    async with in_memory() as world:
        school = await build(world)
        admin, places, spare = school.actor("admin"), world.core.places, school.spare
        department = await places.update_department(
            admin, spare.department_id, DepartmentChanges(name="Maths", code="M")
        )
        assert await places.departments(school.university_id, Page()) == ([department], 1)
        subject = await places.update_subject(admin, spare.subject_id, SubjectChanges(name="Sums"))
        assert (subject.name, subject.slug) == ("Sums", "spare")
        assert await places.subjects(Page()) == ([subject], 1)
        await places.remove_department(admin, department.id)
        await places.remove_subject(admin, subject.id)
        assert await places.departments(school.university_id, Page()) == ([], 0)
        assert await places.subjects(Page()) == ([], 0)


async def test_a_subject_gets_the_first_slug_of_its_name_that_is_free() -> None:
    async with in_memory() as world:
        admin, places = (await build(world)).actor("admin"), world.core.places
        slugs = [
            (await places.create_subject(admin, SubjectFields(name=name))).slug
            for name in ("C", "C++", "C#", "数学")
        ]
        assert slugs == ["c", "c-2", "c-3", "subject"]
        own = await places.create_subject(admin, SubjectFields(name="F#", slug="f-sharp"))
        assert own.slug == "f-sharp"
