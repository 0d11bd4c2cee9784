"""A course in figures, for those who teach it."""

from datetime import datetime, timedelta
from fractions import Fraction

from msgspec import Struct

from twosigma.domain.enrollments import Enrollment, EnrollmentStatus

DIGITS = 4
_DAY = timedelta(hours=24)


class CourseCounts(Struct, frozen=True, kw_only=True):
    """What is counted of a course: modules and items are the live ones; `percent_sum` is that of
    all enrollments, whatever their status, over these items."""

    offerings: int
    modules: int
    items: int
    by_status: dict[EnrollmentStatus, int]
    percent_sum: int
    last_activity_at: datetime | None


class CourseStats(Struct, frozen=True, kw_only=True):
    """Rates are 0 to 1; None where there is nothing to average."""

    course_id: int
    total_offerings: int
    total_modules: int
    total_content_items: int
    total_enrollments: int
    active_enrollments: int
    completed_enrollments: int
    dropped_enrollments: int
    completion_rate: float | None
    average_progress_percent: float | None
    average_rating: float | None
    total_reviews: int
    last_activity_at: datetime | None


def mean(total: int, count: int) -> float | None:
    """The mean, rounded half-even to four decimals; None of nothing."""
    return float(round(Fraction(total, count), DIGITS)) if count else None


def course_stats(course_id: int, counts: CourseCounts) -> CourseStats:
    """The figures of a course. Nobody can review one, so that it has no rating."""
    by_status = {status: counts.by_status.get(status, 0) for status in EnrollmentStatus}
    total = sum(by_status.values())
    completed = by_status[EnrollmentStatus.COMPLETED]
    return CourseStats(
        course_id=course_id,
        total_offerings=counts.offerings,
        total_modules=counts.modules,
        total_content_items=counts.items,
        total_enrollments=total,
        active_enrollments=by_status[EnrollmentStatus.ACTIVE],
        completed_enrollments=completed,
        dropped_enrollments=by_status[EnrollmentStatus.DROPPED],
        completion_rate=mean(completed, total),
        average_progress_percent=mean(counts.percent_sum, max(counts.items, 1) * total),
        average_rating=None,
        total_reviews=0,
        last_activity_at=counts.last_activity_at,
    )


def silent_days(
    enrollment: Enrollment,
    starts_at: datetime | None,
    last_activity_at: datetime | None,
    now: datetime,
) -> int:
    """For how many whole days (24 h) nothing was heard of a learner: since the last activity in
    the course, or since there could have been one."""
    known = (enrollment.reactivated_at, starts_at, last_activity_at)
    since = max([enrollment.enrolled_at, *(at for at in known if at is not None)])
    return max((now - since) // _DAY, 0)
