"""Progress in items and modules; events of activity that are no chat turns."""

from alembic import op
from sqlalchemy import Column, Integer, UniqueConstraint, text

from twosigma.adapters.sql.migrations.columns import create, has, may_have, refers
from twosigma.adapters.sql.types import BigId, UtcDateTime

revision = "0008"
down_revision: str | None = "0007"
branch_labels = None
depends_on = None

_OF_A_TURN = ("course_id", "content_item_id")


def upgrade() -> None:
    _create_progress("content_progress", "content_items", "content_item_id")
    _create_progress("module_progress", "modules", "module_id")
    _alter_events(nullable=True)


def downgrade() -> None:
    # Only chat turns fit into the table as it was.
    op.execute(text("DELETE FROM activity_events WHERE kind <> 'chat_turn'"))
    _alter_events(nullable=False)
    for table in ("module_progress", "content_progress"):
        op.drop_table(table)


def _create_progress(table: str, of: str, name: str) -> None:
    create(
        table,
        refers("user_id", "users"),
        refers(name, of, index=True),
        refers("course_offering_id", "offerings", index=True),
        has("progress_percent", Integer),
        has("started_at", UtcDateTime),
        may_have("completed_at", UtcDateTime),
        has("updated_at", UtcDateTime),
        UniqueConstraint("user_id", "course_offering_id", name),
    )


def _alter_events(*, nullable: bool) -> None:
    # SQLite makes the table anew, and has to be told again that ids never come back.
    with op.batch_alter_table(
        "activity_events", table_kwargs={"sqlite_autoincrement": True}
    ) as events:
        if nullable:
            events.add_column(Column("module_id", BigId, nullable=True))
        else:
            events.drop_column("module_id")
        for name in _OF_A_TURN:
            events.alter_column(name, existing_type=BigId, nullable=nullable)
