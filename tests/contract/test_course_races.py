"""A course is deleted while others write into it; staff, classes and registrations at once: on
every store one outcome, nothing lost, nothing left behind."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from msgspec import Struct

from tests.app.lessons import ADD
from tests.contract.course_rows import rows
from twosigma.adapters.system.clock import SystemClock
from twosigma.app.auth import SignUp
from twosigma.domain.actor import Actor, Role
from twosigma.domain.catalog import OfferingFields, Page, StaffRole
from twosigma.domain.class_lists import Outcome
from twosigma.domain.content import ItemFields
from twosigma.domain.errors import Conflict, DomainError, Missing
from twosigma.domain.modules import ModuleFields
from twosigma.ports.store import Store
from twosigma.testing import PASSWORD, Course, Learner, Talk, World, in_memory

ROUNDS = 6
CALLERS = pytest.mark.parametrize("callers", [2, 8, 32])


def over(store: Store) -> AbstractAsyncContextManager[World]:
    return in_memory(store=store, time=SystemClock())


class Scene(Struct, kw_only=True):
    """A course that nobody is enrolled in, somebody who wants to, and a session of staff."""

    world: World
    admin: Actor
    course: Course
    learner: Learner
    talk: Talk
    number: int

    @property
    def address(self) -> str:
        """One that is invited."""
        return f"late{self.number}@example.com"

    def form(self) -> SignUp:
        return SignUp(email=self.address, password=PASSWORD, full_name="Late")


async def scene(world: World, admin: Learner, number: int) -> Scene:
    course = await world.course(questions=[ADD])
    made = Scene(
        world=world, admin=admin.actor, course=course, learner=await world.user(),
        talk=await admin.open(course.items[0]), number=number,
    )  # fmt: skip
    await world.core.invitations.enroll_class(
        admin.actor, course.id, course.offering_id, made.address
    )
    return made


def enroll(at: Scene) -> Awaitable[object]:
    return at.world.core.enrollments.enroll(at.learner.actor, at.course.offering_id)


def staff_enroll(at: Scene) -> Awaitable[object]:
    enrollments = at.world.core.enrollments
    return enrollments.enroll(at.admin, at.course.offering_id, at.learner.id)


def register(at: Scene) -> Awaitable[object]:
    return at.world.core.auth.register(at.form())


def enroll_class(at: Scene) -> Awaitable[object]:
    return at.world.core.invitations.enroll_class(
        at.admin, at.course.id, at.course.offering_id, at.learner.user.email
    )


def open_session(at: Scene) -> Awaitable[object]:
    return at.world.core.chat_sessions.create(at.admin, at.course.items[0])


def greet(at: Scene) -> Awaitable[object]:
    return at.talk.greet()


def add_offering(at: Scene) -> Awaitable[object]:
    fields = OfferingFields(term_name="More")
    return at.world.core.catalog.create_offering(at.admin, at.course.id, fields)


def add_module(at: Scene) -> Awaitable[object]:
    fields = ModuleFields(course_id=at.course.id, title="More")
    return at.world.core.modules.create(at.admin, fields, None)


async def add_item(at: Scene) -> object:
    (view, *_), _ = await at.world.core.content_types.list(None, Page())
    fields = ItemFields(
        course_id=0, module_id=at.course.module_id, content_type_id=view.kind.id, title="More",
        data_json={"video_url": "https://example.com/v", "duration": 1},
    )  # fmt: skip
    return await at.world.core.content.create(at.admin, fields, None, None)


def add_staff(at: Scene) -> Awaitable[object]:
    staff = at.world.core.course_staff
    return staff.put(at.admin, at.course.id, at.learner.id, StaffRole.ASSISTANT)


ENROLLING = (enroll, staff_enroll, register, enroll_class)
WRITING = (open_session, greet, add_offering, add_module, add_item, add_staff)


async def at_once(*calls: Awaitable[Any]) -> list[Any]:
    """What came of each; a defect is raised."""
    results = await asyncio.gather(*calls, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, DomainError):
            raise result
    return results


async def is_there(store: Store, course: Course) -> bool:
    async with store.read() as tx:
        return await tx.catalog.course(course.id) is not None


@pytest.mark.parametrize("act", ENROLLING)
async def test_f72_of_enrolling_and_deleting_one_is_refused(
    store: Store, act: Callable[[Scene], Awaitable[object]]
) -> None:
    async with over(store) as world:
        admin = await world.user(Role.PLATFORM_ADMIN)
        for number in range(ROUNDS):
            before = await rows(store)
            at = await scene(world, admin, number)
            deletion = world.core.catalog.remove_course(at.admin, at.course.id)
            calls = [act(at), deletion]
            ends = await at_once(*(calls if number % 2 else reversed(calls)))
            acted, deleted = ends if number % 2 else reversed(ends)
            if await is_there(store, at.course):
                assert isinstance(deleted, Conflict)
                assert not isinstance(acted, Exception)
                async with store.read() as tx:
                    assert await tx.enrollments.count_active(at.course.offering_id) == 1
                continue
            assert deleted is None
            # Who registers does, course or not.
            assert isinstance(acted, Missing) == (act is not register), acted
            assert await rows(store) == before


@pytest.mark.parametrize("act", WRITING)
async def test_f72_what_is_written_into_a_course_goes_with_it_or_is_refused(
    store: Store, act: Callable[[Scene], Awaitable[object]]
) -> None:
    async with over(store) as world:
        admin = await world.user(Role.PLATFORM_ADMIN)
        for number in range(ROUNDS):
            before = await rows(store)
            at = await scene(world, admin, number)
            deletion = world.core.catalog.remove_course(at.admin, at.course.id)
            calls = [act(at), deletion]
            ends = await at_once(*(calls if number % 2 else reversed(calls)))
            acted, deleted = ends if number % 2 else reversed(ends)
            assert deleted is None
            assert isinstance(acted, Missing) or not isinstance(acted, Exception), acted
            assert await rows(store) == before


@CALLERS
async def test_f72_a_storm_over_a_course_leaves_it_whole_or_gone(
    store: Store, callers: int
) -> None:
    async with over(store) as world:
        admin = await world.user(Role.PLATFORM_ADMIN)
        before = await rows(store)
        at = await scene(world, admin, 0)
        acts = [*WRITING, enroll, enroll_class]
        ends = await at_once(
            *(
                world.core.catalog.remove_course(at.admin, at.course.id)
                if n == callers // 2
                else acts[n % len(acts)](at)
                for n in range(callers)
            )
        )
        if await is_there(store, at.course):
            assert isinstance(ends[callers // 2], Conflict)
        else:
            assert ends[callers // 2] is None
            assert await rows(store) == before


@CALLERS
async def test_f72_a_course_is_deleted_once(store: Store, callers: int) -> None:
    async with over(store) as world:
        admin = await world.user(Role.PLATFORM_ADMIN)
        course = await world.course()
        remove = world.core.catalog.remove_course
        ends = await at_once(*(remove(admin.actor, course.id) for _ in range(callers)))
        assert sum(end is None for end in ends) == 1
        assert sum(isinstance(end, Missing) for end in ends) == callers - 1


@CALLERS
async def test_a_course_never_loses_its_last_owner(store: Store, callers: int) -> None:
    async with over(store) as world:
        admin, course = await world.user(Role.PLATFORM_ADMIN), await world.course()
        staff = world.core.course_staff
        owners = [await world.user(Role.INSTRUCTOR) for _ in range(callers)]
        for owner in owners:
            await staff.put(admin.actor, course.id, owner.id, StaffRole.OWNER)
        (maker, *_) = await staff.list(admin.actor, course.id)
        await staff.remove(admin.actor, course.id, maker.user.id)

        async def leave(n: int) -> None:
            one = owners[n]
            if n % 2:
                await staff.put(one.actor, course.id, one.id, StaffRole.ASSISTANT)
            else:
                await staff.remove(one.actor, course.id, one.id)

        ends = await at_once(*map(leave, range(callers)))
        assert sum(isinstance(end, Conflict) for end in ends) == 1
        left = await staff.list(admin.actor, course.id)
        assert sum(view.role is StaffRole.OWNER for view in left) == 1


@CALLERS
async def test_f61_whoever_enrolls_a_learner_it_is_one_row(store: Store, callers: int) -> None:
    async with over(store) as world:
        at = await scene(world, await world.user(Role.PLATFORM_ADMIN), 0)
        acts = (enroll, staff_enroll, enroll_class)
        ends = await at_once(*(acts[n % 3](at) for n in range(callers)))
        told = {line.outcome for end in ends if isinstance(end, tuple) for line in end}
        assert told <= {Outcome.ENROLLED, Outcome.ALREADY_ENROLLED}
        enrolled = [
            end
            for end in ends
            if not isinstance(end, Exception)
            and not (isinstance(end, tuple) and end[0].outcome is Outcome.ALREADY_ENROLLED)
        ]
        assert len(enrolled) == 1
        async with store.read() as tx:
            assert (await tx.enrollments.of_user(at.learner.id, None, Page()))[1] == 1


@CALLERS
async def test_f61_who_registers_while_the_class_is_enrolled_is_in_it(
    store: Store, callers: int
) -> None:
    """Every caller's address is on the list, and registers while the list is imported."""
    async with over(store) as world:
        admin, course = await world.user(Role.PLATFORM_ADMIN), await world.course()
        emails = [f"one{n}@example.com" for n in range(callers)]
        forms = [SignUp(email=email, password=PASSWORD, full_name="One") for email in emails]

        def enroll_all() -> Awaitable[object]:
            return world.core.invitations.enroll_class(
                admin.actor, course.id, course.offering_id, "\n".join(emails)
            )

        await at_once(
            *(world.core.auth.register(form) for form in forms[: callers // 2]),
            enroll_all(),
            *(world.core.auth.register(form) for form in forms[callers // 2 :]),
            enroll_all(),
        )
        async with store.read() as tx:
            assert (await tx.invitations.of_offering(course.offering_id, Page()))[1] == 0
            assert await tx.enrollments.count_active(course.offering_id) == callers


@CALLERS
async def test_an_invitation_is_taken_up_or_back(store: Store, callers: int) -> None:
    async with over(store) as world:
        at = await scene(world, await world.user(Role.PLATFORM_ADMIN), 0)
        invitations, where = world.core.invitations, (at.course.id, at.course.offering_id)
        (row,), _ = await invitations.list(at.admin, *where, Page())

        ends = await at_once(
            register(at), *(invitations.remove(at.admin, *where, row.id) for _ in range(callers))
        )
        assert not isinstance(ends[0], Exception)
        taken_back = sum(end is None for end in ends[1:])
        async with store.read() as tx:
            enrolled = await tx.enrollments.count_active(at.course.offering_id)
            assert (await tx.invitations.of_offering(where[1], Page()))[1] == 0
        assert enrolled + taken_back == 1
