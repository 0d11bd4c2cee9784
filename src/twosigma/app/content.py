"""Content items: reading them with what may be shown, and editing them."""

from collections.abc import Callable, Mapping, Sequence

from msgspec import UNSET, Struct, structs

from twosigma.app.access import CONTENT_MISSING, visible_module
from twosigma.app.course_edits import locked_item, locked_module, remove_branch
from twosigma.domain.actor import Actor, Role, require
from twosigma.domain.content import ContentType, Item, ItemFields, shown_data
from twosigma.domain.content_rules import (
    LOC,
    ItemChanges,
    changed_item,
    checked_item,
    checked_item_changes,
    data_faults,
    unstorable_faults,
)
from twosigma.domain.errors import Conflict, Fault, Forbidden, Missing
from twosigma.domain.json_schema_costs import is_costly
from twosigma.domain.json_schemas import violation_faults
from twosigma.domain.ordering import checked_order, next_index, reordered
from twosigma.ports.branches import Branch
from twosigma.ports.clock import Clock
from twosigma.ports.json_schemas import Schemas
from twosigma.ports.store import Read, Store, Write

TYPE_MISSING = "Content type not found"


class ItemView(Struct, frozen=True, kw_only=True):
    """An item with its type, its data cut to what this actor may see."""

    item: Item
    kind: ContentType
    data_json: dict[str, object]
    is_staff: bool


class Content:
    def __init__(self, store: Store, clock: Clock, schemas: Schemas) -> None:
        self._store = store
        self._clock = clock
        self._schemas = schemas

    async def of_module(self, actor: Actor | None, module_id: int) -> list[ItemView]:
        """The items of a module that this actor sees, in their order."""
        async with self._store.read() as tx:
            _, staff = await visible_module(tx, actor, module_id)
            kinds = {kind.id: kind for kind in await tx.content.types()}
            rows = await tx.content.of_module(module_id)
        return [
            _view(item, kinds[item.content_type_id], is_staff=staff)
            for item in rows
            if staff or not item.is_archived
        ]

    async def get(self, actor: Actor | None, item_id: int) -> ItemView:
        """Raises Missing for one that is archived (but to staff) or hidden."""
        async with self._store.read() as tx:
            item = await tx.content.get(item_id)
            if item is None:
                raise Missing(CONTENT_MISSING)
            try:
                _, staff = await visible_module(tx, actor, item.module_id)
            except Missing:
                raise Missing(CONTENT_MISSING) from None
            if item.is_archived and not staff:
                raise Missing(CONTENT_MISSING)
            return _view(item, await _kind(tx, item.content_type_id), is_staff=staff)

    async def create(
        self, actor: Actor | None, fields: ItemFields, course_id: int | None, index: int | None
    ) -> ItemView:
        """A new item; without an index it comes last in its module.

        `fields.course_id` is not read: the module says which course; `course_id` is what the
        client said, which must be the same. Raises Forbidden, Invalid (with all faults of
        `data_json`), Missing for no such module or type, Conflict.
        """
        require(actor, Role.INSTRUCTOR)
        fields = structs.replace(fields, sequence_index=index or 0)
        async with self._store.write() as tx:
            kind = await tx.content.hold_type(fields.content_type_id)
            checked = checked_item(fields, self._data_faults(kind, fields.data_json))
            if kind is None:
                raise Missing(TYPE_MISSING)
            module = await locked_module(tx, actor, checked.module_id)
            if course_id is not None and course_id != module.course_id:
                raise Conflict("The module belongs to another course")
            if index is None:
                siblings = await tx.content.of_module(module.id)
                index = next_index(item.sequence_index for item in siblings)
            placed = structs.replace(checked, course_id=module.course_id, sequence_index=index)
            item = await tx.content.add(placed, None, self._clock.now())
            await tx.epochs.raise_course(module.course_id)
        return _view(item, kind, is_staff=True)

    async def update(
        self,
        actor: Actor | None,
        item_id: int,
        changes: ItemChanges,
        require_same: Callable[[ItemView], None] = lambda _: None,
    ) -> ItemView:
        """Change what was sent, if `require_same` (of the item as it is) raises nothing; another
        module of the course moves the item.

        Its data is checked where it, or the type, is sent. Raises as `create`.
        """
        require(actor, Role.INSTRUCTOR)
        async with self._store.write() as tx:
            try:
                before = await locked_item(tx, actor, item_id)
            except (Missing, Forbidden):
                checked_item_changes(changes)  # what the body alone says comes first
                raise
            kind, faults = await self._new_data(tx, before, changes)
            named = checked_item_changes(changes, faults)
            if kind is None:
                raise Missing(TYPE_MISSING)
            known = await _kind(tx, before.content_type_id)
            require_same(_view(before, known, is_staff=True))
            after = changed_item(before, named)
            if after == before:
                return _view(before, kind, is_staff=True)
            if after.module_id != before.module_id:
                await _require_module(tx, actor, after)
            after = structs.replace(after, updated_at=self._clock.now())
            await tx.content.save(after)
            await tx.epochs.raise_course(after.course_id)
        return _view(after, kind, is_staff=True)

    async def remove(self, actor: Actor | None, item_id: int) -> None:
        """Raises Forbidden, Missing, Conflict where learners have worked with it."""
        require(actor, Role.INSTRUCTOR)
        async with self._store.write() as tx:
            item = await locked_item(tx, actor, item_id)
            await remove_branch(tx, Branch(item_id=item_id))
            await tx.epochs.raise_course(item.course_id)

    async def reorder(
        self, actor: Actor | None, module_id: int, content_ids: Sequence[int]
    ) -> list[ItemView]:
        """Put all live items of a module into this order, which no model is told.

        Raises Forbidden, Invalid, Missing for no such module, Conflict unless each item is named
        once.
        """
        require(actor, Role.INSTRUCTOR)
        ids = checked_order(content_ids, ("body", "content_ids"))
        async with self._store.write() as tx:
            await locked_module(tx, actor, module_id)
            siblings = await tx.content.of_module(module_id)
            rows = reordered(ids, siblings, self._clock.now())
            await tx.content.reorder(rows)
            kinds = {kind.id: kind for kind in await tx.content.types()}
        return [_view(row, kinds[row.content_type_id], is_staff=True) for row in rows]

    async def _new_data(
        self, tx: Write, item: Item, changes: ItemChanges
    ) -> tuple[ContentType | None, tuple[Fault, ...]]:
        """The type that the item is to have, held, and what is wrong with its data for it."""
        type_id, data = changes.content_type_id, changes.data_json
        kind = await tx.content.hold_type(item.content_type_id if type_id is UNSET else type_id)
        if type_id is UNSET and data is UNSET:
            return kind, ()
        return kind, self._data_faults(kind, item.data_json if data is UNSET else data)

    def _data_faults(
        self, kind: ContentType | None, data: Mapping[str, object]
    ) -> tuple[Fault, ...]:
        """What is wrong with data for this type, by its shape and by its schema."""
        faults = unstorable_faults(data)
        if faults or kind is None:
            return faults
        faults = data_faults(kind, data)
        schema = kind.json_schema
        if schema is None:
            return faults
        if is_costly(schema, data):
            text = "Takes too long to check against the schema of its type"
            return (*faults, Fault(LOC, text, "value_error"))
        more = violation_faults(self._schemas.violations(schema, data), LOC)
        return tuple(dict.fromkeys([*faults, *more]))


async def _require_module(tx: Read, actor: Actor | None, item: Item) -> None:
    """Raise unless the item's module is one of its course."""
    module, _ = await visible_module(tx, actor, item.module_id)
    if module.course_id != item.course_id:
        raise Conflict("The module belongs to another course")


async def _kind(tx: Read, type_id: int) -> ContentType:
    kind = await tx.content.type(type_id)
    if kind is None:
        raise Missing(TYPE_MISSING)
    return kind


def _view(item: Item, kind: ContentType, *, is_staff: bool) -> ItemView:
    data = shown_data(item, kind, with_keys=is_staff)
    return ItemView(item=item, kind=kind, data_json=data, is_staff=is_staff)
