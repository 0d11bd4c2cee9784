"""Course staff: who teaches, and who says so."""

from msgspec import Struct

from twosigma.app.access import owned_course, staffed_course
from twosigma.app.audit_trail import record
from twosigma.domain.actor import Actor, Role, require
from twosigma.domain.audit import Action
from twosigma.domain.catalog import StaffRole
from twosigma.domain.course_staff import require_fit, require_owner
from twosigma.domain.errors import Missing
from twosigma.domain.users import User
from twosigma.ports.clock import Clock
from twosigma.ports.store import Store


class StaffView(Struct, frozen=True, kw_only=True):
    """Somebody of a course's staff."""

    user: User
    role: StaffRole


class CourseStaff:
    """Who decides about a course's staff locks the course: it never loses its last owner."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def list(self, actor: Actor | None, course_id: int) -> list[StaffView]:
        """The staff of a course, by account id. Raises Forbidden to others, Missing."""
        async with self._store.read() as tx:
            await staffed_course(tx, actor, course_id)
            staff = await tx.catalog.staff(course_id)
            users = await tx.accounts.get_all(staff)
        return [StaffView(user=users[user_id], role=role) for user_id, role in staff.items()]

    async def put(
        self, actor: Actor | None, course_id: int, user_id: int, role: StaffRole
    ) -> tuple[StaffView, bool]:
        """Give an account a place in the staff, or another place; whether it is new there.

        Raises Forbidden to all but owners, Missing for no such course or account, Conflict for
        an account that may not have it, and where the last owner would get another.
        """
        require(actor, Role.INSTRUCTOR)
        async with self._store.write() as tx:
            await owned_course(tx, actor, course_id)
            user = await tx.accounts.lock(user_id)
            if user is None:
                raise Missing("User not found")
            require_fit(user, role)
            staff = await tx.catalog.staff(course_id)
            require_owner(staff, user_id, role)
            await tx.catalog.set_staff(course_id, user_id, role)
            if staff.get(user_id) is not role:
                await record(
                    tx, actor, Action.STAFF_APPOINTED, user_id, self._clock.now(),
                    course_id=course_id, role={"from": staff.get(user_id), "to": role},
                )  # fmt: skip
        return StaffView(user=user, role=role), user_id not in staff

    async def remove(self, actor: Actor | None, course_id: int, user_id: int) -> None:
        """Take an account out of the staff. Raises as `put`."""
        require(actor, Role.INSTRUCTOR)
        async with self._store.write() as tx:
            await owned_course(tx, actor, course_id)
            staff = await tx.catalog.staff(course_id)
            if user_id not in staff:
                raise Missing("Staff member not found")
            require_owner(staff, user_id, None)
            await tx.catalog.remove_from_staff(course_id, user_id)
            await record(
                tx, actor, Action.STAFF_REMOVED, user_id, self._clock.now(), course_id=course_id,
                role=staff[user_id],
            )  # fmt: skip
