"""What names a prompt, and what was made with one."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Select,
    bindparam,
    literal,
    null,
    select,
    union_all,
)

from twosigma.adapters.sql.connection import Sql
from twosigma.adapters.sql.schema import cache_trees, content_items, content_types, courses
from twosigma.adapters.sql.types import BigId
from twosigma.ports.prompts import Use

_NAMES: BindParameter[Any] = bindparam("names", expanding=True)


def _use(
    kind: str, of: ColumnElement[int], title: Column[Any], course: ColumnElement[Any]
) -> Select[Any]:
    return select(
        literal(kind).label("kind"), of.label("id"), title.label("title"), course.label("course_id")
    )


_USES = union_all(
    _use("course", courses.c.id, courses.c.title, courses.c.id).where(
        courses.c.prompt_name.in_(_NAMES)
    ),
    _use("content_item", content_items.c.id, content_items.c.title, content_items.c.course_id)
    .where(content_items.c.prompt_name.in_(_NAMES)),
    _use("content_type", content_types.c.id, content_types.c.label, null().cast(BigId))
    .where(content_types.c.prompt_name.in_(_NAMES)),
    _use("cache_tree", cache_trees.c.id, content_items.c.title, content_items.c.course_id)
    .join_from(cache_trees, content_items)
    .where(cache_trees.c.prompt_version_id.in_(bindparam("version_ids", expanding=True))),
)  # fmt: skip


async def uses(sql: Sql, names: Collection[str], version_ids: Collection[int]) -> Sequence[Use]:
    """As the port says."""
    rows = await sql.all(_USES, names=list(names), version_ids=list(version_ids))
    found = [
        Use(kind=row.kind, id=row.id, title=row.title, course_id=row.course_id) for row in rows
    ]
    return sorted(found, key=lambda use: (use.kind, use.id))
