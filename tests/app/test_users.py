"""Accounts as their owners see them."""

from datetime import date, timedelta

import pytest
from msgspec import structs

from tests.app.failing_store import FailingStore
from twosigma.app.users import Users
from twosigma.domain.actor import Actor, Role
from twosigma.domain.catalog import Page
from twosigma.domain.errors import Conflict, Forbidden, Invalid, Missing, Unauthenticated
from twosigma.domain.users import UserChanges, UserFilter
from twosigma.testing import PASSWORD, in_memory


async def test_a_new_account_has_no_streak() -> None:
    async with in_memory() as world:
        who = await world.user()
        profile = await world.core.users.me(who.actor)
        assert profile.user == who.user
        assert (profile.current_streak_days, profile.last_activity_date) == (0, None)


async def test_a_streak_counts_days_of_turns_and_dies_after_a_day_without_one() -> None:
    async with in_memory() as world:
        course = await world.course(items=3)
        who = await world.learner(course)
        for at in range(3):
            await (await who.open(course.items[at])).greet()
            profile = await world.core.users.me(who.actor)
            assert profile.current_streak_days == at + 1
            world.clock.set(world.clock.now() + timedelta(days=1))
        assert (await world.core.users.me(who.actor)).current_streak_days == 3
        world.clock.set(world.clock.now() + timedelta(days=1))
        profile = await world.core.users.me(who.actor)
        assert profile.current_streak_days == 0
        assert profile.last_activity_date == date(2026, 1, 7)


async def test_reading_and_signing_in_are_no_activity() -> None:
    async with in_memory() as world:
        course = await world.course()
        who = await world.learner(course)
        await who.open(course.items[0])
        await world.core.auth.login(who.user.email, "correct horse battery")
        await world.core.content.get(who.actor, course.items[0])
        assert (await world.core.users.me(who.actor)).last_activity_date is None


async def test_the_day_is_that_of_the_learners_time_zone() -> None:
    async with in_memory() as world:
        course = await world.course()
        days = []
        for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):  # UTC+14, UTC-11; at 12:00 UTC
            who = await world.learner(course, time_zone=zone)
            await (await who.open(course.items[0])).greet()
            days.append((await world.core.users.me(who.actor)).last_activity_date)
        assert days == [date(2026, 1, 6), date(2026, 1, 5)]


async def test_an_account_that_is_gone_is_missing() -> None:
    async with in_memory() as world:
        with pytest.raises(Missing, match=r"^User not found$"):
            await world.core.users.me(Actor(user_id=4711, role=Role.STUDENT))


async def test_an_account_changes_what_is_sent_and_nothing_else() -> None:
    async with in_memory() as world:
        who = await world.user()
        await world.clock.advance(60)
        after = (await world.core.users.update_me(who.actor, UserChanges(full_name=" Jane "))).user
        assert after == structs.replace(who.user, full_name="Jane", updated_at=world.clock.now())
        await world.clock.advance(60)
        same = UserChanges(full_name="Jane", locale="EN")
        assert (await world.core.users.update_me(who.actor, same)).user == after
        assert (await world.core.users.me(who.actor)).user == after
        with pytest.raises(Invalid):
            await world.core.users.update_me(who.actor, UserChanges(full_name="J", locale="?"))
        assert (await world.core.users.me(who.actor)).user == after
        with pytest.raises(Missing):
            await world.core.users.update_me(
                Actor(user_id=4711, role=Role.STUDENT), UserChanges(locale="es")
            )


async def test_f57_a_student_reads_only_himself_and_learns_of_nobody() -> None:
    async with in_memory() as world:
        who, other = await world.user(), await world.user()
        assert (await world.core.users.get(who.actor, who.id)).user == who.user
        refusals = set()
        for user_id in (other.id, 4711):
            with pytest.raises(Forbidden) as refused:
                await world.core.users.get(who.actor, user_id)
            refusals.add((str(refused.value), refused.value.code))
        assert len(refusals) == 1
        with pytest.raises(Forbidden):
            await world.core.users.list(who.actor, UserFilter(), Page())
        teacher = await world.user(Role.INSTRUCTOR)
        with pytest.raises(Missing, match=r"^User not found$"):
            await world.core.users.get(teacher.actor, 4711)


async def test_a_list_shows_the_streaks_that_each_sees_in_as_many_reads_for_any_length() -> None:
    async with in_memory() as world:
        course = await world.course(items=2)
        ada, bob = await world.learner(course), await world.learner(course, time_zone="Asia/Tokyo")
        for at in range(2):
            await (await ada.open(course.items[at])).greet()
            await (await ada.open(course.items[at])).greet()
            await world.clock.advance(60 * 60 * 24)
        await (await bob.open(course.items[0])).greet()
        teacher = await world.user(Role.INSTRUCTOR)
        store = FailingStore(world.ports.store)
        users, calls = Users(store, world.clock), []
        for limit in (1, 100):
            store.calls = 0
            rows, total = await users.list(teacher.actor, UserFilter(), Page(limit=limit))
            calls.append(store.calls)
            assert len(rows) == min(limit, total)
        assert calls[0] == calls[1] == 3
        shown = {row.user.id: row for row in rows}
        for who in (ada, bob, teacher):
            assert shown[who.id] == await world.core.users.me(who.actor)
        assert (shown[ada.id].current_streak_days, shown[bob.id].current_streak_days) == (2, 1)


async def test_f36_a_role_that_is_taken_away_is_gone_at_the_next_request() -> None:
    async with in_memory() as world:
        admin, teacher = await world.user(Role.PLATFORM_ADMIN), await world.user(Role.INSTRUCTOR)
        pair = await world.core.auth.login(teacher.user.email, PASSWORD)
        await world.clock.advance(60)
        shown = await world.core.users.set_role(admin.actor, teacher.id, Role.STUDENT)
        assert shown.user == structs.replace(
            teacher.user, role=Role.STUDENT, updated_at=world.clock.now()
        )
        now = await world.core.auth.actor(pair.access_token)
        assert now == Actor(user_id=teacher.id, role=Role.STUDENT)
        with pytest.raises(Forbidden):
            await world.core.users.list(now, UserFilter(), Page())
        await world.clock.advance(60)
        again = await world.core.users.set_role(admin.actor, teacher.id, Role.STUDENT)
        assert again == shown
        with pytest.raises(Missing):
            await world.core.users.set_role(admin.actor, 4711, Role.STUDENT)


async def test_f36_who_is_switched_off_is_out_everywhere_and_stays_so_when_back() -> None:
    async with in_memory() as world:
        auth, users = world.core.auth, world.core.users
        admin, who, other = [
            await world.user(role) for role in (Role.PLATFORM_ADMIN, Role.STUDENT, Role.STUDENT)
        ]
        pairs = [await auth.login(who.user.email, PASSWORD) for _ in range(2)]
        others = await auth.login(other.user.email, PASSWORD)
        off = await users.set_status(admin.actor, who.id, is_active=False)
        assert not off.user.is_active
        for pair in pairs:
            with pytest.raises(Unauthenticated):
                await auth.actor(pair.access_token)
        with pytest.raises(Forbidden, match=r"^Account is inactive$"):
            await auth.login(who.user.email, PASSWORD)
        assert (await users.set_status(admin.actor, who.id, is_active=True)).user.is_active
        for pair in pairs:
            with pytest.raises(Unauthenticated):
                await auth.refresh(pair.refresh_token)
        await auth.refresh((await auth.login(who.user.email, PASSWORD)).refresh_token)
        await auth.refresh(others.refresh_token)


async def test_the_last_active_admin_can_neither_be_demoted_nor_switched_off() -> None:
    async with in_memory() as world:
        users = world.core.users
        admin, second = [await world.user(Role.PLATFORM_ADMIN) for _ in range(2)]
        await users.set_status(admin.actor, second.id, is_active=False)
        with pytest.raises(Conflict) as refused:
            await users.set_role(admin.actor, admin.id, Role.INSTRUCTOR)
        assert refused.value.code == "last_admin"
        with pytest.raises(Conflict):
            await users.set_status(admin.actor, admin.id, is_active=False)
        await users.set_role(admin.actor, admin.id, Role.PLATFORM_ADMIN)
        await users.set_status(admin.actor, second.id, is_active=True)
        await users.set_role(second.actor, admin.id, Role.STUDENT)
        assert (await users.me(admin.actor)).user.role is Role.STUDENT
