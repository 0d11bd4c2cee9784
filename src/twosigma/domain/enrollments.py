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


class By(StrEnum):
    """As what somebody changes an enrollment: it is their own, or they are of the staff."""

    LEARNER = "learner"
    STAFF = "staff"


class Opening(Struct, frozen=True, kw_only=True):
    """What decides whether somebody may join an offering now."""

    offering: Offering
    active: int


def moved(
    enrollment: Enrollment,
    to: EnrollmentStatus,
    by: By,
    *,
    is_complete: bool,
    opening: Opening,
    now: datetime,
) -> Enrollment:
    """The enrollment in another status; unchanged where it has that status already.

    Learners complete what is complete, leave what they are in, and come back as others join;
    only staff open what was completed again. Raises Conflict for every other move.
    """
    if to is enrollment.status:
        return enrollment
    is_learner = by is By.LEARNER
    match enrollment.status, to:
        case EnrollmentStatus.ACTIVE, EnrollmentStatus.COMPLETED:
            if is_learner and not is_complete:
                raise Conflict("Not every content item is complete yet", code="not_complete")
            return structs.replace(enrollment, status=to, completed_at=now)
        case EnrollmentStatus.ACTIVE, EnrollmentStatus.DROPPED:
            return structs.replace(enrollment, status=to, dropped_at=now)
        case EnrollmentStatus.DROPPED, EnrollmentStatus.ACTIVE:
            if is_learner:
                require_window(opening.offering, opening.active, now)
            return reactivated(enrollment, now)
        case EnrollmentStatus.COMPLETED, EnrollmentStatus.ACTIVE if not is_learner:
            return reactivated(enrollment, now)
    raise Conflict(f"An enrollment cannot go from {enrollment.status} to {to}", code="status_fixed")


def reactivated(enrollment: Enrollment, now: datetime) -> Enrollment:
    """The enrollment ACTIVE again, as what it was enrolled first."""
    return structs.replace(
        enrollment,
        status=EnrollmentStatus.ACTIVE,
        reactivated_at=now,
        completed_at=None,
        dropped_at=None,
    )


def require_seats(before: Offering, after: Offering, active: int) -> None:
    """Raise Conflict where a new capacity is less than the learners who are in it. One that
    staff have passed stays as it is."""
    is_new = after.capacity != before.capacity
    if is_new and after.capacity is not None and after.capacity < active:
        raise Conflict(f"{active} learners are active in this offering", code="capacity_too_small")
