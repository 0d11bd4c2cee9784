"""Enrollments: who may join an offering, and when."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct, structs

from twosigma.domain.catalog import Offering
from twosigma.domain.errors import Conflict


class EnrollmentStatus(StrEnum):
    ACTIVE = "ACTIVE"
    COMPLETED = "COMPLETED"
    DROPPED = "DROPPED"


LEARNING = frozenset({EnrollmentStatus.ACTIVE, EnrollmentStatus.COMPLETED})


class Enrollment(Struct, frozen=True, kw_only=True):
    """One row for each account and offering, for ever."""

    id: int
    user_id: int
    course_offering_id: int
    course_id: int
    status: EnrollmentStatus
    enrolled_at: datetime
    reactivated_at: datetime | None = None
    completed_at: datetime | None = None
    dropped_at: datetime | None = None


def require_window(offering: Offering, active: int, now: datetime) -> None:
    """Raise Conflict unless a learner may join now; `active`: how many are in it already."""
    if offering.enrollment_start is not None and now < offering.enrollment_start:
        raise Conflict("Enrollment has not opened", code="enrollment_closed")
    if offering.enrollment_end is not None and now > offering.enrollment_end:
        raise Conflict("Enrollment is closed", code="enrollment_closed")
    if offering.capacity is not None and active >= offering.capacity:
        raise Conflict("Offering is full", code="offering_full")


def require_new(existing: Enrollment | None) -> None:
    """Raise Conflict for someone who is in it already; a dropped one may come back."""
    if existing is not None and existing.status in LEARNING:
        raise Conflict("Already enrolled", code="already_enrolled")


def reactivated(dropped: Enrollment, now: datetime) -> Enrollment:
    """The enrollment of one who comes back: the same row, active again."""
    return structs.replace(
        dropped, status=EnrollmentStatus.ACTIVE, reactivated_at=now, dropped_at=None
    )


def require_seats(before: Offering, after: Offering, active: int) -> None:
    """Raise Conflict where a new capacity is less than the learners who are in it. One that
    staff have passed stays as it is."""
    is_new = after.capacity != before.capacity
    if is_new and after.capacity is not None and after.capacity < active:
        raise Conflict(f"{active} learners are active in this offering", code="capacity_too_small")
