"""Administration: the audit log, and another's chat, which only an audited read shows."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from msgspec import Struct, structs

from twosigma.adapters.http.access import Access
from twosigma.adapters.http.chat_sessions import MessageOut, message_out
from twosigma.adapters.http.route import Group
from twosigma.adapters.http.wire import Id, Limit, Listed, Skip, checked, name
from twosigma.app.core import TwoSigma
from twosigma.domain import audit
from twosigma.domain.actor import Actor
from twosigma.domain.cache_tree import CacheState
from twosigma.domain.catalog import Page

admin = Group("Admin", "Administrative operations and analytics dashboard")

Reason = Annotated[
    str,
    checked(
        audit.checked_reason, "The learner asked about ticket 4711",
        minLength=1, maxLength=audit.MAX_REASON,
    ),
]  # fmt: skip


class AuditLogQuery(Struct, frozen=True, kw_only=True):
    actor_id: Id | None = None
    action: audit.Action | None = None
    target_id: Annotated[str, name(300, "7")] | None = None
    skip: Skip = 0
    limit: Limit = 100


class AuditEntryOut(Struct, frozen=True, kw_only=True):
    """`actor_id` is null for the operator's command line."""

    id: Id
    occurred_at: datetime
    actor_id: Id | None
    action: audit.Action
    target_id: str | None
    details: Mapping[str, Any]
    reason: str | None


class TranscriptPath(Struct, frozen=True, kw_only=True):
    session_id: Id


class TranscriptQuery(Struct, frozen=True, kw_only=True):
    reason: Reason
    skip: Skip = 0
    limit: Limit = 100


class TranscriptOut(Struct, frozen=True, kw_only=True):
    id: Id
    user_id: Id
    content_item_id: Id
    content_context: Mapping[str, Any]
    cache_node_id: Id | None
    cache_state: CacheState
    created_at: datetime
    updated_at: datetime
    title: str
    message_count: int
    messages: list[MessageOut]


@admin.route("GET", "/admin/audit-log", access=Access.ADMIN)
async def list_audit_log(
    core: TwoSigma, actor: Actor, query: AuditLogQuery
) -> Listed[AuditEntryOut]:
    """List administrative acts, newest first: who, when, what, to what."""
    wanted = audit.EntryFilter(
        actor_id=query.actor_id, action=query.action, target_id=query.target_id
    )
    page = Page(skip=query.skip, limit=query.limit)
    rows, total = await core.audit_log.entries(actor, wanted, page)
    return Listed([AuditEntryOut(**structs.asdict(row)) for row in rows], total)


@admin.route("GET", "/admin/chat/sessions/{session_id}", access=Access.ADMIN, refuses=(404,))
async def read_transcript(
    core: TwoSigma, actor: Actor, path: TranscriptPath, query: TranscriptQuery
) -> TranscriptOut:
    """Read what a learner and the tutor said, for a reason.

    Who reads it, and why, is written to the audit log first.
    """
    page = Page(skip=query.skip, limit=query.limit)
    view = await core.audit_log.transcript(actor, path.session_id, query.reason, page)
    session = view.session
    return TranscriptOut(
        id=session.id,
        user_id=session.user_id,
        content_item_id=session.content_item_id,
        content_context=session.content_context,
        cache_node_id=session.position.node_id,
        cache_state=session.position.state,
        created_at=session.created_at,
        updated_at=session.updated_at,
        title=session.title,
        message_count=view.total,
        messages=[message_out(message) for message in view.messages],
    )
