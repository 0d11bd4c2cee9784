"""What an account's first page is made of."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from twosigma.domain.overview import RecentActivity
from twosigma.domain.recommendations import Candidate


class OverviewReader(Protocol):
    async def completed_courses(self, user_id: int) -> int:
        """In how many courses the account has a COMPLETED enrollment."""
        ...

    async def recent(self, user_id: int, limit: int) -> Sequence[RecentActivity]:
        """What the account did last, newest first."""
        ...

    async def candidates(self, user_id: int, now: datetime) -> Sequence[Candidate]:
        """The PUBLIC offerings whose window holds now, of published courses in which the account
        is neither ACTIVE nor has COMPLETED any offering; full ones too."""
        ...
