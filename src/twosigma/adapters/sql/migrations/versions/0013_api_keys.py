"""API keys: pairs by which programs act for an account."""

from alembic import op
from sqlalchemy import LargeBinary, String

from twosigma.adapters.sql.migrations.columns import create, has, may_have, refers
from twosigma.adapters.sql.types import UtcDateTime

revision = "0013"
down_revision: str | None = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create(
        "api_keys",
        refers("user_id", "users", index=True),
        has("name", String),
        has("public_key", String, unique=True),
        has("digest", LargeBinary),
        has("created_at", UtcDateTime),
        may_have("last_used_at", UtcDateTime),
        may_have("revoked_at", UtcDateTime),
    )


def downgrade() -> None:
    op.drop_table("api_keys")
