"""Activity events."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from twosigma.domain.activity import ActivityEvent


class ActivityReader(Protocol):
    async def days_of(self, user_id: int) -> Sequence[tuple[datetime, str]]:
        """(instant, time zone) of each of an account's events, oldest first."""
        ...

    async def of_session(self, session_id: int) -> Sequence[ActivityEvent]:
        """The chat turns of a session, oldest first."""
        ...


class Activity(ActivityReader, Protocol):
    async def append(self, event: ActivityEvent) -> None: ...
