"""Invitations."""

from collections.abc import Collection, Sequence
from datetime import datetime

from twosigma.adapters.memory.enrollments import MemoryEnrollments
from twosigma.adapters.memory.tables import Tables, Transaction
from twosigma.domain.catalog import Page
from twosigma.domain.invitations import Invitation


def erase_invitations(tables: Tables, offering_id: int) -> None:
    """Erase the invitations to an offering."""
    for place in [place for place, _ in tables.invitations.items() if place[0] == offering_id]:
        tables.invitations.pop(place)


class MemoryInvitations:
    """One writes at a time here: there is nothing to lock or to hold."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._tables = tx.tables

    async def of_offering(self, offering_id: int, page: Page) -> tuple[Sequence[Invitation], int]:
        every = self._tables.invitations.values()
        rows = [row for row in every if row.course_offering_id == offering_id]
        rows.sort(key=lambda row: row.id)
        return rows[page.skip : page.skip + page.limit], len(rows)

    async def invited(self, offering_id: int, emails: Collection[str]) -> frozenset[str]:
        known = self._tables.invitations
        return frozenset(email for email in emails if (offering_id, email) in known)

    async def lock(self) -> None:
        """It is."""

    async def hold(self) -> None:
        """It is."""

    async def add_all(
        self, offering_id: int, emails: Collection[str], invited_by: int, now: datetime
    ) -> None:
        for email in emails:
            if (offering_id, email) not in self._tables.invitations:
                row = Invitation(
                    id=self._tx.ids.next("invitations"), course_offering_id=offering_id,
                    email=email, invited_by=invited_by, created_at=now,
                )  # fmt: skip
                self._tables.invitations.put((offering_id, email), row)

    async def remove(self, offering_id: int, invitation_id: int) -> bool:
        for row in self._tables.invitations.values():
            if row.id == invitation_id and row.course_offering_id == offering_id:
                self._tables.invitations.pop((offering_id, row.email))
                return True
        return False

    async def take_up(self, user_id: int, email: str, now: datetime) -> None:
        enrollments = MemoryEnrollments(self._tx)
        of_email = sorted(
            place for place, _ in self._tables.invitations.items() if place[1] == email
        )
        for place in of_email:
            self._tables.invitations.pop(place)
            await enrollments.add(user_id, place[0], now)
