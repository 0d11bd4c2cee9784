"""Classes enrolled from a list, and invitations."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct, structs

from twosigma.adapters.http.access import Access
from twosigma.adapters.http.offerings import OfferingPath
from twosigma.adapters.http.route import Group
from twosigma.adapters.http.wire import Id, Limit, Listed, Skip, long
from twosigma.app.core import TwoSigma
from twosigma.domain.actor import Actor
from twosigma.domain.catalog import Page
from twosigma.domain.class_lists import MAX_TEXT, Outcome, Told

invitations = Group("Enrollments", "Course enrollment management")

Email = Annotated[str, Meta(examples=["user@example.com"])]
Count = Annotated[int, Meta(ge=0, examples=[1])]


class InvitationPath(Struct, frozen=True, kw_only=True):
    course_id: Id
    offering_id: Id
    invitation_id: Id


class ListInvitationsQuery(Struct, frozen=True, kw_only=True):
    skip: Skip = 0
    limit: Limit = 100


class EnrollClassBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`csv`: an e-mail address a line, or lines under a header that names a column `email`; at
    most 5,000 of them."""

    csv: Annotated[str, long(MAX_TEXT, "email\nuser@example.com\n")]


class LineOut(Struct, frozen=True, kw_only=True):
    line: Annotated[int, Meta(ge=1, examples=[2])]
    email: Email
    outcome: Outcome
    detail: str | None


class CountsOut(Struct, frozen=True, kw_only=True):
    enrolled: Count
    reactivated: Count
    already_enrolled: Count
    invited: Count
    already_invited: Count
    invalid: Count
    inactive: Count


class ClassOut(Struct, frozen=True, kw_only=True):
    """What became of each line, and how many lines became what."""

    counts: CountsOut
    lines: list[LineOut]


class InvitationOut(Struct, frozen=True, kw_only=True):
    id: Id
    course_offering_id: Id
    email: Email
    invited_by: Id
    created_at: datetime


def class_out(told: Sequence[Told]) -> ClassOut:
    found = Counter(line.outcome for line in told)
    counts = CountsOut(**{outcome.value: found[outcome] for outcome in Outcome})
    return ClassOut(counts=counts, lines=[LineOut(**structs.asdict(line)) for line in told])


@invitations.route(
    "POST", "/courses/{course_id}/offerings/{offering_id}/enrollments/import",
    access=Access.INSTRUCTOR, refuses=(403, 404),
)  # fmt: skip
async def enroll_class(
    core: TwoSigma, actor: Actor, path: OfferingPath, body: EnrollClassBody
) -> ClassOut:
    """Enroll a class from a CSV list of e-mail addresses.

    Whatever window and capacity say. Addresses without an account are invited: they are
    enrolled when they register. A bad line is told, and costs no other.
    """
    told = await core.invitations.enroll_class(actor, path.course_id, path.offering_id, body.csv)
    return class_out(told)


@invitations.route(
    "GET", "/courses/{course_id}/offerings/{offering_id}/invitations", access=Access.USER,
    refuses=(403, 404),
)  # fmt: skip
async def list_invitations(
    core: TwoSigma, actor: Actor, path: OfferingPath, query: ListInvitationsQuery
) -> Listed[InvitationOut]:
    """List who is invited to an offering and has not registered yet; for the course's staff."""
    page = Page(skip=query.skip, limit=query.limit)
    rows, total = await core.invitations.list(actor, path.course_id, path.offering_id, page)
    return Listed([InvitationOut(**structs.asdict(row)) for row in rows], total)


@invitations.route(
    "DELETE", "/courses/{course_id}/offerings/{offering_id}/invitations/{invitation_id}",
    access=Access.INSTRUCTOR, status=204, refuses=(403, 404),
)  # fmt: skip
async def delete_invitation(core: TwoSigma, actor: Actor, path: InvitationPath) -> None:
    """Take an invitation back."""
    await core.invitations.remove(actor, path.course_id, path.offering_id, path.invitation_id)
