"""Tokens that models took, by day."""

from alembic import op
from sqlalchemy import Column, Date, String

from twosigma.adapters.sql.migrations.columns import has
from twosigma.adapters.sql.types import BigId

revision = "0014"
down_revision: str | None = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tokens_spent",
        Column("purse", String, primary_key=True),
        Column("purse_id", BigId, primary_key=True, autoincrement=False),
        Column("day", Date, primary_key=True, index=True),
        has("input", BigId),
        has("output", BigId),
    )


def downgrade() -> None:
    op.drop_table("tokens_spent")
