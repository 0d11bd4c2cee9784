"""Where courses belong: universities, their departments, and the subjects of all."""

from datetime import datetime

from msgspec import UNSET, Struct, UnsetType


class UniversityFields(Struct, frozen=True, kw_only=True):
    """`country`: an ISO 3166-1 alpha-2 code; `website_url`: of http or https."""

    name: str
    code: str | None = None
    country: str | None = None
    website_url: str | None = None


class University(UniversityFields, frozen=True, kw_only=True):
    id: int
    created_at: datetime


class UniversityChanges(Struct, frozen=True, kw_only=True):
    """What an update says; a field not sent stays."""

    name: str | UnsetType = UNSET
    code: str | UnsetType | None = UNSET
    country: str | UnsetType | None = UNSET
    website_url: str | UnsetType | None = UNSET


class DepartmentFields(Struct, frozen=True, kw_only=True):
    name: str
    code: str | None = None


class Department(DepartmentFields, frozen=True, kw_only=True):
    id: int
    university_id: int
    created_at: datetime


class DepartmentChanges(Struct, frozen=True, kw_only=True):
    """As `UniversityChanges`; a department stays in its university."""

    name: str | UnsetType = UNSET
    code: str | UnsetType | None = UNSET


class SubjectFields(Struct, frozen=True, kw_only=True):
    """What a course is about. Without a slug one is made from the name."""

    name: str
    slug: str | None = None


class Subject(Struct, frozen=True, kw_only=True):
    id: int
    name: str
    slug: str


class SubjectChanges(Struct, frozen=True, kw_only=True):
    """As `UniversityChanges`. A new name leaves the slug as it is: it is in others' links."""

    name: str | UnsetType = UNSET
    slug: str | UnsetType = UNSET
