"""Names of accounts in the form that they are searched in."""

from alembic import op
from sqlalchemy import Column, String, bindparam, column, select, table, update

from twosigma.adapters.sql.types import fold

revision = "0004"
down_revision: str | None = "0003"
branch_labels = None
depends_on = None

_USERS = table("users", column("id"), column("full_name"), column("full_name_folded"))


def upgrade() -> None:
    # The empty default is for the rows there are, whose names follow.
    op.add_column("users", Column("full_name_folded", String, nullable=False, server_default=""))
    connection = op.get_bind()
    fill = (
        update(_USERS)
        .where(_USERS.c.id == bindparam("of"))
        .values(full_name_folded=bindparam("folded"))
    )
    for row in connection.execute(select(_USERS.c.id, _USERS.c.full_name)).all():
        connection.execute(fill, {"of": row.id, "folded": fold(row.full_name)})


def downgrade() -> None:
    op.drop_column("users", "full_name_folded")
