"""Feature requests, and the trail of their changes."""

from alembic import op
from sqlalchemy import Index, String, Text

from twosigma.adapters.sql.migrations.columns import create, has, may_have, refers, times
from twosigma.adapters.sql.types import BigId, UtcDateTime

revision = "0003"
down_revision: str | None = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create(
        "feature_requests",
        refers("user_id", "users"),
        has("title", String),
        has("description", Text),
        has("status", String),
        may_have("admin_notes", Text),
        *times(),
        Index(None, "user_id", "created_at"),
        Index(None, "status", "created_at"),
    )
    create(
        "feature_request_changes",
        has("feature_request_id", BigId, index=True),
        has("changed_by", BigId),
        has("changed_at", UtcDateTime),
        has("from_status", String),
        has("to_status", String),
        may_have("from_notes", Text),
        may_have("to_notes", Text),
    )


def downgrade() -> None:
    for table in ("feature_request_changes", "feature_requests"):
        op.drop_table(table)
