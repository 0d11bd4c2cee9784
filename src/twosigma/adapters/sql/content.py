"""Content types and content items."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import structs
from sqlalchemy import Row, bindparam, delete, exists, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from twosigma.adapters.sql.connection import Sql
from twosigma.adapters.sql.rows import moved_values, provenance, provenance_values
from twosigma.adapters.sql.schema import content_items, content_types
from twosigma.domain.catalog import Provenance
from twosigma.domain.content import (
    ContentType,
    ContentTypeFields,
    Item,
    ItemFields,
    ItemSummary,
)

_TYPES = select(content_types).order_by(content_types.c.id)
_TYPE = select(content_types).where(content_types.c.id == bindparam("type_id"))
_HOLD_TYPE = _TYPE.with_for_update(read=True, key_share=True)
_LOCK_TYPE = _TYPE.with_for_update()
_SAVE_TYPE = update(content_types).where(content_types.c.id == bindparam("type_id"))
_REMOVE_TYPE = delete(content_types).where(
    content_types.c.id == bindparam("type_id"),
    ~exists().where(content_items.c.content_type_id == content_types.c.id),
)
_ADD_TYPE = (
    upsert(content_types)
    .on_conflict_do_nothing(index_elements=["name"])
    .returning(*content_types.c)
)

_ITEM = select(content_items).where(content_items.c.id == bindparam("item_id"))
# Shared, so that it waits for a removal (`branches.py`), which foreign keys do not wait for.
_HOLD_ITEM = _ITEM.with_only_columns(content_items.c.id).with_for_update(read=True)
_ITEMS = select(content_items).where(content_items.c.id.in_(bindparam("item_ids", expanding=True)))
_OF_MODULE = (
    select(content_items)
    .where(content_items.c.module_id == bindparam("module_id"))
    .order_by(content_items.c.sequence_index, content_items.c.id)
)
_OF_COURSE = (
    select(content_items)
    .where(content_items.c.course_id == bindparam("course_id"))
    .order_by(content_items.c.id)
)
_SUMMARY = ItemSummary.__struct_fields__
_SUMMARIES = _OF_COURSE.with_only_columns(*(content_items.c[name] for name in _SUMMARY))
_ADD_ITEM = insert(content_items).returning(*content_items.c)
_SAVE_ITEM = update(content_items).where(content_items.c.id == bindparam("item_id"))
_REORDER = _SAVE_ITEM.values(sequence_index=bindparam("to"), updated_at=bindparam("at"))
_TYPE_FIELDS = ContentTypeFields.__struct_fields__


def _item(row: Row[Any]) -> Item:
    item = msgspec.convert(row, Item, from_attributes=True)
    return structs.replace(item, provenance=provenance(row))


def _item_values(item: ItemFields, known: Provenance | None) -> dict[str, Any]:
    fields = {name: getattr(item, name) for name in ItemFields.__struct_fields__}
    return {**fields, "data_json": dict(item.data_json), **provenance_values(known)}


class SqlContent:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def types(self) -> Sequence[ContentType]:
        rows = await self._sql.all(_TYPES)
        return [msgspec.convert(row, ContentType, from_attributes=True) for row in rows]

    async def type(self, type_id: int) -> ContentType | None:
        row = await self._sql.first(_TYPE, type_id=type_id)
        return row and msgspec.convert(row, ContentType, from_attributes=True)

    async def add_type(self, kind: ContentTypeFields) -> ContentType | None:
        row = await self._sql.first(_ADD_TYPE, **structs.asdict(kind))
        return row and msgspec.convert(row, ContentType, from_attributes=True)

    async def hold_type(self, type_id: int) -> ContentType | None:
        row = await self._sql.first(_HOLD_TYPE, type_id=type_id)
        return row and msgspec.convert(row, ContentType, from_attributes=True)

    async def lock_type(self, type_id: int) -> ContentType | None:
        row = await self._sql.first(_LOCK_TYPE, type_id=type_id)
        return row and msgspec.convert(row, ContentType, from_attributes=True)

    async def save_type(self, kind: ContentType) -> bool:
        fields = structs.asdict(kind)
        statement = _SAVE_TYPE.values(**{name: fields[name] for name in _TYPE_FIELDS})
        return await self._sql.run_unless_taken(statement, "name", type_id=kind.id)

    async def remove_type(self, type_id: int) -> bool:
        return await self._sql.run(_REMOVE_TYPE, type_id=type_id) == 1

    async def get(self, item_id: int) -> Item | None:
        row = await self._sql.first(_ITEM, item_id=item_id)
        return row and _item(row)

    async def get_all(self, item_ids: Collection[int]) -> Mapping[int, Item]:
        rows = await self._sql.all(_ITEMS, item_ids=list(item_ids))
        return {row.id: _item(row) for row in rows}

    async def of_module(self, module_id: int) -> Sequence[Item]:
        return [_item(row) for row in await self._sql.all(_OF_MODULE, module_id=module_id)]

    async def of_course(self, course_id: int) -> Sequence[Item]:
        return [_item(row) for row in await self._sql.all(_OF_COURSE, course_id=course_id)]

    async def summaries(self, course_id: int) -> Sequence[ItemSummary]:
        # By hand: a course may have a hundred thousand, and its outline shows all of them.
        return await self._sql.made(
            lambda row: ItemSummary(**dict(zip(_SUMMARY, row, strict=True))),
            _SUMMARIES, course_id=course_id,
        )  # fmt: skip

    async def hold(self, item_id: int) -> bool:
        return await self._sql.first(_HOLD_ITEM, item_id=item_id) is not None

    async def add(self, item: ItemFields, provenance: Provenance | None, now: datetime) -> Item:
        values = _item_values(item, provenance)
        return _item(
            await self._sql.one(_ADD_ITEM, **values, revision=1, created_at=now, updated_at=now)
        )

    async def save(self, item: Item) -> None:
        values = _item_values(item, item.provenance)
        values.pop("course_id")  # an item stays in its course, as a module does
        statement = _SAVE_ITEM.values(**values, revision=item.revision, updated_at=item.updated_at)
        await self._sql.run(statement, item_id=item.id)

    async def reorder(self, items: Sequence[Item]) -> None:
        await self._sql.run_each(_REORDER, [moved_values(each, "item_id") for each in items])
