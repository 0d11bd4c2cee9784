"""The modules of courses."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from msgspec import structs

from twosigma.adapters.memory.tables import Transaction, append
from twosigma.domain.catalog import Provenance
from twosigma.domain.modules import Module, ModuleFields, ModuleType, ancestry, siblings_order


class MemoryModules:
    def __init__(self, tx: Transaction) -> None:
        self._tables = tx.tables
        self._ids = tx.ids

    async def get(self, module_id: int) -> Module | None:
        return self._tables.modules.get(module_id)

    async def of_course(self, course_id: int) -> Sequence[Module]:
        ids = self._tables.modules_of_course.get(course_id) or ()
        return [self._tables.modules[each] for each in ids]

    async def of_parent(self, course_id: int, parent_id: int | None) -> Sequence[Module]:
        rows = await self.of_course(course_id)
        return sorted(
            (row for row in rows if row.parent_module_id == parent_id), key=siblings_order
        )

    async def path(self, module_id: int) -> Sequence[Module]:
        return ancestry(module_id, self._tables.modules.get)

    async def paths(self, module_ids: Collection[int]) -> Mapping[int, Sequence[Module]]:
        return {each: await self.path(each) for each in module_ids if each in self._tables.modules}

    async def subtree(self, module_id: int) -> Sequence[Module]:
        module = await self.get(module_id)
        rows = await self.of_course(module.course_id) if module is not None else ()
        return [row for row in rows if module in await self.path(row.id)]

    async def root(self, course_id: int) -> Module | None:
        rows = await self.of_course(course_id)
        roots = (row for row in rows if row.module_type is ModuleType.COURSE_ROOT)
        return next(roots, None)

    async def lock(self, course_id: int) -> bool:
        return course_id in self._tables.courses

    async def hold(self, module_id: int) -> bool:
        return module_id in self._tables.modules

    async def add(
        self, module: ModuleFields, provenance: Provenance | None, now: datetime
    ) -> Module:
        fields = {name: getattr(module, name) for name in ModuleFields.__struct_fields__}
        added = Module(
            id=self._ids.next("modules"), provenance=provenance, created_at=now, updated_at=now,
            **fields,
        )  # fmt: skip
        self._tables.modules.put(added.id, added)
        append(self._tables.modules_of_course, added.course_id, added.id)
        return added

    async def save(self, module: Module) -> None:
        before = self._tables.modules.get(module.id)
        if before is not None:
            # A module stays in its course.
            kept = structs.replace(module, course_id=before.course_id, created_at=before.created_at)
            self._tables.modules.put(kept.id, kept)

    async def reorder(self, modules: Sequence[Module]) -> None:
        for each in modules:
            before = self._tables.modules[each.id]
            moved = structs.replace(
                before, sequence_index=each.sequence_index, updated_at=each.updated_at
            )
            self._tables.modules.put(each.id, moved)
