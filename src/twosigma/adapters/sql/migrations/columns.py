"""Words that the migrations are written in. Old migrations use them: they never change."""

from typing import Any

from alembic import op
from sqlalchemy import Column, ForeignKey
from sqlalchemy.sql.type_api import TypeEngine

from twosigma.adapters.sql.types import BigId, UtcDateTime

Kind = TypeEngine[Any] | type[TypeEngine[Any]]


def create(table: str, *parts: Any) -> None:
    """A table with an id that never comes back."""
    key: Column[int] = Column("id", BigId, primary_key=True)
    op.create_table(table, key, *parts, sqlite_autoincrement=True)


def refers(name: str, table: str, *, nullable: bool = False, index: bool = False) -> Column[int]:
    """A column that refers to a row of `table`."""
    key = ForeignKey(f"{table}.id")
    return Column(name, BigId, key, nullable=nullable, index=index)


def has(name: str, kind: Kind, **options: Any) -> Column[Any]:
    return Column(name, kind, nullable=False, **options)


def may_have(name: str, kind: Kind, **options: Any) -> Column[Any]:
    return Column(name, kind, nullable=True, **options)


def times() -> tuple[Column[Any], Column[Any]]:
    return has("created_at", UtcDateTime), has("updated_at", UtcDateTime)
