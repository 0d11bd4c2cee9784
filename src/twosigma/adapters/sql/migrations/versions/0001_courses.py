"""Accounts, catalog, content, prompts."""

from typing import Any

from alembic import op
from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Text, UniqueConstraint

from twosigma.adapters.sql.migrations.columns import create, has, may_have, refers, times
from twosigma.adapters.sql.types import BigId, Json, UtcDateTime

revision = "0001"
down_revision: str | None = None
branch_labels = None
depends_on = None

TABLES = (
    "prompt_labels",
    "prompt_versions",
    "prompt_names",
    "content_items",
    "content_types",
    "modules",
    "enrollments",
    "offerings",
    "course_staff",
    "courses",
    "subjects",
    "departments",
    "universities",
    "refresh_tokens",
    "token_families",
    "users",
)
"""In the order in which they can be dropped."""


def upgrade() -> None:
    _accounts()
    _universities()
    _courses()
    _offerings()
    _content()
    _prompts()


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)


def _provenance() -> tuple[Column[Any], ...]:
    return tuple(may_have(name, String) for name in ("source", "external_id", "import_digest"))


def _accounts() -> None:
    create(
        "users",
        has("email", String, unique=True),
        has("full_name", String),
        has("password_hash", String),
        has("role", String),
        has("is_active", Boolean),
        has("locale", String),
        has("time_zone", String),
        *times(),
    )
    op.create_table(
        "token_families",
        Column("id", String, primary_key=True),
        refers("user_id", "users", index=True),
        has("created_at", UtcDateTime),
        may_have("revoked_at", UtcDateTime),
    )
    op.create_table(
        "refresh_tokens",
        Column("jti", String, primary_key=True),
        Column("family_id", String, ForeignKey("token_families.id"), nullable=False, index=True),
        has("expires_at", UtcDateTime),
        may_have("rotated_at", UtcDateTime),
        may_have("successor", Json),
    )


def _universities() -> None:
    create(
        "universities",
        has("name", String),
        has("name_folded", String, unique=True),
        may_have("code", String),
        may_have("country", String),
        may_have("website_url", String),
        has("created_at", UtcDateTime),
    )
    create(
        "departments",
        refers("university_id", "universities"),
        has("name", String),
        has("name_folded", String),
        may_have("code", String),
        has("created_at", UtcDateTime),
        UniqueConstraint("university_id", "name_folded"),
    )
    create(
        "subjects",
        has("name", String),
        has("name_folded", String, unique=True),
        has("slug", String, unique=True),
    )


def _courses() -> None:
    create(
        "courses",
        has("title", String),
        has("title_folded", String),
        has("code", String),
        has("code_folded", String),
        refers("university_id", "universities"),
        has("description", Text),
        has("level", String),
        may_have("credit_hours", BigId),
        refers("department_id", "departments", nullable=True),
        refers("primary_subject_id", "subjects", nullable=True),
        has("is_published", Boolean),
        has("is_open", Boolean),
        has("cache_enabled", Boolean),
        has("locales", Json),
        may_have("llm_model", String),
        may_have("prompt_name", String),
        has("prompt_label", String),
        may_have("license", Text),
        may_have("attribution", Text),
        *_provenance(),
        *times(),
        UniqueConstraint("university_id", "code_folded"),
        UniqueConstraint("source", "external_id"),
    )
    op.create_table(
        "course_staff",
        Column("course_id", BigId, ForeignKey("courses.id"), primary_key=True),
        Column("user_id", BigId, ForeignKey("users.id"), primary_key=True, index=True),
        has("role", String),
    )


def _offerings() -> None:
    create(
        "offerings",
        refers("course_id", "courses", index=True),
        has("term_name", String),
        may_have("starts_at", UtcDateTime),
        may_have("ends_at", UtcDateTime),
        may_have("enrollment_start", UtcDateTime),
        may_have("enrollment_end", UtcDateTime),
        has("visibility", String),
        may_have("capacity", BigId),
        *times(),
    )
    create(
        "enrollments",
        refers("user_id", "users"),
        refers("course_offering_id", "offerings"),
        refers("course_id", "courses"),
        has("status", String),
        has("enrolled_at", UtcDateTime),
        may_have("reactivated_at", UtcDateTime),
        may_have("completed_at", UtcDateTime),
        may_have("dropped_at", UtcDateTime),
        UniqueConstraint("user_id", "course_offering_id"),
        Index(None, "user_id", "course_id"),
        Index(None, "course_offering_id", "status"),
    )


def _content() -> None:
    create(
        "modules",
        refers("course_id", "courses", index=True),
        refers("parent_module_id", "modules", nullable=True),
        has("title", String),
        has("description", Text),
        has("module_type", String),
        has("sequence_index", BigId),
        has("is_archived", Boolean),
        *_provenance(),
        *times(),
    )
    create(
        "content_types",
        has("name", String, unique=True),
        has("label", String),
        has("description", Text),
        has("is_gradable", Boolean),
        may_have("prompt_name", String),
        has("is_system", Boolean),
    )
    create(
        "content_items",
        refers("course_id", "courses", index=True),
        refers("module_id", "modules", index=True),
        refers("content_type_id", "content_types"),
        has("title", String),
        has("description", Text),
        has("data_json", Json),
        has("sequence_index", BigId),
        may_have("estimated_duration_seconds", BigId),
        may_have("prompt_name", String),
        has("is_archived", Boolean),
        has("revision", Integer),
        *_provenance(),
        *times(),
    )


def _prompts() -> None:
    create(
        "prompt_names",
        has("name", String, unique=True),
        has("next_version", Integer),
        has("tags", Json),
    )
    create(
        "prompt_versions",
        refers("name_id", "prompt_names"),
        has("version", Integer),
        has("type", String),
        has("prompt", Text),
        has("config", Json),
        may_have("commit_message", String),
        has("created_by", String),
        *times(),
        UniqueConstraint("name_id", "version"),
    )
    op.create_table(
        "prompt_labels",
        Column("name_id", BigId, ForeignKey("prompt_names.id"), primary_key=True),
        Column("label", String, primary_key=True),
        refers("version_id", "prompt_versions", index=True),
    )
