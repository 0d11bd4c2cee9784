"""Universities, departments, subjects, the same in every store."""

import asyncio
from unicodedata import normalize

from msgspec import structs

from tests.contract.builders import (
    NOBODY,
    NOW,
    add_course,
    add_department,
    add_subject,
)
from twosigma.domain.catalog import Page
from twosigma.domain.places import DepartmentFields, University, UniversityFields
from twosigma.ports.store import Store

PAGES = [Page(), Page(skip=1, limit=2), Page(skip=4, limit=2), Page(skip=9), Page(limit=0)]


async def add_university(store: Store, name: str, **fields: str) -> University:
    async with store.write() as tx:
        added = await tx.places.add_university(UniversityFields(name=name, **fields), NOW)
    assert added is not None
    return added


async def test_a_university_reads_back_as_it_was_added(store: Store) -> None:
    added = await add_university(
        store, "École Straße", code="E", country="FR", website_url="https://e.fr"
    )
    assert structs.asdict(added) == {
        "id": added.id, "name": "École Straße", "code": "E", "country": "FR",
        "website_url": "https://e.fr", "created_at": NOW,
    }  # fmt: skip
    async with store.write() as tx:
        assert await tx.places.university(added.id) == added
        assert await tx.places.hold_university(added.id) == added
        assert await tx.places.lock_university(added.id) == added
        for read in (
            tx.places.university, tx.places.hold_university, tx.places.lock_university,
            tx.places.department, tx.places.hold_department, tx.places.lock_department,
            tx.places.subject, tx.places.hold_subject, tx.places.lock_subject,
        ):  # fmt: skip
            assert await read(NOBODY) is None


async def test_a_university_is_found_by_its_name_in_any_case(store: Store) -> None:
    added = await add_university(store, "École Straße")
    async with store.write() as tx:
        for name in ("École Straße", "ÉCOLE STRASSE", normalize("NFD", "école straße")):
            assert await tx.places.find_university(name) == added
            assert await tx.places.named_university(name, NOW) == added
            assert await tx.places.add_university(UniversityFields(name=name), NOW) is None
        assert await tx.places.find_university("Ecole Straße") is None


async def test_a_university_that_is_named_is_there_once(store: Store) -> None:
    async def named(name: str) -> int:
        async with store.write() as tx:
            return (await tx.places.named_university(name, NOW)).id

    assert len(set(await asyncio.gather(*map(named, ("Uni", "UNI", "uni"))))) == 1


async def test_lists_come_by_id_in_pages_with_their_number(store: Store) -> None:
    added = [await add_university(store, f"U{5 - at}") for at in range(5)]
    departments = [await add_department(store, added[0].id, f"D{5 - at}") for at in range(5)]
    await add_department(store, added[1].id, "D1")
    subjects = [await add_subject(store, f"S{5 - at}", f"s-{at}") for at in range(5)]
    async with store.read() as tx:
        for page in PAGES:
            cut = slice(page.skip, page.skip + page.limit)
            assert await tx.places.universities(page) == (added[cut], 5)
            assert await tx.places.departments(added[0].id, page) == (departments[cut], 5)
            assert await tx.places.subjects(page) == (subjects[cut], 5)
        assert await tx.places.departments(NOBODY, Page()) == ([], 0)


async def test_a_saved_university_has_its_new_fields_and_its_old_name_is_free(
    store: Store,
) -> None:
    one, other = await add_university(store, "One"), await add_university(store, "Other")
    changed = structs.replace(one, name="ONE!", code="c", country="FI", website_url="http://o")
    async with store.write() as tx:
        assert not await tx.places.save_university(structs.replace(one, name="oTHER", code="x"))
        assert await tx.places.university(one.id) == one
        assert await tx.places.save_university(structs.replace(one, name="ONE"))
        assert await tx.places.save_university(changed)
        assert await tx.places.find_university("one") is None
        assert await tx.places.find_university("one!") == changed
        assert await tx.places.save_university(structs.replace(other, name="one"))
    async with store.read() as tx:
        assert await tx.places.university(one.id) == changed


async def test_a_university_goes_once_it_has_neither_departments_nor_courses(
    store: Store,
) -> None:
    course = await add_course(store)
    other = await add_university(store, "Other")
    department = await add_department(store, other.id)
    async with store.write() as tx:
        for used in (course.university_id, other.id):
            await tx.places.lock_university(used)
            assert not await tx.places.remove_university(used)
            assert await tx.places.university(used) is not None
        await tx.places.lock_department(department.id)
        assert await tx.places.remove_department(department.id)
        assert await tx.places.remove_university(other.id)
        assert await tx.places.university(other.id) is None
    assert (await add_university(store, "OTHER")).id > other.id


async def test_a_department_reads_back_and_its_name_is_its_universitys(store: Store) -> None:
    one, other = await add_university(store, "One"), await add_university(store, "Other")
    async with store.write() as tx:
        fields = DepartmentFields(name="Élan", code="E")
        added = await tx.places.add_department(one.id, fields, NOW)
        assert added is not None
        assert structs.asdict(added) == {
            "id": added.id, "university_id": one.id, "name": "Élan", "code": "E",
            "created_at": NOW,
        }  # fmt: skip
        again = structs.replace(fields, name="éLAN")
        assert await tx.places.add_department(one.id, again, NOW) is None
        assert await tx.places.add_department(other.id, again, NOW) is not None
        assert await tx.places.department(added.id) == added
        assert await tx.places.hold_department(added.id) == added
        assert await tx.places.lock_department(added.id) == added


async def test_a_saved_department_has_its_new_fields_and_stays_in_its_university(
    store: Store,
) -> None:
    one, other = await add_university(store, "One"), await add_university(store, "Other")
    department, second = (
        await add_department(store, one.id),
        await add_department(store, one.id, "Sums"),
    )
    changed = structs.replace(department, name="ALGEBRA", code="c")
    async with store.write() as tx:
        assert not await tx.places.save_department(structs.replace(department, name="sums"))
        assert await tx.places.save_department(structs.replace(changed, university_id=other.id))
        assert await tx.places.department(department.id) == changed
        assert await tx.places.save_department(structs.replace(changed, name="Free"))
        assert await tx.places.save_department(structs.replace(second, name="algebra"))
    async with store.read() as tx:
        rows, _ = await tx.places.departments(one.id, Page())
    assert [row.name for row in rows] == ["Free", "algebra"]


async def test_a_department_and_a_subject_go_once_no_course_has_them(store: Store) -> None:
    course = await add_course(store)
    department = await add_department(store, course.university_id)
    subject = await add_subject(store)
    changed = structs.replace(course, department_id=department.id, primary_subject_id=subject.id)
    async with store.write() as tx:
        assert await tx.catalog.save_course(changed)
        assert not await tx.places.remove_department(department.id)
        assert not await tx.places.remove_subject(subject.id)
        assert await tx.catalog.save_course(course)
        assert await tx.places.remove_department(department.id)
        assert await tx.places.remove_subject(subject.id)
        assert await tx.places.department(department.id) is None
        assert await tx.places.subject(subject.id) is None
    assert (await add_department(store, course.university_id)).id > department.id
    assert (await add_subject(store)).id > subject.id


async def test_a_subjects_name_and_slug_are_its_own(store: Store) -> None:
    one = await add_subject(store, "Élan", "elan")
    two = await add_subject(store, "Sums", "sums")
    async with store.write() as tx:
        assert await tx.places.add_subject("éLAN", "free") is None
        assert await tx.places.add_subject("Free", "elan") is None
        assert await tx.places.find_subject("ÉLAN") == one
        assert await tx.places.find_subject("Free") is None
        assert await tx.places.subject(one.id) == one
        assert await tx.places.hold_subject(one.id) == one
        assert await tx.places.lock_subject(one.id) == one
        assert not await tx.places.save_subject(structs.replace(two, name="élan"))
        assert not await tx.places.save_subject(structs.replace(two, slug="elan"))
        assert await tx.places.subject(two.id) == two
        moved = structs.replace(one, name="ELAN", slug="e")
        assert await tx.places.save_subject(moved)
        assert await tx.places.subject(one.id) == moved
        assert await tx.places.save_subject(structs.replace(two, name="Élan", slug="elan"))
