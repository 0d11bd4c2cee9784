"""The audit log."""

from collections.abc import Sequence
from typing import Protocol

from twosigma.domain.audit import Entry, EntryFilter, NewEntry
from twosigma.domain.catalog import Page


class AuditReader(Protocol):
    async def entries(self, wanted: EntryFilter, page: Page) -> tuple[Sequence[Entry], int]:
        """A page of the entries that fit, newest first (by id), and how many there are."""
        ...


class Audit(AuditReader, Protocol):
    async def append(self, *entries: NewEntry) -> None:
        """Add entries in their order, in this transaction: an act that is undone leaves none.
        Entries are never changed nor taken out, and outlive what they name."""
        ...
