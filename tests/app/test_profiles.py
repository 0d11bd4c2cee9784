"""What learners say about themselves: as they register, and later."""

from datetime import UTC, date, datetime

import pytest

from tests.app.failing_store import FailingStore
from tests.app.school import sign_up
from twosigma.app.policy import Policy
from twosigma.app.profiles import Profiles, ProfileView
from twosigma.domain.actor import Actor, Role
from twosigma.domain.errors import Conflict, Forbidden, Invalid, Missing, Unauthenticated
from twosigma.domain.places import SubjectFields
from twosigma.domain.profiles import (
    Grade,
    LearningGoal,
    Onboarding,
    Profile,
    ProfileChanges,
    StudyLevel,
)
from twosigma.testing import PASSWORD, World, in_memory

WHOLE = Profile(
    date_of_birth=date(2000, 1, 1), learning_goal=LearningGoal.CAREER_ADVANCEMENT,
    study_level=StudyLevel.UNDERGRADUATE, grade=Grade.SOPHOMORE,
)  # fmt: skip


async def subjects(world: World, count: int = 3) -> list[int]:
    admin = (await world.user(Role.PLATFORM_ADMIN)).actor
    create = world.core.places.create_subject
    return [(await create(admin, SubjectFields(name=f"S{n}"))).id for n in range(count)]


async def test_who_is_onboarded_is_signed_in_with_profile_and_preferences() -> None:
    async with in_memory() as world:
        ids = await subjects(world)
        about = Onboarding(profile=WHOLE, subject_preferences=(ids[2], ids[0], ids[2]))
        pair = await world.core.auth.onboard(sign_up(time_zone="Asia/Tokyo"), about)
        actor = await world.core.auth.actor(pair.access_token)
        assert actor.role is Role.STUDENT
        assert (await world.core.users.me(actor)).user.time_zone == "Asia/Tokyo"
        assert await world.core.profiles.mine(actor) == ProfileView(
            profile=WHOLE, subject_preferences=(ids[2], ids[0])
        )
        await world.core.auth.refresh(pair.refresh_token)


async def test_who_says_nothing_about_himself_registers_all_the_same() -> None:
    async with in_memory() as world:
        pair = await world.core.auth.onboard(sign_up(), Onboarding())
        actor = await world.core.auth.actor(pair.access_token)
        assert await world.core.profiles.mine(actor) == ProfileView(
            profile=Profile(), subject_preferences=()
        )


async def test_all_faults_of_an_onboarding_are_told_at_once() -> None:
    async with in_memory() as world:
        form = sign_up(email="x", password="short", full_name="", locale="?", time_zone="Mars")
        about = Onboarding(
            profile=Profile(date_of_birth=date(2020, 1, 1)), subject_preferences=(1,) * 51
        )
        with pytest.raises(Invalid) as refused:
            await world.core.auth.onboard(form, about)
        assert [(fault.loc[1:], fault.type) for fault in refused.value.faults] == [
            (("email",), "value_error.email"),
            (("password",), "value_error.any_str.min_length"),
            (("full_name",), "value_error.any_str.min_length"),
            (("locale",), "value_error"),
            (("time_zone",), "value_error"),
            (("profile", "date_of_birth"), "value_error.date"),
            (("subject_preferences",), "value_error.list.max_items"),
        ]


async def test_an_unknown_subject_or_a_taken_address_leaves_nothing() -> None:
    async with in_memory() as world:
        ids = await subjects(world, 1)
        about = Onboarding(profile=WHOLE, subject_preferences=(*ids, 4711))
        for email in ("new@example.com", "user1@example.com"):  # the second is an admin's
            with pytest.raises(Missing, match=r"^Subject not found$"):
                await world.core.auth.onboard(sign_up(email=email), about)
        assert await world.core.auth.check_email("new@example.com")
        with pytest.raises(Conflict, match=r"^Email already registered$"):
            await world.core.auth.onboard(
                sign_up(email="user1@example.com"), Onboarding(subject_preferences=tuple(ids))
            )
        admin = (await world.user(Role.PLATFORM_ADMIN)).actor
        await world.core.places.remove_subject(admin, ids[0])


@pytest.mark.parametrize(
    ("zone", "is_old_enough"),
    [("Pacific/Kiritimati", True), ("Pacific/Pago_Pago", False), ("UTC", True)],
)
async def test_a_birthday_is_one_in_the_learners_own_time_zone(
    zone: str, is_old_enough: bool
) -> None:
    async with in_memory() as world:
        world.clock.set(datetime(2026, 1, 5, 10, 30, tzinfo=UTC))  # the 6th there, the 4th there
        profile = Profile(date_of_birth=date(2013, 1, 5))
        changes = ProfileChanges(date_of_birth=date(2013, 1, 5))
        who = await world.user(time_zone=zone)
        form, about = sign_up(time_zone=zone), Onboarding(profile=profile)
        if is_old_enough:
            await world.core.auth.onboard(form, about)
            view = await world.core.profiles.update_mine(who.actor, changes)
            assert view.profile == profile
            return
        with pytest.raises(Invalid):
            await world.core.auth.onboard(form, about)
        with pytest.raises(Invalid):
            await world.core.profiles.update_mine(who.actor, changes)
        assert (await world.core.profiles.mine(who.actor)).profile == Profile()


async def test_the_minimum_age_is_the_installations() -> None:
    about = Onboarding(profile=Profile(date_of_birth=date(2012, 1, 1)))
    async with in_memory(policy=Policy(minimum_age=16)) as world:
        with pytest.raises(Invalid, match="at least 16 years"):
            await world.core.auth.onboard(sign_up(), about)
    async with in_memory() as world:
        await world.core.auth.onboard(sign_up(), about)


async def test_a_profile_changes_in_what_is_sent_and_an_account_that_is_gone_has_none() -> None:
    async with in_memory() as world:
        who, profiles = await world.user(), world.core.profiles
        await profiles.update_mine(who.actor, ProfileChanges(grade=Grade.JUNIOR))
        view = await profiles.update_mine(
            who.actor, ProfileChanges(learning_goal=LearningGoal.OTHER, grade=None)
        )
        assert view.profile == Profile(learning_goal=LearningGoal.OTHER)
        assert await profiles.update_mine(who.actor, ProfileChanges()) == view
        ghost = Actor(user_id=4711, role=Role.STUDENT)
        with pytest.raises(Missing):
            await profiles.mine(ghost)
        with pytest.raises(Unauthenticated):
            await profiles.update_mine(ghost, ProfileChanges(grade=Grade.JUNIOR))
        with pytest.raises(Unauthenticated):
            await profiles.prefer(ghost, [])


async def test_preferences_are_replaced_or_refused_as_a_whole() -> None:
    async with in_memory() as world:
        ids, who, profiles = await subjects(world), await world.user(), world.core.profiles
        assert (await profiles.prefer(who.actor, [ids[1], ids[0], ids[1]])).subject_preferences == (
            ids[1], ids[0],
        )  # fmt: skip
        with pytest.raises(Missing, match=r"^Subject not found$"):
            await profiles.prefer(who.actor, [ids[2], 4711])
        with pytest.raises(Invalid) as refused:
            await profiles.prefer(who.actor, [ids[2]] * 51)
        assert refused.value.faults[0].loc == ("body", "subject_ids")
        assert (await profiles.mine(who.actor)).subject_preferences == (ids[1], ids[0])
        admin = (await world.user(Role.PLATFORM_ADMIN)).actor
        with pytest.raises(Conflict) as used:
            await world.core.places.remove_subject(admin, ids[0])
        assert used.value.code == "in_use"
        assert (await profiles.prefer(who.actor, [])).subject_preferences == ()
        await world.core.places.remove_subject(admin, ids[0])


async def test_fifty_preferences_are_set_in_as_many_statements_as_two() -> None:
    async with in_memory() as world:
        ids, who = await subjects(world, 50), await world.user()
        store = FailingStore(world.ports.store)
        profiles, calls = Profiles(store, world.clock, Policy()), []
        for count in (2, 50):
            store.calls = 0
            await profiles.prefer(who.actor, ids[:count])
            calls.append(store.calls)
        assert calls[0] == calls[1]


async def test_f51_a_profile_is_read_by_its_owner_and_by_admins_alone() -> None:
    async with in_memory() as world:
        who, teacher = await world.user(), await world.user(Role.INSTRUCTOR)
        admin = await world.user(Role.PLATFORM_ADMIN)
        await world.core.profiles.update_mine(who.actor, ProfileChanges(grade=Grade.SENIOR))
        for reader in (who, admin):
            view = await world.core.profiles.get(reader.actor, who.id)
            assert view.profile.grade is Grade.SENIOR
        for user_id in (who.id, 4711):
            with pytest.raises(Forbidden):
                await world.core.profiles.get(teacher.actor, user_id)
        with pytest.raises(Missing, match=r"^User not found$"):
            await world.core.profiles.get(admin.actor, 4711)


async def test_f120_what_is_said_at_registration_is_in_no_repr() -> None:
    form, about = sign_up(), Onboarding(profile=WHOLE)
    assert PASSWORD not in f"{form!r}{about!r}"
    assert "2000" not in f"{about!r}"
