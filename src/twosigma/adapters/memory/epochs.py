"""Epochs: counters that every write which can change a context raises in its own transaction."""

from twosigma.adapters.memory.tables import Tables, Transaction

PLATFORM = 0
"""The key of what all courses share; no course has this id."""


def epochs_of(tables: Tables, course_id: int) -> tuple[int, int]:
    """(platform epoch, course epoch)."""
    return tables.epochs.get(PLATFORM) or 0, tables.epochs.get(course_id) or 0


class MemoryEpochs:
    def __init__(self, tx: Transaction) -> None:
        self._tables = tx.tables

    async def read(self, course_id: int) -> tuple[int, int]:
        return epochs_of(self._tables, course_id)

    async def raise_platform(self) -> None:
        await self.raise_course(PLATFORM)

    async def raise_course(self, course_id: int) -> None:
        self._tables.epochs.put(course_id, (self._tables.epochs.get(course_id) or 0) + 1)
