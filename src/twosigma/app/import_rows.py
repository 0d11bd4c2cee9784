"""Rows of an earlier import, as a plan sees them: with the digest of what they hold now."""

from collections.abc import Sequence
from typing import TypeVar

from msgspec import Struct

from twosigma.domain.catalog import Course
from twosigma.domain.content import Item
from twosigma.domain.imports import (
    Change,
    ExistingRow,
    Imported,
    Kept,
    Plan,
    course_digest,
    item_digest,
    module_digest,
)
from twosigma.domain.modules import Module

T = TypeVar("T", bound=Imported)


class Counts(Struct, frozen=True, kw_only=True):
    """What became of the rows of one kind."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    archived: int = 0
    revived: int = 0
    kept: tuple[Kept, ...] = ()


def external_of(row: Module | Item) -> str:
    return row.provenance.external_id if row.provenance is not None else ""


def row_of(row: Module | Item, digest: str) -> ExistingRow:
    return ExistingRow(
        id=row.id,
        external_id=external_of(row),
        import_digest=row.provenance.digest if row.provenance is not None else "",
        current_digest=digest,
        is_archived=row.is_archived,
    )


def course_digest_of(course: Course) -> str:
    return course_digest(
        title=course.title,
        code=course.code,
        description=course.description,
        level=course.level,
        locales=course.locales,
        license=course.license or "",
        attribution=course.attribution or "",
    )


def module_digest_of(module: Module, by_id: dict[int, Module]) -> str:
    parent = by_id.get(module.parent_module_id or 0)
    return module_digest(
        parent_external_id=external_of(parent) if parent is not None else None,
        title=module.title,
        description=module.description,
        module_type=module.module_type,
        sequence_index=module.sequence_index,
        is_archived=module.is_archived,
    )


def item_digest_of(item: Item, names: dict[int, str], places: dict[int, str]) -> str:
    return item_digest(
        module_external_id=places.get(item.module_id),
        title=item.title,
        description=item.description,
        content_type=names[item.content_type_id],
        data=dict(item.data_json),
        sequence_index=item.sequence_index,
        estimated_duration_seconds=item.estimated_duration_seconds,
        is_archived=item.is_archived,
    )


def changes_of(todo: Plan[T]) -> Sequence[Change[T]]:
    """The rows that take the fields of the source."""
    return (*todo.update, *todo.revive)


def counts_of(todo: Plan[T]) -> Counts:
    """The plan in numbers."""
    return Counts(
        added=len(todo.add),
        updated=len(todo.update),
        unchanged=len(todo.unchanged),
        archived=len(todo.archive),
        revived=len(todo.revive),
        kept=todo.kept,
    )
