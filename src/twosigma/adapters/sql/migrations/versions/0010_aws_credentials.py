"""The installation's AWS credentials, encrypted, and the last trial of them."""

from alembic import op
from sqlalchemy import Boolean, Column, String, Text

from twosigma.adapters.sql.migrations.columns import has, may_have
from twosigma.adapters.sql.types import BigId, UtcDateTime

revision = "0010"
down_revision: str | None = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "aws_credentials",
        Column("slot", BigId, primary_key=True, autoincrement=False),
        has("id", String),
        has("access_key_id", Text),
        has("secret_access_key", Text),
        may_have("session_token", Text),
        has("access_key_last4", String),
        has("aws_region", String),
        has("updated_at", UtcDateTime),
        has("updated_by", BigId),
    )
    op.create_table(
        "aws_credentials_tests",
        Column("slot", BigId, primary_key=True, autoincrement=False),
        may_have("credentials_id", String),
        has("success", Boolean),
        has("message", Text),
        has("region", String),
        has("latency_ms", BigId),
        has("tested_at", UtcDateTime),
        has("tested_by", BigId),
    )


def downgrade() -> None:
    for table in ("aws_credentials_tests", "aws_credentials"):
        op.drop_table(table)
