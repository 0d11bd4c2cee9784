"""The figures of a course, and how long nothing was heard of a learner."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from twosigma.domain.course_stats import CourseCounts, course_stats, mean, silent_days
from twosigma.domain.enrollments import Enrollment, EnrollmentStatus

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
DAY = timedelta(days=1)
ACTIVE, COMPLETED, DROPPED = EnrollmentStatus


def counts(**changes: Any) -> CourseCounts:
    known: dict[str, Any] = {
        "offerings": 1, "modules": 2, "items": 3, "by_status": {}, "percent_sum": 0,
        "last_activity_at": None, **changes,
    }  # fmt: skip
    return CourseCounts(**known)


@pytest.mark.parametrize(
    ("total", "count", "wanted"),
    [(0, 0, None), (0, 5, 0.0), (1, 3, 0.3333), (2, 3, 0.6667), (1, 20_000, 0.0),
     (3, 20_000, 0.0002), (5, 20_000, 0.0002), (1, 4, 0.25), (7, 1, 7.0)],
)  # fmt: skip
def test_a_mean_is_rounded_half_even_to_four_decimals(
    total: int, count: int, wanted: float | None
) -> None:
    assert mean(total, count) == wanted


def test_a_course_that_nobody_is_in_has_no_rates() -> None:
    stats = course_stats(7, counts())
    assert stats.course_id == 7
    assert (stats.completion_rate, stats.average_progress_percent) == (None, None)
    assert (stats.total_enrollments, stats.active_enrollments, stats.last_activity_at) == (
        0, 0, None,
    )  # fmt: skip
    assert (stats.average_rating, stats.total_reviews) == (None, 0)
    assert (stats.total_offerings, stats.total_modules, stats.total_content_items) == (1, 2, 3)


def test_rates_are_over_all_enrollments_whatever_their_status() -> None:
    known = counts(by_status={ACTIVE: 1, COMPLETED: 1, DROPPED: 1}, percent_sum=500)
    stats = course_stats(7, known)
    assert (stats.total_enrollments, stats.completion_rate) == (3, 0.3333)
    assert (stats.active_enrollments, stats.completed_enrollments, stats.dropped_enrollments) == (
        1, 1, 1,
    )  # fmt: skip
    assert stats.average_progress_percent == 55.5556
    empty = course_stats(7, counts(items=0, by_status={ACTIVE: 2}))
    assert empty.average_progress_percent == 0.0


def enrollment(**changes: Any) -> Enrollment:
    known: dict[str, Any] = {"enrolled_at": NOW - 20 * DAY, **changes}
    return Enrollment(
        id=1, user_id=1, course_offering_id=1, course_id=1, status=ACTIVE, **known
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "starts_at", "last", "days"),
    [
        ({}, None, None, 20),
        ({"reactivated_at": NOW - 7 * DAY}, None, None, 7),
        ({}, NOW - 3 * DAY, NOW - 19 * DAY, 3),
        ({}, NOW + DAY, None, 0),
        ({}, None, NOW - DAY, 1),
        ({}, None, NOW - DAY + timedelta(microseconds=1), 0),
    ],
)
def test_silence_counts_from_the_last_that_was_heard_or_could_have_been(
    changes: dict[str, Any], starts_at: datetime | None, last: datetime | None, days: int
) -> None:
    assert silent_days(enrollment(**changes), starts_at, last, NOW) == days
