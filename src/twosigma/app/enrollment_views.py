"""Enrollments as they are shown: with what they are in, and how far."""

from collections.abc import Sequence

from msgspec import Struct

from twosigma.domain.catalog import Course, Offering
from twosigma.domain.enrollments import Enrollment
from twosigma.ports.store import Read


class EnrollmentView(Struct, frozen=True, kw_only=True):
    """An enrollment with what it is in; the percent is that of today's live items."""

    enrollment: Enrollment
    offering: Offering
    course: Course
    progress_percent: int


async def viewed(tx: Read, rows: Sequence[Enrollment]) -> list[EnrollmentView]:
    """The rows as they are shown, in the same number of statements however many there are."""
    offerings = await tx.catalog.get_offerings({row.course_offering_id for row in rows})
    courses = await tx.catalog.get_courses({row.course_id for row in rows})
    tallies = await tx.progress.tallies([row.id for row in rows])
    return [
        EnrollmentView(
            enrollment=row,
            offering=offerings[row.course_offering_id],
            course=courses[row.course_id],
            progress_percent=tallies[row.id].percent,
        )
        for row in rows
    ]
