"""The module tree of a course."""

from collections.abc import Sequence

from msgspec import structs

from twosigma.app.access import (
    COURSE_MISSING,
    editable_course,
    module_index,
    readable_course,
    visible_module,
)
from twosigma.domain import values
from twosigma.domain.actor import Actor, Role, require
from twosigma.domain.checks import Checks
from twosigma.domain.errors import Fault, Missing
from twosigma.domain.modules import (
    Module,
    ModuleFields,
    is_visible,
    next_index,
    pre_order,
    require_place,
    siblings_order,
)
from twosigma.ports.clock import Clock
from twosigma.ports.store import Read, Store


class Modules:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def of_course(self, actor: Actor | None, course_id: int) -> list[Module]:
        """All modules that this actor sees, each parent before its children."""
        async with self._store.read() as tx:
            return await _seen(tx, actor, course_id)

    async def roots(self, actor: Actor | None, course_id: int) -> list[Module]:
        """The modules without a parent, in their order."""
        return [
            module
            for module in await self.of_course(actor, course_id)
            if module.parent_module_id is None
        ]

    async def get(self, actor: Actor | None, module_id: int) -> Module:
        """Raises Missing for one that is archived (but to staff) or of a hidden course."""
        async with self._store.read() as tx:
            return (await visible_module(tx, actor, module_id))[0]

    async def children(self, actor: Actor | None, module_id: int) -> Sequence[Module]:
        """The direct children that this actor sees, in their order."""
        async with self._store.read() as tx:
            module, staff = await visible_module(tx, actor, module_id)
            rows = await tx.modules.of_course(module.course_id)
        seen = (row for row in rows if staff or not row.is_archived)
        return sorted(
            (row for row in seen if row.parent_module_id == module_id), key=siblings_order
        )

    async def create(self, actor: Actor | None, fields: ModuleFields, index: int | None) -> Module:
        """A new module; without an index it comes last among its siblings.

        Raises Forbidden, Invalid, Missing for no such course or parent, Conflict where the
        tree's rules forbid the place.
        """
        require(actor, Role.INSTRUCTOR)
        module = _checked(fields, index)
        async with self._store.write() as tx:
            await editable_course(tx, actor, module.course_id)
            # The course's row is the lock of its tree: two roots at once would both fit.
            if await tx.catalog.lock_course(module.course_id) is None:
                raise Missing(COURSE_MISSING)
            parent_id = module.parent_module_id
            if parent_id is not None:
                await _require_seen(tx, actor, parent_id)
            rows = await tx.modules.of_course(module.course_id)
            require_place(module, rows)
            if index is None:
                siblings = (r.sequence_index for r in rows if r.parent_module_id == parent_id)
                module = structs.replace(module, sequence_index=next_index(siblings))
            added = await tx.modules.add(module, None, self._clock.now())
            await tx.epochs.raise_course(module.course_id)
            return added


async def _require_seen(tx: Read, actor: Actor | None, parent_id: int) -> None:
    """A parent that the actor cannot see is as if it were not there."""
    try:
        await visible_module(tx, actor, parent_id)
    except Missing:
        raise Missing("Parent module not found") from None


async def _seen(tx: Read, actor: Actor | None, course_id: int) -> list[Module]:
    _, staff = await readable_course(tx, actor, course_id)
    index = await module_index(tx, course_id)
    return [m for m in pre_order(index.values()) if staff or is_visible(m.id, index)]


def _checked(fields: ModuleFields, index: int | None) -> ModuleFields:
    checks = Checks()
    checks.that(
        index is None or 0 <= index < 2**31,
        Fault(("body", "sequence_index"), "Must not be negative", "value_error.number.not_ge"),
    )
    checked = structs.replace(
        fields,
        title=checks.take(fields.title, lambda text: values.title(text, ("body", "title"))),
        description=checks.take(
            fields.description,
            lambda text: values.long_text(text, ("body", "description"), 10_000),
        ),
        sequence_index=index or 0,
    )
    checks.done()
    return checked
