"""Content types: read by all, written by platform admins.

Writes raise Unauthenticated and Forbidden, Invalid with all faults, Missing, Conflict.
"""

from collections.abc import Sequence

from msgspec import structs

from twosigma.app.audit_trail import record
from twosigma.domain.actor import Actor, Role, require
from twosigma.domain.audit import Action
from twosigma.domain.audit import changes as differences
from twosigma.domain.catalog import Page
from twosigma.domain.content import ContentType, ContentTypeFields
from twosigma.domain.content_type_rules import (
    ContentTypeChanges,
    breaks_system_type,
    checked_type,
    checked_type_changes,
)
from twosigma.domain.errors import Conflict, Missing
from twosigma.ports.clock import Clock
from twosigma.ports.store import Store

TYPE_MISSING = "Content type not found"


class ContentTypes:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def list(self, page: Page) -> tuple[Sequence[ContentType], int]:
        """A page of the types, by id; how many in all."""
        async with self._store.read() as tx:
            rows = await tx.content.types()
        return rows[page.skip : page.skip + page.limit], len(rows)

    async def get(self, type_id: int) -> ContentType:
        """Raises Missing."""
        async with self._store.read() as tx:
            kind = await tx.content.type(type_id)
        if kind is None:
            raise Missing(TYPE_MISSING)
        return kind

    async def create(self, actor: Actor | None, fields: ContentTypeFields) -> ContentType:
        """A new type, which is never one of the installation's. Conflict: the name is taken."""
        require(actor, Role.PLATFORM_ADMIN)
        checked = structs.replace(checked_type(fields), is_system=False)
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
        checked = checked_type_changes(changes)
        async with self._store.write() as tx:
            before = await tx.content.lock_type(type_id)
            if before is None:
                raise Missing(TYPE_MISSING)
            after = structs.replace(before, **checked)
            if breaks_system_type(before, after):
                text = "The name of a system type, and whether it is graded, cannot be changed"
                raise Conflict(text, code="system_type")
            if after != before:
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


def _name_taken() -> Conflict:
    return Conflict("There is a content type of this name already", code="name_taken")
