"""The use cases of progress, and of what follows from it, as calls (`use_cases.CALLS`)."""

from collections.abc import Awaitable, Callable

from tests.app.school import School, work
from twosigma.domain.catalog import Page
from twosigma.domain.enrollments import EnrollmentStatus
from twosigma.domain.progress import Target

PAGE = Page()

CALLS: dict[str, Callable[[School, str], Awaitable[object]]] = {
    "enrollments.set_status": lambda s, who: s.core.enrollments.set_status(
        s.actor(who), s.enrollment_id, EnrollmentStatus.COMPLETED
    ),
    "progress.report": lambda s, who: s.core.progress.report(
        s.actor(who), work(s, Target.CONTENT, s.course.items[0])
    ),
    "progress.report [module]": lambda s, who: s.core.progress.report(
        s.actor(who), work(s, Target.MODULE, s.course.module_id)
    ),
    "progress.mine": lambda s, who: s.core.progress.mine(s.actor(who), Target.CONTENT, None, PAGE),
    "standings.summary": lambda s, who: s.core.standings.summary(
        s.actor(who), s.course.offering_id, None
    ),
    "standings.summary [of the learner]": lambda s, who: s.core.standings.summary(
        s.actor(who), s.course.offering_id, s.user_id("learner")
    ),
    "standings.learners": lambda s, who: s.core.standings.learners(
        s.actor(who), s.course.offering_id, PAGE
    ),
    "standings.course_stats": lambda s, who: s.core.standings.course_stats(
        s.actor(who), s.course.id
    ),
    "overview.show": lambda s, who: s.core.overview.show(s.actor(who)),
}
READS = (
    "progress.mine", "standings.summary", "standings.summary [of the learner]",
    "standings.learners", "standings.course_stats", "overview.show",
)  # fmt: skip
