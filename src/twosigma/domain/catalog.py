"""What is taught: courses, their offerings and their staff."""

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from twosigma.domain.errors import Conflict


class Level(StrEnum):
    INTRODUCTORY = "INTRODUCTORY"
    INTERMEDIATE = "INTERMEDIATE"
    ADVANCED = "ADVANCED"
    GRADUATE = "GRADUATE"


class Visibility(StrEnum):
    """PUBLIC is listed; UNLISTED is open by its id; PRIVATE is for staff and the enrolled."""

    PUBLIC = "PUBLIC"
    UNLISTED = "UNLISTED"
    PRIVATE = "PRIVATE"


class StaffRole(StrEnum):
    OWNER = "OWNER"
    INSTRUCTOR = "INSTRUCTOR"
    ASSISTANT = "ASSISTANT"


EDITORS = frozenset({StaffRole.OWNER, StaffRole.INSTRUCTOR})


def require_other_owners(user_id: int, owners: Mapping[int, Collection[int]]) -> None:
    """Raise Conflict if this account is the only OWNER of a course; `owners`: of each course that
    it owns."""
    if any(set(of_course) == {user_id} for of_course in owners.values()):
        detail = "You are the only owner of a course: name another owner first"
        raise Conflict(detail, code="last_owner")


class Provenance(Struct, frozen=True, kw_only=True):
    """Where an imported row came from, and the digest of what the import wrote last."""

    source: str
    external_id: str
    digest: str


class CourseFields(Struct, frozen=True, kw_only=True):
    """What its makers say about a course; defaults as a new one begins."""

    title: str
    code: str
    university_id: int
    description: str = ""
    level: Level = Level.INTRODUCTORY
    credit_hours: int | None = None
    department_id: int | None = None
    primary_subject_id: int | None = None
    is_published: bool = False
    is_open: bool = True
    cache_enabled: bool = True
    locales: tuple[str, ...] = ("en",)
    llm_model: str | None = None
    prompt_name: str | None = None
    prompt_label: str = "production"
    license: str | None = None
    attribution: str | None = None


class Course(CourseFields, frozen=True, kw_only=True):
    id: int
    provenance: Provenance | None = None
    created_at: datetime
    updated_at: datetime


class OfferingFields(Struct, frozen=True, kw_only=True):
    """A term of a course. An absent bound is open; only enrollment_* gate anything."""

    term_name: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    enrollment_start: datetime | None = None
    enrollment_end: datetime | None = None
    visibility: Visibility = Visibility.PUBLIC
    capacity: int | None = None


class Offering(OfferingFields, frozen=True, kw_only=True):
    id: int
    course_id: int
    created_at: datetime
    updated_at: datetime


class CourseFilter(Struct, frozen=True, kw_only=True):
    """Which courses a list shows. `staff_of`: drafts of this account's courses are in it;
    `all_drafts`: every draft is (a platform admin)."""

    university_id: int | None = None
    department_id: int | None = None
    subject_id: int | None = None
    level: Level | None = None
    q: str | None = None
    is_published: bool | None = None
    staff_of: int | None = None
    all_drafts: bool = False


class Page(Struct, frozen=True, kw_only=True):
    """A stretch of a list: `skip` rows left out, `limit` at most shown."""

    skip: int = 0
    limit: int = 100
