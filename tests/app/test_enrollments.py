"""Join an offering; see what one has joined."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from tests.app.school import School, build
from twosigma.app.enrollment_views import EnrollmentView
from twosigma.domain.catalog import OfferingFields, Page, Visibility
from twosigma.domain.enrollments import EnrollmentStatus
from twosigma.domain.errors import Conflict, Missing
from twosigma.testing import in_memory

DAY = timedelta(days=1)


async def term(school: School, **fields: Any) -> int:
    made = await school.core.catalog.create_offering(
        school.actor("owner"), school.course.id, OfferingFields(term_name="Term", **fields)
    )
    return made.id


async def enroll(school: School, who: str, offering_id: int) -> EnrollmentView:
    return await school.core.enrollments.enroll(school.actor(who), offering_id)


async def leave(school: School, who: str, offering_id: int) -> None:
    async with school.world.ports.store.write() as tx:
        row = await tx.enrollments.find(school.user_id(who), offering_id)
        assert row is not None
        dropped = EnrollmentStatus.DROPPED
        now = school.world.clock.now()
        await tx.enrollments.save(structs.replace(row, status=dropped, dropped_at=now))


async def test_who_enrolls_is_active_from_now_on() -> None:
    async with in_memory() as world:
        school = await build(world)
        view = await enroll(school, "stranger", school.course.offering_id)
        row = view.enrollment
        assert row.status is EnrollmentStatus.ACTIVE
        assert (row.user_id, row.enrolled_at) == (school.user_id("stranger"), world.clock.now())
        assert (row.course_id, row.reactivated_at) == (school.course.id, None)
        assert view.offering.id == school.course.offering_id
        assert view.course.id == school.course.id


@pytest.mark.parametrize("status", [EnrollmentStatus.ACTIVE, EnrollmentStatus.COMPLETED])
async def test_f55_who_is_in_it_already_cannot_enroll_again(status: EnrollmentStatus) -> None:
    async with in_memory() as world:
        school = await build(world)
        view = await enroll(school, "stranger", school.course.offering_id)
        async with world.ports.store.write() as tx:
            await tx.enrollments.save(structs.replace(view.enrollment, status=status))
        with pytest.raises(Conflict, match=r"^Already enrolled$") as refused:
            await enroll(school, "stranger", school.course.offering_id)
        assert refused.value.code == "already_enrolled"


async def test_f61_enrolling_twice_at_once_is_one_row() -> None:
    async with in_memory() as world:
        school = await build(world)
        ends = await asyncio.gather(
            *(enroll(school, "stranger", school.course.offering_id) for _ in range(4)),
            return_exceptions=True,
        )
        kinds = sorted(type(end).__name__ for end in ends)
        assert kinds == ["Conflict", "Conflict", "Conflict", "EnrollmentView"]
        _, total = await world.core.enrollments.mine(school.actor("stranger"), None, Page())
        assert total == 1


async def test_of_many_who_want_the_last_seat_one_gets_it() -> None:
    async with in_memory() as world:
        school = await build(world)
        offering_id = await term(school, capacity=1)
        people = ("stranger", "learner", "other")
        ends = await asyncio.gather(
            *(enroll(school, who, offering_id) for who in people), return_exceptions=True
        )
        refused = [end for end in ends if isinstance(end, Conflict)]
        assert [(str(each), each.code) for each in refused] == [
            ("Offering is full", "offering_full")
        ] * 2


async def test_f55_enrolling_is_open_in_its_window_bounds_included() -> None:
    async with in_memory() as world:
        school = await build(world)
        start = world.clock.now()
        offering_id = await term(
            school, enrollment_start=start + DAY, enrollment_end=start + 2 * DAY
        )
        for at, message in (
            (start, "Enrollment has not opened"),
            (start + 2 * DAY + timedelta(microseconds=1), "Enrollment is closed"),
        ):
            world.clock.set(at)
            with pytest.raises(Conflict, match=f"^{message}$") as refused:
                await enroll(school, "stranger", offering_id)
            assert refused.value.code == "enrollment_closed"
        world.clock.set(start + DAY)
        await enroll(school, "stranger", offering_id)
        world.clock.set(start + 2 * DAY)
        await enroll(school, "other", offering_id)


async def test_the_dates_of_a_term_gate_nothing() -> None:
    async with in_memory() as world:
        school = await build(world)
        now = world.clock.now()
        await enroll(school, "stranger", await term(school, starts_at=now + DAY))
        await enroll(school, "stranger", await term(school, ends_at=now - DAY))


async def test_staff_pass_window_capacity_and_privacy() -> None:
    async with in_memory() as world:
        school = await build(world)
        offering_id = await term(
            school, enrollment_start=world.clock.now() + DAY, capacity=1,
            visibility=Visibility.PRIVATE,
        )  # fmt: skip
        for who in ("assistant", "owner", "admin"):
            await enroll(school, who, offering_id)
        with pytest.raises(Conflict, match=r"^Already enrolled$"):
            await enroll(school, "owner", offering_id)


async def test_f55_a_private_offering_is_missing_to_those_outside() -> None:
    async with in_memory() as world:
        school = await build(world)
        private = await term(school, visibility=Visibility.PRIVATE)
        unlisted = await term(school, visibility=Visibility.UNLISTED)
        for offering_id in (private, 999):
            with pytest.raises(Missing, match=r"^Offering not found$"):
                await enroll(school, "stranger", offering_id)
        await enroll(school, "stranger", unlisted)
        async with world.ports.store.write() as tx:
            await tx.enrollments.add(school.user_id("stranger"), private, world.clock.now())
        with pytest.raises(Conflict, match=r"^Already enrolled$"):
            await enroll(school, "stranger", private)


async def test_who_left_comes_back_into_the_same_row_if_window_and_seats_permit() -> None:
    async with in_memory() as world:
        school = await build(world)
        start = world.clock.now()
        offering_id = await term(school, capacity=1, enrollment_end=start + 2 * DAY)
        first = (await enroll(school, "stranger", offering_id)).enrollment
        await leave(school, "stranger", offering_id)
        world.clock.set(start + DAY)
        await enroll(school, "other", offering_id)
        with pytest.raises(Conflict, match=r"^Offering is full$"):
            await enroll(school, "stranger", offering_id)
        await leave(school, "other", offering_id)
        back = (await enroll(school, "stranger", offering_id)).enrollment
        assert (back.id, back.status) == (first.id, EnrollmentStatus.ACTIVE)
        assert (back.enrolled_at, back.reactivated_at) == (start, start + DAY)
        assert back.dropped_at is None
        world.clock.set(start + 3 * DAY)
        with pytest.raises(Conflict, match=r"^Enrollment is closed$"):
            await enroll(school, "other", offering_id)


async def test_my_enrollments_are_mine_newest_first() -> None:
    async with in_memory() as world:
        school = await build(world)
        offerings = [school.course.offering_id, await term(school), await term(school)]
        for offering_id in offerings:
            await enroll(school, "stranger", offering_id)
            await world.clock.advance(1)
        await leave(school, "stranger", offerings[1])

        async def mine(
            status: EnrollmentStatus | None = None, **page: int
        ) -> tuple[list[int], int]:
            rows, total = await world.core.enrollments.mine(
                school.actor("stranger"), status, Page(**page)
            )
            return [row.offering.id for row in rows], total

        assert await mine() == (offerings[::-1], 3)
        assert await mine(skip=1, limit=1) == ([offerings[1]], 3)
        assert await mine(EnrollmentStatus.DROPPED) == ([offerings[1]], 1)
        assert await mine(EnrollmentStatus.COMPLETED) == ([], 0)
        assert await mine(skip=5) == ([], 3)
