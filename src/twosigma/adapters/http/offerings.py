"""Offerings: the terms of a course."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from twosigma.adapters.http.access import Access
from twosigma.adapters.http.courses import CoursePath
from twosigma.adapters.http.etags import matching
from twosigma.adapters.http.route import Group
from twosigma.adapters.http.wire import Id, Instant, Listed, in_utc, name
from twosigma.app.core import TwoSigma
from twosigma.domain.actor import Actor
from twosigma.domain.catalog import Offering, OfferingFields, Visibility
from twosigma.domain.catalog_rules import OfferingChanges, sent
from twosigma.domain.checks import Checks

offerings = Group("Courses", "Course definitions and offerings")

TermName = Annotated[str, name(100, "Spring 2026")]
Capacity = Annotated[int, Meta(ge=1, le=2**31 - 1, examples=[30])]
_TIMES = ("starts_at", "ends_at", "enrollment_start", "enrollment_end")


class OfferingPath(Struct, frozen=True, kw_only=True):
    course_id: Id
    offering_id: Id


class CreateOfferingBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An absent time is an open bound. Only `enrollment_*` gate anything."""

    term_name: TermName
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    enrollment_start: Instant | None = None
    enrollment_end: Instant | None = None
    visibility: Visibility = Visibility.PUBLIC
    capacity: Capacity | None = None


class UpdateOfferingBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Only what is sent changes."""

    term_name: TermName | UnsetType = UNSET
    starts_at: Instant | UnsetType | None = UNSET
    ends_at: Instant | UnsetType | None = UNSET
    enrollment_start: Instant | UnsetType | None = UNSET
    enrollment_end: Instant | UnsetType | None = UNSET
    visibility: Visibility | UnsetType = UNSET
    capacity: Capacity | UnsetType | None = UNSET


class OfferingOut(Struct, frozen=True, kw_only=True):
    id: Id
    course_id: Id
    term_name: TermName
    starts_at: Instant | None
    ends_at: Instant | None
    enrollment_start: Instant | None
    enrollment_end: Instant | None
    visibility: Visibility
    capacity: Capacity | None
    created_at: datetime
    updated_at: datetime


def offering_out(offering: Offering) -> OfferingOut:
    return OfferingOut(
        **{field: getattr(offering, field) for field in OfferingOut.__struct_fields__}
    )


def in_utc_fields(body: CreateOfferingBody | UpdateOfferingBody) -> dict[str, Any]:
    """What was sent, by name, with its times in UTC; raises Invalid with each that is out of the
    calendar."""
    checks = Checks()
    fields: dict[str, Any] = sent(body)
    for field in _TIMES:
        if field in fields:
            fields[field] = checks.maybe(fields[field], _utc_at(field))
    checks.done()
    return fields


def _utc_at(field: str) -> Callable[[datetime], datetime]:
    return lambda value: in_utc(value, ("body", field))


@offerings.route(
    "GET", "/courses/{course_id}/offerings", access=Access.READABLE, refuses=(404,), has_etag=True
)
async def list_offerings(
    core: TwoSigma, actor: Actor | None, path: CoursePath
) -> Listed[OfferingOut]:
    """Get all offerings (terms) of a course that one may see."""
    rows = [offering_out(row) for row in await core.catalog.offerings(actor, path.course_id)]
    return Listed(rows, len(rows))


@offerings.route(
    "POST", "/courses/{course_id}/offerings", access=Access.INSTRUCTOR, status=201,
    refuses=(403, 404),
)  # fmt: skip
async def create_offering(
    core: TwoSigma, actor: Actor, path: CoursePath, body: CreateOfferingBody
) -> OfferingOut:
    """Create an offering of a course."""
    fields = OfferingFields(**in_utc_fields(body))
    return offering_out(await core.catalog.create_offering(actor, path.course_id, fields))


@offerings.route(
    "GET", "/courses/{course_id}/offerings/{offering_id}", access=Access.READABLE,
    refuses=(404,), has_etag=True,
)  # fmt: skip
async def get_offering(core: TwoSigma, actor: Actor | None, path: OfferingPath) -> OfferingOut:
    """Get an offering of a course."""
    return offering_out(await core.catalog.offering(actor, path.course_id, path.offering_id))


@offerings.route(
    "PUT", "/courses/{course_id}/offerings/{offering_id}", access=Access.INSTRUCTOR,
    refuses=(400, 403, 404),
)  # fmt: skip
async def update_offering(
    core: TwoSigma,
    actor: Actor,
    path: OfferingPath,
    body: UpdateOfferingBody,
    if_match: str | None,
) -> OfferingOut:
    """Change an offering: what is not sent stays."""
    changes = OfferingChanges(**in_utc_fields(body))
    is_same = matching(if_match, offering_out)
    return offering_out(
        await core.catalog.update_offering(
            actor, path.course_id, path.offering_id, changes, is_same
        )
    )


@offerings.route(
    "DELETE", "/courses/{course_id}/offerings/{offering_id}", access=Access.INSTRUCTOR,
    status=204, refuses=(400, 403, 404),
)  # fmt: skip
async def delete_offering(core: TwoSigma, actor: Actor, path: OfferingPath) -> None:
    """Delete an offering that nobody ever enrolled in."""
    await core.catalog.remove_offering(actor, path.course_id, path.offering_id)
