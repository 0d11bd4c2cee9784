"""The modules of courses."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from twosigma.domain.catalog import Provenance
from twosigma.domain.modules import Module, ModuleFields


class ModulesReader(Protocol):
    async def get(self, module_id: int) -> Module | None: ...

    async def of_course(self, course_id: int) -> Sequence[Module]:
        """All modules of a course, archived ones too, by id."""
        ...

    async def of_parent(self, course_id: int, parent_id: int | None) -> Sequence[Module]:
        """The modules of a course right below this one, or those without a parent; archived ones
        too, by (sequence_index, id)."""
        ...

    async def path(self, module_id: int) -> Sequence[Module]:
        """The way from the root down to this module, itself the last; empty if it is not
        there."""
        ...

    async def paths(self, module_ids: Collection[int]) -> Mapping[int, Sequence[Module]]:
        """As `path`, of each of these modules that there is."""
        ...

    async def subtree(self, module_id: int) -> Sequence[Module]:
        """The module and all below it, by id."""
        ...

    async def root(self, course_id: int) -> Module | None:
        """The module of a course that is its COURSE_ROOT."""
        ...


class Modules(ModulesReader, Protocol):
    async def lock(self, course_id: int) -> bool:
        """Lock the tree of a course: until the transaction ends nobody else changes which
        modules and items there are, and where. False: no such course."""
        ...

    async def hold(self, module_id: int) -> bool:
        """Keep the module from being removed until the transaction ends; False: it is gone. Comes
        after its course."""
        ...

    async def add(
        self, module: ModuleFields, provenance: Provenance | None, now: datetime
    ) -> Module: ...

    async def save(self, module: Module) -> None: ...

    async def reorder(self, modules: Sequence[Module]) -> None:
        """Store `sequence_index` and `updated_at` of these."""
        ...
