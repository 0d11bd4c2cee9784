"""What people ask for: a wish, where it stands, and the trail of how it came there.

Every request begins as PENDING. Staff move it from any status to any other; its author may take
it back only while nobody has taken it up.
"""

from datetime import datetime
from enum import StrEnum

from msgspec import UNSET, Struct, UnsetType, structs

from twosigma.domain import values
from twosigma.domain.checks import Checks
from twosigma.domain.errors import Conflict

MAX_TITLE = 200
MAX_DESCRIPTION = 5_000
MAX_NOTES = 5_000
ERASED_TEXT = "Deleted"
"""The title and description of a request whose author erased the account."""


class RequestStatus(StrEnum):
    PENDING = "pending"
    UNDER_REVIEW = "under_review"
    PLANNED = "planned"
    COMPLETED = "completed"
    DECLINED = "declined"


class RequestFields(Struct, frozen=True, kw_only=True):
    """What its author says."""

    title: str
    description: str


class FeatureRequest(RequestFields, frozen=True, kw_only=True):
    """A request of the account `user_id`; `admin_notes` are the staff's, for staff."""

    id: int
    user_id: int
    status: RequestStatus = RequestStatus.PENDING
    admin_notes: str | None = None
    created_at: datetime
    updated_at: datetime


class RequestUpdate(Struct, frozen=True, kw_only=True):
    """What staff send; a field not sent stays, and notes of None are none."""

    status: RequestStatus | UnsetType = UNSET
    admin_notes: str | UnsetType | None = UNSET


class RequestChange(Struct, frozen=True, kw_only=True):
    """One step of a request's trail: who moved it, when, from where to where."""

    feature_request_id: int
    changed_by: int
    changed_at: datetime
    from_status: RequestStatus
    to_status: RequestStatus
    from_notes: str | None
    to_notes: str | None


def checked_request(request: RequestFields) -> RequestFields:
    """The request with its title normalised; raises Invalid with all faults."""
    checks = Checks()
    checked = RequestFields(
        title=checks.take(
            request.title, lambda text: values.title(text, ("body", "title"), MAX_TITLE)
        ),
        description=checks.take(
            request.description,
            lambda text: values.long_text(text, ("body", "description"), MAX_DESCRIPTION, 1),
        ),
    )
    checks.done()
    return checked


def checked_update(update: RequestUpdate) -> RequestUpdate:
    """The update, whose notes are kept exactly; raises Invalid."""
    if isinstance(update.admin_notes, str):
        values.long_text(update.admin_notes, ("body", "admin_notes"), MAX_NOTES)
    return update


def changed(
    request: FeatureRequest, update: RequestUpdate, by: int, now: datetime
) -> tuple[FeatureRequest, RequestChange | None]:
    """The request after the account `by` updated it, and the step to add to its trail; the
    request as it was and None where nothing is different."""
    status = request.status if update.status is UNSET else update.status
    notes = request.admin_notes if update.admin_notes is UNSET else update.admin_notes
    if (status, notes) == (request.status, request.admin_notes):
        return request, None
    step = RequestChange(
        feature_request_id=request.id,
        changed_by=by,
        changed_at=now,
        from_status=request.status,
        to_status=status,
        from_notes=request.admin_notes,
        to_notes=notes,
    )
    after = structs.replace(request, status=status, admin_notes=notes, updated_at=now)
    return after, step


def require_pending(request: FeatureRequest) -> None:
    """Raise Conflict unless its author may still take the request back."""
    if request.status is not RequestStatus.PENDING:
        raise Conflict("Only a pending feature request can be deleted", code="request_taken_up")
