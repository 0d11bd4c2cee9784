"""Tokens spent, by day."""

from collections.abc import Sequence
from datetime import date

from twosigma.adapters.memory.tables import Transaction
from twosigma.domain.llm import Usage
from twosigma.domain.spending import DaySpent, Purse


class MemorySpending:
    def __init__(self, tx: Transaction) -> None:
        self._spent = tx.tables.tokens_spent

    async def get(self, purse: Purse, day: date) -> Usage:
        return self._spent.get((purse, day)) or Usage()

    async def history(self, purse: Purse) -> Sequence[DaySpent]:
        days = sorted((day, usage) for (whose, day), usage in self._spent.items() if whose == purse)
        return [DaySpent(day=day, usage=usage) for day, usage in days]

    async def add(self, purse: Purse, day: date, usage: Usage) -> None:
        self._spent.put((purse, day), await self.get(purse, day) + usage)

    async def remove(self, purse: Purse) -> None:
        for key, _ in list(self._spent.items()):
            if key[0] == purse:
                self._spent.pop(key)

    async def forget(self, before: date) -> None:
        for key, _ in list(self._spent.items()):
            if key[1] < before:
                self._spent.pop(key)
