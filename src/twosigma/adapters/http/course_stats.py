"""Courses in figures."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct, structs

from twosigma.adapters.http.access import Access
from twosigma.adapters.http.courses import CoursePath
from twosigma.adapters.http.progress import Count
from twosigma.adapters.http.route import Group
from twosigma.adapters.http.wire import Id
from twosigma.app.core import TwoSigma
from twosigma.domain.actor import Actor

course_stats = Group("Courses", "Course definitions and offerings")

Rate = Annotated[float, Meta(ge=0, le=1, examples=[0.25])]
Average = Annotated[float, Meta(ge=0, le=100, examples=[42.5])]


class CourseStatsOut(Struct, frozen=True, kw_only=True):
    """Modules and items are those that learners see. Averages of nothing are null."""

    course_id: Id
    total_offerings: Count
    total_modules: Count
    total_content_items: Count
    total_enrollments: Count
    active_enrollments: Count
    completed_enrollments: Count
    dropped_enrollments: Count
    completion_rate: Rate | None
    average_progress_percent: Average | None
    average_rating: Average | None
    total_reviews: Count
    last_activity_at: datetime | None


@course_stats.route("GET", "/courses/{course_id}/stats", access=Access.USER, refuses=(403, 404))
async def get_course_statistics(core: TwoSigma, actor: Actor, path: CoursePath) -> CourseStatsOut:
    """Get a course in figures; for its staff."""
    stats = await core.standings.course_stats(actor, path.course_id)
    return CourseStatsOut(**structs.asdict(stats))
