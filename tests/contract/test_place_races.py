"""A place (or type) is removed while a course (or item) comes to it, on every store: one of the
two is refused."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from twosigma.adapters.system.clock import SystemClock
from twosigma.domain.actor import Actor, Role
from twosigma.domain.catalog import CourseFields
from twosigma.domain.content import ContentTypeFields, ItemFields
from twosigma.domain.errors import Conflict, Missing
from twosigma.domain.places import DepartmentFields, SubjectFields, UniversityFields
from twosigma.ports.store import Store
from twosigma.testing import World, in_memory

ROUNDS = 8
Ends = Callable[[World, Actor, int], Awaitable[tuple[Awaitable[object], Awaitable[object]]]]


async def _university(world: World, admin: Actor, n: int) -> int:
    fields = UniversityFields(name=f"U{n}")
    return (await world.core.places.create_university(admin, fields)).id


def _course(world: World, admin: Actor, university_id: int, **fields: Any) -> Awaitable[object]:
    course = CourseFields(title="T", code="C", university_id=university_id, **fields)
    return world.core.catalog.create_course(admin, course)


async def course_or_university(world: World, admin: Actor, n: int) -> Any:
    place = await _university(world, admin, n)
    return _course(world, admin, place), world.core.places.remove_university(admin, place)


async def department_or_university(world: World, admin: Actor, n: int) -> Any:
    place = await _university(world, admin, n)
    added = world.core.places.create_department(admin, place, DepartmentFields(name="D"))
    return added, world.core.places.remove_university(admin, place)


async def course_or_department(world: World, admin: Actor, n: int) -> Any:
    place = await _university(world, admin, n)
    department = await world.core.places.create_department(admin, place, DepartmentFields(name="D"))
    course = _course(world, admin, place, department_id=department.id)
    return course, world.core.places.remove_department(admin, department.id)


async def course_or_subject(world: World, admin: Actor, n: int) -> Any:
    place = await _university(world, admin, n)
    subject = await world.core.places.create_subject(admin, SubjectFields(name=f"S{n}"))
    course = _course(world, admin, place, primary_subject_id=subject.id)
    return course, world.core.places.remove_subject(admin, subject.id)


async def item_or_type(world: World, admin: Actor, n: int) -> Any:
    course = await world.course()
    fields = ContentTypeFields(name=f"type{n}", label="T")
    kind = await world.core.content_types.create(admin, fields)
    item = ItemFields(
        course_id=course.id, module_id=course.module_id, content_type_id=kind.id, title="T"
    )
    added = world.core.content.create(admin, item, None, None)
    return added, world.core.content_types.remove(admin, kind.id)


@pytest.mark.parametrize(
    "pair",
    [
        course_or_university, department_or_university, course_or_department, course_or_subject,
        item_or_type,
    ],
)  # fmt: skip
async def test_of_use_and_removal_at_once_one_is_refused(store: Store, pair: Ends) -> None:
    async with in_memory(store=store, time=SystemClock()) as world:
        admin = (await world.user(Role.PLATFORM_ADMIN)).actor
        for n in range(ROUNDS):
            use, removal = await pair(world, admin, n)
            calls = (use, removal) if n % 2 else (removal, use)
            ends = await asyncio.gather(*calls, return_exceptions=True)
            used, removed = ends if n % 2 else reversed(ends)
            refusals = (type(used), type(removed))
            is_removed = isinstance(used, Missing) and removed is None
            is_used = isinstance(removed, Conflict) and not isinstance(used, Exception)
            assert is_removed != is_used, refusals


async def test_one_name_is_given_once_however_many_ask(store: Store) -> None:
    async with in_memory(store=store, time=SystemClock()) as world:
        admin = (await world.user(Role.PLATFORM_ADMIN)).actor
        places = world.core.places
        ends = await asyncio.gather(
            *(places.create_subject(admin, SubjectFields(name=name)) for name in ["C"] * 8),
            *(places.create_subject(admin, SubjectFields(name=f"C{'+' * n}")) for n in range(1, 9)),
            return_exceptions=True,
        )
        same, different = ends[:8], ends[8:]
        assert sum(isinstance(end, Conflict) for end in same) == 7
        slugs = {getattr(end, "slug", None) for end in ends if not isinstance(end, Conflict)}
        assert not any(isinstance(end, Exception) for end in different)
        assert slugs == {"c", *(f"c-{n}" for n in range(2, 10))}
