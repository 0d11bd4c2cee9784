"""Courses deleted, offerings read one by one, changed and deleted."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from tests.app.removable import add_course, add_offering
from tests.app.school import ADD, School, build
from twosigma.domain.catalog import OfferingFields, StaffRole, Visibility
from twosigma.domain.catalog_rules import CourseChanges, OfferingChanges
from twosigma.domain.enrollments import EnrollmentStatus
from twosigma.domain.errors import Conflict, Forbidden, Invalid, Missing
from twosigma.testing import Pause, events_of, in_memory, read

KEPT = {
    "events_of_user", "events_of_session", "epochs", "sessions_of_user", "tokens_spent",
}  # fmt: skip


def rows(school: School) -> dict[str, object]:
    """All rows but those that outlive a course."""
    return {name: table for name, table in school.dump().items() if name not in KEPT}


async def test_a_deleted_course_leaves_the_rest_as_it_was() -> None:
    async with in_memory() as world:
        school = await build(world)
        before = rows(school)
        await add_course(school)
        owner = school.actor("owner")
        async with world.ports.store.read() as tx:
            _, epoch = await tx.epochs.read(school.spare.course_id)
        await world.core.catalog.remove_course(owner, school.spare.course_id)
        after = rows(school)
        assert {name for name in before if after[name] != before[name]} == {
            "users", "user_by_email", "password_hashes", "audit_log",
        }, "the course's maker is a new account, and that it was deleted is noted"  # fmt: skip
        with pytest.raises(Missing, match=r"^Course not found$"):
            await world.core.catalog.remove_course(owner, school.spare.course_id)
        async with world.ports.store.read() as tx:
            assert (await tx.epochs.read(school.spare.course_id))[1] > epoch


async def test_an_enrollment_of_any_status_keeps_its_course_and_its_offering() -> None:
    async with in_memory() as world:
        school = await build(world)
        catalog, admin = world.core.catalog, school.actor("admin")
        learner_id, offering_id = school.user_id("learner"), school.course.offering_id
        for status in EnrollmentStatus:
            async with world.ports.store.write() as tx:
                row = await tx.enrollments.find(learner_id, offering_id)
                assert row is not None
                await tx.enrollments.save(structs.replace(row, status=status))
            before = school.dump()
            for refused in (
                catalog.remove_course(admin, school.course.id),
                catalog.remove_offering(admin, school.course.id, offering_id),
            ):
                with pytest.raises(Conflict, match="has enrollments") as error:
                    await refused
                assert error.value.code == "in_use"
            assert school.dump() == before


async def test_an_instructor_and_an_assistant_cannot_delete_a_course() -> None:
    async with in_memory() as world:
        school = await build(world)
        await add_course(school)
        course_id = school.spare.course_id
        async with world.ports.store.write() as tx:
            await tx.catalog.set_staff(course_id, school.user_id("other"), StaffRole.INSTRUCTOR)
        for who in ("other", "assistant"):
            with pytest.raises(Forbidden):
                await world.core.catalog.remove_course(school.actor(who), course_id)
        hidden = CourseChanges(is_published=False)
        await world.core.catalog.update_course(school.actor("admin"), course_id, hidden)
        async with world.ports.store.write() as tx:
            await tx.catalog.remove_from_staff(course_id, school.user_id("other"))
        with pytest.raises(Missing):
            await world.core.catalog.remove_course(school.actor("other"), course_id)
        await world.core.catalog.remove_course(school.actor("admin"), course_id)


async def test_a_turn_that_runs_in_a_deleted_course_is_stopped() -> None:
    async with in_memory() as world:
        school = await build(world)
        course = await world.course(questions=[ADD])
        admin = school.people["admin"]
        assert admin is not None
        talk = await admin.open(course.items[0])
        world.llm.say("Well", Pause(1_000), "…")
        stream = await world.core.chat_turns.greet(admin.id, talk.session_id)
        await world.core.catalog.remove_course(admin.actor, course.id)
        last = events_of(await read(stream))[-1]
        assert (last["done"], last["message_id"]) == (True, None)
        with pytest.raises(Missing):
            await talk.session()


async def test_an_offering_is_read_in_its_own_course_only() -> None:
    async with in_memory() as world:
        school = await build(world)
        other = await world.course()
        offering, admin = world.core.catalog.offering, school.actor("admin")
        found = await offering(None, school.course.id, school.course.offering_id)
        assert found.id == school.course.offering_id
        for course_id, offering_id in (
            (school.course.id, other.offering_id), (other.id, school.course.offering_id),
            (school.course.id, 999),
        ):  # fmt: skip
            with pytest.raises(Missing, match=r"^Offering not found$"):
                await offering(admin, course_id, offering_id)
        with pytest.raises(Missing, match=r"^Course not found$"):
            await offering(admin, 999, school.course.offering_id)


async def test_a_private_offering_is_for_staff_and_those_who_are_in_it() -> None:
    async with in_memory() as world:
        school = await build(world)
        catalog, owner = world.core.catalog, school.actor("owner")
        private = await catalog.create_offering(
            owner, school.course.id, OfferingFields(term_name="T", visibility=Visibility.PRIVATE)
        )
        for who in ("anonymous", "stranger", "learner", "other"):
            with pytest.raises(Missing, match=r"^Offering not found$"):
                await catalog.offering(school.actor(who), school.course.id, private.id)
        stranger = school.user_id("stranger")
        await world.core.enrollments.enroll(school.actor("assistant"), private.id, stranger)
        for who in ("stranger", "assistant", "admin"):
            seen = await catalog.offering(school.actor(who), school.course.id, private.id)
            assert seen == private


async def change(school: School, offering_id: int | None = None, **fields: Any) -> Any:
    return await school.core.catalog.update_offering(
        school.actor("owner"), school.course.id, offering_id or school.course.offering_id,
        OfferingChanges(**fields),
    )  # fmt: skip


async def test_an_offering_changes_in_what_is_sent() -> None:
    async with in_memory() as world:
        school = await build(world)
        before = await change(school)
        await world.clock.advance(60)
        assert await change(school, term_name=before.term_name) == before
        soon = world.clock.now() + timedelta(days=9)
        after = await change(school, term_name=" Fall ", ends_at=soon)
        assert after == structs.replace(
            before, term_name="Fall", ends_at=soon, updated_at=world.clock.now()
        )
        with pytest.raises(Invalid) as refused:
            await change(school, starts_at=soon)
        assert [fault.loc for fault in refused.value.faults] == [("body", "starts_at")]
        assert await change(school) == after
        with pytest.raises(Missing, match=r"^Offering not found$"):
            await change(school, (await world.course()).offering_id)


async def test_a_capacity_is_not_less_than_the_learners_there() -> None:
    async with in_memory() as world:
        school = await build(world)
        for who in ("stranger", "other"):
            await world.core.enrollments.enroll(school.actor(who), school.course.offering_id)
        with pytest.raises(Conflict) as refused:
            await change(school, capacity=2)
        assert refused.value.code == "capacity_too_small"
        assert (await change(school, capacity=3)).capacity == 3
        async with world.ports.store.write() as tx:
            late = school.user_id("assistant")
            await tx.enrollments.add(late, school.course.offering_id, world.clock.now())
        assert (await change(school, term_name="Over-full")).capacity == 3


async def test_an_offering_that_nobody_is_in_can_be_deleted() -> None:
    async with in_memory() as world:
        school = await build(world)
        before = rows(school)
        await add_offering(school)
        where = (school.actor("owner"), school.course.id, school.spare.offering_id)
        await world.core.catalog.remove_offering(*where)
        assert rows(school) == before
        with pytest.raises(Missing, match=r"^Offering not found$"):
            await world.core.catalog.remove_offering(*where)
