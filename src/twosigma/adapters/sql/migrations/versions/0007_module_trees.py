"""Children of a module are found by an index; content types have a schema for their data."""

from alembic import op
from sqlalchemy import Column

from twosigma.adapters.sql.types import Json

revision = "0007"
down_revision: str | None = "0006"
branch_labels = None
depends_on = None

_CHILDREN = "ix_modules_parent_module_id_course_id"


def upgrade() -> None:
    op.create_index(_CHILDREN, "modules", ["parent_module_id", "course_id"])
    op.add_column("content_types", Column("json_schema", Json, nullable=True))


def downgrade() -> None:
    op.drop_column("content_types", "json_schema")
    op.drop_index(_CHILDREN, "modules")
