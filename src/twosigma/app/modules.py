"""The module tree of a course."""

from collections.abc import Callable, Sequence

from msgspec import Struct, structs

from twosigma.app.access import (
    COURSE_MISSING,
    editable_course,
    readable_course,
    visible_module,
    visible_path,
)
from twosigma.app.course_edits import locked_module, remove_branch
from twosigma.domain.actor import Actor, Role, require
from twosigma.domain.content import ContentType
from twosigma.domain.errors import Missing
from twosigma.domain.module_rules import ModuleChanges, checked_module, checked_module_changes
from twosigma.domain.modules import Module, ModuleFields, Spot, pre_order, require_place
from twosigma.domain.ordering import checked_order, next_index, reordered
from twosigma.domain.outline import Outline, live_modules, outline
from twosigma.ports.branches import Branch
from twosigma.ports.clock import Clock
from twosigma.ports.store import Read, Store, Write


class CourseOutline(Struct, frozen=True, kw_only=True):
    """The trees of a course, and the content types of the items in them by id."""

    roots: Sequence[Outline]
    kinds: dict[int, ContentType]


class Modules:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def of_course(self, actor: Actor | None, course_id: int) -> list[Module]:
        """All modules that this actor sees, each parent before its children."""
        async with self._store.read() as tx:
            return (await _seen(tx, actor, course_id))[0]

    async def tree(self, actor: Actor | None, course_id: int) -> CourseOutline:
        """The modules and items that this actor sees, as trees."""
        async with self._store.read() as tx:
            rows, staff = await _seen(tx, actor, course_id)
            items = await tx.content.summaries(course_id)
            kinds = {kind.id: kind for kind in await tx.content.types()}
        seen = (item for item in items if staff or not item.is_archived)
        return CourseOutline(roots=outline(rows, seen), kinds=kinds)

    async def roots(self, actor: Actor | None, course_id: int) -> list[Module]:
        """The modules without a parent, in their order."""
        async with self._store.read() as tx:
            _, staff = await readable_course(tx, actor, course_id)
            rows = await tx.modules.of_parent(course_id, None)
        return [row for row in rows if staff or not row.is_archived]

    async def get(self, actor: Actor | None, module_id: int) -> Module:
        """Raises Missing for one that is archived (but to staff) or of a hidden course."""
        async with self._store.read() as tx:
            return (await visible_module(tx, actor, module_id))[0]

    async def children(self, actor: Actor | None, module_id: int) -> list[Module]:
        """The direct children that this actor sees, in their order."""
        async with self._store.read() as tx:
            module, staff = await visible_module(tx, actor, module_id)
            rows = await tx.modules.of_parent(module.course_id, module_id)
        return [row for row in rows if staff or not row.is_archived]

    async def create(self, actor: Actor | None, fields: ModuleFields, index: int | None) -> Module:
        """A new module; without an index it comes last among its siblings.

        Raises Forbidden, Invalid, Missing for no such course or parent, Conflict where the
        tree's rules forbid the place.
        """
        require(actor, Role.INSTRUCTOR)
        module = checked_module(structs.replace(fields, sequence_index=index or 0))
        async with self._store.write() as tx:
            await editable_course(tx, actor, module.course_id)
            # Two roots at once would both fit.
            if not await tx.modules.lock(module.course_id):
                raise Missing(COURSE_MISSING)
            require_place(module, await _spot(tx, actor, module))
            if index is None:
                siblings = await tx.modules.of_parent(module.course_id, module.parent_module_id)
                last = next_index(sibling.sequence_index for sibling in siblings)
                module = structs.replace(module, sequence_index=last)
            added = await tx.modules.add(module, None, self._clock.now())
            await tx.epochs.raise_course(module.course_id)
            return added

    async def update(
        self,
        actor: Actor | None,
        module_id: int,
        changes: ModuleChanges,
        require_same: Callable[[Module], None] = lambda _: None,
    ) -> Module:
        """Change what was sent, if `require_same` (of the module as it is) raises nothing; another
        parent moves the module with all below it. Raises as `create`."""
        require(actor, Role.INSTRUCTOR)
        named = checked_module_changes(changes)
        async with self._store.write() as tx:
            before = await locked_module(tx, actor, module_id)
            require_same(before)
            after: Module = structs.replace(before, **named)
            if after == before:
                return before
            place = (before.parent_module_id, before.module_type)
            if (after.parent_module_id, after.module_type) != place:
                subtree = await tx.modules.subtree(module_id)
                spot = await _spot(tx, actor, after)
                require_place(after, structs.replace(spot, subtree=subtree))
            after = structs.replace(after, updated_at=self._clock.now())
            await tx.modules.save(after)
            await tx.epochs.raise_course(after.course_id)
        return after

    async def remove(self, actor: Actor | None, module_id: int) -> None:
        """Remove a module with all below it. Raises Forbidden, Missing, Conflict where learners
        have worked there."""
        require(actor, Role.INSTRUCTOR)
        async with self._store.write() as tx:
            module = await locked_module(tx, actor, module_id)
            await remove_branch(tx, Branch(module_id=module_id))
            await tx.epochs.raise_course(module.course_id)

    async def reorder(self, actor: Actor | None, module_ids: Sequence[int]) -> list[Module]:
        """Put all live siblings of one parent into this order, which no model is told.

        Raises Forbidden, Invalid, Missing for no such module, Conflict unless each sibling is
        named once.
        """
        require(actor, Role.INSTRUCTOR)
        ids = checked_order(module_ids, ("body", "module_ids"))
        async with self._store.write() as tx:
            first = await locked_module(tx, actor, ids[0])
            siblings = await tx.modules.of_parent(first.course_id, first.parent_module_id)
            rows = reordered(ids, siblings, self._clock.now())
            await tx.modules.reorder(rows)
        return rows


async def _spot(tx: Write, actor: Actor | None, module: ModuleFields) -> Spot:
    """Where a module is to hang. A parent that the actor cannot see is as if it were not there."""
    root = await tx.modules.root(module.course_id)
    if module.parent_module_id is None:
        return Spot(root=root)
    try:
        path, _ = await visible_path(tx, actor, module.parent_module_id)
    except Missing:
        raise Missing("Parent module not found") from None
    return Spot(path=path, root=root)


async def _seen(tx: Read, actor: Actor | None, course_id: int) -> tuple[list[Module], bool]:
    """The modules of a course that this actor sees, and whether they are of its staff."""
    _, staff = await readable_course(tx, actor, course_id)
    rows = await tx.modules.of_course(course_id)
    return (pre_order(rows) if staff else live_modules(rows)), staff
