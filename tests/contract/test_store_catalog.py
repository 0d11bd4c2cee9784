"""Courses, offerings, staff, the same in every store."""

from datetime import timedelta

import pytest
from msgspec import structs

from tests.contract.builders import (
    LATER,
    NOBODY,
    NOW,
    add_course,
    add_department,
    add_offering,
    add_subject,
    add_user,
    course_fields,
)
from twosigma.domain.catalog import (
    Course,
    CourseFields,
    CourseFilter,
    Level,
    OfferingFields,
    Page,
    Provenance,
    StaffRole,
    Visibility,
)
from twosigma.ports.store import Store

PROVENANCE = Provenance(source="oatutor", external_id="algebra", digest="d1")


async def titles(store: Store, page: Page | None = None, **wanted: object) -> list[str]:
    """The titles that a filter lets through."""
    wanted_courses = structs.replace(CourseFilter(), **wanted)
    async with store.read() as tx:
        courses, _ = await tx.catalog.courses(wanted_courses, page or Page())
    return [course.title for course in courses]


async def test_a_course_reads_back_as_it_was_added(store: Store) -> None:
    fields = await course_fields(
        store, description="ü\n", level=Level.GRADUATE, credit_hours=6, is_published=False,
        is_open=False, cache_enabled=False, locales=("de", "en-GB"), llm_model="m",
        prompt_name="a/b", prompt_label="canary", license="CC BY", attribution="us",
    )  # fmt: skip
    async with store.write() as tx:
        added = await tx.catalog.add_course(fields, PROVENANCE, NOW)
    assert added is not None
    given = {name: getattr(added, name) for name in CourseFields.__struct_fields__}
    assert CourseFields(**given) == fields
    assert (added.provenance, added.created_at, added.updated_at) == (PROVENANCE, NOW, NOW)
    async with store.write() as tx:
        assert await tx.catalog.course(added.id) == added
        assert await tx.catalog.lock_course(added.id) == added
        assert await tx.catalog.imported_course("oatutor", "algebra") == added


async def test_an_unknown_course_is_none(store: Store) -> None:
    async with store.write() as tx:
        assert await tx.catalog.course(NOBODY) is None
        assert await tx.catalog.lock_course(NOBODY) is None
        assert await tx.catalog.imported_course("oatutor", "algebra") is None


async def test_a_code_is_given_once_in_a_university(store: Store) -> None:
    first = await add_course(store, code="Éa-1")
    async with store.write() as tx:
        other = await tx.places.named_university("Another", NOW)
        same = await course_fields_of(first)
        assert await tx.catalog.add_course(structs.replace(same, code="éA-1"), None, NOW) is None
        elsewhere = structs.replace(same, university_id=other.id)
        assert await tx.catalog.add_course(elsewhere, None, NOW) is not None
    async with store.read() as tx:
        assert (await tx.catalog.courses(CourseFilter(), Page()))[1] == 2


async def course_fields_of(course: Course) -> CourseFields:
    return CourseFields(**{name: getattr(course, name) for name in CourseFields.__struct_fields__})


async def test_a_saved_course_has_all_its_new_fields(store: Store) -> None:
    course = await add_course(store)
    changed = structs.replace(
        course, title="New", code="NEW", is_published=False, locales=("fr",),
        llm_model="m", provenance=PROVENANCE, updated_at=LATER,
    )  # fmt: skip
    async with store.write() as tx:
        await tx.catalog.lock_course(course.id)
        assert await tx.catalog.save_course(changed)
    async with store.read() as tx:
        assert await tx.catalog.course(course.id) == changed
        assert await tx.catalog.imported_course("oatutor", "algebra") == changed


async def test_a_course_may_keep_its_own_code_and_take_a_free_one(store: Store) -> None:
    course = await add_course(store, code="A")
    async with store.write() as tx:
        assert await tx.catalog.save_course(structs.replace(course, code="a"))
        assert await tx.catalog.save_course(structs.replace(course, code="B"))
    await add_course(store, code="A")


async def test_a_course_cannot_take_the_code_of_another(store: Store) -> None:
    await add_course(store, code="TAKEN")
    course = await add_course(store, code="FREE")
    async with store.write() as tx:
        changed = structs.replace(course, code="taken", title="Changed")
        assert not await tx.catalog.save_course(changed)
    async with store.read() as tx:
        assert await tx.catalog.course(course.id) == course


async def test_courses_come_by_id_in_pages_with_their_number(store: Store) -> None:
    added = [await add_course(store, title=f"C{number}") for number in range(5)]
    async with store.read() as tx:
        for skip, limit in ((0, 100), (1, 2), (4, 2), (9, 2), (0, 0)):
            page, total = await tx.catalog.courses(CourseFilter(), Page(skip=skip, limit=limit))
            assert list(page) == added[skip : skip + limit]
            assert total == 5


async def test_courses_are_filtered_by_each_field(store: Store) -> None:
    first = await add_course(store, title="plain")
    department = await add_department(store, first.university_id)
    subject = await add_subject(store)
    await add_course(store, title="dept", department_id=department.id)
    await add_course(store, title="subject", primary_subject_id=subject.id)
    await add_course(store, title="grad", level=Level.GRADUATE)
    async with store.write() as tx:
        other = await tx.places.named_university("Another", NOW)
    await add_course(store, title="elsewhere", university_id=other.id)
    assert await titles(store, department_id=department.id) == ["dept"]
    assert await titles(store, subject_id=subject.id) == ["subject"]
    assert await titles(store, level=Level.GRADUATE) == ["grad"]
    assert await titles(store, university_id=other.id) == ["elsewhere"]
    assert await titles(store, university_id=first.university_id, level=Level.ADVANCED) == []
    assert len(await titles(store, university_id=first.university_id)) == 4


async def test_drafts_are_seen_by_their_staff_and_by_those_who_see_all(store: Store) -> None:
    await add_course(store, title="public")
    draft = await add_course(store, title="draft", is_published=False)
    await add_course(store, title="foreign draft", is_published=False)
    staff, other = await add_user(store), await add_user(store)
    async with store.write() as tx:
        await tx.catalog.set_staff(draft.id, staff.id, StaffRole.ASSISTANT)
    assert await titles(store) == ["public"]
    assert await titles(store, staff_of=other.id) == ["public"]
    assert await titles(store, staff_of=staff.id) == ["public", "draft"]
    assert await titles(store, all_drafts=True) == ["public", "draft", "foreign draft"]
    assert await titles(store, staff_of=staff.id, is_published=False) == ["draft"]
    assert await titles(store, is_published=False) == []
    assert await titles(store, all_drafts=True, is_published=True) == ["public"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("100%", ["100% sure"]), ("%", ["100% sure"]), ("_", ["a_b"]), ("a_b", ["a_b"]),
        ("\\", ["back\\slash"]), ("é", ["Élan"]), ("ÉLA", ["Élan"]), ("E\u0301lan", ["Élan"]),
        ("elan", []), ("ALG", ["ALGEBRA"]), ("gebr", ["ALGEBRA"]), ("x-9", ["coded"]),
        ("straße", ["STRASSE"]), ("'", []), ("*", []), ("?", []), ("[a]", []),
    ],
)  # fmt: skip
async def test_f14_words_are_searched_as_they_stand(
    store: Store, words: str, found: list[str]
) -> None:
    for title in ("100% sure", "a_b", "acb", "back\\slash", "Élan", "ALGEBRA", "STRASSE"):
        await add_course(store, title=title, code=f"c{title}")
    await add_course(store, title="coded", code="X-9")
    assert await titles(store, q=words) == found


async def test_the_number_of_courses_counts_what_the_filter_lets_through(store: Store) -> None:
    for number in range(4):
        await add_course(store, title=f"even {number}" if number % 2 == 0 else "odd")
    async with store.read() as tx:
        page, total = await tx.catalog.courses(CourseFilter(q="even"), Page(limit=1))
    assert ([course.title for course in page], total) == (["even 0"], 2)


async def test_an_offering_reads_back_as_it_was_added(store: Store) -> None:
    course = await add_course(store)
    fields = OfferingFields(
        term_name="Spring", starts_at=NOW, ends_at=LATER, enrollment_start=NOW,
        enrollment_end=NOW + timedelta(days=1), visibility=Visibility.PRIVATE, capacity=3,
    )  # fmt: skip
    async with store.write() as tx:
        added = await tx.catalog.add_offering(course.id, fields, NOW)
    assert (added.course_id, added.created_at, added.updated_at) == (course.id, NOW, NOW)
    assert OfferingFields(
        **{name: getattr(added, name) for name in OfferingFields.__struct_fields__}
    ) == fields  # fmt: skip
    async with store.write() as tx:
        assert await tx.catalog.offering(added.id) == added
        assert await tx.catalog.lock_offering(added.id) == added
        assert await tx.catalog.offering(NOBODY) is None
        assert await tx.catalog.lock_offering(NOBODY) is None


async def test_offerings_come_by_id_for_their_course_only(store: Store) -> None:
    course, other = await add_course(store), await add_course(store)
    added = [await add_offering(store, course) for _ in range(3)]
    await add_offering(store, other)
    async with store.read() as tx:
        assert list(await tx.catalog.offerings(course.id)) == added
        assert list(await tx.catalog.offerings(NOBODY)) == []


async def test_a_staff_role_is_set_and_changed(store: Store) -> None:
    course, user = await add_course(store), await add_user(store)
    async with store.write() as tx:
        assert await tx.catalog.staff_role(course.id, user.id) is None
        await tx.catalog.set_staff(course.id, user.id, StaffRole.ASSISTANT)
        await tx.catalog.set_staff(course.id, user.id, StaffRole.OWNER)
    async with store.read() as tx:
        assert await tx.catalog.staff_role(course.id, user.id) is StaffRole.OWNER
        assert await tx.catalog.staff_role(NOBODY, user.id) is None
        assert await tx.catalog.staff_role(course.id, NOBODY) is None
