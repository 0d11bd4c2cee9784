"""Content types and content items."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from twosigma.domain.catalog import Provenance
from twosigma.domain.content import (
    ContentType,
    ContentTypeFields,
    Item,
    ItemFields,
    ItemSummary,
)


class ContentReader(Protocol):
    async def types(self) -> Sequence[ContentType]:
        """All content types, by id."""
        ...

    async def type(self, type_id: int) -> ContentType | None: ...

    async def get(self, item_id: int) -> Item | None: ...

    async def get_all(self, item_ids: Collection[int]) -> Mapping[int, Item]:
        """Those of these items that there are, by id."""
        ...

    async def of_module(self, module_id: int) -> Sequence[Item]:
        """All items of a module, archived ones too, by (sequence_index, id)."""
        ...

    async def of_course(self, course_id: int) -> Sequence[Item]:
        """All items of a course, archived ones too, by id."""
        ...

    async def summaries(self, course_id: int) -> Sequence[ItemSummary]:
        """As `of_course`, without reading any item's data."""
        ...


class Content(ContentReader, Protocol):
    async def add_type(self, kind: ContentTypeFields) -> ContentType | None:
        """The new type; None where the name is taken."""
        ...

    async def hold_type(self, type_id: int) -> ContentType | None:
        """The type, which cannot be removed until the transaction ends: an item comes to it."""
        ...

    async def lock_type(self, type_id: int) -> ContentType | None:
        """The type, which nobody else holds, changes or removes until the transaction ends."""
        ...

    async def save_type(self, kind: ContentType) -> bool:
        """Store all fields; False (and nothing stored) where the name is taken."""
        ...

    async def remove_type(self, type_id: int) -> bool:
        """Remove a type that is locked; False, and nothing removed, where there are items of
        it."""
        ...

    async def hold(self, item_id: int) -> bool:
        """Keep the item from being removed until the transaction ends; False: it is gone. Comes
        after its course, and before any tree and session."""
        ...

    async def add(self, item: ItemFields, provenance: Provenance | None, now: datetime) -> Item: ...

    async def save(self, item: Item) -> None: ...

    async def reorder(self, items: Sequence[Item]) -> None:
        """Store `sequence_index` and `updated_at` of these."""
        ...
