"""Content types and content items."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from msgspec import convert, structs

from twosigma.adapters.memory.tables import Transaction, append, plain
from twosigma.domain.catalog import Provenance
from twosigma.domain.content import (
    ContentType,
    ContentTypeFields,
    Item,
    ItemFields,
    ItemSummary,
    items_order,
)

Kind = TypeVar("Kind", bound=ContentTypeFields)


def _kept(kind: Kind) -> Kind:
    """The type, its schema shared with nobody."""
    if kind.json_schema is None:
        return kind
    return structs.replace(kind, json_schema=plain(kind.json_schema))


class MemoryContent:
    def __init__(self, tx: Transaction) -> None:
        self._tables = tx.tables
        self._ids = tx.ids

    async def types(self) -> Sequence[ContentType]:
        return sorted(self._tables.content_types.values(), key=lambda kind: kind.id)

    async def type(self, type_id: int) -> ContentType | None:
        return self._tables.content_types.get(type_id)

    async def hold_type(self, type_id: int) -> ContentType | None:
        return await self.type(type_id)

    async def lock_type(self, type_id: int) -> ContentType | None:
        return await self.type(type_id)

    async def get(self, item_id: int) -> Item | None:
        return self._tables.items.get(item_id)

    async def hold(self, item_id: int) -> bool:
        return item_id in self._tables.items

    async def get_all(self, item_ids: Collection[int]) -> Mapping[int, Item]:
        known = self._tables.items
        return {each: known[each] for each in item_ids if each in known}

    async def of_module(self, module_id: int) -> Sequence[Item]:
        module = self._tables.modules.get(module_id)
        items = await self.of_course(module.course_id) if module is not None else ()
        return sorted((each for each in items if each.module_id == module_id), key=items_order)

    async def of_course(self, course_id: int) -> Sequence[Item]:
        ids = self._tables.items_of_course.get(course_id) or ()
        return [self._tables.items[each] for each in ids]

    async def summaries(self, course_id: int) -> Sequence[ItemSummary]:
        rows = await self.of_course(course_id)
        return [convert(row, ItemSummary, from_attributes=True) for row in rows]

    async def add_type(self, kind: ContentTypeFields) -> ContentType | None:
        if self._is_taken(kind.name):
            return None
        added = ContentType(id=self._ids.next("content_types"), **structs.asdict(_kept(kind)))
        self._tables.content_types.put(added.id, added)
        return added

    async def save_type(self, kind: ContentType) -> bool:
        if self._is_taken(kind.name, but_by=kind.id):
            return False
        self._tables.content_types.put(kind.id, _kept(kind))
        return True

    async def remove_type(self, type_id: int) -> bool:
        if any(item.content_type_id == type_id for item in self._tables.items.values()):
            return False
        self._tables.content_types.pop(type_id)
        return True

    def _is_taken(self, name: str, *, but_by: int | None = None) -> bool:
        known = self._tables.content_types.values()
        return any(each.name == name and each.id != but_by for each in known)

    async def add(self, item: ItemFields, provenance: Provenance | None, now: datetime) -> Item:
        fields = {name: getattr(item, name) for name in ItemFields.__struct_fields__}
        fields["data_json"] = plain(item.data_json)
        added = Item(
            id=self._ids.next("items"), provenance=provenance, created_at=now, updated_at=now,
            **fields,
        )  # fmt: skip
        self._tables.items.put(added.id, added)
        append(self._tables.items_of_course, added.course_id, added.id)
        return added

    async def save(self, item: Item) -> None:
        before = self._tables.items.get(item.id)
        if before is not None:
            # Items move between the modules of one course only.
            kept = structs.replace(
                item, course_id=before.course_id, created_at=before.created_at,
                data_json=plain(item.data_json),
            )  # fmt: skip
            self._tables.items.put(kept.id, kept)

    async def reorder(self, items: Sequence[Item]) -> None:
        for each in items:
            before = self._tables.items[each.id]
            moved = structs.replace(
                before, sequence_index=each.sequence_index, updated_at=each.updated_at
            )
            self._tables.items.put(each.id, moved)
