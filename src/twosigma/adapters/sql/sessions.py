"""A session's columns: what its row says as an entity, and back."""

from typing import Any

from sqlalchemy import Row, and_, case, literal, select

from twosigma.adapters.sql.schema import IS_RUNNING, chat_sessions
from twosigma.adapters.sql.types import DatabaseSeconds
from twosigma.domain.cache_tree import CacheState, Position
from twosigma.domain.chat import Session, SessionTurn, Share, TurnStatus
from twosigma.domain.context import Stamp

_is_lost = and_(IS_RUNNING, chat_sessions.c.turn_lease <= DatabaseSeconds())
SESSIONS = select(
    chat_sessions, case((_is_lost, literal(1)), else_=literal(0)).label("is_lost")
)  # fmt: skip


def session_of(row: Row[Any]) -> Session:
    """The entity of a row of `SESSIONS`."""
    return Session(
        id=row.id, user_id=row.user_id, content_item_id=row.content_item_id,
        course_id=row.course_id, locale=row.locale, content_context=row.content_context,
        title=row.title, position=_position(row), stamp=_stamp(row),
        message_count=row.message_count, greeting_id=row.greeting_id, turn=_turn(row),
        share=_share(row), created_at=row.created_at, updated_at=row.updated_at,
    )  # fmt: skip


def _position(row: Row[Any]) -> Position:
    return Position(
        tree_id=row.tree_id, node_id=row.cache_node_id, state=CacheState(row.cache_state)
    )


def _stamp(row: Row[Any]) -> Stamp | None:
    if row.stamp_settings is None:
        return None
    return Stamp(platform=row.stamp_platform, course=row.stamp_course, settings=row.stamp_settings)


def _turn(row: Row[Any]) -> SessionTurn | None:
    if row.turn_id is None:
        return None
    return SessionTurn(
        id=row.turn_id, status=TurnStatus(row.turn_status), content=row.turn_content,
        started_at=row.turn_started_at, key=row.turn_key, owner=row.turn_owner,
        detail=row.turn_detail, is_lost=bool(row.is_lost),
    )  # fmt: skip


def _share(row: Row[Any]) -> Share | None:
    if row.share_token is None:
        return None
    return Share(
        token=row.share_token, shared_at=row.share_at, message_count=row.share_count,
        expires_at=row.share_expires_at,
    )  # fmt: skip


def position_values(position: Position, stamp: Stamp | None) -> dict[str, Any]:
    """The columns of where a session stands, and under which stamp."""
    return {
        "tree_id": position.tree_id,
        "cache_node_id": position.node_id,
        "cache_state": position.state,
        "stamp_platform": stamp and stamp.platform,
        "stamp_course": stamp and stamp.course,
        "stamp_settings": stamp and stamp.settings,
    }


def share_values(share: Share | None) -> dict[str, Any]:
    """The columns of a share; all null for none."""
    return {
        "share_token": share and share.token,
        "share_at": share and share.shared_at,
        "share_count": share and share.message_count,
        "share_expires_at": share and share.expires_at,
    }
