"""Profiles, preferred subjects, password resets, and accounts that were erased."""

from alembic import op
from sqlalchemy import Column, Date, ForeignKey, Integer, LargeBinary, String

from twosigma.adapters.sql.migrations.columns import create, has, may_have, refers
from twosigma.adapters.sql.types import BigId, UtcDateTime

revision = "0009"
down_revision: str | None = "0008"
branch_labels = None
depends_on = None


def _key(name: str, table: str, *, index: bool = False) -> Column[int]:
    return Column(name, BigId, ForeignKey(f"{table}.id"), primary_key=True, index=index)


def upgrade() -> None:
    op.add_column("users", may_have("erased_at", UtcDateTime))
    create(
        "password_resets",
        refers("user_id", "users", index=True),
        has("digest", LargeBinary, unique=True),
        has("created_at", UtcDateTime),
        may_have("ended_at", UtcDateTime),
    )
    op.create_table(
        "user_profiles",
        _key("user_id", "users"),
        may_have("date_of_birth", Date),
        may_have("learning_goal", String),
        may_have("study_level", String),
        may_have("grade", String),
    )
    op.create_table(
        "subject_preferences",
        _key("user_id", "users"),
        _key("subject_id", "subjects", index=True),
        has("priority", Integer),
    )


def downgrade() -> None:
    for table in ("subject_preferences", "user_profiles", "password_resets"):
        op.drop_table(table)
    op.drop_column("users", "erased_at")
