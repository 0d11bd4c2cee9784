"""Enrollments: join an offering, see what one has joined, and who is in it."""

from datetime import datetime
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from twosigma.adapters.http.access import Access
from twosigma.adapters.http.courses import Code, Title
from twosigma.adapters.http.offerings import OfferingPath, TermName
from twosigma.adapters.http.route import Group
from twosigma.adapters.http.wire import Id, Limit, Listed, Skip
from twosigma.app.core import TwoSigma
from twosigma.app.enrollment_views import EnrollmentView
from twosigma.app.enrollments import RosterRow
from twosigma.domain.actor import Actor
from twosigma.domain.catalog import Page
from twosigma.domain.enrollments import EnrollmentStatus

enrollments = Group("Enrollments", "Course enrollment management")


class EnrollmentPath(Struct, frozen=True, kw_only=True):
    enrollment_id: Id


class EnrollBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`user_id`: for staff of the course, who may enroll others."""

    course_offering_id: Id
    user_id: Id | None = None


class UpdateEnrollmentBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    status: EnrollmentStatus | UnsetType = UNSET


class ListEnrollmentsQuery(Struct, frozen=True, kw_only=True):
    status: EnrollmentStatus | None = None
    skip: Skip = 0
    limit: Limit = 100


class EnrolledCourseOut(Struct, frozen=True, kw_only=True):
    id: Id
    title: Title
    code: Code


class EnrolledOfferingOut(Struct, frozen=True, kw_only=True):
    id: Id
    term_name: TermName
    course: EnrolledCourseOut


class EnrollmentOut(Struct, frozen=True, kw_only=True):
    id: Id
    user_id: Id
    course_offering_id: Id
    status: EnrollmentStatus
    enrolled_at: datetime
    completed_at: datetime | None
    dropped_at: datetime | None
    reactivated_at: datetime | None
    progress_percent: Annotated[int, Meta(ge=0, le=100, examples=[50])]
    course_offering: EnrolledOfferingOut


class RosterRowOut(EnrollmentOut, frozen=True, kw_only=True):
    user_email: Annotated[str, Meta(examples=["user@example.com"])]
    user_name: Annotated[str, Meta(examples=["John Doe"])]
    last_activity_at: datetime | None


def enrollment_out(view: EnrollmentView) -> EnrollmentOut:
    row, course = view.enrollment, view.course
    return EnrollmentOut(
        id=row.id,
        user_id=row.user_id,
        course_offering_id=row.course_offering_id,
        status=row.status,
        enrolled_at=row.enrolled_at,
        completed_at=row.completed_at,
        dropped_at=row.dropped_at,
        reactivated_at=row.reactivated_at,
        progress_percent=view.progress_percent,
        course_offering=EnrolledOfferingOut(
            id=view.offering.id,
            term_name=view.offering.term_name,
            course=EnrolledCourseOut(id=course.id, title=course.title, code=course.code),
        ),
    )


def roster_row_out(row: RosterRow) -> RosterRowOut:
    shown = enrollment_out(row.view)
    return RosterRowOut(
        **{field: getattr(shown, field) for field in EnrollmentOut.__struct_fields__},
        user_email=row.user.email,
        user_name=row.user.full_name,
        last_activity_at=row.last_activity_at,
    )


@enrollments.route("GET", "/enrollments/my-enrollments", access=Access.USER)
async def list_my_enrollments(
    core: TwoSigma, actor: Actor, query: ListEnrollmentsQuery
) -> Listed[EnrollmentOut]:
    """Get one's own enrollments, newest first."""
    page = Page(skip=query.skip, limit=query.limit)
    views, total = await core.enrollments.mine(actor, query.status, page)
    return Listed([enrollment_out(view) for view in views], total)


@enrollments.route("POST", "/enrollments/", access=Access.USER, status=201, refuses=(400, 403, 404))
async def enroll_in_course(core: TwoSigma, actor: Actor, body: EnrollBody) -> EnrollmentOut:
    """Enroll in an offering, or come back to it; staff of the course may enroll others."""
    return enrollment_out(
        await core.enrollments.enroll(actor, body.course_offering_id, body.user_id)
    )


@enrollments.route("GET", "/enrollments/{enrollment_id}", access=Access.USER, refuses=(404,))
async def get_enrollment(core: TwoSigma, actor: Actor, path: EnrollmentPath) -> EnrollmentOut:
    """Get an enrollment: one's own, or one in a course whose staff one is of."""
    return enrollment_out(await core.enrollments.get(actor, path.enrollment_id))


@enrollments.route(
    "GET", "/courses/{course_id}/offerings/{offering_id}/enrollments", access=Access.USER,
    refuses=(403, 404),
)  # fmt: skip
async def list_offering_enrollments(
    core: TwoSigma, actor: Actor, path: OfferingPath, query: ListEnrollmentsQuery
) -> Listed[RosterRowOut]:
    """List who is enrolled in an offering; for the course's staff."""
    page = Page(skip=query.skip, limit=query.limit)
    rows, total = await core.enrollments.roster(
        actor, path.course_id, path.offering_id, query.status, page
    )
    return Listed([roster_row_out(row) for row in rows], total)


@enrollments.route("PUT", "/enrollments/{enrollment_id}", access=Access.USER, refuses=(400, 404))
async def update_enrollment_status(
    core: TwoSigma, actor: Actor, path: EnrollmentPath, body: UpdateEnrollmentBody
) -> EnrollmentOut:
    """Complete an enrollment, leave it, or come back to it; staff of the course may do so for
    their learners, and open what was completed again."""
    status = None if body.status is UNSET else body.status
    return enrollment_out(await core.enrollments.set_status(actor, path.enrollment_id, status))
