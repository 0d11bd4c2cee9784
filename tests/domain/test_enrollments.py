"""Who may join an offering, and when."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twosigma.domain.catalog import Offering
from twosigma.domain.enrollments import (
    LEARNING,
    Enrollment,
    EnrollmentStatus,
    reactivated,
    require_new,
    require_window,
)
from twosigma.domain.errors import Conflict

NOW = datetime(2026, 3, 1, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)


def offering(
    start: datetime | None = None, end: datetime | None = None, capacity: int | None = None
) -> Offering:
    return Offering(
        id=1, course_id=1, term_name="Spring", enrollment_start=start, enrollment_end=end,
        capacity=capacity, starts_at=NOW - timedelta(days=9), ends_at=NOW - timedelta(days=1),
        created_at=NOW, updated_at=NOW,
    )  # fmt: skip


def refusal(open_term: Offering, active: int = 0) -> tuple[str, str] | None:
    try:
        require_window(open_term, active, NOW)
    except Conflict as refused:
        return refused.detail, refused.code
    return None


@pytest.mark.parametrize(
    ("open_term", "active", "told"),
    [
        (offering(), 10**6, None),
        (offering(NOW, NOW, 2), 1, None),
        (offering(NOW + MOMENT), 0, ("Enrollment has not opened", "enrollment_closed")),
        (offering(None, NOW - MOMENT), 0, ("Enrollment is closed", "enrollment_closed")),
        (offering(capacity=2), 2, ("Offering is full", "offering_full")),
        (offering(capacity=2), 3, ("Offering is full", "offering_full")),
        (offering(NOW + MOMENT, capacity=1), 1, ("Enrollment has not opened", "enrollment_closed")),
    ],
)
def test_f55_the_window_and_the_capacity_gate_joining_and_the_term_s_dates_do_not(
    open_term: Offering, active: int, told: tuple[str, str] | None
) -> None:
    assert refusal(open_term, active) == told


bounds = st.none() | st.integers(-2, 2).map(lambda days: NOW + timedelta(days=days))


@settings(max_examples=60)
@given(bounds, bounds, st.none() | st.integers(1, 3), st.integers(0, 4))
def test_f55_one_may_join_if_and_only_if_all_three_allow_it(
    start: datetime | None, end: datetime | None, capacity: int | None, active: int
) -> None:
    is_open = (start is None or start <= NOW) and (end is None or end >= NOW)
    has_room = capacity is None or active < capacity
    assert (refusal(offering(start, end, capacity), active) is None) == (is_open and has_room)


@pytest.mark.parametrize("status", list(EnrollmentStatus))
def test_f55_nobody_joins_twice_and_who_dropped_may_come_back(status: EnrollmentStatus) -> None:
    existing = Enrollment(
        id=1, user_id=1, course_offering_id=1, course_id=1, status=status, enrolled_at=NOW
    )
    require_new(None)
    if status is EnrollmentStatus.DROPPED:
        require_new(existing)
    else:
        assert status in LEARNING
        with pytest.raises(Conflict) as refused:
            require_new(existing)
        assert (refused.value.detail, refused.value.code) == (
            "Already enrolled",
            "already_enrolled",
        )


def test_who_comes_back_has_the_same_row_and_is_active() -> None:
    dropped = Enrollment(
        id=7, user_id=1, course_offering_id=1, course_id=1, status=EnrollmentStatus.DROPPED,
        enrolled_at=NOW, dropped_at=NOW + MOMENT,
    )  # fmt: skip
    back = reactivated(dropped, NOW + 2 * MOMENT)
    assert (back.id, back.status, back.enrolled_at) == (7, EnrollmentStatus.ACTIVE, NOW)
    assert (back.reactivated_at, back.dropped_at) == (NOW + 2 * MOMENT, None)
