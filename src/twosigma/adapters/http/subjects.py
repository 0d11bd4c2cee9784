"""Subjects: what courses are about."""

from typing import Annotated

from msgspec import UNSET, Struct, UnsetType, structs

from twosigma.adapters.http.access import Access
from twosigma.adapters.http.route import Group
from twosigma.adapters.http.universities import PageQuery
from twosigma.adapters.http.wire import Id, Listed, checked, name
from twosigma.app.core import TwoSigma
from twosigma.domain import place_rules
from twosigma.domain.actor import Actor
from twosigma.domain.catalog import Page
from twosigma.domain.catalog_rules import sent
from twosigma.domain.places import Subject, SubjectChanges, SubjectFields

subjects = Group("Subjects", "What courses are about")

SubjectName = Annotated[str, name(100, "Computer Science")]
Slug = Annotated[
    str,
    checked(
        place_rules.slug,
        "computer-science",
        maxLength=place_rules.MAX_SLUG,
        pattern=f"^{place_rules.SLUG}$",
    ),
]


class SubjectPath(Struct, frozen=True, kw_only=True):
    subject_id: Id


class CreateSubjectBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Without a slug one is made from the name."""

    name: SubjectName
    slug: Slug | None = None


class UpdateSubjectBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Only what is sent changes: a new name leaves the slug as it is."""

    name: SubjectName | UnsetType = UNSET
    slug: Slug | UnsetType = UNSET


class SubjectOut(Struct, frozen=True, kw_only=True):
    id: Id
    name: SubjectName
    slug: Slug


def subject_out(subject: Subject) -> SubjectOut:
    return SubjectOut(**structs.asdict(subject))


@subjects.route("GET", "/subjects/", access=Access.READABLE, has_etag=True)
async def list_subjects(core: TwoSigma, query: PageQuery) -> Listed[SubjectOut]:
    """List the subjects."""
    rows, total = await core.places.subjects(Page(skip=query.skip, limit=query.limit))
    return Listed([subject_out(row) for row in rows], total)


@subjects.route("POST", "/subjects/", access=Access.ADMIN, status=201, refuses=(400,))
async def create_subject(core: TwoSigma, actor: Actor, body: CreateSubjectBody) -> SubjectOut:
    """Create a subject."""
    fields = SubjectFields(**structs.asdict(body))
    return subject_out(await core.places.create_subject(actor, fields))


@subjects.route(
    "GET", "/subjects/{subject_id}", access=Access.READABLE, refuses=(404,), has_etag=True
)
async def get_subject(core: TwoSigma, path: SubjectPath) -> SubjectOut:
    """Get a subject."""
    return subject_out(await core.places.subject(path.subject_id))


@subjects.route("PUT", "/subjects/{subject_id}", access=Access.ADMIN, refuses=(400, 404))
async def update_subject(
    core: TwoSigma, actor: Actor, path: SubjectPath, body: UpdateSubjectBody
) -> SubjectOut:
    """Change a subject: what is not sent stays."""
    changes = SubjectChanges(**sent(body))  # type: ignore[arg-type]  # the same fields
    return subject_out(await core.places.update_subject(actor, path.subject_id, changes))


@subjects.route(
    "DELETE", "/subjects/{subject_id}", access=Access.ADMIN, status=204, refuses=(400, 404)
)
async def delete_subject(core: TwoSigma, actor: Actor, path: SubjectPath) -> None:
    """Delete a subject that no course is about."""
    await core.places.remove_subject(actor, path.subject_id)
