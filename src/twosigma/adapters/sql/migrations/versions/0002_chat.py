"""Chat sessions, the cache tree, epochs, activity."""

from alembic import op
from sqlalchemy import (
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)

from twosigma.adapters.sql.migrations.columns import create, has, may_have, refers, times
from twosigma.adapters.sql.types import BigId, Json, UtcDateTime

revision = "0002"
down_revision: str | None = "0001"
branch_labels = None
depends_on = None

TABLES = (
    "activity_events",
    "chat_messages",
    "chat_sessions",
    "cache_nodes",
    "replies",
    "cache_trees",
    "epochs",
)
"""In the order in which they can be dropped."""


def upgrade() -> None:
    _cache()
    _sessions()
    _messages()
    _activity()
    # The platform's epoch; every course brings its own.
    op.execute("INSERT INTO epochs (course_id, n) VALUES (0, 0)")


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)


def _index(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    op.create_index(
        name, table, columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where)
    )


def _cache() -> None:
    op.create_table(
        "epochs",
        Column("course_id", BigId, primary_key=True, autoincrement=False),
        has("n", BigId),
    )
    create(
        "cache_trees",
        refers("content_item_id", "content_items", index=True),
        has("prompt_version_id", BigId),
        has("model", String),
        has("locale", String),
        has("fingerprint", LargeBinary, unique=True),
        has("parts", Json),
        has("created_at", UtcDateTime),
    )
    create("replies", has("text", Text), has("chunks", Json), has("body", LargeBinary))
    create(
        "cache_nodes",
        refers("tree_id", "cache_trees", index=True),
        has("parent_id", BigId),
        has("digest", LargeBinary),
        has("depth", Integer),
        has("message", Text),
        may_have("graded", Json),
        refers("reply_id", "replies", index=True),
        has("created_at", UtcDateTime),
        may_have("retired_at", UtcDateTime),
    )
    _index(
        "uq_cache_nodes_edge",
        "cache_nodes",
        ["tree_id", "parent_id", "digest"],
        "retired_at IS NULL",
        unique=True,
    )


def _sessions() -> None:
    create(
        "chat_sessions",
        refers("user_id", "users", index=True),
        refers("content_item_id", "content_items", index=True),
        refers("course_id", "courses", index=True),
        has("locale", String),
        has("content_context", Json),
        has("title", String),
        refers("tree_id", "cache_trees", nullable=True, index=True),
        may_have("cache_node_id", BigId),
        has("cache_state", String),
        may_have("stamp_platform", BigId),
        may_have("stamp_course", BigId),
        may_have("stamp_settings", String),
        has("message_count", Integer),
        may_have("greeting_id", BigId),
        may_have("turn_id", String),
        may_have("turn_status", String),
        may_have("turn_content", Text),
        may_have("turn_key", String),
        may_have("turn_started_at", UtcDateTime),
        may_have("turn_lease", Double),
        may_have("turn_owner", String),
        may_have("turn_detail", Text),
        may_have("share_token", String, unique=True),
        may_have("share_at", UtcDateTime),
        may_have("share_count", Integer),
        may_have("share_expires_at", UtcDateTime),
        *times(),
    )
    _index("ix_chat_sessions_running", "chat_sessions", ["turn_owner"], "turn_status = 'running'")


def _messages() -> None:
    create(
        "chat_messages",
        refers("session_id", "chat_sessions"),
        has("ordinal", Integer),
        has("role", String),
        may_have("content", Text),
        refers("reply_id", "replies", nullable=True),
        may_have("canonical", Text),
        has("meta", Json),
        has("turn_id", String),
        may_have("idempotency_key", String),
        has("created_at", UtcDateTime),
        UniqueConstraint("session_id", "ordinal"),
        UniqueConstraint("session_id", "idempotency_key"),
    )
    _index("ix_chat_messages_reply_id", "chat_messages", ["reply_id"], "reply_id IS NOT NULL")


def _activity() -> None:
    create(
        "activity_events",
        has("user_id", BigId),
        has("occurred_at", UtcDateTime),
        has("time_zone", String),
        has("kind", String),
        has("course_id", BigId),
        has("content_item_id", BigId),
        has("as_staff", Boolean),
        may_have("session_id", BigId, index=True),
        may_have("turn_id", String),
        may_have("outcome", String),
        may_have("reason", String),
        may_have("node_id", BigId),
        may_have("question_id", String),
        may_have("answer", Text),
        may_have("correct", Boolean),
        Index(None, "user_id", "occurred_at"),
    )
    _index(
        "ix_activity_events_hits", "activity_events", ["node_id", "occurred_at"], "outcome = 'hit'"
    )
