"""Tokens spent, by day."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from twosigma.domain.llm import Usage
from twosigma.domain.spending import DaySpent, Purse


class SpendingReader(Protocol):
    async def get(self, purse: Purse, day: date) -> Usage:
        """What was spent on this day."""
        ...

    async def history(self, purse: Purse) -> Sequence[DaySpent]:
        """Every day on which something was spent, in their order."""
        ...


class Spending(SpendingReader, Protocol):
    async def add(self, purse: Purse, day: date, usage: Usage) -> None:
        """Add this to what was spent, whoever else adds at the same time. Holds the purse until
        the transaction ends: a learner's comes before a course's."""
        ...

    async def remove(self, purse: Purse) -> None:
        """Forget all that was spent from it."""
        ...

    async def forget(self, before: date) -> None:
        """Forget what was spent before this day."""
        ...
