"""Classes from a list; invitations, and what becomes of them; rosters; staff enroll others."""

from datetime import timedelta

import pytest

from tests.app.school import School, build, sign_up
from twosigma.domain.catalog import OfferingFields, Page, Visibility
from twosigma.domain.enrollments import EnrollmentStatus
from twosigma.domain.errors import Conflict, Forbidden, Invalid, Missing
from twosigma.testing import in_memory

PAGE = Page()


async def enroll_class(school: School, text: str, offering_id: int | None = None) -> list[str]:
    """The outcomes, line by line."""
    told = await school.core.invitations.enroll_class(
        school.actor("owner"), school.course.id, offering_id or school.course.offering_id, text
    )
    return [f"{line.line} {line.outcome}" for line in told]


def email(school: School, who: str) -> str:
    person = school.people[who]
    assert person is not None
    return person.user.email


async def invited(school: School) -> list[str]:
    rows, total = await school.core.invitations.list(
        school.actor("assistant"), school.course.id, school.course.offering_id, PAGE
    )
    assert total == len(rows)
    return [row.email for row in rows]


async def status_of(school: School, user_id: int) -> EnrollmentStatus | None:
    async with school.world.ports.store.read() as tx:
        row = await tx.enrollments.find(user_id, school.course.offering_id)
    return None if row is None else row.status


async def test_each_line_of_a_class_is_told() -> None:
    async with in_memory() as world:
        school = await build(world)
        dropped, off = await world.learner(school.course), await world.user()
        await world.drop(dropped, school.course)
        await world.core.users.set_status(school.actor("admin"), off.id, is_active=False)
        lines = [
            "name,email", f"S,{email(school, 'stranger').upper()}", f"L,{email(school, 'learner')}",
            f"D,{dropped.user.email}", f"O,{off.user.email}", "N,new@example.com",
            "N,NEW@example.com", "X,spare@example.com", "", "B,bad", '"B,bad@example.com',
        ]  # fmt: skip
        assert await enroll_class(school, "\n".join(lines)) == [
            "2 enrolled", "3 already_enrolled", "4 reactivated", "5 inactive", "6 invited",
            "7 already_invited", "8 already_invited", "10 invalid", "11 invalid",
        ]  # fmt: skip
        assert await invited(school) == ["spare@example.com", "new@example.com"]
        for user_id in (school.user_id("stranger"), dropped.id):
            assert await status_of(school, user_id) is EnrollmentStatus.ACTIVE
        assert await status_of(school, off.id) is None


async def test_a_class_passes_window_capacity_and_privacy() -> None:
    async with in_memory() as world:
        school = await build(world)
        over = world.clock.now() - timedelta(days=1)
        fields = OfferingFields(
            term_name="T", capacity=1, enrollment_end=over, visibility=Visibility.PRIVATE
        )
        term = await world.core.catalog.create_offering(
            school.actor("owner"), school.course.id, fields
        )
        text = f"{email(school, 'stranger')}\n{email(school, 'learner')}"
        assert await enroll_class(school, text, term.id) == ["1 enrolled", "2 enrolled"]


async def test_who_is_invited_is_enrolled_when_registering() -> None:
    async with in_memory() as world:
        school = await build(world)
        await enroll_class(school, " New@Example.com")
        pair = await world.core.auth.register(sign_up(email="nEW@example.com"))
        actor = await world.core.auth.actor(pair.access_token)
        assert await invited(school) == ["spare@example.com"]
        (view,), _ = await world.core.enrollments.mine(actor, None, PAGE)
        assert view.offering.id == school.course.offering_id
        assert view.enrollment.status is EnrollmentStatus.ACTIVE


async def test_a_registration_that_is_refused_takes_up_nothing() -> None:
    async with in_memory() as world:
        school = await build(world)
        before = school.dump()
        with pytest.raises(Conflict):
            await world.core.auth.register(sign_up(email=email(school, "learner")))
        with pytest.raises(Invalid):
            await world.core.auth.register(sign_up(email="spare@example.com", password="short"))
        assert school.dump() == before


async def test_an_invitation_taken_back_is_over() -> None:
    async with in_memory() as world:
        school = await build(world)
        owner, course = school.actor("owner"), school.course
        where = (owner, course.id, course.offering_id, school.spare.invitation_id)
        await world.core.invitations.remove(*where)
        with pytest.raises(Missing, match=r"^Invitation not found$"):
            await world.core.invitations.remove(*where)
        await world.core.auth.register(sign_up(email="spare@example.com"))
        _, total = await world.core.enrollments.roster(
            owner, course.id, course.offering_id, None, PAGE
        )
        assert total == 1


async def test_another_courses_offering_is_none_of_this_one() -> None:
    async with in_memory() as world:
        school = await build(world)
        other = (await world.course()).offering_id
        owner, course_id = school.actor("owner"), school.course.id
        invitations, enrollments = world.core.invitations, world.core.enrollments
        for call in (
            invitations.enroll_class(owner, course_id, other, "a@example.com"),
            invitations.list(owner, course_id, other, PAGE),
            invitations.list(owner, course_id, 999, PAGE),
            invitations.remove(owner, course_id, other, school.spare.invitation_id),
            enrollments.roster(owner, course_id, other, None, PAGE),
            enrollments.roster(owner, course_id, 999, None, PAGE),
        ):
            with pytest.raises(Missing, match=r"^Offering not found$"):
                await call


async def test_a_roster_says_who_is_in_it_and_when_they_were_last_there() -> None:
    async with in_memory() as world:
        school = await build(world)
        began = world.clock.now()
        await world.clock.advance(60)
        await world.core.enrollments.enroll(school.actor("stranger"), school.course.offering_id)
        stranger = school.people["stranger"]
        assert stranger is not None
        await world.drop(stranger, school.course)
        where = (school.actor("assistant"), school.course.id, school.course.offering_id)
        rows, total = await world.core.enrollments.roster(*where, None, PAGE)
        assert total == 2
        assert [(row.user.email, row.last_activity_at) for row in rows] == [
            (email(school, "learner"), began), (email(school, "stranger"), None),
        ]  # fmt: skip
        dropped, total = await world.core.enrollments.roster(*where, EnrollmentStatus.DROPPED, PAGE)
        assert (total, [row.user.id for row in dropped]) == (1, [stranger.id])
        (second,), total = await world.core.enrollments.roster(*where, None, Page(skip=1, limit=1))
        assert (total, second.user.id) == (2, stranger.id)


async def test_staff_enroll_others_whatever_the_offering_says() -> None:
    async with in_memory() as world:
        school = await build(world)
        fields = OfferingFields(
            term_name="T", capacity=1, enrollment_start=world.clock.now() + timedelta(days=1),
            visibility=Visibility.PRIVATE,
        )  # fmt: skip
        term = await world.core.catalog.create_offering(
            school.actor("owner"), school.course.id, fields
        )
        enroll, assistant = world.core.enrollments.enroll, school.actor("assistant")
        for who in ("stranger", "learner"):
            view = await enroll(assistant, term.id, school.user_id(who))
            assert view.enrollment.user_id == school.user_id(who)
        with pytest.raises(Conflict, match=r"^Already enrolled$"):
            await enroll(assistant, term.id, school.user_id("learner"))
        with pytest.raises(Missing, match=r"^User not found$"):
            await enroll(assistant, term.id, 999)
        with pytest.raises(Missing, match=r"^Offering not found$"):
            await enroll(school.actor("other"), term.id, school.user_id("other"))
        with pytest.raises(Forbidden):
            await enroll(school.actor("other"), school.course.offering_id, 999)


async def test_one_may_say_that_one_means_oneself() -> None:
    async with in_memory() as world:
        school = await build(world)
        stranger = school.actor("stranger")
        view = await world.core.enrollments.enroll(
            stranger, school.course.offering_id, stranger.user_id
        )
        assert view.enrollment.user_id == stranger.user_id


async def test_an_account_that_is_switched_off_is_not_enrolled() -> None:
    async with in_memory() as world:
        school = await build(world)
        admin, stranger = school.actor("admin"), school.user_id("stranger")
        await world.core.users.set_status(admin, stranger, is_active=False)
        with pytest.raises(Conflict) as refused:
            await world.core.enrollments.enroll(admin, school.course.offering_id, stranger)
        assert refused.value.code == "account_inactive"


async def test_an_enrollment_is_its_owners_and_the_staffs() -> None:
    async with in_memory() as world:
        school = await build(world)
        with pytest.raises(Missing, match=r"^Enrollment not found$"):
            await world.core.enrollments.get(school.actor("admin"), 999)
        (mine,), _ = await world.core.enrollments.mine(school.actor("learner"), None, PAGE)
        assert await world.core.enrollments.get(
            school.actor("assistant"), mine.enrollment.id
        ) == mine  # fmt: skip
