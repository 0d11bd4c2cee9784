"""Who may see and do what with a course: the rules that every feature asks."""

import pytest

from tests.app.school import School, build
from twosigma.app.access import (
    acting,
    editable_course,
    is_staff,
    owned,
    readable_course,
    require_learner,
    staff_role,
    visible_course,
    visible_offering,
)
from twosigma.domain.actor import Actor, Role
from twosigma.domain.catalog import EDITORS, Course, StaffRole, Visibility
from twosigma.domain.content import Item
from twosigma.domain.errors import Forbidden, Missing, Unauthenticated
from twosigma.testing import in_memory


async def of_staff(school: School, who: str, role: StaffRole) -> None:
    async with school.world.ports.store.write() as tx:
        await tx.catalog.set_staff(school.course.id, school.user_id(who), role)


async def course_and_item(school: School) -> tuple[Course, Item]:
    async with school.world.ports.store.read() as tx:
        course = await tx.catalog.course(school.course.id)
        item = await tx.content.get(school.course.items[0])
    assert course is not None
    assert item is not None
    return course, item


@pytest.mark.parametrize("role", StaffRole)
@pytest.mark.parametrize("who", ["stranger", "other", "admin"])
async def test_editing_needs_both_a_place_in_the_staff_and_the_role(
    role: StaffRole, who: str
) -> None:
    async with in_memory() as world:
        school = await build(world)
        await of_staff(school, who, role)
        actor = school.actor(who)
        may = who == "admin" or (who == "other" and role in EDITORS)
        async with world.ports.store.read() as tx:
            assert await is_staff(tx, actor, school.course.id)
            if may:
                assert (await editable_course(tx, actor, school.course.id)).id == school.course.id
            else:
                with pytest.raises(Forbidden):
                    await editable_course(tx, actor, school.course.id)


async def test_a_platform_admin_is_as_good_as_the_owner_of_every_course() -> None:
    async with in_memory() as world:
        school = await build(world)
        async with world.ports.store.read() as tx:
            found = {
                who: await staff_role(tx, school.actor(who), school.course.id)
                for who in school.people
            }
        assert found == {
            "anonymous": None,
            "stranger": None,
            "learner": None,
            "other": None,
            "assistant": StaffRole.ASSISTANT,
            "owner": StaffRole.OWNER,
            "admin": StaffRole.OWNER,
        }


async def test_f53_a_draft_is_as_if_it_were_not_there() -> None:
    async with in_memory() as world:
        school = await build(world, is_published=False)
        async with world.ports.store.read() as tx:
            errors = set()
            for who in ("anonymous", "stranger", "learner", "other"):
                for course_id in (school.course.id, 999):
                    with pytest.raises(Missing) as refused:
                        await visible_course(tx, school.actor(who), course_id)
                    errors.add((str(refused.value), refused.value.code))
            assert errors == {("Course not found", "not_found")}
            course, staff = await visible_course(tx, school.actor("assistant"), school.course.id)
        assert (course.id, staff) == (school.course.id, True)


async def test_what_lies_below_a_closed_course_is_for_its_learners() -> None:
    async with in_memory() as world:
        school = await build(world, is_open=False)
        async with world.ports.store.read() as tx:
            for who in school.people:
                await visible_course(tx, school.actor(who), school.course.id)
            with pytest.raises(Unauthenticated):
                await readable_course(tx, None, school.course.id)
            for who in ("stranger", "other"):
                with pytest.raises(Forbidden):
                    await readable_course(tx, school.actor(who), school.course.id)
            for who, staff in (("learner", False), ("assistant", True), ("admin", True)):
                found = await readable_course(tx, school.actor(who), school.course.id)
                assert found[1] == staff


async def test_only_an_account_that_is_there_and_switched_on_acts_with_its_role_of_now() -> None:
    async with in_memory() as world:
        who = await world.user(Role.INSTRUCTOR)
        async with world.ports.store.read() as tx:
            assert await acting(tx, who.id) == Actor(user_id=who.id, role=Role.INSTRUCTOR)
            with pytest.raises(Unauthenticated):
                await acting(tx, 999)


async def test_an_offering_of_a_draft_is_missing_as_an_offering() -> None:
    async with in_memory() as world:
        school = await build(world, is_published=False)
        async with world.ports.store.read() as tx:
            for offering_id in (school.course.offering_id, 999):
                with pytest.raises(Missing, match=r"^Offering not found$"):
                    await visible_offering(tx, school.actor("learner"), offering_id)
            found = await visible_offering(tx, school.actor("owner"), school.course.offering_id)
        assert found.visibility is Visibility.PUBLIC


async def test_talking_is_for_learners_and_staff_and_staff_are_told_apart() -> None:
    async with in_memory() as world:
        school = await build(world)
        course, _ = await course_and_item(school)
        async with world.ports.store.read() as tx:
            for who, staff in (("learner", False), ("assistant", True), ("admin", True)):
                actor = school.actor(who)
                assert await require_learner(tx, actor, course, is_visible=True) == staff
            for who in ("stranger", "other"):
                with pytest.raises(Forbidden):
                    await require_learner(tx, school.actor(who), course, is_visible=True)
            for who in ("learner", "stranger"):
                with pytest.raises(Missing):
                    await require_learner(tx, school.actor(who), course, is_visible=False)
            assistant = school.actor("assistant")
            assert await require_learner(tx, assistant, course, is_visible=False)


async def test_f51_another_ones_session_and_none_are_one_error() -> None:
    async with in_memory() as world:
        school = await build(world)
        async with world.ports.store.read() as tx:
            session = await tx.chat.get(school.session_id)
        assert session is not None
        assert owned(session, school.user_id("learner")) is session
        for found, who in ((session, "admin"), (session, "other"), (None, "learner")):
            with pytest.raises(Missing, match=r"^Session not found$"):
                owned(found, school.user_id(who))
