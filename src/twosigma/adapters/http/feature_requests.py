"""Feature requests: what people ask for, and what became of it."""

from datetime import datetime
from typing import Annotated

from msgspec import UNSET, Struct, UnsetType

from twosigma.adapters.http.access import Access
from twosigma.adapters.http.auth import Email
from twosigma.adapters.http.route import Group
from twosigma.adapters.http.wire import Envelope, Id, Limit, Skip, long, name
from twosigma.app.core import TwoSigma
from twosigma.app.feature_requests import FeatureRequestView
from twosigma.domain.actor import Actor
from twosigma.domain.catalog import Page
from twosigma.domain.feature_requests import (
    MAX_DESCRIPTION,
    MAX_NOTES,
    MAX_TITLE,
    RequestFields,
    RequestStatus,
    RequestUpdate,
)

feature_requests = Group("Feature Requests", "User feedback and feature request tracking")

Title = Annotated[str, name(MAX_TITLE, "Dark mode support")]
Description = Annotated[
    str, long(MAX_DESCRIPTION, "Add a dark mode toggle for better readability at night.", 1)
]
Notes = Annotated[str, long(MAX_NOTES, "Discussing with the design team.")]


class FeatureRequestPath(Struct, frozen=True, kw_only=True):
    feature_request_id: Id


class FeatureRequestsQuery(Struct, frozen=True, kw_only=True):
    skip: Skip = 0
    limit: Limit = 20


class AllFeatureRequestsQuery(Struct, frozen=True, kw_only=True):
    status: RequestStatus | None = None
    skip: Skip = 0
    limit: Limit = 20


class SubmitFeatureRequestBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    title: Title
    description: Description


class UpdateFeatureRequestBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Only what is sent changes; null takes the notes away."""

    status: RequestStatus | UnsetType = UNSET
    admin_notes: Notes | UnsetType | None = UNSET


class FeatureRequestOut(Struct, frozen=True, kw_only=True):
    """The last three fields are there for instructors and admins only."""

    id: Id
    user_id: Id
    title: Title
    description: Description
    status: RequestStatus
    created_at: datetime
    updated_at: datetime
    user_email: Email | UnsetType = UNSET
    user_name: Annotated[str, name(200, "John Doe")] | UnsetType = UNSET
    admin_notes: Notes | UnsetType | None = UNSET


class FeatureRequestsOut(Envelope[FeatureRequestOut], frozen=True):
    """A page of requests, and how many there are in all."""


def feature_request_out(view: FeatureRequestView) -> FeatureRequestOut:
    request, author = view.request, view.author
    return FeatureRequestOut(
        id=request.id,
        user_id=request.user_id,
        title=request.title,
        description=request.description,
        status=request.status,
        created_at=request.created_at,
        updated_at=request.updated_at,
        user_email=UNSET if author is None else author.email,
        user_name=UNSET if author is None else author.full_name,
        admin_notes=UNSET if author is None else request.admin_notes,
    )


@feature_requests.route("POST", "/feature-requests/", access=Access.USER, status=201)
async def submit_feature_request(
    core: TwoSigma, actor: Actor, body: SubmitFeatureRequestBody
) -> FeatureRequestOut:
    """Ask for a feature; the request is pending."""
    fields = RequestFields(title=body.title, description=body.description)
    return feature_request_out(await core.feature_requests.submit(actor, fields))


@feature_requests.route("GET", "/feature-requests/", access=Access.USER)
async def list_feature_requests(
    core: TwoSigma, actor: Actor, query: FeatureRequestsQuery
) -> FeatureRequestsOut:
    """List one's own requests, newest first."""
    page = Page(skip=query.skip, limit=query.limit)
    views, total = await core.feature_requests.mine(actor, page)
    return FeatureRequestsOut([feature_request_out(view) for view in views], total)


@feature_requests.route("GET", "/feature-requests/all", access=Access.INSTRUCTOR)
async def list_all_feature_requests(
    core: TwoSigma, actor: Actor, query: AllFeatureRequestsQuery
) -> FeatureRequestsOut:
    """List everybody's requests, newest first, with who asked and the staff's notes."""
    page = Page(skip=query.skip, limit=query.limit)
    views, total = await core.feature_requests.all(actor, query.status, page)
    return FeatureRequestsOut([feature_request_out(view) for view in views], total)


@feature_requests.route(
    "GET", "/feature-requests/{feature_request_id}", access=Access.USER, refuses=(404,)
)
async def get_feature_request(
    core: TwoSigma, actor: Actor, path: FeatureRequestPath
) -> FeatureRequestOut:
    """Get a request: one's own, or any for instructors and admins."""
    return feature_request_out(await core.feature_requests.get(actor, path.feature_request_id))


@feature_requests.route(
    "PATCH", "/feature-requests/{feature_request_id}", access=Access.INSTRUCTOR, refuses=(404,)
)
async def update_feature_request(
    core: TwoSigma, actor: Actor, path: FeatureRequestPath, body: UpdateFeatureRequestBody
) -> FeatureRequestOut:
    """Set a request's status, from any to any, and the staff's notes."""
    update = RequestUpdate(status=body.status, admin_notes=body.admin_notes)
    view = await core.feature_requests.update(actor, path.feature_request_id, update)
    return feature_request_out(view)


@feature_requests.route(
    "DELETE", "/feature-requests/{feature_request_id}", access=Access.USER, status=204,
    refuses=(400, 403, 404),
)  # fmt: skip
async def delete_feature_request(core: TwoSigma, actor: Actor, path: FeatureRequestPath) -> None:
    """Take back one's own request while it is pending."""
    await core.feature_requests.remove(actor, path.feature_request_id)
