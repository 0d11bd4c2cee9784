"""What accounts say about themselves."""

from collections.abc import Sequence
from typing import Protocol

from twosigma.domain.profiles import Profile


class ProfilesReader(Protocol):
    async def get(self, user_id: int) -> Profile:
        """An account's profile; the empty one where nothing was said, or there is no account."""
        ...

    async def subject_preferences(self, user_id: int) -> Sequence[int]:
        """Ids of the subjects that an account prefers, the most preferred first."""
        ...


class Profiles(ProfilesReader, Protocol):
    """Writes want the account locked (or new)."""

    async def save(self, user_id: int, profile: Profile) -> None: ...

    async def set_subject_preferences(self, user_id: int, subject_ids: Sequence[int]) -> None:
        """Replace them; the subjects, each named once, are held."""
        ...

    async def remove(self, user_id: int) -> None:
        """Erase profile and preferences."""
        ...
