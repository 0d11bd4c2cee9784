"""Content types: read by all, written by platform admins.

A changed schema leaves the items there are as they are: it is asked when data is next written.
Writes raise Unauthenticated and Forbidden, Invalid with all faults, Missing, Conflict.
"""

from collections.abc import Mapping, Sequence

from msgspec import UNSET, Struct, UnsetType, structs

from twosigma.app.audit_trail import record
from twosigma.domain.actor import Actor, Role, has_role, require
from twosigma.domain.audit import Action
from twosigma.domain.audit import changes as differences
from twosigma.domain.catalog import Page
from twosigma.domain.content import ContentType, ContentTypeFields
from twosigma.domain.content_type_rules import (
    ContentTypeChanges,
    breaks_system_type,
    changes_type,
    checked_type,
    checked_type_changes,
)
from twosigma.domain.errors import Conflict, Fault, Missing
from twosigma.domain.json_schemas import LOC, schema_faults, violation_faults
from twosigma.ports.clock import Clock
from twosigma.ports.json_schemas import Schemas
from twosigma.ports.store import Store

TYPE_MISSING = "Content type not found"


class TypeView(Struct, frozen=True, kw_only=True):
    """A type as somebody sees it; `is_staff`: it may be told which prompt teaches it."""

    kind: ContentType
    is_staff: bool


class ContentTypes:
    def __init__(self, store: Store, clock: Clock, schemas: Schemas) -> None:
        self._store = store
        self._clock = clock
        self._schemas = schemas

    async def list(self, actor: Actor | None, page: Page) -> tuple[Sequence[TypeView], int]:
        """A page of the types, by id, as anybody may see them; how many in all."""
        async with self._store.read() as tx:
            rows = await tx.content.types()
        shown = rows[page.skip : page.skip + page.limit]
        return [_view(actor, kind) for kind in shown], len(rows)

    async def get(self, actor: Actor | None, type_id: int) -> TypeView:
        """A type as anybody may see it. Raises Missing."""
        async with self._store.read() as tx:
            kind = await tx.content.type(type_id)
        if kind is None:
            raise Missing(TYPE_MISSING)
        return _view(actor, kind)

    async def create(self, actor: Actor | None, fields: ContentTypeFields) -> ContentType:
        """A new type, which is never one of the installation's. Conflict: the name is taken."""
        require(actor, Role.PLATFORM_ADMIN)
        faults = self._schema_faults(fields.json_schema)
        checked = structs.replace(checked_type(fields, faults), is_system=False)
        async with self._store.write() as tx:
            added = await tx.content.add_type(checked)
            if added is None:
                raise _name_taken()
            now = self._clock.now()
            await record(tx, actor, Action.CONTENT_TYPE_CREATED, added.id, now, name=added.name)
        return added

    async def update(
        self, actor: Actor | None, type_id: int, changes: ContentTypeChanges
    ) -> ContentType:
        """Change what was sent. Conflict: the name is taken, or programs rely on what a type of
        the installation's has."""
        require(actor, Role.PLATFORM_ADMIN)
        checked = checked_type_changes(changes, self._schema_faults(changes.json_schema))
        async with self._store.write() as tx:
            before = await tx.content.lock_type(type_id)
            if before is None:
                raise Missing(TYPE_MISSING)
            after = structs.replace(before, **checked)
            if breaks_system_type(before, after):
                text = "The name of a system type, and whether it is graded, cannot be changed"
                raise Conflict(text, code="system_type")
            if changes_type(before, after):
                if not await tx.content.save_type(after):
                    raise _name_taken()
                # Its prompt and its name are in the contexts of its items, in any course.
                await tx.epochs.raise_platform()
                now, changed = self._clock.now(), differences(before, after)
                await record(tx, actor, Action.CONTENT_TYPE_UPDATED, after.id, now, **changed)
        return after

    async def remove(self, actor: Actor | None, type_id: int) -> None:
        """Conflict: one of the installation's, or there are items of it."""
        require(actor, Role.PLATFORM_ADMIN)
        async with self._store.write() as tx:
            kind = await tx.content.lock_type(type_id)
            if kind is None:
                raise Missing(TYPE_MISSING)
            if kind.is_system:
                raise Conflict("A system type cannot be deleted", code="system_type")
            if not await tx.content.remove_type(type_id):
                raise Conflict("There is content of this type: it cannot be deleted", code="in_use")
            now = self._clock.now()
            await record(tx, actor, Action.CONTENT_TYPE_DELETED, type_id, now, name=kind.name)

    def _schema_faults(self, schema: Mapping[str, object] | UnsetType | None) -> Sequence[Fault]:
        if schema is UNSET or schema is None:
            return ()
        faults = schema_faults(schema)
        return faults or list(violation_faults(self._schemas.faults(schema), LOC))


def _name_taken() -> Conflict:
    return Conflict("There is a content type of this name already", code="name_taken")


def _view(actor: Actor | None, kind: ContentType) -> TypeView:
    return TypeView(kind=kind, is_staff=has_role(actor, Role.INSTRUCTOR))
