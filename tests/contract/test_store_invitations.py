"""Invitations, and enrollments by the list, the same in every store."""

from msgspec import structs

from tests.contract.builders import (
    LATER,
    NOBODY,
    NOW,
    add_course,
    add_offering,
    add_user,
    enroll,
    make_lesson,
)
from twosigma.domain.catalog import Offering, Page
from twosigma.domain.enrollments import Enrollment, EnrollmentStatus, reactivated
from twosigma.domain.invitations import Invitation
from twosigma.ports.store import Store

EMAILS = ["b@example.org", "a@example.org", "ü@example.org"]


async def invite(store: Store, offering: Offering, *emails: str) -> None:
    async with store.write() as tx:
        await tx.invitations.lock()
        await tx.invitations.add_all(offering.id, emails, 7, NOW)


async def invited(store: Store, offering: Offering, page: Page | None = None) -> list[str]:
    async with store.read() as tx:
        rows, _ = await tx.invitations.of_offering(offering.id, page or Page())
    return [row.email for row in rows]


async def test_an_invitation_reads_back_as_it_was_added(store: Store) -> None:
    offering = await add_offering(store, await add_course(store))
    await invite(store, offering, "a@example.org")
    async with store.read() as tx:
        (row,), total = await tx.invitations.of_offering(offering.id, Page())
    assert total == 1
    assert row == Invitation(
        id=row.id, course_offering_id=offering.id, email="a@example.org", invited_by=7,
        created_at=NOW,
    )  # fmt: skip


async def test_there_is_one_for_each_address_and_offering(store: Store) -> None:
    course = await add_course(store)
    offering, other = await add_offering(store, course), await add_offering(store, course)
    await invite(store, offering, *EMAILS)
    await invite(store, offering, "a@example.org", "c@example.org")
    await invite(store, other, "a@example.org")
    await invite(store, other)
    assert await invited(store, offering) == [*EMAILS, "c@example.org"]
    assert await invited(store, offering, Page(skip=1, limit=2)) == EMAILS[1:]
    async with store.read() as tx:
        assert (await tx.invitations.of_offering(offering.id, Page(skip=9)))[1] == 4
        asked = ["a@example.org", "x@example.org"]
        assert await tx.invitations.invited(offering.id, asked) == {"a@example.org"}
        assert await tx.invitations.invited(other.id, EMAILS) == {"a@example.org"}
        assert await tx.invitations.invited(NOBODY, EMAILS) == frozenset()
        assert await tx.invitations.invited(offering.id, []) == frozenset()


async def test_an_invitation_is_taken_back_in_its_own_offering_only(store: Store) -> None:
    course = await add_course(store)
    offering, other = await add_offering(store, course), await add_offering(store, course)
    await invite(store, offering, *EMAILS)
    async with store.write() as tx:
        (first, *_), _ = await tx.invitations.of_offering(offering.id, Page())
        assert not await tx.invitations.remove(other.id, first.id)
        assert await tx.invitations.remove(offering.id, first.id)
        assert not await tx.invitations.remove(offering.id, first.id)
    assert await invited(store, offering) == EMAILS[1:]


async def test_who_registers_takes_up_every_invitation_of_the_address(store: Store) -> None:
    offerings = [await add_offering(store, await add_course(store)) for _ in range(3)]
    for offering in offerings[:2]:
        await invite(store, offering, *EMAILS)
    user = await add_user(store)
    async with store.write() as tx:
        await tx.invitations.hold()
        await tx.invitations.take_up(user.id, "a@example.org", LATER)
    for offering in offerings[:2]:
        assert await invited(store, offering) == ["b@example.org", "ü@example.org"]
    async with store.read() as tx:
        rows, total = await tx.enrollments.of_user(user.id, None, Page())
        assert total == 2
        assert {row.course_offering_id for row in rows} == {each.id for each in offerings[:2]}
        assert {(row.status, row.enrolled_at) for row in rows} == {(EnrollmentStatus.ACTIVE, LATER)}
        assert {row.course_id for row in rows} == {each.course_id for each in offerings[:2]}


async def test_who_is_not_invited_takes_up_nothing(store: Store) -> None:
    offering = await add_offering(store, await add_course(store))
    await invite(store, offering, *EMAILS)
    user = await add_user(store)
    async with store.write() as tx:
        await tx.invitations.hold()
        await tx.invitations.take_up(user.id, "A@example.org", LATER)
    async with store.read() as tx:
        assert (await tx.enrollments.of_user(user.id, None, Page()))[1] == 0
    assert await invited(store, offering) == EMAILS


async def test_many_are_enrolled_at_once_and_who_is_there_stays(store: Store) -> None:
    lesson = await make_lesson(store)
    users = [await add_user(store) for _ in range(3)]
    ids = [user.id for user in users]
    async with store.write() as tx:
        await tx.enrollments.add_all(lesson.offering.id, [*ids, lesson.user.id], LATER)
        await tx.enrollments.add_all(lesson.offering.id, [], LATER)
    async with store.read() as tx:
        rows, total = await tx.enrollments.of_offering(lesson.offering.id, None, Page())
        assert (total, rows[0]) == (4, lesson.enrollment)
        assert [row.user_id for row in rows[1:]] == ids
        assert list(rows[1:]) == [
            Enrollment(
                id=row.id, user_id=row.user_id, course_offering_id=lesson.offering.id,
                course_id=lesson.course.id, status=EnrollmentStatus.ACTIVE, enrolled_at=LATER,
            )
            for row in rows[1:]
        ]  # fmt: skip
        known = await tx.enrollments.of_users(lesson.offering.id, [ids[1], NOBODY])
        assert known == {ids[1]: rows[2]}
        assert await tx.enrollments.of_users(NOBODY, ids) == {}
        assert await tx.enrollments.get(rows[3].id) == rows[3]
        assert await tx.enrollments.get(NOBODY) is None


async def test_a_roster_is_by_id_in_pages_and_of_a_status(store: Store) -> None:
    lesson = await make_lesson(store)
    rows = [lesson.enrollment] + [
        await enroll(store, await add_user(store), lesson.offering) for _ in range(3)
    ]
    await make_lesson(store)
    rows[1] = structs.replace(rows[1], status=EnrollmentStatus.DROPPED, dropped_at=LATER)
    rows[2] = structs.replace(rows[2], status=EnrollmentStatus.DROPPED, dropped_at=LATER)
    async with store.write() as tx:
        await tx.enrollments.save_all(rows[1:3])
        await tx.enrollments.save_all([])
    async with store.read() as tx:
        roster = tx.enrollments.of_offering
        offering_id = lesson.offering.id
        assert await roster(offering_id, None, Page(skip=1, limit=2)) == (rows[1:3], 4)
        dropped = EnrollmentStatus.DROPPED
        assert await roster(offering_id, dropped, Page(limit=1)) == ([rows[1]], 2)
        assert await roster(NOBODY, None, Page()) == ([], 0)
    back = [reactivated(row, LATER) for row in rows[1:3]]
    async with store.write() as tx:
        await tx.enrollments.save_all(back)
        assert await tx.enrollments.count_active(lesson.offering.id) == 4


async def test_one_has_joined_offerings_of_a_course_whatever_the_status(store: Store) -> None:
    lesson, other = await make_lesson(store), await make_lesson(store)
    second = await add_offering(store, lesson.course)
    await add_offering(store, lesson.course)
    row = await enroll(store, lesson.user, second)
    await enroll(store, lesson.user, other.offering)
    async with store.write() as tx:
        await tx.enrollments.save(structs.replace(row, status=EnrollmentStatus.DROPPED))
    async with store.read() as tx:
        joined = await tx.enrollments.joined(lesson.user.id, lesson.course.id)
        assert joined == {lesson.offering.id, second.id}
        assert await tx.enrollments.joined(NOBODY, lesson.course.id) == frozenset()
