"""Courses and their offerings."""

from datetime import datetime
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType, structs

from twosigma.adapters.http.access import Access
from twosigma.adapters.http.etags import matching
from twosigma.adapters.http.route import Group
from twosigma.adapters.http.wire import Id, Limit, Listed, Skip, checked, long, name
from twosigma.app.catalog import CourseView
from twosigma.app.core import TwoSigma
from twosigma.domain import values
from twosigma.domain.actor import Actor
from twosigma.domain.catalog import CourseFields, CourseFilter, Level, Page
from twosigma.domain.catalog_rules import CourseChanges, sent

courses = Group("Courses", "Course definitions and offerings")

Title = Annotated[str, name(200, "Data Structures")]
Code = Annotated[str, name(32, "CS201")]
Description = Annotated[str, long(10_000, "Study of data structures")]
CreditHours = Annotated[int, Meta(ge=0, le=30, examples=[4])]
Locale = Annotated[str, checked(values.locale, "en")]
ModelName = Annotated[str, name(200, "offline/1")]
PromptName = Annotated[str, name(255, "Video Tutor")]
PromptLabel = Annotated[str, name(36, "production")]
Note = Annotated[str, long(2_000, "CC BY 4.0")]


class CoursePath(Struct, frozen=True, kw_only=True):
    course_id: Id


class ListCoursesQuery(Struct, frozen=True, kw_only=True):
    university_id: Id | None = None
    department_id: Id | None = None
    subject_id: Id | None = None
    level: Level | None = None
    q: (
        Annotated[str, checked(lambda text, loc: values.long_text(text, loc, 200), "data")] | None
    ) = None
    is_published: bool | None = None
    skip: Skip = 0
    limit: Limit = 100


class CreateCourseBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    title: Title
    code: Code
    university_id: Id
    description: Description = ""
    level: Level = Level.INTRODUCTORY
    credit_hours: CreditHours | None = None
    department_id: Id | None = None
    primary_subject_id: Id | None = None
    is_published: bool = False
    is_open: bool = True
    cache_enabled: bool = True
    locales: tuple[Locale, ...] = ("en",)
    llm_model: ModelName | None = None
    prompt_name: PromptName | None = None
    prompt_label: PromptLabel = "production"
    license: Note | None = None
    attribution: Note | None = None


class UpdateCourseBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Only what is sent changes."""

    title: Title | UnsetType = UNSET
    code: Code | UnsetType = UNSET
    university_id: Id | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    level: Level | UnsetType = UNSET
    credit_hours: CreditHours | UnsetType | None = UNSET
    department_id: Id | UnsetType | None = UNSET
    primary_subject_id: Id | UnsetType | None = UNSET
    is_published: bool | UnsetType = UNSET
    is_open: bool | UnsetType = UNSET
    cache_enabled: bool | UnsetType = UNSET
    locales: tuple[Locale, ...] | UnsetType = UNSET
    llm_model: ModelName | UnsetType | None = UNSET
    prompt_name: PromptName | UnsetType | None = UNSET
    prompt_label: PromptLabel | UnsetType = UNSET
    license: Note | UnsetType | None = UNSET
    attribution: Note | UnsetType | None = UNSET


class CourseOut(Struct, frozen=True, kw_only=True):
    """The last three fields are there for the course's staff only."""

    id: Id
    title: Title
    code: Code
    description: Description
    level: Level
    credit_hours: CreditHours | None
    is_published: bool
    university_id: Id
    department_id: Id | None
    primary_subject_id: Id | None
    locales: tuple[Locale, ...]
    cache_enabled: bool
    is_open: bool
    license: Note | None
    attribution: Note | None
    created_at: datetime
    updated_at: datetime
    llm_model: ModelName | UnsetType | None = UNSET
    prompt_name: PromptName | UnsetType | None = UNSET
    prompt_label: PromptLabel | UnsetType = UNSET


_STAFF_ONLY = ("llm_model", "prompt_name", "prompt_label")


def course_out(view: CourseView) -> CourseOut:
    shown = (
        field for field in CourseOut.__struct_fields__ if view.is_staff or field not in _STAFF_ONLY
    )
    return CourseOut(**{field: getattr(view.course, field) for field in shown})


@courses.route("GET", "/courses/", access=Access.READABLE, has_etag=True)
async def list_courses(
    core: TwoSigma, actor: Actor | None, query: ListCoursesQuery
) -> Listed[CourseOut]:
    """List the published courses, and one's own drafts."""
    wanted = CourseFilter(
        university_id=query.university_id,
        department_id=query.department_id,
        subject_id=query.subject_id,
        level=query.level,
        q=query.q,
        is_published=query.is_published,
    )
    page = Page(skip=query.skip, limit=query.limit)
    views, total = await core.catalog.courses(actor, wanted, page)
    return Listed([course_out(view) for view in views], total)


@courses.route("GET", "/courses/{course_id}", access=Access.READABLE, refuses=(404,), has_etag=True)
async def get_course(core: TwoSigma, actor: Actor | None, path: CoursePath) -> CourseOut:
    """Get detailed course information."""
    return course_out(await core.catalog.course(actor, path.course_id))


@courses.route("POST", "/courses/", access=Access.INSTRUCTOR, status=201, refuses=(400, 404))
async def create_course(core: TwoSigma, actor: Actor, body: CreateCourseBody) -> CourseOut:
    """Create a course; its creator becomes its owner."""
    return course_out(await core.catalog.create_course(actor, CourseFields(**structs.asdict(body))))


@courses.route("PUT", "/courses/{course_id}", access=Access.INSTRUCTOR, refuses=(400, 403, 404))
async def update_course(
    core: TwoSigma, actor: Actor, path: CoursePath, body: UpdateCourseBody, if_match: str | None
) -> CourseOut:
    """Change a course: what is not sent stays."""
    changes = CourseChanges(**sent(body))  # type: ignore[arg-type]  # the same fields
    is_same = matching(if_match, course_out)
    return course_out(await core.catalog.update_course(actor, path.course_id, changes, is_same))


@courses.route(
    "DELETE", "/courses/{course_id}", access=Access.INSTRUCTOR, status=204,
    refuses=(400, 403, 404),
)  # fmt: skip
async def delete_course(core: TwoSigma, actor: Actor, path: CoursePath) -> None:
    """Delete a course that nobody ever enrolled in, with all that is in it.

    For its owners and platform admins.
    """
    await core.catalog.remove_course(actor, path.course_id)
