"""Classes enrolled from a list; invitations of those who have no account yet."""

from collections.abc import Sequence

from twosigma.app.access import editable_course, locked_offering, staffed_offering
from twosigma.domain.actor import Actor, Role, require
from twosigma.domain.catalog import Page
from twosigma.domain.class_lists import Entry, Known, Told, plan_class, read_class_list
from twosigma.domain.enrollments import reactivated
from twosigma.domain.errors import Missing
from twosigma.domain.invitations import Invitation
from twosigma.ports.clock import Clock
from twosigma.ports.store import Read, Store


class Invitations:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def enroll_class(
        self, actor: Actor | None, course_id: int, offering_id: int, text: str
    ) -> Sequence[Told]:
        """Enroll the accounts of a class list, whatever window and capacity say, and invite its
        other addresses; what became of each line. Raises Forbidden to all but the course's
        editors, Invalid for too many lines, Missing."""
        known = require(actor, Role.INSTRUCTOR)
        entries = read_class_list(text)
        now = self._clock.now()
        async with self._store.write() as tx:
            await editable_course(tx, actor, course_id)
            await tx.invitations.lock()
            await locked_offering(tx, course_id, offering_id)
            plan = plan_class(entries, await _known(tx, offering_id, entries))
            await tx.enrollments.add_all(offering_id, plan.enroll, now)
            await tx.enrollments.save_all([reactivated(row, now) for row in plan.reactivate])
            await tx.invitations.add_all(offering_id, plan.invite, known.user_id, now)
        return plan.told

    async def list(
        self, actor: Actor | None, course_id: int, offering_id: int, page: Page
    ) -> tuple[Sequence[Invitation], int]:
        """Who is invited to an offering, by id, and how many in all; for the course's staff."""
        async with self._store.read() as tx:
            await staffed_offering(tx, actor, course_id, offering_id)
            return await tx.invitations.of_offering(offering_id, page)

    async def remove(
        self, actor: Actor | None, course_id: int, offering_id: int, invitation_id: int
    ) -> None:
        """Take an invitation back. Raises Forbidden to all but the course's editors, Missing."""
        require(actor, Role.INSTRUCTOR)
        async with self._store.write() as tx:
            await editable_course(tx, actor, course_id)
            await locked_offering(tx, course_id, offering_id)
            if not await tx.invitations.remove(offering_id, invitation_id):
                raise Missing("Invitation not found")


async def _known(tx: Read, offering_id: int, entries: Sequence[Entry]) -> Known:
    emails = {entry.email for entry in entries if entry.fault is None}
    users = await tx.accounts.find_all_by_email(emails)
    ids = [user.id for user in users.values()]
    return Known(
        users=users,
        enrollments=await tx.enrollments.of_users(offering_id, ids),
        invited=await tx.invitations.invited(offering_id, emails),
    )
