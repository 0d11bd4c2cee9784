"""Which courses somebody is told of, in which order, and why."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from twosigma.domain.catalog import Offering, Visibility
from twosigma.domain.recommendations import Candidate, Reason, recommended

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def candidate(
    offering_id: int, course_id: int, *, subject: int | None = None, active: int = 0,
    learners: int = 0, **fields: Any,
) -> Candidate:  # fmt: skip
    offering = Offering(
        id=offering_id, course_id=course_id, term_name="Spring", created_at=NOW, updated_at=NOW,
        **fields,
    )  # fmt: skip
    return Candidate(offering=offering, subject_id=subject, active=active, learners=learners)


def told(*candidates: Candidate, preferences: tuple[int, ...] = ()) -> list[tuple[int, str]]:
    return [(each.course_id, each.reason) for each in recommended(candidates, preferences, NOW)]


def test_preferred_subjects_come_first_in_their_order_then_learners_then_ids() -> None:
    known = (
        candidate(1, 1), candidate(2, 2), candidate(3, 3, subject=7, learners=50),
        candidate(4, 4, subject=8), candidate(5, 5, subject=9), candidate(6, 6, subject=9),
    )  # fmt: skip
    assert told(*known, preferences=(9, 8)) == [
        (5, Reason.SUBJECT_PREFERENCE), (6, Reason.SUBJECT_PREFERENCE),
        (4, Reason.SUBJECT_PREFERENCE), (3, Reason.POPULAR), (1, Reason.OPEN_NOW),
    ]  # fmt: skip
    assert told(*known) == [
        (3, Reason.POPULAR), (1, Reason.OPEN_NOW), (2, Reason.OPEN_NOW), (4, Reason.OPEN_NOW),
        (5, Reason.OPEN_NOW),
    ]  # fmt: skip


def test_only_what_can_be_joined_now_and_is_listed_is_recommended() -> None:
    assert told(
        candidate(1, 1, enrollment_start=NOW + DAY),
        candidate(2, 2, enrollment_end=NOW - DAY),
        candidate(3, 3, capacity=2, active=2),
        candidate(4, 4, visibility=Visibility.UNLISTED),
        candidate(5, 5, visibility=Visibility.PRIVATE),
        candidate(6, 6, enrollment_start=NOW, enrollment_end=NOW, capacity=2, active=1),
    ) == [(6, Reason.OPEN_NOW)]


def test_a_course_is_told_once_by_its_first_open_offering() -> None:
    full = candidate(1, 1, capacity=1, active=1)
    (one,) = recommended([candidate(3, 1), candidate(2, 1), full], (), NOW)
    assert (one.course_id, one.course_offering_id) == (1, 2)


candidates = st.builds(
    lambda offering, course, subject, learners, capacity: candidate(
        offering, course, subject=subject, learners=learners, capacity=capacity, active=1
    ),
    st.integers(1, 30), st.integers(1, 9), st.none() | st.integers(1, 4), st.integers(0, 3),
    st.none() | st.integers(1, 2),
)  # fmt: skip


@given(st.lists(candidates, max_size=20), st.lists(st.integers(1, 4)), st.randoms())
def test_any_order_of_candidates_gives_at_most_five_open_courses_best_first(
    known: list[Candidate], preferences: list[int], chance: Random
) -> None:
    # One subject and one number of learners for each course, and one row for each offering.
    known = list({each.offering.course_id: each for each in known}.values())
    known = list({each.offering.id: each for each in known}.values())
    found = recommended(known, preferences, NOW)
    chance.shuffle(known)
    assert recommended(known, preferences, NOW) == found
    is_open = [each for each in known if each.offering.capacity != 1]
    wanted = sorted(
        is_open,
        key=lambda each: (
            preferences.index(each.subject_id) if each.subject_id in preferences else 99,
            -each.learners,
            each.offering.course_id,
        ),
    )
    assert [each.course_id for each in found] == [each.offering.course_id for each in wanted[:5]]
