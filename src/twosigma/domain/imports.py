"""Courses from elsewhere: what a source gives, and what to do with the rows made from it before.

A row's digest is taken over the fields that an import writes, `is_archived` among them. One rule
keeps the import idempotent: whoever writes a row for an import stores, as its import digest, the
digest of the row as it then stands. A row whose digest has moved since was edited here.
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any, Generic, Literal, Protocol, TypeVar

import msgspec
from msgspec import Struct

from twosigma.domain.errors import DomainError


class BrokenImport(DomainError):
    """A file of an import cannot be used: which file, where in it, and what is wrong; one line."""

    code = "broken_import"

    def __init__(self, file: str, what: str, place: str = "") -> None:
        self.file = file
        self.place = place
        where = f"{file}, {place}" if place else file
        line = " ".join(f"{where}: {what}".split())
        # a packed file's name need not be text that can be printed
        super().__init__(line.encode("utf-8", "backslashreplace").decode("utf-8"))


class ImportedModule(Struct, frozen=True, kw_only=True):
    """A module as the source has it; siblings count from 0; the root has no parent."""

    external_id: str
    parent_external_id: str | None
    title: str
    description: str
    module_type: str
    sequence_index: int
    digest: str


class ImportedItem(Struct, frozen=True, kw_only=True):
    """A content item as the source has it; `data` is its plain `data_json`."""

    external_id: str
    module_external_id: str
    title: str
    description: str
    content_type: str
    data: dict[str, Any]
    sequence_index: int
    estimated_duration_seconds: int | None
    digest: str


class Skipped(Struct, frozen=True, kw_only=True):
    """What an import left out: `reason` is a stable word, `detail` a line for a person."""

    external_id: str
    reason: str
    detail: str


class ImportedCourse(Struct, frozen=True, kw_only=True):
    """A whole course as read from a source: modules parents first, items in module order."""

    source: str
    external_id: str
    title: str
    code: str
    description: str
    level: str
    locales: tuple[str, ...]
    license: str
    attribution: str
    digest: str
    modules: tuple[ImportedModule, ...]
    items: tuple[ImportedItem, ...]
    skipped: tuple[Skipped, ...]


class Imported(Protocol):
    """What a plan needs to know of a course, module or item of the source."""

    @property
    def external_id(self) -> str: ...
    @property
    def digest(self) -> str: ...


class ExistingRow(Struct, frozen=True, kw_only=True):
    """A row of an earlier import: `current_digest` is that of its fields as they stand now."""

    id: int
    external_id: str
    import_digest: str
    current_digest: str
    is_archived: bool

    @property
    def is_edited(self) -> bool:
        return self.current_digest != self.import_digest


T = TypeVar("T", bound=Imported)


class Change(Struct, Generic[T], frozen=True):
    """A row and what the source has for it now."""

    row: ExistingRow
    imported: T


class Kept(Struct, frozen=True):
    """A row edited here, left as it is; `source` says what became of it at the source."""

    row: ExistingRow
    source: Literal["same", "changed", "gone"]


class Plan(Struct, Generic[T], frozen=True, kw_only=True):
    """What an import does: `add` and `update` write the source's fields; `revive` does so and
    takes the row out of the archive; `archive` only archives; the others are left alone."""

    add: tuple[T, ...]
    update: tuple[Change[T], ...]
    unchanged: tuple[ExistingRow, ...]
    kept: tuple[Kept, ...]
    archive: tuple[ExistingRow, ...]
    revive: tuple[Change[T], ...]

    @property
    def is_noop(self) -> bool:
        """Whether nothing would be written."""
        return not (self.add or self.update or self.archive or self.revive)


def plan(existing: Iterable[ExistingRow], imported: Iterable[T]) -> Plan[T]:
    """What to do with the rows of one kind, given all that the source has of it.

    External ids are unique on either side. The order of `imported` is kept in what it gives.
    Rows edited here are never written, but for one that was edited into just what the source
    has now: there only the import digest moves (an update).
    """
    rows = {row.external_id: row for row in existing}
    add: list[T] = []
    update: list[Change[T]] = []
    unchanged: list[ExistingRow] = []
    kept: list[Kept] = []
    revive: list[Change[T]] = []
    for entry in imported:
        row = rows.pop(entry.external_id, None)
        if row is None:
            add.append(entry)
        elif row.import_digest == entry.digest:
            if row.is_edited:
                kept.append(Kept(row, "same"))
            else:
                unchanged.append(row)
        elif row.is_edited and row.current_digest != entry.digest:
            kept.append(Kept(row, "changed"))
        else:
            (revive if row.is_archived else update).append(Change(row, entry))
    gone = [row for row in rows.values() if not row.is_edited]
    kept += [Kept(row, "gone") for row in rows.values() if row.is_edited]
    return Plan(
        add=tuple(add),
        update=tuple(update),
        unchanged=tuple(unchanged) + tuple(row for row in gone if row.is_archived),
        kept=tuple(kept),
        archive=tuple(row for row in gone if not row.is_archived),
        revive=tuple(revive),
    )


def _digest(*fields: object) -> str:
    """SHA-256 (hex) of the fields as JSON with sorted keys."""
    return sha256(msgspec.json.encode(fields, order="sorted")).hexdigest()


def course_digest(
    *,
    title: str,
    code: str,
    description: str,
    level: str,
    locales: Iterable[str],
    license: str,  # noqa: A002 -- named as the course's field
    attribution: str,
) -> str:
    """The digest of a course's own fields (hex)."""
    return _digest("course", title, code, description, level, tuple(locales), license, attribution)


def module_digest(
    *,
    parent_external_id: str | None,
    title: str,
    description: str,
    module_type: str,
    sequence_index: int,
    is_archived: bool = False,
) -> str:
    """The digest of a module's fields (hex); an imported module is not archived."""
    return _digest(
        "module", parent_external_id, title, description, module_type, sequence_index, is_archived
    )


def item_digest(
    *,
    module_external_id: str | None,
    title: str,
    description: str,
    content_type: str,
    data: Mapping[str, object],
    sequence_index: int,
    estimated_duration_seconds: int | None,
    is_archived: bool = False,
) -> str:
    """The digest of an item's fields (hex); `data` is plain JSON; order of keys is no matter.

    An item moved into a module that is not of the import has None for its module.
    """
    return _digest(
        "item",
        module_external_id,
        title,
        description,
        content_type,
        data,
        sequence_index,
        estimated_duration_seconds,
        is_archived,
    )
