"""Content items: reading them with what may be shown, and making them."""

from msgspec import Struct, structs

from twosigma.app.access import (
    CONTENT_MISSING,
    MODULE_MISSING,
    editable_course,
    visible_module,
)
from twosigma.domain import values
from twosigma.domain.actor import Actor, Role, require
from twosigma.domain.checks import Checks
from twosigma.domain.content import ContentType, Item, ItemFields, shown_data
from twosigma.domain.content_rules import data_faults
from twosigma.domain.errors import Conflict, Fault, Missing
from twosigma.domain.modules import next_index
from twosigma.ports.clock import Clock
from twosigma.ports.store import Read, Store

MAX_SECONDS = 604_800
TYPE_MISSING = "Content type not found"


class ItemView(Struct, frozen=True, kw_only=True):
    """An item with its type, its data cut to what this actor may see."""

    item: Item
    kind: ContentType
    data_json: dict[str, object]
    is_staff: bool


class Content:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

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
        async with self._store.write() as tx:
            kind = await tx.content.hold_type(fields.content_type_id)
            checked = _checked(fields, index, kind)
            if kind is None:
                raise Missing(TYPE_MISSING)
            module = await tx.modules.get(checked.module_id)
            if module is None:
                raise Missing(MODULE_MISSING)
            try:
                await editable_course(tx, actor, module.course_id)
            except Missing:
                raise Missing(MODULE_MISSING) from None
            if course_id is not None and course_id != module.course_id:
                raise Conflict("The module belongs to another course")
            if await tx.catalog.lock_course(module.course_id) is None:
                raise Missing(MODULE_MISSING)
            if index is None:
                siblings = await tx.content.of_module(module.id)
                index = next_index(item.sequence_index for item in siblings)
            placed = structs.replace(checked, course_id=module.course_id, sequence_index=index)
            item = await tx.content.add(placed, None, self._clock.now())
            await tx.epochs.raise_course(module.course_id)
        return _view(item, kind, is_staff=True)


async def _kind(tx: Read, type_id: int) -> ContentType:
    kind = await tx.content.type(type_id)
    if kind is None:
        raise Missing(TYPE_MISSING)
    return kind


def _view(item: Item, kind: ContentType, *, is_staff: bool) -> ItemView:
    data = shown_data(item, kind, with_keys=is_staff)
    return ItemView(item=item, kind=kind, data_json=data, is_staff=is_staff)


def _checked(fields: ItemFields, index: int | None, kind: ContentType | None) -> ItemFields:
    """The fields normalised; raises Invalid with all faults, those of its kind's data too."""
    checks = Checks()
    checks.that(
        index is None or 0 <= index < 2**31,
        Fault(("body", "sequence_index"), "Must not be negative", "value_error.number.not_ge"),
    )
    seconds = fields.estimated_duration_seconds
    checks.that(
        seconds is None or 0 <= seconds <= MAX_SECONDS,
        Fault(
            ("body", "estimated_duration_seconds"),
            f"Must be between 0 and {MAX_SECONDS}",
            "value_error.number.not_le",
        ),
    )
    checked = structs.replace(
        fields,
        title=checks.take(fields.title, lambda text: values.title(text, ("body", "title"))),
        description=checks.take(
            fields.description,
            lambda text: values.long_text(text, ("body", "description"), 10_000),
        ),
        prompt_name=checks.maybe(
            fields.prompt_name, lambda text: values.title(text, ("body", "prompt_name"), 255)
        ),
    )
    checks.add(data_faults(kind, fields.data_json) if kind is not None else ())
    checks.done()
    return checked
