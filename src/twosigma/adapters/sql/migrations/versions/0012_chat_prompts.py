"""Chat prompts: a version may be a list of messages."""

from alembic import op
from sqlalchemy import Column

from twosigma.adapters.sql.types import Json

revision = "0012"
down_revision: str | None = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("prompt_versions", Column("messages", Json, nullable=True))


def downgrade() -> None:
    op.drop_column("prompt_versions", "messages")
