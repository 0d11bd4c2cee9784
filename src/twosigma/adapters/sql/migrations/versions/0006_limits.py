"""Failed sign-ins, the answers that Idempotency-Keys are replayed from, an index of misses."""

from alembic import op
from sqlalchemy import Column, Double, Integer, LargeBinary, String, text

from twosigma.adapters.sql.migrations.columns import has, may_have
from twosigma.adapters.sql.types import BigId, Json, UtcDateTime

revision = "0006"
down_revision: str | None = "0005"
branch_labels = None
depends_on = None

IS_MISS = text("outcome = 'miss'")


def upgrade() -> None:
    op.create_table(
        "sign_in_failures",
        Column("key", String, primary_key=True),
        has("times", Json),
        has("last_at", Double, index=True),
    )
    op.create_table(
        "idempotency_keys",
        Column("user_id", BigId, primary_key=True, autoincrement=False),
        Column("key", String, primary_key=True),
        has("request_digest", LargeBinary),
        has("created_at", UtcDateTime, index=True),
        may_have("status", Integer),
        may_have("headers", Json),
        may_have("body", LargeBinary),
    )
    op.create_index(
        "ix_activity_events_misses", "activity_events", ["node_id"],
        sqlite_where=IS_MISS, postgresql_where=IS_MISS,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_activity_events_misses", "activity_events")
    for table in ("idempotency_keys", "sign_in_failures"):
        op.drop_table(table)
