"""Course staff: who is in it, who says so, and that it keeps an owner."""

import pytest

from tests.app.school import School, build
from twosigma.domain.actor import Role
from twosigma.domain.catalog import CourseFilter, Page, StaffRole
from twosigma.domain.errors import Conflict, Forbidden, Missing
from twosigma.testing import in_memory


async def staff_of(school: School) -> dict[int, StaffRole]:
    views = await school.core.course_staff.list(school.actor("owner"), school.course.id)
    return {view.user.id: view.role for view in views}


async def put(school: School, who: str, role: StaffRole, by: str = "owner") -> bool:
    _, is_new = await school.core.course_staff.put(
        school.actor(by), school.course.id, school.user_id(who), role
    )
    return is_new


async def remove(school: School, who: str, by: str = "owner") -> None:
    await school.core.course_staff.remove(school.actor(by), school.course.id, school.user_id(who))


async def leave_one_owner(school: School) -> None:
    """The course's maker, an admin, goes."""
    owner = school.actor("owner")
    for view in await school.core.course_staff.list(owner, school.course.id):
        if view.role is StaffRole.OWNER and view.user.id != owner.user_id:
            await school.core.course_staff.remove(owner, school.course.id, view.user.id)


async def test_a_place_is_given_and_changed() -> None:
    async with in_memory() as world:
        school = await build(world)
        assert await put(school, "other", StaffRole.ASSISTANT)
        assert not await put(school, "other", StaffRole.INSTRUCTOR)
        assert not await put(school, "other", StaffRole.INSTRUCTOR)
        staff = await staff_of(school)
        assert staff[school.user_id("other")] is StaffRole.INSTRUCTOR
        assert list(staff) == sorted(staff)
        await remove(school, "other")
        assert school.user_id("other") not in await staff_of(school)
        with pytest.raises(Missing, match=r"^Staff member not found$"):
            await remove(school, "other")


async def test_editors_need_the_role_everywhere() -> None:
    async with in_memory() as world:
        school = await build(world)
        for role in (StaffRole.OWNER, StaffRole.INSTRUCTOR):
            with pytest.raises(Conflict) as refused:
                await put(school, "stranger", role)
            assert refused.value.code == "role_too_low"
        assert await put(school, "stranger", StaffRole.ASSISTANT)
        with pytest.raises(Missing, match=r"^User not found$"):
            await world.core.course_staff.put(
                school.actor("owner"), school.course.id, 999, StaffRole.ASSISTANT
            )


async def test_the_last_owner_stays_one() -> None:
    async with in_memory() as world:
        school = await build(world)
        await leave_one_owner(school)
        before = school.dump()
        for by in ("owner", "admin"):
            with pytest.raises(Conflict) as refused:
                await remove(school, "owner", by)
            assert refused.value.code == "last_owner"
            with pytest.raises(Conflict):
                await put(school, "owner", StaffRole.INSTRUCTOR, by)
        assert school.dump() == before
        await put(school, "owner", StaffRole.OWNER)
        await put(school, "other", StaffRole.OWNER)
        await remove(school, "owner")
        assert await world.core.course_staff.list(school.actor("other"), school.course.id)
        with pytest.raises(Forbidden):
            await staff_of(school)


async def test_only_owners_say_who_is_in_it() -> None:
    async with in_memory() as world:
        school = await build(world)
        await put(school, "other", StaffRole.INSTRUCTOR)
        with pytest.raises(Forbidden):
            await put(school, "stranger", StaffRole.ASSISTANT, by="other")
        with pytest.raises(Forbidden):
            await remove(school, "other", by="other")


async def test_an_owner_whose_role_was_lowered_owns_nothing_until_it_is_raised() -> None:
    async with in_memory() as world:
        school = await build(world)
        admin, owner = school.actor("admin"), school.people["owner"]
        assert owner is not None
        await world.core.users.set_role(admin, owner.id, Role.STUDENT)
        lowered = await world.core.auth.login(owner.user.email, "correct horse battery")
        actor = await world.core.auth.actor(lowered.access_token)
        with pytest.raises(Forbidden):
            await world.core.course_staff.put(
                actor, school.course.id, school.user_id("other"), StaffRole.ASSISTANT
            )
        with pytest.raises(Forbidden):
            await world.core.catalog.remove_course(actor, school.course.id)
        assert await world.core.course_staff.list(actor, school.course.id), "still of the staff"
        await world.core.users.set_role(admin, owner.id, Role.INSTRUCTOR)
        assert await put(school, "other", StaffRole.ASSISTANT)


async def test_an_account_that_is_switched_off_is_not_taken_in() -> None:
    async with in_memory() as world:
        school = await build(world)
        await world.core.users.set_status(
            school.actor("admin"), school.user_id("other"), is_active=False
        )
        with pytest.raises(Conflict) as refused:
            await put(school, "other", StaffRole.ASSISTANT)
        assert refused.value.code == "account_inactive"


async def test_a_list_of_courses_says_of_which_one_is_staff() -> None:
    async with in_memory() as world:
        school = await build(world)
        await world.course()
        seen = {"assistant": [True, False], "admin": [True, True], "anonymous": [False, False]}
        for who, wanted in seen.items():
            rows, _ = await world.core.catalog.courses(school.actor(who), CourseFilter(), Page())
            assert [row.is_staff for row in rows] == wanted
