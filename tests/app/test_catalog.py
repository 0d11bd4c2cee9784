# long: each rule of a course, one after another
"""Courses and their offerings."""

import asyncio
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from tests.app.school import School, build, course_fields, imported
from twosigma.domain.catalog import (
    CourseFilter,
    Level,
    Offering,
    OfferingFields,
    Page,
    StaffRole,
    Visibility,
)
from twosigma.domain.catalog_rules import CourseChanges
from twosigma.domain.errors import Conflict, Forbidden, Invalid, Missing, Unauthenticated
from twosigma.domain.places import DepartmentFields
from twosigma.testing import World, in_memory


def faults_of(refused: Invalid) -> set[tuple[str, str]]:
    return {(str(fault.loc[1]), fault.type) for fault in refused.faults}


async def places(world: World) -> None:
    """Beside the school's own department and subject: a department of another university."""
    now = world.clock.now()
    async with world.ports.store.write() as tx:
        other = await tx.places.named_university("Another", now)
        await tx.places.add_department(other.id, DepartmentFields(name="D"), now)


async def ids(school: School, who: str, page: Page | None = None, **wanted: Any) -> list[int]:
    catalog = school.core.catalog
    rows, _ = await catalog.courses(school.actor(who), CourseFilter(**wanted), page or Page())
    return [row.course.id for row in rows]


async def update(school: School, who: str, course_id: int | None = None, **changes: Any) -> Any:
    fields = msgspec.convert(changes, CourseChanges)
    wanted = school.course.id if course_id is None else course_id
    return (await school.core.catalog.update_course(school.actor(who), wanted, fields)).course


async def test_who_makes_a_course_owns_it_and_it_begins_with_the_defaults() -> None:
    async with in_memory() as world:
        school = await build(world)
        fields = course_fields(
            school, title="  Alge\u0301bra ", code=" a1 ", locales=("PT-br",) * 2
        )
        view = await world.core.catalog.create_course(school.actor("other"), fields)
        course = view.course
        assert view.is_staff
        assert (course.title, course.code, course.locales) == ("Algébra", "a1", ("pt-BR",))
        assert (course.is_published, course.is_open, course.cache_enabled) == (False, True, True)
        assert (course.prompt_label, course.level) == ("production", Level.INTRODUCTORY)
        assert course.created_at == course.updated_at == world.clock.now()
        async with world.ports.store.read() as tx:
            role = await tx.catalog.staff_role(course.id, school.user_id("other"))
        assert role is StaffRole.OWNER
        assert (await update(school, "other", course.id, title="Mine")).title == "Mine"


BAD: dict[str, Any] = {
    "title": " ",
    "code": "x" * 33,
    "description": "x" * 10_001,
    "credit_hours": 31,
    "locales": ("not a locale",),
    "llm_model": "",
    "prompt_name": "\x00",
    "prompt_label": "x" * 37,
    "license": "x" * 2001,
    "attribution": "\ud800",
}


async def test_all_faults_of_a_course_are_told_at_once_before_anything_is_looked_up() -> None:
    async with in_memory() as world:
        school = await build(world)
        with pytest.raises(Invalid) as refused:
            await world.core.catalog.create_course(
                school.actor("other"), course_fields(school, **{**BAD, "university_id": 999})
            )
        assert {name for name, _ in faults_of(refused.value)} == set(BAD)
        with pytest.raises(Invalid) as refused:
            await update(school, "owner", 999, **BAD)
        assert {name for name, _ in faults_of(refused.value)} == set(BAD)
        for none_or_many in ((), ("en",) * 21):
            with pytest.raises(Invalid):
                await update(school, "owner", locales=none_or_many)


async def test_the_role_is_looked_at_before_the_body_and_the_body_before_the_course() -> None:
    async with in_memory() as world:
        school = await build(world)
        with pytest.raises(Unauthenticated):
            await update(school, "anonymous", 999, title="")
        with pytest.raises(Forbidden):
            await update(school, "stranger", 999, title="")
        with pytest.raises(Invalid):
            await update(school, "other", title="")
        with pytest.raises(Missing, match=r"^Course not found$"):
            await update(school, "other", 999, title="Fine")
        with pytest.raises(Forbidden):
            await update(school, "other", code="C1", university_id=999)


async def test_what_a_course_names_must_be_there_and_belong_together() -> None:
    async with in_memory() as world:
        school = await build(world)
        await places(world)
        for fields, error, text in (
            ({"university_id": 999}, Missing, "University not found"),
            ({"department_id": 9}, Missing, "Department not found"),
            ({"department_id": 2}, Conflict, "The department belongs to another university"),
            ({"primary_subject_id": 6}, Missing, "Subject not found"),
        ):
            with pytest.raises(error, match=f"^{text}$"):
                await world.core.catalog.create_course(
                    school.actor("other"), course_fields(school, **fields)
                )
            with pytest.raises(error, match=f"^{text}$"):
                await update(school, "owner", **fields)
        course = await update(school, "owner", department_id=1, primary_subject_id=1)
        assert (course.department_id, course.primary_subject_id) == (1, 1)
        assert (await update(school, "owner", department_id=None)).department_id is None


async def test_a_code_is_taken_in_its_university_however_it_is_written() -> None:
    async with in_memory() as world:
        school = await build(world)
        await world.core.catalog.create_course(school.actor("other"), course_fields(school))
        with pytest.raises(Conflict) as refused:
            await world.core.catalog.create_course(
                school.actor("owner"), course_fields(school, code="new1")
            )
        assert refused.value.code == "code_taken"
        with pytest.raises(Conflict):
            await update(school, "owner", code=" nEW1")
        async with world.ports.store.write() as tx:
            elsewhere = await tx.places.named_university("Elsewhere", world.clock.now())
        await world.core.catalog.create_course(
            school.actor("owner"), course_fields(school, university_id=elsewhere.id)
        )


async def test_of_two_courses_with_one_code_at_once_one_is_made() -> None:
    async with in_memory() as world:
        school = await build(world)
        make = world.core.catalog.create_course
        ends = await asyncio.gather(
            *(make(school.actor(who), course_fields(school)) for who in ("owner", "other")),
            return_exceptions=True,
        )
        assert sorted(type(end).__name__ for end in ends) == ["Conflict", "CourseView"]


async def test_only_what_is_sent_changes() -> None:
    async with in_memory() as world:
        school = await build(world)
        before = (await world.core.catalog.course(school.actor("owner"), school.course.id)).course
        await world.clock.advance(60)
        assert await update(school, "owner") == before
        assert await update(school, "owner", title=f" {before.title}") == before
        after = await update(school, "owner", title="Renamed", llm_model="m/1")
        assert after.updated_at == world.clock.now() > before.updated_at
        changed = {
            name
            for name in before.__struct_fields__
            if getattr(before, name) != getattr(after, name)
        }
        assert changed == {"title", "llm_model", "updated_at"}


async def test_what_was_not_sent_is_not_looked_at() -> None:
    async with in_memory() as world:
        school = await build(world)
        report = await world.core.imports.run(
            imported(license="x" * 3000, title="  As it came "), "Test University"
        )
        course = await update(school, "admin", report.course_id, cache_enabled=False)
        assert (course.cache_enabled, course.title) == (False, "  As it came ")
        with pytest.raises(Invalid):
            await update(school, "admin", report.course_id, license="x" * 3000)


async def test_f53_a_list_shows_what_is_published_and_staff_their_own_drafts() -> None:
    async with in_memory() as world:
        school = await build(world)
        make = world.core.catalog.create_course
        draft = (await make(school.actor("other"), course_fields(school))).course.id
        for who in ("anonymous", "stranger", "owner"):
            assert await ids(school, who) == [school.course.id]
        for who in ("other", "admin"):
            assert await ids(school, who) == [school.course.id, draft]
        assert await ids(school, "other", is_published=False) == [draft]
        assert await ids(school, "stranger", is_published=False) == []
        rows, _ = await world.core.catalog.courses(school.actor("owner"), CourseFilter(), Page())
        assert [row.is_staff for row in rows] == [True]
        with pytest.raises(Missing):
            await world.core.catalog.course(school.actor("owner"), draft)
        forged = CourseFilter(all_drafts=True, staff_of=school.user_id("other"))
        rows, total = await world.core.catalog.courses(school.actor("stranger"), forged, Page())
        assert (total, [row.course.id for row in rows]) == (1, [school.course.id])


async def test_a_list_can_be_filtered_and_paged() -> None:
    async with in_memory() as world:
        school = await build(world)
        await places(world)
        await update(school, "owner", department_id=1, primary_subject_id=1, title="100% Élan")
        for fits in (
            {"university_id": school.university_id}, {"department_id": 1}, {"subject_id": 1},
            {"level": Level.INTRODUCTORY}, {"q": "100%"}, {"q": "éLAN"}, {"q": "c2"},
        ):  # fmt: skip
            assert await ids(school, "stranger", **fits) == [school.course.id], fits
        for fits_not in (
            {"university_id": 999}, {"department_id": 2}, {"subject_id": 6},
            {"level": Level.GRADUATE}, {"q": "1_0"}, {"q": "%%"},
        ):  # fmt: skip
            assert await ids(school, "stranger", **fits_not) == [], fits_not
        make = world.core.catalog.create_course
        others = [
            (
                await make(
                    school.actor("other"), course_fields(school, code=f"N{at}", is_published=True)
                )
            ).course.id
            for at in range(3)
        ]
        assert await ids(school, "stranger", Page(skip=1, limit=2)) == others[:2]
        assert await ids(school, "stranger", Page(skip=9)) == []


async def test_offerings_are_listed_but_for_the_hidden_ones() -> None:
    async with in_memory() as world:
        school = await build(world)
        make, owner = world.core.catalog.create_offering, school.actor("owner")
        made: dict[Visibility, Offering] = {
            each: await make(
                owner, school.course.id, OfferingFields(term_name=" T ", visibility=each)
            )
            for each in Visibility
        }
        first = school.course.offering_id
        public, unlisted, private = [made[each].id for each in Visibility]

        async def seen(who: str) -> list[int]:
            rows = await world.core.catalog.offerings(school.actor(who), school.course.id)
            return [row.id for row in rows]

        assert made[Visibility.PUBLIC].term_name == "T"
        for who in ("anonymous", "stranger", "other"):
            assert await seen(who) == [first, public]
        assert await seen("assistant") == [first, public, unlisted, private]
        await world.core.enrollments.enroll(school.actor("stranger"), unlisted)
        assert await seen("stranger") == [first, public, unlisted]
        with pytest.raises(Missing, match=r"^Course not found$"):
            await world.core.catalog.offerings(owner, 999)


async def test_the_dates_of_an_offering_are_in_order() -> None:
    async with in_memory() as world:
        school = await build(world)
        now, day = world.clock.now(), timedelta(days=1)
        make = world.core.catalog.create_offering
        backwards = OfferingFields(
            term_name="", capacity=0, starts_at=now, ends_at=now,
            enrollment_start=now + 2 * day, enrollment_end=now + day,
        )  # fmt: skip
        with pytest.raises(Invalid) as refused:
            await make(school.actor("owner"), 999, backwards)
        assert faults_of(refused.value) == {
            ("term_name", "value_error.any_str.min_length"),
            ("capacity", "value_error.number.not_ge"),
            ("ends_at", "value_error"),
            ("enrollment_end", "value_error"),
        }
        whole = OfferingFields(
            term_name="Whole", starts_at=now, ends_at=now + day, enrollment_start=now - day,
            enrollment_end=now + day, capacity=1,
        )  # fmt: skip
        made = await make(school.actor("owner"), school.course.id, whole)
        assert (made.course_id, made.capacity) == (school.course.id, 1)
        with pytest.raises(Forbidden):
            await make(school.actor("other"), school.course.id, whole)
        with pytest.raises(Missing):
            await make(school.actor("owner"), 999, whole)
