"""Invitations of addresses that have no account yet."""

from alembic import op
from sqlalchemy import String, UniqueConstraint

from twosigma.adapters.sql.migrations.columns import create, has, refers
from twosigma.adapters.sql.types import BigId, UtcDateTime

revision = "0011"
down_revision: str | None = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create(
        "invitations",
        refers("course_offering_id", "offerings"),
        has("email", String, index=True),
        has("invited_by", BigId),
        has("created_at", UtcDateTime),
        UniqueConstraint("course_offering_id", "email"),
    )


def downgrade() -> None:
    op.drop_table("invitations")
