"""The first page of an account."""

from datetime import datetime

from msgspec import Struct

from twosigma.adapters.http.access import Access
from twosigma.adapters.http.courses import CourseOut, course_out
from twosigma.adapters.http.enrollments import EnrollmentOut, enrollment_out
from twosigma.adapters.http.progress import Count
from twosigma.adapters.http.route import Group
from twosigma.adapters.http.wire import Id
from twosigma.app.catalog import CourseView
from twosigma.app.core import TwoSigma
from twosigma.app.overview import ActiveEnrollment, OverviewPage, RecommendedCourse
from twosigma.domain.activity import Kind
from twosigma.domain.actor import Actor
from twosigma.domain.overview import RecentActivity
from twosigma.domain.recommendations import Reason

overview = Group("Users", "User management and profiles")


class ActiveEnrollmentOut(EnrollmentOut, frozen=True, kw_only=True):
    """`next_content_item_id`: the first item that is left to do."""

    next_content_item_id: Id | None


class RecommendedCourseOut(CourseOut, frozen=True, kw_only=True):
    """`course_offering_id`: what to enroll in."""

    course_offering_id: Id
    reason: Reason


class RecentActivityOut(Struct, frozen=True, kw_only=True):
    """What was done in something that is gone has no title."""

    type: Kind
    course_id: Id | None
    module_id: Id | None
    content_item_id: Id | None
    title: str | None
    occurred_at: datetime


class OverviewStatsOut(Struct, frozen=True, kw_only=True):
    completed_courses: Count
    current_streak: Count


class OverviewOut(Struct, frozen=True, kw_only=True):
    active_enrollments: list[ActiveEnrollmentOut]
    recommended_courses: list[RecommendedCourseOut]
    recent_activity: list[RecentActivityOut]
    stats: OverviewStatsOut


def _shown(part: Struct, out: type[Struct]) -> dict[str, object]:
    return {name: getattr(part, name) for name in out.__struct_fields__}


def active_enrollment_out(active: ActiveEnrollment) -> ActiveEnrollmentOut:
    return ActiveEnrollmentOut(
        next_content_item_id=active.next_content_item_id,
        **_shown(enrollment_out(active.view), EnrollmentOut),  # type: ignore[arg-type]  # its fields
    )


def recommended_course_out(told: RecommendedCourse) -> RecommendedCourseOut:
    course = course_out(CourseView(course=told.course, is_staff=False))
    return RecommendedCourseOut(
        course_offering_id=told.course_offering_id,
        reason=told.reason,
        **_shown(course, CourseOut),  # type: ignore[arg-type]  # its fields
    )


def recent_activity_out(activity: RecentActivity) -> RecentActivityOut:
    return RecentActivityOut(**_shown(activity, RecentActivityOut))  # type: ignore[arg-type]  # its fields


def overview_out(page: OverviewPage) -> OverviewOut:
    return OverviewOut(
        active_enrollments=[active_enrollment_out(each) for each in page.active],
        recommended_courses=[recommended_course_out(each) for each in page.recommended],
        recent_activity=[recent_activity_out(each) for each in page.recent],
        stats=OverviewStatsOut(
            completed_courses=page.completed_courses, current_streak=page.current_streak
        ),
    )


@overview.route("GET", "/users/me/overview", access=Access.USER)
async def get_user_overview(core: TwoSigma, actor: Actor) -> OverviewOut:
    """Get what one learns, could learn, did last, and for how many days in a row."""
    return overview_out(await core.overview.show(actor))
