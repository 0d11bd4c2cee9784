"""The modules of courses."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import structs
from sqlalchemy import ColumnElement, Row, Select, bindparam, insert, select, update

from twosigma.adapters.sql.connection import Sql
from twosigma.adapters.sql.rows import moved_values, provenance, provenance_values
from twosigma.adapters.sql.schema import courses, modules
from twosigma.domain.catalog import Provenance
from twosigma.domain.modules import Module, ModuleFields, ModuleType, ancestry

# The course's row stands for its tree. Foreign keys do not wait for this lock: a turn that has
# locked its session may refer to the course, while a removal waits for the session.
_LOCK = (
    select(courses.c.id)
    .where(courses.c.id == bindparam("course_id"))
    .with_for_update(key_share=True)
)
_MODULE = select(modules).where(modules.c.id == bindparam("module_id"))
# Shared, so that it waits for a removal (`branches.py`), which foreign keys do not wait for.
_HOLD = _MODULE.with_only_columns(modules.c.id).with_for_update(read=True)
_MODULES = (
    select(modules).where(modules.c.course_id == bindparam("course_id")).order_by(modules.c.id)
)
_ADD_MODULE = insert(modules).returning(*modules.c)
_SAVE_MODULE = update(modules).where(modules.c.id == bindparam("module_id"))
_REORDER = _SAVE_MODULE.values(sequence_index=bindparam("to"), updated_at=bindparam("at"))
_OF_PARENT = (
    select(modules)
    .where(modules.c.course_id == bindparam("course_id"))
    .order_by(modules.c.sequence_index, modules.c.id)
)
_CHILDREN = _OF_PARENT.where(modules.c.parent_module_id == bindparam("parent_id"))
_ROOTS = _OF_PARENT.where(modules.c.parent_module_id.is_(None))
_ROOT = _MODULES.where(modules.c.module_type == ModuleType.COURSE_ROOT)

# A union keeps one of what is equal, so that these end in a circle too.
_step = select(modules.c.id, modules.c.parent_module_id)
_here = modules.c.id == bindparam("module_id")


def _upwards(start: ColumnElement[bool]) -> Select[Any]:
    up = _step.where(start).cte("up", recursive=True)
    up = up.union(_step.join(up, modules.c.id == up.c.parent_module_id))
    return select(modules).join(up, up.c.id == modules.c.id)


_PATH = _upwards(_here)
_PATHS = _upwards(modules.c.id.in_(bindparam("module_ids", expanding=True)))
_down = _step.where(_here).cte("down", recursive=True)
_down = _down.union(_step.join(_down, modules.c.parent_module_id == _down.c.id))
_SUBTREE = select(modules).join(_down, _down.c.id == modules.c.id).order_by(modules.c.id)
SUBTREE_IDS = select(_down.c.id)
"""The ids of `module_id` and of all below it."""


def _module(row: Row[Any]) -> Module:
    module = msgspec.convert(row, Module, from_attributes=True)
    return structs.replace(module, provenance=provenance(row))


def _module_values(module: ModuleFields, known: Provenance | None) -> dict[str, Any]:
    fields = {name: getattr(module, name) for name in ModuleFields.__struct_fields__}
    return {**fields, **provenance_values(known)}


class SqlModules:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def get(self, module_id: int) -> Module | None:
        row = await self._sql.first(_MODULE, module_id=module_id)
        return row and _module(row)

    async def of_course(self, course_id: int) -> Sequence[Module]:
        return [_module(row) for row in await self._sql.all(_MODULES, course_id=course_id)]

    async def of_parent(self, course_id: int, parent_id: int | None) -> Sequence[Module]:
        if parent_id is None:
            rows = await self._sql.all(_ROOTS, course_id=course_id)
        else:
            rows = await self._sql.all(_CHILDREN, course_id=course_id, parent_id=parent_id)
        return [_module(row) for row in rows]

    async def path(self, module_id: int) -> Sequence[Module]:
        rows = await self._sql.all(_PATH, module_id=module_id)
        known = {row.id: _module(row) for row in rows}
        return ancestry(module_id, known.get)

    async def paths(self, module_ids: Collection[int]) -> Mapping[int, Sequence[Module]]:
        rows = await self._sql.all(_PATHS, module_ids=list(module_ids))
        known = {row.id: _module(row) for row in rows}
        return {each: ancestry(each, known.get) for each in module_ids if each in known}

    async def subtree(self, module_id: int) -> Sequence[Module]:
        return [_module(row) for row in await self._sql.all(_SUBTREE, module_id=module_id)]

    async def root(self, course_id: int) -> Module | None:
        row = await self._sql.first(_ROOT, course_id=course_id)
        return row and _module(row)

    async def lock(self, course_id: int) -> bool:
        return await self._sql.first(_LOCK, course_id=course_id) is not None

    async def hold(self, module_id: int) -> bool:
        return await self._sql.first(_HOLD, module_id=module_id) is not None

    async def add(
        self, module: ModuleFields, provenance: Provenance | None, now: datetime
    ) -> Module:
        values = _module_values(module, provenance)
        return _module(await self._sql.one(_ADD_MODULE, **values, created_at=now, updated_at=now))

    async def save(self, module: Module) -> None:
        values = _module_values(module, module.provenance)
        values.pop("course_id")
        statement = _SAVE_MODULE.values(**values, updated_at=module.updated_at)
        await self._sql.run(statement, module_id=module.id)

    async def reorder(self, modules: Sequence[Module]) -> None:
        await self._sql.run_each(_REORDER, [moved_values(each, "module_id") for each in modules])
