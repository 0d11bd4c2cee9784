"""Progress: reports of work, and how far learners are."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from twosigma.adapters.http.access import Access
from twosigma.adapters.http.auth import Email
from twosigma.adapters.http.courses import Title
from twosigma.adapters.http.route import Group
from twosigma.adapters.http.users import FullName
from twosigma.adapters.http.wire import Id, Instant, Limit, Listed, Skip, in_utc
from twosigma.app.core import TwoSigma
from twosigma.app.progress import Work
from twosigma.app.standings import LearnerView, Summary
from twosigma.domain.actor import Actor
from twosigma.domain.catalog import Page
from twosigma.domain.enrollments import EnrollmentStatus
from twosigma.domain.progress import WHOLE, Progress, Target

progress = Group("Progress", "Module and content progress tracking")

SentPercent = Annotated[float, Meta(ge=0, le=WHOLE, examples=[50])]
Percent = Annotated[int, Meta(ge=0, le=WHOLE, examples=[50])]
Count = Annotated[int, Meta(ge=0, examples=[4])]


class OfferingPath(Struct, frozen=True, kw_only=True):
    offering_id: Id


class MyProgressQuery(Struct, frozen=True, kw_only=True):
    """Without `course_offering_id`: of all one's offerings."""

    course_offering_id: Id | None = None
    skip: Skip = 0
    limit: Limit = 100


class SummaryQuery(Struct, frozen=True, kw_only=True):
    """`user_id`: a learner, for the course's staff."""

    user_id: Id | None = None


class LearnersQuery(Struct, frozen=True, kw_only=True):
    skip: Skip = 0
    limit: Limit = 100


class _ReportBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fraction of a percent is dropped. `completed_at`: only of what is at 100."""

    course_offering_id: Id
    progress_percent: SentPercent
    completed_at: Instant | None = None


class ReportContentBody(_ReportBody, frozen=True, kw_only=True, forbid_unknown_fields=True):
    content_item_id: Id


class ReportModuleBody(_ReportBody, frozen=True, kw_only=True, forbid_unknown_fields=True):
    module_id: Id


class _ProgressOut(Struct, frozen=True, kw_only=True):
    id: Id
    user_id: Id
    course_offering_id: Id
    progress_percent: Percent
    started_at: datetime
    completed_at: datetime | None
    updated_at: datetime


class ContentProgressOut(_ProgressOut, frozen=True, kw_only=True):
    content_item_id: Id


class ModuleProgressOut(_ProgressOut, frozen=True, kw_only=True):
    module_id: Id


class ModuleSummaryOut(Struct, frozen=True, kw_only=True):
    """A live module, with all that lies below it."""

    module_id: Id
    parent_module_id: Id | None
    title: Title
    progress_percent: Percent
    items_total: Count
    items_completed: Count
    is_complete: bool


class SummaryOut(Struct, frozen=True, kw_only=True):
    """Modules come depth first, each before what lies below it."""

    course_offering_id: Id
    user_id: Id
    progress_percent: Percent
    items_total: Count
    items_completed: Count
    is_complete: bool
    next_content_item_id: Id | None
    modules: list[ModuleSummaryOut]


class LearnerOut(Struct, frozen=True, kw_only=True):
    """`silent_days`: whole days since anything was heard of the learner; `percent` is
    `progress_percent` by its short name."""

    enrollment_id: Id
    user_id: Id
    user_email: Email
    user_name: FullName
    status: EnrollmentStatus
    enrolled_at: datetime
    progress_percent: Percent
    percent: Percent
    last_activity_at: datetime | None
    silent_days: Count
    mastered_topics: Count


def _fields(row: Progress) -> dict[str, object]:
    return {name: getattr(row, name) for name in _ProgressOut.__struct_fields__}


def content_progress_out(row: Progress) -> ContentProgressOut:
    return ContentProgressOut(content_item_id=row.target_id, **_fields(row))  # type: ignore[arg-type]  # the same fields


def module_progress_out(row: Progress) -> ModuleProgressOut:
    return ModuleProgressOut(module_id=row.target_id, **_fields(row))  # type: ignore[arg-type]  # the same fields


def summary_out(summary: Summary) -> SummaryOut:
    known, row = summary.standing, summary.enrollment
    return SummaryOut(
        course_offering_id=row.course_offering_id,
        user_id=row.user_id,
        progress_percent=known.tally.percent,
        items_total=known.tally.items_total,
        items_completed=known.tally.items_completed,
        is_complete=known.tally.is_complete,
        next_content_item_id=known.next_content_item_id,
        modules=[
            ModuleSummaryOut(
                module_id=each.module.id,
                parent_module_id=each.module.parent_module_id,
                title=each.module.title,
                progress_percent=each.progress_percent,
                items_total=each.tally.items_total,
                items_completed=each.tally.items_completed,
                is_complete=each.progress_percent == WHOLE,
            )
            for each in known.modules
        ],
    )


def learner_out(view: LearnerView) -> LearnerOut:
    row = view.enrollment
    return LearnerOut(
        enrollment_id=row.id,
        user_id=row.user_id,
        user_email=view.user.email,
        user_name=view.user.full_name,
        status=row.status,
        enrolled_at=row.enrolled_at,
        progress_percent=view.progress_percent,
        percent=view.progress_percent,
        last_activity_at=view.last_activity_at,
        silent_days=view.silent_days,
        mastered_topics=view.mastered_topics,
    )


def _work(target: Target, target_id: int, body: _ReportBody) -> Work:
    at = body.completed_at
    return Work(
        target=target,
        target_id=target_id,
        course_offering_id=body.course_offering_id,
        progress_percent=body.progress_percent,
        completed_at=None if at is None else in_utc(at, ("body", "completed_at")),
    )


@progress.route("GET", "/progress/modules/my-progress", access=Access.USER)
async def list_my_module_progress(
    core: TwoSigma, actor: Actor, query: MyProgressQuery
) -> Listed[ModuleProgressOut]:
    """Get one's own progress in modules, of one offering or all."""
    page = Page(skip=query.skip, limit=query.limit)
    rows, total = await core.progress.mine(actor, Target.MODULE, query.course_offering_id, page)
    return Listed([module_progress_out(row) for row in rows], total)


@progress.route("POST", "/progress/modules", access=Access.USER, refuses=(400, 403, 404))
async def report_module_progress(
    core: TwoSigma, actor: Actor, body: ReportModuleBody
) -> ModuleProgressOut:
    """Report progress in a module: the answer is what is known now, which never falls."""
    work = _work(Target.MODULE, body.module_id, body)
    return module_progress_out(await core.progress.report(actor, work))


@progress.route("GET", "/progress/content/my-progress", access=Access.USER)
async def list_my_content_progress(
    core: TwoSigma, actor: Actor, query: MyProgressQuery
) -> Listed[ContentProgressOut]:
    """Get one's own progress in content items, of one offering or all."""
    page = Page(skip=query.skip, limit=query.limit)
    rows, total = await core.progress.mine(actor, Target.CONTENT, query.course_offering_id, page)
    return Listed([content_progress_out(row) for row in rows], total)


@progress.route("POST", "/progress/content", access=Access.USER, refuses=(400, 403, 404))
async def report_content_progress(
    core: TwoSigma, actor: Actor, body: ReportContentBody
) -> ContentProgressOut:
    """Report progress in a content item, which raises the modules above it.

    The answer is what is known now, which never falls.
    """
    work = _work(Target.CONTENT, body.content_item_id, body)
    return content_progress_out(await core.progress.report(actor, work))


@progress.route(
    "GET", "/progress/offerings/{offering_id}/summary", access=Access.USER, refuses=(403, 404)
)
async def get_progress_summary(
    core: TwoSigma, actor: Actor, path: OfferingPath, query: SummaryQuery
) -> SummaryOut:
    """Get how far one is in an offering by today's content, and what to do next."""
    return summary_out(await core.standings.summary(actor, path.offering_id, query.user_id))


@progress.route(
    "GET", "/progress/offerings/{offering_id}/learners", access=Access.USER, refuses=(403, 404)
)
async def list_learners(
    core: TwoSigma, actor: Actor, path: OfferingPath, query: LearnersQuery
) -> Listed[LearnerOut]:
    """List everybody who is or was in an offering, and how far; for the course's staff."""
    page = Page(skip=query.skip, limit=query.limit)
    views, total = await core.standings.learners(actor, path.offering_id, page)
    return Listed([learner_out(view) for view in views], total)
