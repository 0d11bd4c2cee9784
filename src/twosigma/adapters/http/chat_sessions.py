"""Chat sessions: open, list, read, erase, share."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from twosigma.adapters.http.access import Access
from twosigma.adapters.http.route import Group
from twosigma.adapters.http.wire import Id, Limit, Listed, Skip, checked
from twosigma.app.chat_sessions import SharedView
from twosigma.app.core import TwoSigma
from twosigma.domain import values
from twosigma.domain.actor import Actor
from twosigma.domain.cache_tree import CacheState
from twosigma.domain.catalog import Page
from twosigma.domain.chat import Message, Session, TurnStatus, last_turn

sessions = Group("Chat", "AI tutoring chat sessions")

_NO_INDEX = (b"x-robots-tag", b"noindex")
ShareToken = Annotated[str, Meta(examples=["abc123def456"])]


class SessionPath(Struct, frozen=True, kw_only=True):
    session_id: Id


class SharePath(Struct, frozen=True, kw_only=True):
    share_token: Annotated[
        str, checked(lambda text, loc: values.long_text(text, loc, 200), "abc123def456")
    ]

    def __repr__(self) -> str:
        return "SharePath(…)"


class CreateSessionBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    content_item_id: Id


class ShareSessionBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    expires_in_days: Annotated[int, Meta(ge=1, le=365, examples=[30])] | None = None


class ListSessionsQuery(Struct, frozen=True, kw_only=True):
    content_item_id: Id | None = None
    skip: Skip = 0
    limit: Limit = 100


class PageQuery(Struct, frozen=True, kw_only=True):
    skip: Skip = 0
    limit: Limit = 100


class TurnOut(Struct, frozen=True, kw_only=True):
    id: str
    status: TurnStatus
    content: str
    started_at: datetime
    detail: str | None


class SessionOut(Struct, frozen=True, kw_only=True):
    id: Id
    user_id: Id
    content_item_id: Id
    content_context: Mapping[str, Any]
    share_enabled: bool
    share_token: ShareToken | None
    cache_node_id: Id | None
    cache_state: CacheState
    created_at: datetime
    updated_at: datetime
    title: str
    message_count: int
    last_turn: TurnOut | None


class MessageOut(Struct, frozen=True, kw_only=True):
    id: Id
    role: Literal["user", "assistant"]
    content: str
    meta: Mapping[str, Any]
    created_at: datetime


class SessionDetailOut(SessionOut, frozen=True, kw_only=True):
    messages: list[MessageOut]


class ShareOut(Struct, frozen=True, kw_only=True):
    share_token: ShareToken
    share_url: Annotated[str, Meta(examples=["/api/v1/chat/share/abc123def456"])]


class SharedMessageOut(Struct, frozen=True, kw_only=True):
    role: Literal["user", "assistant"]
    content: str
    created_at: datetime


class SharedSessionOut(Struct, frozen=True, kw_only=True):
    title: str
    content_context: Mapping[str, Any]
    messages: list[SharedMessageOut]
    shared_at: datetime | None


def _fields_of(session: Session) -> dict[str, Any]:
    turn = last_turn(session.turn)
    share = session.share
    return {
        "id": session.id,
        "user_id": session.user_id,
        "content_item_id": session.content_item_id,
        "content_context": session.content_context,
        "share_enabled": share is not None,
        "share_token": None if share is None else share.token,
        "cache_node_id": session.position.node_id,
        "cache_state": session.position.state,
        "created_at": session.created_at,
        "updated_at": session.updated_at,
        "title": session.title,
        "message_count": session.message_count,
        "last_turn": None
        if turn is None
        else TurnOut(
            id=turn.id,
            status=turn.status,
            content=turn.content,
            started_at=turn.started_at,
            detail=turn.detail,
        ),
    }


def session_out(session: Session) -> SessionOut:
    return SessionOut(**_fields_of(session))


def message_out(message: Message) -> MessageOut:
    return MessageOut(
        id=message.id,
        role=message.role,
        content=message.content,
        meta=message.meta,
        created_at=message.created_at,
    )


def session_detail_out(session: Session, messages: Sequence[Message]) -> SessionDetailOut:
    shown = [message_out(message) for message in messages]
    return SessionDetailOut(**_fields_of(session), messages=shown)


def shared_out(view: SharedView) -> SharedSessionOut:
    share = view.session.share
    return SharedSessionOut(
        title=view.title,
        content_context=view.content_context,
        messages=[
            SharedMessageOut(role=one.role, content=one.content, created_at=one.created_at)
            for one in view.messages
        ],
        shared_at=None if share is None else share.shared_at,
    )


@sessions.route("GET", "/chat/sessions", access=Access.USER)
async def list_chat_sessions(
    core: TwoSigma, actor: Actor, query: ListSessionsQuery
) -> Listed[SessionOut]:
    """List one's own sessions, newest first, without their messages."""
    page = Page(skip=query.skip, limit=query.limit)
    rows, total = await core.chat_sessions.list(actor, query.content_item_id, page)
    return Listed([session_out(row) for row in rows], total)


@sessions.route("POST", "/chat/sessions", access=Access.USER, status=201, refuses=(403, 404))
async def create_chat_session(core: TwoSigma, actor: Actor, body: CreateSessionBody) -> SessionOut:
    """Open a session about a content item."""
    return session_out(await core.chat_sessions.create(actor, body.content_item_id))


@sessions.route("GET", "/chat/sessions/{session_id}", access=Access.USER, refuses=(404,))
async def get_chat_session(core: TwoSigma, actor: Actor, path: SessionPath) -> SessionDetailOut:
    """Get a session with its last 100 messages."""
    view = await core.chat_sessions.get(actor, path.session_id)
    return session_detail_out(view.session, view.messages)


@sessions.route(
    "DELETE", "/chat/sessions/{session_id}", access=Access.USER, status=204, refuses=(404,)
)
async def delete_chat_session(core: TwoSigma, actor: Actor, path: SessionPath) -> None:
    """Erase a session: its messages, its public link, a running turn."""
    await core.chat_sessions.remove(actor, path.session_id)


@sessions.route("GET", "/chat/sessions/{session_id}/messages", access=Access.USER, refuses=(404,))
async def list_messages(
    core: TwoSigma, actor: Actor, path: SessionPath, query: PageQuery
) -> Listed[MessageOut]:
    """List a session's messages in their order."""
    page = Page(skip=query.skip, limit=query.limit)
    rows, total = await core.chat_sessions.messages(actor, path.session_id, page)
    return Listed([message_out(row) for row in rows], total)


@sessions.route(
    "POST", "/chat/sessions/{session_id}/share", access=Access.USER, refuses=(404,),
    may_be_empty=True,
)  # fmt: skip
async def share_session(
    core: TwoSigma, actor: Actor, path: SessionPath, body: ShareSessionBody
) -> ShareOut:
    """Make a public link, or let the present one show all messages so far."""
    token = await core.chat_sessions.share(actor, path.session_id, body.expires_in_days)
    return ShareOut(share_token=token, share_url=f"/api/v1/chat/share/{token}")


@sessions.route(
    "DELETE", "/chat/sessions/{session_id}/share", access=Access.USER, status=204, refuses=(404,)
)
async def revoke_share(core: TwoSigma, actor: Actor, path: SessionPath) -> None:
    """End the public link. Sharing again gives a new token."""
    await core.chat_sessions.revoke_share(actor, path.session_id)


@sessions.route(
    "GET", "/chat/share/{share_token}", access=Access.READABLE, refuses=(404,), headers=(_NO_INDEX,)
)
async def get_shared_session(core: TwoSigma, path: SharePath) -> SharedSessionOut:
    """Read a shared session: what was said, without ids and names."""
    return shared_out(await core.chat_sessions.shared(path.share_token))
