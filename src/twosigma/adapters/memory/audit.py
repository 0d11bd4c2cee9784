"""The audit log."""

from collections.abc import Sequence

from msgspec import structs

from twosigma.adapters.memory.tables import Transaction, plain
from twosigma.domain.audit import Entry, EntryFilter, NewEntry
from twosigma.domain.catalog import Page


class MemoryAudit:
    def __init__(self, tx: Transaction) -> None:
        self._tables = tx.tables
        self._ids = tx.ids

    async def entries(self, wanted: EntryFilter, page: Page) -> tuple[Sequence[Entry], int]:
        fit = [entry for entry in self._tables.audit_log.values() if _fits(entry, wanted)]
        rows = sorted(fit, key=lambda entry: entry.id, reverse=True)
        return rows[page.skip : page.skip + page.limit], len(rows)

    async def append(self, *entries: NewEntry) -> None:
        for entry in entries:
            fields = {**structs.asdict(entry), "details": plain(entry.details)}
            added = Entry(id=self._ids.next("audit_log"), **fields)
            self._tables.audit_log.put(added.id, added)


def _fits(entry: Entry, wanted: EntryFilter) -> bool:
    return (
        wanted.actor_id in (None, entry.actor_id)
        and wanted.action in (None, entry.action)
        and (wanted.actions is None or entry.action in wanted.actions)
        and wanted.target_id in (None, entry.target_id)
    )
