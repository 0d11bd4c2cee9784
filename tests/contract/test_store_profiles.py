"""Profiles, preferred subjects and password resets, the same in every store."""

from datetime import date, timedelta

from msgspec import structs

from tests.contract.builders import (
    LATER,
    NOBODY,
    NOW,
    add_course,
    add_subject,
    add_user,
    rolled_back,
)
from twosigma.domain.password_resets import PasswordReset, digest_of
from twosigma.domain.profiles import Grade, LearningGoal, Profile, StudyLevel
from twosigma.ports.store import Store

WHOLE = Profile(
    date_of_birth=date(1900, 1, 1), learning_goal=LearningGoal.OTHER,
    study_level=StudyLevel.DOCTORAL, grade=Grade.GRADE_12,
)  # fmt: skip


async def test_a_profile_is_empty_until_it_is_saved_and_again_once_removed(store: Store) -> None:
    user, other = await add_user(store), await add_user(store)
    async with store.read() as tx:
        assert await tx.profiles.get(user.id) == Profile()
        assert await tx.profiles.get(NOBODY) == Profile()
    for profile in (WHOLE, Profile(grade=Grade.OTHER), Profile()):
        async with store.write() as tx:
            await tx.profiles.save(user.id, profile)
            await tx.profiles.save(other.id, WHOLE)
        async with store.read() as tx:
            assert await tx.profiles.get(user.id) == profile
    async with store.write() as tx:
        await tx.profiles.remove(user.id)
        await tx.profiles.remove(NOBODY)
    async with store.read() as tx:
        assert await tx.profiles.get(user.id) == Profile()
        assert await tx.profiles.get(other.id) == WHOLE


async def test_preferences_keep_their_order_and_are_replaced_as_a_whole(store: Store) -> None:
    user, other = await add_user(store), await add_user(store)
    ids = [(await add_subject(store, f"S{n}", f"s{n}")).id for n in range(4)]
    async with store.write() as tx:
        await tx.profiles.set_subject_preferences(other.id, ids)
    for wanted in (ids[::-1], [ids[1], ids[3], ids[0]], [ids[2]], []):
        async with store.write() as tx:
            await tx.profiles.set_subject_preferences(user.id, wanted)
        async with store.read() as tx:
            assert list(await tx.profiles.subject_preferences(user.id)) == wanted
    async with rolled_back(store) as tx:
        await tx.profiles.remove(other.id)
    async with store.write() as tx:
        assert list(await tx.profiles.subject_preferences(other.id)) == ids
        await tx.profiles.remove(other.id)
        assert list(await tx.profiles.subject_preferences(other.id)) == []
        assert list(await tx.profiles.subject_preferences(NOBODY)) == []


async def test_a_subject_that_somebody_prefers_is_used(store: Store) -> None:
    user, subject = await add_user(store), await add_subject(store)
    async with store.write() as tx:
        await tx.profiles.set_subject_preferences(user.id, [subject.id])
    async with store.write() as tx:
        await tx.places.lock_subject(subject.id)
        assert not await tx.places.remove_subject(subject.id)
        await tx.profiles.set_subject_preferences(user.id, [])
        assert await tx.places.remove_subject(subject.id)


async def test_of_many_subjects_those_there_are_are_held(store: Store) -> None:
    await add_course(store)
    ids = [(await add_subject(store, f"S{n}", f"s{n}")).id for n in range(3)]
    async with store.write() as tx:
        assert set(await tx.places.hold_subjects([*ids[1:], NOBODY])) == set(ids[1:])
        assert set(await tx.places.hold_subjects([NOBODY])) == set()


def reset(user_id: int, name: str, **changes: object) -> PasswordReset:
    known = PasswordReset(user_id=user_id, digest=digest_of(name), created_at=NOW)
    return structs.replace(known, **changes)


async def test_resets_are_found_by_their_digest_until_they_are_removed(store: Store) -> None:
    user, other = await add_user(store), await add_user(store)
    first, second = reset(user.id, "1"), reset(user.id, "2", created_at=LATER)
    others = reset(other.id, "3")
    async with store.write() as tx:
        for each in (first, second, others):
            await tx.password_resets.add(each)
    async with store.read() as tx:
        assert list(await tx.password_resets.of_user(user.id)) == [first, second]
        assert await tx.password_resets.find(second.digest) == second
        assert await tx.password_resets.find(digest_of("4")) is None
        assert list(await tx.password_resets.of_user(NOBODY)) == []
    async with store.write() as tx:
        await tx.password_resets.remove(user.id, before=NOW)
        assert len(await tx.password_resets.of_user(user.id)) == 2
        await tx.password_resets.remove(user.id, before=NOW + timedelta(microseconds=1))
        assert list(await tx.password_resets.of_user(user.id)) == [second]
        await tx.password_resets.remove(user.id)
        await tx.password_resets.remove(NOBODY)
        assert list(await tx.password_resets.of_user(user.id)) == []
        assert await tx.password_resets.find(others.digest) == others


async def test_old_ones_of_every_account_are_forgotten(store: Store) -> None:
    user, other = await add_user(store), await add_user(store)
    kept = reset(user.id, "2", created_at=LATER)
    async with store.write() as tx:
        for each in (reset(user.id, "1"), kept, reset(other.id, "3")):
            await tx.password_resets.add(each)
        await tx.password_resets.forget(NOW)
        assert len(await tx.password_resets.of_user(user.id)) == 2
        await tx.password_resets.forget(LATER)
        assert list(await tx.password_resets.of_user(user.id)) == [kept]
        assert list(await tx.password_resets.of_user(other.id)) == []


async def test_all_of_an_account_end_and_keep_the_time_they_ended_first(store: Store) -> None:
    user, other = await add_user(store), await add_user(store)
    first, second, others = reset(user.id, "1"), reset(user.id, "2"), reset(other.id, "3")
    async with store.write() as tx:
        await tx.password_resets.add(first)
        await tx.password_resets.add(others)
        await tx.password_resets.end_all(user.id, NOW)
        await tx.password_resets.add(second)
        await tx.password_resets.end_all(user.id, LATER)
        await tx.password_resets.end_all(NOBODY, LATER)
    async with store.read() as tx:
        assert list(await tx.password_resets.of_user(user.id)) == [
            structs.replace(first, ended_at=NOW), structs.replace(second, ended_at=LATER),
        ]  # fmt: skip
        assert list(await tx.password_resets.of_user(other.id)) == [others]
