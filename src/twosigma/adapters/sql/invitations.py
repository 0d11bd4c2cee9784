"""Invitations.

Rows of one kind cannot keep out what is not there yet: who invites and who registers lock one
another by a lock of their own, which registrations share.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import bindparam, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert

from twosigma.adapters.sql.connection import Sql
from twosigma.adapters.sql.enrollments import add_enrollments
from twosigma.adapters.sql.schema import courses, invitations, offerings
from twosigma.domain.catalog import Page
from twosigma.domain.invitations import Invitation

_LOCK = text("SELECT pg_advisory_xact_lock(7361003)")
_HOLD = text("SELECT pg_advisory_xact_lock_shared(7361003)")

_INVITED = select(invitations.c.email).where(
    invitations.c.course_offering_id == bindparam("offering_id"),
    invitations.c.email.in_(bindparam("emails", expanding=True)),
)
_ADD = insert(invitations).on_conflict_do_nothing(index_elements=["course_offering_id", "email"])
_REMOVE = delete(invitations).where(
    invitations.c.id == bindparam("invitation_id"),
    invitations.c.course_offering_id == bindparam("offering_id"),
)

_of_email = invitations.c.email == bindparam("of_email")
_its_offerings = select(invitations.c.course_offering_id).where(_of_email)
_its_courses = select(offerings.c.course_id).where(offerings.c.id.in_(_its_offerings))
# Held in the order in which they are deleted, a course before its offerings, and so that a
# deletion waits, whose locks foreign keys do not wait for.
_HOLD_COURSES = (
    select(courses.c.id)
    .where(courses.c.id.in_(_its_courses))
    .order_by(courses.c.id)
    .with_for_update(read=True)
)
_HOLD_OFFERINGS = (
    select(offerings.c.id)
    .where(offerings.c.id.in_(_its_offerings))
    .order_by(offerings.c.id)
    .with_for_update(read=True)
)
_TAKE = delete(invitations).where(_of_email).returning(invitations.c.course_offering_id)


class SqlInvitations:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def of_offering(self, offering_id: int, page: Page) -> tuple[Sequence[Invitation], int]:
        its = select(invitations).where(invitations.c.course_offering_id == offering_id)
        shown = its.order_by(invitations.c.id).offset(page.skip).limit(page.limit)
        rows = await self._sql.all(shown)
        total = await self._sql.scalar(select(func.count()).select_from(its.subquery()))
        return [msgspec.convert(row, Invitation, from_attributes=True) for row in rows], total

    async def invited(self, offering_id: int, emails: Collection[str]) -> frozenset[str]:
        rows = await self._sql.all(_INVITED, offering_id=offering_id, emails=list(emails))
        return frozenset(row.email for row in rows)

    async def lock(self) -> None:
        if self._sql.is_postgres:
            await self._sql.all(_LOCK)

    async def hold(self) -> None:
        if self._sql.is_postgres:
            await self._sql.all(_HOLD)

    async def add_all(
        self, offering_id: int, emails: Collection[str], invited_by: int, now: datetime
    ) -> None:
        shared = {
            "course_offering_id": offering_id, "invited_by": invited_by, "created_at": now,
        }  # fmt: skip
        await self._sql.run_each(_ADD, [{"email": email, **shared} for email in emails])

    async def remove(self, offering_id: int, invitation_id: int) -> bool:
        removed = await self._sql.run(_REMOVE, offering_id=offering_id, invitation_id=invitation_id)
        return removed == 1

    async def take_up(self, user_id: int, email: str, now: datetime) -> None:
        if not await self._sql.all(_HOLD_COURSES, of_email=email):
            return
        await self._sql.all(_HOLD_OFFERINGS, of_email=email)
        taken = await self._sql.all(_TAKE, of_email=email)
        offering_ids = [row.course_offering_id for row in taken]
        await add_enrollments(self._sql, offering_ids, [user_id], now)
