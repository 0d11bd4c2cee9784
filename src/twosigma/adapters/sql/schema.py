# long: every table, so that the whole schema is read in one place
"""The tables. A change here needs a migration; `tests/sql/test_migrations.py` compares the two."""

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.sql.type_api import TypeEngine

from twosigma.adapters.sql.types import BigId, Json, UtcDateTime

Kind = TypeEngine[Any] | type[TypeEngine[Any]]

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _table(name: str, *parts: Any) -> Table:
    # AUTOINCREMENT: an id that came back after a deletion would name another's row.
    return Table(
        name, metadata, Column("id", BigId, primary_key=True), *parts, sqlite_autoincrement=True
    )


def _of(table: str, name: str, **options: Any) -> Column[int]:
    """A column that refers to a row of `table`."""
    return Column(name, BigId, ForeignKey(f"{table}.id"), nullable=False, **options)


def _may_be_of(table: str, name: str, **options: Any) -> Column[Any]:
    return Column(name, BigId, ForeignKey(f"{table}.id"), nullable=True, **options)


def _is(name: str, kind: Kind, **options: Any) -> Column[Any]:
    return Column(name, kind, nullable=False, **options)


def _may(name: str, kind: Kind, **options: Any) -> Column[Any]:
    return Column(name, kind, nullable=True, **options)


def _slot() -> Column[int]:
    return Column("slot", BigId, primary_key=True, autoincrement=False)


def _times() -> tuple[Column[Any], Column[Any]]:
    return _is("created_at", UtcDateTime), _is("updated_at", UtcDateTime)


def _provenance() -> tuple[Column[Any], Column[Any], Column[Any]]:
    return _may("source", String), _may("external_id", String), _may("import_digest", String)


users = _table(
    "users", _is("email", String, unique=True), _is("full_name", String),
    _is("full_name_folded", String),
    _is("password_hash", String), _is("role", String), _is("is_active", Boolean),
    _is("locale", String), _is("time_zone", String), *_times(), _may("erased_at", UtcDateTime),
)  # fmt: skip
token_families = Table(
    "token_families", metadata, Column("id", String, primary_key=True),
    _of("users", "user_id", index=True), _is("created_at", UtcDateTime),
    _may("revoked_at", UtcDateTime),
)  # fmt: skip
refresh_tokens = Table(
    "refresh_tokens", metadata, Column("jti", String, primary_key=True),
    Column("family_id", String, ForeignKey("token_families.id"), nullable=False, index=True),
    _is("expires_at", UtcDateTime), _may("rotated_at", UtcDateTime), _may("successor", Json),
)  # fmt: skip
password_resets = _table(
    "password_resets", _of("users", "user_id", index=True),
    _is("digest", LargeBinary, unique=True), _is("created_at", UtcDateTime),
    _may("ended_at", UtcDateTime),
)  # fmt: skip
user_profiles = Table(
    "user_profiles", metadata,
    Column("user_id", BigId, ForeignKey("users.id"), primary_key=True),
    _may("date_of_birth", Date), _may("learning_goal", String), _may("study_level", String),
    _may("grade", String),
)  # fmt: skip

# A `…_folded` column holds `types.fold` of its neighbour, for look-up and search.
universities = _table(
    "universities", _is("name", String), _is("name_folded", String, unique=True),
    _may("code", String), _may("country", String), _may("website_url", String),
    _is("created_at", UtcDateTime),
)  # fmt: skip
departments = _table(
    "departments", _of("universities", "university_id"), _is("name", String),
    _is("name_folded", String), _may("code", String), _is("created_at", UtcDateTime),
    UniqueConstraint("university_id", "name_folded"),
)  # fmt: skip
subjects = _table(
    "subjects", _is("name", String), _is("name_folded", String, unique=True),
    _is("slug", String, unique=True),
)  # fmt: skip
subject_preferences = Table(
    "subject_preferences", metadata,
    Column("user_id", BigId, ForeignKey("users.id"), primary_key=True),
    Column("subject_id", BigId, ForeignKey("subjects.id"), primary_key=True, index=True),
    _is("priority", Integer),
)  # fmt: skip
courses = _table(
    "courses", _is("title", String), _is("title_folded", String), _is("code", String),
    _is("code_folded", String), _of("universities", "university_id"), _is("description", Text),
    _is("level", String), _may("credit_hours", BigId),
    _may_be_of("departments", "department_id"), _may_be_of("subjects", "primary_subject_id"),
    _is("is_published", Boolean), _is("is_open", Boolean), _is("cache_enabled", Boolean),
    _is("locales", Json), _may("llm_model", String), _may("prompt_name", String),
    _is("prompt_label", String), _may("license", Text), _may("attribution", Text),
    *_provenance(), *_times(),
    UniqueConstraint("university_id", "code_folded"), UniqueConstraint("source", "external_id"),
)  # fmt: skip
course_staff = Table(
    "course_staff", metadata,
    Column("course_id", BigId, ForeignKey("courses.id"), primary_key=True),
    Column("user_id", BigId, ForeignKey("users.id"), primary_key=True, index=True),
    _is("role", String),
)  # fmt: skip
offerings = _table(
    "offerings", _of("courses", "course_id", index=True), _is("term_name", String),
    _may("starts_at", UtcDateTime), _may("ends_at", UtcDateTime),
    _may("enrollment_start", UtcDateTime), _may("enrollment_end", UtcDateTime),
    _is("visibility", String), _may("capacity", BigId), *_times(),
)  # fmt: skip
enrollments = _table(
    "enrollments", _of("users", "user_id"), _of("offerings", "course_offering_id"),
    _of("courses", "course_id"), _is("status", String), _is("enrolled_at", UtcDateTime),
    _may("reactivated_at", UtcDateTime), _may("completed_at", UtcDateTime),
    _may("dropped_at", UtcDateTime), UniqueConstraint("user_id", "course_offering_id"),
    Index(None, "user_id", "course_id"), Index(None, "course_offering_id", "status"),
)  # fmt: skip
# Who invited is no foreign key: an invitation may outlive that account.
invitations = _table(
    "invitations", _of("offerings", "course_offering_id"), _is("email", String, index=True),
    _is("invited_by", BigId), _is("created_at", UtcDateTime),
    UniqueConstraint("course_offering_id", "email"),
)  # fmt: skip

modules = _table(
    "modules", _of("courses", "course_id", index=True),
    _may_be_of("modules", "parent_module_id"), _is("title", String), _is("description", Text),
    _is("module_type", String), _is("sequence_index", BigId), _is("is_archived", Boolean),
    *_provenance(), *_times(), Index(None, "parent_module_id", "course_id"),
)  # fmt: skip
content_types = _table(
    "content_types", _is("name", String, unique=True), _is("label", String),
    _is("description", Text), _is("is_gradable", Boolean), _may("prompt_name", String),
    _is("is_system", Boolean), _may("json_schema", Json),
)  # fmt: skip
content_items = _table(
    "content_items", _of("courses", "course_id", index=True),
    _of("modules", "module_id", index=True), _of("content_types", "content_type_id"),
    _is("title", String), _is("description", Text), _is("data_json", Json),
    _is("sequence_index", BigId), _may("estimated_duration_seconds", BigId),
    _may("prompt_name", String), _is("is_archived", Boolean), _is("revision", Integer),
    *_provenance(), *_times(),
)  # fmt: skip


def _progress(table: str, of: str, name: str) -> Table:
    return _table(
        table, _of("users", "user_id"), _of(of, name, index=True),
        _of("offerings", "course_offering_id", index=True), _is("progress_percent", Integer),
        _is("started_at", UtcDateTime), _may("completed_at", UtcDateTime),
        _is("updated_at", UtcDateTime), UniqueConstraint("user_id", "course_offering_id", name),
    )  # fmt: skip


content_progress = _progress("content_progress", "content_items", "content_item_id")
module_progress = _progress("module_progress", "modules", "module_id")

prompt_names = _table(
    "prompt_names", _is("name", String, unique=True), _is("next_version", Integer),
    _is("tags", Json),
)  # fmt: skip
prompt_versions = _table(
    "prompt_versions", _of("prompt_names", "name_id"), _is("version", Integer),
    _is("type", String), _is("prompt", Text), _may("messages", Json), _is("config", Json),
    _may("commit_message", String),
    _is("created_by", String), *_times(), UniqueConstraint("name_id", "version"),
)  # fmt: skip
prompt_labels = Table(
    "prompt_labels", metadata,
    Column("name_id", BigId, ForeignKey("prompt_names.id"), primary_key=True),
    Column("label", String, primary_key=True),
    _of("prompt_versions", "version_id", index=True),
)  # fmt: skip

# The platform's row has course_id 0, which is no course.
epochs = Table(
    "epochs", metadata, Column("course_id", BigId, primary_key=True, autoincrement=False),
    _is("n", BigId),
)  # fmt: skip
# A tree outlives the prompt version it was made with, so that one is no foreign key.
cache_trees = _table(
    "cache_trees", _of("content_items", "content_item_id", index=True),
    _is("prompt_version_id", BigId), _is("model", String), _is("locale", String),
    _is("fingerprint", LargeBinary, unique=True), _is("parts", Json),
    _is("created_at", UtcDateTime),
)  # fmt: skip
replies = _table(
    "replies", _is("text", Text), _is("chunks", Json), _is("body", LargeBinary)
)  # fmt: skip
cache_nodes = _table(
    "cache_nodes", _of("cache_trees", "tree_id", index=True), _is("parent_id", BigId),
    _is("digest", LargeBinary), _is("depth", Integer), _is("message", Text),
    _may("graded", Json), _of("replies", "reply_id", index=True),
    _is("created_at", UtcDateTime), _may("retired_at", UtcDateTime),
)  # fmt: skip
IS_LIVE = cache_nodes.c.retired_at.is_(None)
Index(
    "uq_cache_nodes_edge", cache_nodes.c.tree_id, cache_nodes.c.parent_id, cache_nodes.c.digest,
    unique=True, sqlite_where=IS_LIVE, postgresql_where=IS_LIVE,
)  # fmt: skip

# `cache_node_id` is no foreign key: a hit would look the node up once more for it, and a node
# leaves only with its tree, whose removal takes its sessions off first.
chat_sessions = _table(
    "chat_sessions", _of("users", "user_id", index=True),
    _of("content_items", "content_item_id", index=True), _of("courses", "course_id", index=True),
    _is("locale", String), _is("content_context", Json), _is("title", String),
    _may_be_of("cache_trees", "tree_id", index=True), _may("cache_node_id", BigId),
    _is("cache_state", String),
    _may("stamp_platform", BigId), _may("stamp_course", BigId), _may("stamp_settings", String),
    _is("message_count", Integer), _may("greeting_id", BigId),
    _may("turn_id", String), _may("turn_status", String), _may("turn_content", Text),
    _may("turn_key", String), _may("turn_started_at", UtcDateTime), _may("turn_lease", Double),
    _may("turn_owner", String), _may("turn_detail", Text),
    _may("share_token", String, unique=True), _may("share_at", UtcDateTime),
    _may("share_count", Integer), _may("share_expires_at", UtcDateTime), *_times(),
)  # fmt: skip
IS_RUNNING = chat_sessions.c.turn_status == "running"
Index(
    "ix_chat_sessions_running", chat_sessions.c.turn_owner,
    sqlite_where=IS_RUNNING, postgresql_where=IS_RUNNING,
)  # fmt: skip
chat_messages = _table(
    "chat_messages", _of("chat_sessions", "session_id"), _is("ordinal", Integer),
    _is("role", String), _may("content", Text), _may_be_of("replies", "reply_id"),
    _may("canonical", Text), _is("meta", Json), _is("turn_id", String),
    _may("idempotency_key", String), _is("created_at", UtcDateTime),
    UniqueConstraint("session_id", "ordinal"),
    UniqueConstraint("session_id", "idempotency_key"),
)  # fmt: skip
HAS_REPLY = chat_messages.c.reply_id.is_not(None)
Index(
    "ix_chat_messages_reply_id", chat_messages.c.reply_id,
    sqlite_where=HAS_REPLY, postgresql_where=HAS_REPLY,
)  # fmt: skip

# Append-only, and it outlives what it names: no foreign keys.
activity_events = _table(
    "activity_events", _is("user_id", BigId), _is("occurred_at", UtcDateTime),
    _is("time_zone", String), _is("kind", String), _may("course_id", BigId),
    _may("module_id", BigId), _may("content_item_id", BigId), _is("as_staff", Boolean),
    _may("session_id", BigId, index=True), _may("turn_id", String), _may("outcome", String),
    _may("reason", String), _may("node_id", BigId), _may("question_id", String),
    _may("answer", Text), _may("correct", Boolean), Index(None, "user_id", "occurred_at"),
)  # fmt: skip
IS_HIT = activity_events.c.outcome == "hit"
Index(
    "ix_activity_events_hits", activity_events.c.node_id, activity_events.c.occurred_at,
    sqlite_where=IS_HIT, postgresql_where=IS_HIT,
)  # fmt: skip
IS_MISS = activity_events.c.outcome == "miss"
Index(
    "ix_activity_events_misses", activity_events.c.node_id,
    sqlite_where=IS_MISS, postgresql_where=IS_MISS,
)  # fmt: skip

api_keys = _table(
    "api_keys", _of("users", "user_id", index=True), _is("name", String),
    _is("public_key", String, unique=True), _is("digest", LargeBinary),
    _is("created_at", UtcDateTime), _may("last_used_at", UtcDateTime),
    _may("revoked_at", UtcDateTime),
)  # fmt: skip

# `key` digests an address and a client; it names no account, for there may be none.
sign_in_failures = Table(
    "sign_in_failures", metadata, Column("key", String, primary_key=True), _is("times", Json),
    _is("last_at", Double, index=True),
)  # fmt: skip
idempotency_keys = Table(
    "idempotency_keys", metadata,
    Column("user_id", BigId, primary_key=True, autoincrement=False),
    Column("key", String, primary_key=True), _is("request_digest", LargeBinary),
    _is("created_at", UtcDateTime, index=True), _may("status", Integer), _may("headers", Json),
    _may("body", LargeBinary),
)  # fmt: skip
# Append-only, and it outlives what it names: no foreign keys.
audit_log = _table(
    "audit_log", _is("occurred_at", UtcDateTime), _may("actor_id", BigId, index=True),
    _is("action", String, index=True), _may("target_id", String, index=True),
    _is("details", Json), _may("reason", String),
)  # fmt: skip
feature_requests = _table(
    "feature_requests", _of("users", "user_id"), _is("title", String), _is("description", Text),
    _is("status", String), _may("admin_notes", Text), *_times(),
    Index(None, "user_id", "created_at"), Index(None, "status", "created_at"),
)  # fmt: skip
# Append-only, and it outlives what it names: no foreign keys.
feature_request_changes = _table(
    "feature_request_changes", _is("feature_request_id", BigId, index=True),
    _is("changed_by", BigId), _is("changed_at", UtcDateTime), _is("from_status", String),
    _is("to_status", String), _may("from_notes", Text), _may("to_notes", Text),
)  # fmt: skip

# The one row of the installation's credentials, and the last trial of any: `slot` is 1.
aws_credentials = Table(
    "aws_credentials", metadata, _slot(), _is("id", String), _is("access_key_id", Text),
    _is("secret_access_key", Text), _may("session_token", Text), _is("access_key_last4", String),
    _is("aws_region", String), _is("updated_at", UtcDateTime), _is("updated_by", BigId),
)  # fmt: skip
aws_credentials_tests = Table(
    "aws_credentials_tests", metadata, _slot(), _may("credentials_id", String),
    _is("success", Boolean), _is("message", Text), _is("region", String),
    _is("latency_ms", BigId), _is("tested_at", UtcDateTime), _is("tested_by", BigId),
)  # fmt: skip

# What models took a day of an account (`learner`) or a course. No foreign keys: a course that is
# gone has its days forgotten in time, and nobody who adds to one waits for who holds it.
tokens_spent = Table(
    "tokens_spent", metadata, Column("purse", String, primary_key=True),
    Column("purse_id", BigId, primary_key=True, autoincrement=False),
    Column("day", Date, primary_key=True, index=True), _is("input", BigId), _is("output", BigId),
)  # fmt: skip
