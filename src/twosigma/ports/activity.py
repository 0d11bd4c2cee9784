"""Activity events."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from twosigma.domain.activity import Active, ActivityEvent


class ActivityReader(Protocol):
    async def hours_of(self, user_ids: Sequence[int]) -> Mapping[int, Sequence[Active]]:
        """When these accounts were active: the first and the last event of each clock hour (UTC)
        and time zone, oldest first. No other event of an hour moves a streak, and there may be
        very many. Accounts that never were active are not in it."""
        ...

    async def of_user(self, user_id: int) -> Sequence[ActivityEvent]:
        """All that an account did, oldest first."""
        ...

    async def of_session(self, session_id: int) -> Sequence[ActivityEvent]:
        """The chat turns of a session, oldest first."""
        ...

    async def last_in_course(
        self, user_ids: Collection[int], course_id: int
    ) -> Mapping[int, datetime]:
        """When each of these accounts was last active in the course; those that never were are
        not in it."""
        ...


class Activity(ActivityReader, Protocol):
    async def append(self, event: ActivityEvent) -> None: ...

    async def forget_answers(self, user_id: int) -> None:
        """Take out what an account answered, which may be its own words; nothing else of an
        event ever changes, so that what was counted stays."""
        ...
