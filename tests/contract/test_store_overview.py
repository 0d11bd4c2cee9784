"""What an account's first page is made of, the same in every store."""

from datetime import timedelta
from typing import Any

from msgspec import structs

from tests.contract.builders import (
    LATER,
    NOBODY,
    NOW,
    add_course,
    add_item,
    add_module,
    add_offering,
    add_session,
    add_subject,
    add_user,
    enroll,
    event_of,
    make_lesson,
)
from twosigma.domain.activity import ActivityEvent
from twosigma.domain.catalog import Course, Offering, OfferingFields, Visibility
from twosigma.domain.enrollments import Enrollment, EnrollmentStatus
from twosigma.domain.overview import RecentActivity
from twosigma.domain.recommendations import Candidate
from twosigma.ports.store import Store

MOMENT = timedelta(microseconds=1)
ACTIVE, COMPLETED, DROPPED = EnrollmentStatus


async def turn(store: Store, row: Enrollment, status: EnrollmentStatus) -> None:
    async with store.write() as tx:
        await tx.enrollments.save(structs.replace(row, status=status))


async def offer(store: Store, course: Course, **fields: Any) -> Offering:
    async with store.write() as tx:
        return await tx.catalog.add_offering(
            course.id, OfferingFields(term_name="Term", **fields), NOW
        )


async def candidates(store: Store, user_id: int) -> list[Candidate]:
    async with store.read() as tx:
        found = await tx.overview.candidates(user_id, NOW)
    return sorted(found, key=lambda one: one.offering.id)


async def test_a_course_that_was_completed_twice_counts_once(store: Store) -> None:
    lesson, other = await make_lesson(store), await make_lesson(store)
    rows = [
        lesson.enrollment,
        await enroll(store, lesson.user, await add_offering(store, lesson.course)),
        await enroll(store, lesson.user, other.offering),
        await enroll(store, lesson.user, await add_offering(store, await add_course(store))),
    ]
    for row, status in zip(rows, (COMPLETED, COMPLETED, COMPLETED, DROPPED), strict=True):
        await turn(store, row, status)
    async with store.read() as tx:
        assert await tx.overview.completed_courses(lesson.user.id) == 2
        assert await tx.overview.completed_courses(other.user.id) == 0
        assert await tx.overview.completed_courses(NOBODY) == 0


async def test_what_was_done_last_comes_newest_first_with_its_title(store: Store) -> None:
    lesson = await make_lesson(store)
    session = await add_session(store, lesson)
    here = await add_module(store, lesson.course, title="Fractions")
    item = await add_item(store, here, title="Halves")
    told = ActivityEvent(
        user_id=lesson.user.id, occurred_at=NOW, time_zone="UTC", kind="progress",
        course_id=lesson.course.id, content_item_id=item.id, as_staff=False,
    )  # fmt: skip
    events = [
        event_of(lesson, session, "t", occurred_at=NOW),
        structs.replace(told, occurred_at=LATER),
        structs.replace(told, occurred_at=LATER, content_item_id=None, module_id=here.id),
        structs.replace(told, occurred_at=NOW + MOMENT, content_item_id=NOBODY),
        structs.replace(told, user_id=NOBODY),
    ]
    async with store.write() as tx:
        for event in events:
            await tx.activity.append(event)
    async with store.read() as tx:
        recent = list(await tx.overview.recent(lesson.user.id, 10))
        assert list(await tx.overview.recent(lesson.user.id, 1)) == recent[:1]
    about: dict[str, Any] = {"type": "progress", "course_id": lesson.course.id}
    of_item = {"module_id": here.id, "content_item_id": item.id, "title": "Halves"}
    in_session = {"content_item_id": lesson.item.id, "module_id": lesson.item.module_id}
    wanted: list[dict[str, Any]] = [
        {"module_id": here.id, "content_item_id": None, "title": "Fractions", "occurred_at": LATER},
        of_item | {"occurred_at": LATER},
        {"module_id": None, "content_item_id": NOBODY, "title": None, "occurred_at": NOW + MOMENT},
        in_session | {"type": "chat_turn", "title": lesson.item.title, "occurred_at": NOW},
    ]
    assert recent == [RecentActivity(**(about | each)) for each in wanted]


async def test_candidates_are_listed_offerings_of_published_courses_in_their_window(
    store: Store,
) -> None:
    user = await add_user(store)
    subject = await add_subject(store)
    course = await add_course(store, primary_subject_id=subject.id)
    first = await offer(store, course)
    second = await offer(store, course, enrollment_start=NOW, enrollment_end=NOW, capacity=1)
    await offer(store, course, enrollment_start=NOW + MOMENT)
    await offer(store, course, enrollment_end=NOW - MOMENT)
    for visibility in (Visibility.UNLISTED, Visibility.PRIVATE):
        await offer(store, course, visibility=visibility)
    await offer(store, await add_course(store, is_published=False))
    for offering, status in (
        (first, ACTIVE), (first, COMPLETED), (first, DROPPED), (second, ACTIVE),
    ):  # fmt: skip
        await turn(store, await enroll(store, await add_user(store), offering), status)
    assert await candidates(store, user.id) == [
        Candidate(offering=first, subject_id=subject.id, active=1, learners=3),
        Candidate(offering=second, subject_id=subject.id, active=1, learners=3),
    ]


async def test_a_course_that_one_learns_or_has_learned_is_no_candidate(store: Store) -> None:
    user, course = await add_user(store), await add_course(store)
    past, now = await add_offering(store, course), await add_offering(store, course)
    row = await enroll(store, user, past)
    for status, wanted in ((ACTIVE, []), (COMPLETED, []), (DROPPED, [past.id, now.id])):
        await turn(store, row, status)
        assert [each.offering.id for each in await candidates(store, user.id)] == wanted
