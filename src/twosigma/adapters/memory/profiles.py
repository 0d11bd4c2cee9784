"""What accounts say about themselves."""

from collections.abc import Sequence

from twosigma.adapters.memory.tables import Transaction
from twosigma.domain.profiles import Profile


class MemoryProfiles:
    def __init__(self, tx: Transaction) -> None:
        self._tables = tx.tables

    async def get(self, user_id: int) -> Profile:
        return self._tables.profiles.get(user_id) or Profile()

    async def subject_preferences(self, user_id: int) -> Sequence[int]:
        return self._tables.subject_preferences.get(user_id) or ()

    async def save(self, user_id: int, profile: Profile) -> None:
        self._tables.profiles.put(user_id, profile)

    async def set_subject_preferences(self, user_id: int, subject_ids: Sequence[int]) -> None:
        self._tables.subject_preferences.put(user_id, tuple(subject_ids))

    async def remove(self, user_id: int) -> None:
        self._tables.profiles.pop(user_id)
        self._tables.subject_preferences.pop(user_id)
