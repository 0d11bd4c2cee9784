"""Universities and their departments."""

from datetime import datetime
from typing import Annotated

from msgspec import UNSET, Struct, UnsetType, structs

from twosigma.adapters.http.access import Access
from twosigma.adapters.http.route import Group
from twosigma.adapters.http.wire import Id, Limit, Listed, Skip, checked, name
from twosigma.app.core import TwoSigma
from twosigma.domain import place_rules
from twosigma.domain.actor import Actor
from twosigma.domain.catalog import Page
from twosigma.domain.catalog_rules import sent
from twosigma.domain.places import (
    Department,
    DepartmentChanges,
    DepartmentFields,
    University,
    UniversityChanges,
    UniversityFields,
)

universities = Group("Universities", "University and department management")

UniversityName = Annotated[str, name(200, "University of Helsinki")]
DepartmentName = Annotated[str, name(200, "Computer Science")]
Code = Annotated[str, name(32, "CS")]
Country = Annotated[str, checked(place_rules.country, "FI", minLength=2, maxLength=2)]
WebsiteUrl = Annotated[
    str,
    checked(
        place_rules.website_url,
        "https://www.helsinki.fi",
        maxLength=place_rules.MAX_URL,
        format="uri",
    ),
]


class UniversityPath(Struct, frozen=True, kw_only=True):
    university_id: Id


class DepartmentPath(Struct, frozen=True, kw_only=True):
    department_id: Id


class PageQuery(Struct, frozen=True, kw_only=True):
    skip: Skip = 0
    limit: Limit = 100


class CreateUniversityBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: UniversityName
    code: Code | None = None
    country: Country | None = None
    website_url: WebsiteUrl | None = None


class UpdateUniversityBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Only what is sent changes."""

    name: UniversityName | UnsetType = UNSET
    code: Code | UnsetType | None = UNSET
    country: Country | UnsetType | None = UNSET
    website_url: WebsiteUrl | UnsetType | None = UNSET


class UniversityOut(Struct, frozen=True, kw_only=True):
    id: Id
    name: UniversityName
    code: Code | None
    country: Country | None
    website_url: WebsiteUrl | None
    created_at: datetime


class CreateDepartmentBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: DepartmentName
    code: Code | None = None


class UpdateDepartmentBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Only what is sent changes. A department stays in its university."""

    name: DepartmentName | UnsetType = UNSET
    code: Code | UnsetType | None = UNSET


class DepartmentOut(Struct, frozen=True, kw_only=True):
    id: Id
    university_id: Id
    name: DepartmentName
    code: Code | None
    created_at: datetime


def university_out(university: University) -> UniversityOut:
    return UniversityOut(**structs.asdict(university))


def department_out(department: Department) -> DepartmentOut:
    return DepartmentOut(**structs.asdict(department))


@universities.route("GET", "/universities/", access=Access.READABLE, has_etag=True)
async def list_universities(core: TwoSigma, query: PageQuery) -> Listed[UniversityOut]:
    """List the universities."""
    rows, total = await core.places.universities(Page(skip=query.skip, limit=query.limit))
    return Listed([university_out(row) for row in rows], total)


@universities.route("POST", "/universities/", access=Access.ADMIN, status=201, refuses=(400,))
async def create_university(
    core: TwoSigma, actor: Actor, body: CreateUniversityBody
) -> UniversityOut:
    """Create a university."""
    fields = UniversityFields(**structs.asdict(body))
    return university_out(await core.places.create_university(actor, fields))


@universities.route(
    "GET", "/universities/{university_id}", access=Access.READABLE, refuses=(404,), has_etag=True
)
async def get_university(core: TwoSigma, path: UniversityPath) -> UniversityOut:
    """Get a university."""
    return university_out(await core.places.university(path.university_id))


@universities.route("PUT", "/universities/{university_id}", access=Access.ADMIN, refuses=(400, 404))
async def update_university(
    core: TwoSigma, actor: Actor, path: UniversityPath, body: UpdateUniversityBody
) -> UniversityOut:
    """Change a university: what is not sent stays."""
    changes = UniversityChanges(**sent(body))  # type: ignore[arg-type]  # the same fields
    return university_out(await core.places.update_university(actor, path.university_id, changes))


@universities.route(
    "DELETE", "/universities/{university_id}", access=Access.ADMIN, status=204,
    refuses=(400, 404),
)  # fmt: skip
async def delete_university(core: TwoSigma, actor: Actor, path: UniversityPath) -> None:
    """Delete a university that has neither departments nor courses."""
    await core.places.remove_university(actor, path.university_id)


@universities.route(
    "GET", "/universities/{university_id}/departments", access=Access.READABLE, refuses=(404,),
    has_etag=True,
)  # fmt: skip
async def list_departments(
    core: TwoSigma, path: UniversityPath, query: PageQuery
) -> Listed[DepartmentOut]:
    """List the departments of a university."""
    page = Page(skip=query.skip, limit=query.limit)
    rows, total = await core.places.departments(path.university_id, page)
    return Listed([department_out(row) for row in rows], total)


@universities.route(
    "POST", "/universities/{university_id}/departments", access=Access.ADMIN, status=201,
    refuses=(400, 404),
)  # fmt: skip
async def create_department(
    core: TwoSigma, actor: Actor, path: UniversityPath, body: CreateDepartmentBody
) -> DepartmentOut:
    """Create a department of a university."""
    fields = DepartmentFields(**structs.asdict(body))
    return department_out(await core.places.create_department(actor, path.university_id, fields))


@universities.route(
    "GET", "/universities/departments/{department_id}", access=Access.READABLE, refuses=(404,),
    has_etag=True,
)  # fmt: skip
async def get_department(core: TwoSigma, path: DepartmentPath) -> DepartmentOut:
    """Get a department."""
    return department_out(await core.places.department(path.department_id))


@universities.route(
    "PUT", "/universities/departments/{department_id}", access=Access.ADMIN, refuses=(400, 404)
)
async def update_department(
    core: TwoSigma, actor: Actor, path: DepartmentPath, body: UpdateDepartmentBody
) -> DepartmentOut:
    """Change a department: what is not sent stays."""
    changes = DepartmentChanges(**sent(body))  # type: ignore[arg-type]  # the same fields
    return department_out(await core.places.update_department(actor, path.department_id, changes))


@universities.route(
    "DELETE", "/universities/departments/{department_id}", access=Access.ADMIN, status=204,
    refuses=(400, 404),
)  # fmt: skip
async def delete_department(core: TwoSigma, actor: Actor, path: DepartmentPath) -> None:
    """Delete a department that has no courses."""
    await core.places.remove_department(actor, path.department_id)
