"""Invitations."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from twosigma.domain.catalog import Page
from twosigma.domain.invitations import Invitation


class InvitationsReader(Protocol):
    async def of_offering(self, offering_id: int, page: Page) -> tuple[Sequence[Invitation], int]:
        """By id, and how many in all."""
        ...

    async def invited(self, offering_id: int, emails: Collection[str]) -> frozenset[str]:
        """Those of these addresses that are invited to an offering."""
        ...


class Invitations(InvitationsReader, Protocol):
    """Who invites says that there is no account, who registers that there is no invitation:
    the one locks out the other (`lock`, `hold`), or an address could have both for ever."""

    async def lock(self) -> None:
        """Until the transaction ends nobody else registers or invites. Comes first in it."""
        ...

    async def hold(self) -> None:
        """Until the transaction ends nobody invites. Comes first in it."""
        ...

    async def add_all(
        self, offering_id: int, emails: Collection[str], invited_by: int, now: datetime
    ) -> None:
        """Invite these addresses; those that are invited already stay so. Needs `lock`."""
        ...

    async def remove(self, offering_id: int, invitation_id: int) -> bool:
        """Take an invitation back; False where the offering has no such one."""
        ...

    async def take_up(self, user_id: int, email: str, now: datetime) -> None:
        """Enroll a new account wherever its address is invited; the invitations are over. Needs
        `hold`."""
        ...
