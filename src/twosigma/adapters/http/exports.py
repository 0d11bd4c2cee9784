"""What is kept about an account, as one document."""

from datetime import date, datetime
from typing import Annotated, TypeVar

from msgspec import Meta, Struct

from twosigma.adapters.http.access import Access
from twosigma.adapters.http.api_keys import ApiKeyOut
from twosigma.adapters.http.auth import Email, SignInOut, sign_in_out
from twosigma.adapters.http.chat_sessions import SessionDetailOut, session_detail_out
from twosigma.adapters.http.feature_requests import FeatureRequestOut, feature_request_out
from twosigma.adapters.http.profiles import ProfileOut, profile_out
from twosigma.adapters.http.progress import (
    ContentProgressOut,
    ModuleProgressOut,
    content_progress_out,
    module_progress_out,
)
from twosigma.adapters.http.route import Group
from twosigma.adapters.http.users import FullName, users
from twosigma.adapters.http.wire import Id
from twosigma.app.core import TwoSigma
from twosigma.app.exports import Export
from twosigma.app.feature_requests import FeatureRequestView
from twosigma.domain.actor import Actor, Role
from twosigma.domain.catalog import StaffRole
from twosigma.domain.enrollments import EnrollmentStatus
from twosigma.domain.spending import DaySpent

exports = Group(users.tag, users.description)

T = TypeVar("T", bound=Struct)

_ATTACHMENT = (b"content-disposition", b'attachment; filename="2sigma-export.json"')


class AccountOut(Struct, frozen=True, kw_only=True):
    id: Id
    email: Email
    full_name: FullName
    role: Role
    is_active: bool
    locale: str
    time_zone: str
    created_at: datetime
    updated_at: datetime


class CourseRoleOut(Struct, frozen=True, kw_only=True):
    course_id: Id
    role: StaffRole


class EnrollmentRecordOut(Struct, frozen=True, kw_only=True):
    id: Id
    course_id: Id
    course_offering_id: Id
    status: EnrollmentStatus
    enrolled_at: datetime
    reactivated_at: datetime | None
    completed_at: datetime | None
    dropped_at: datetime | None


class ActivityOut(Struct, frozen=True, kw_only=True):
    """`answer`: to a quiz question, as JSON."""

    kind: Annotated[str, Meta(examples=["chat_turn"])]
    occurred_at: datetime
    time_zone: str
    course_id: Id | None
    module_id: Id | None
    content_item_id: Id | None
    session_id: Id | None
    question_id: str | None
    answer: str | None
    correct: bool | None


class TokensSpentOut(Struct, frozen=True, kw_only=True):
    """What the tutor's model took of one's own turns on a day (UTC), in tokens."""

    day: date
    input: int
    output: int


class ExportOut(Struct, frozen=True, kw_only=True):
    exported_at: datetime
    account: AccountOut
    profile: ProfileOut
    course_roles: list[CourseRoleOut]
    enrollments: list[EnrollmentRecordOut]
    content_progress: list[ContentProgressOut]
    module_progress: list[ModuleProgressOut]
    chat_sessions: list[SessionDetailOut]
    feature_requests: list[FeatureRequestOut]
    activity: list[ActivityOut]
    sign_ins: list[SignInOut]
    api_keys: list[ApiKeyOut]
    tokens_spent: list[TokensSpentOut]


def _told(kind: type[T], row: Struct) -> T:
    """Of a row, the fields that its owner is told."""
    return kind(**{name: getattr(row, name) for name in kind.__struct_fields__})


def _tokens_spent_out(spent: DaySpent) -> TokensSpentOut:
    return TokensSpentOut(day=spent.day, input=spent.usage.input, output=spent.usage.output)


def export_out(export: Export) -> ExportOut:
    return ExportOut(
        exported_at=export.exported_at,
        account=_told(AccountOut, export.account),
        profile=profile_out(export.profile, export.subject_preferences),
        course_roles=[
            CourseRoleOut(course_id=course_id, role=role)
            for course_id, role in sorted(export.course_roles.items())
        ],
        enrollments=[_told(EnrollmentRecordOut, row) for row in export.enrollments],
        content_progress=[content_progress_out(row) for row in export.content_progress],
        module_progress=[module_progress_out(row) for row in export.module_progress],
        chat_sessions=[
            session_detail_out(each.session, each.messages) for each in export.transcripts
        ],
        feature_requests=[
            feature_request_out(FeatureRequestView(request=row, author=None))
            for row in export.feature_requests
        ],
        activity=[_told(ActivityOut, event) for event in export.activity],
        sign_ins=[sign_in_out(row) for row in export.sign_ins],
        api_keys=[_told(ApiKeyOut, row) for row in export.api_keys],
        tokens_spent=[_tokens_spent_out(row) for row in export.tokens_spent],
    )


@exports.route("GET", "/users/me/export", access=Access.USER, headers=(_ATTACHMENT,))
async def export_own_data(core: TwoSigma, actor: Actor) -> ExportOut:
    """Get all that is kept about the authenticated user, as a file to download."""
    return export_out(await core.exports.mine(actor))
