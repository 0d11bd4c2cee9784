"""The audit log."""

from alembic import op
from sqlalchemy import String

from twosigma.adapters.sql.migrations.columns import create, has, may_have
from twosigma.adapters.sql.types import BigId, Json, UtcDateTime

revision = "0005"
down_revision: str | None = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create(
        "audit_log",
        has("occurred_at", UtcDateTime),
        may_have("actor_id", BigId, index=True),
        has("action", String, index=True),
        may_have("target_id", String, index=True),
        has("details", Json),
        may_have("reason", String),
    )


def downgrade() -> None:
    op.drop_table("audit_log")
