"""Who may see and do what with a course; asked by every feature that touches one."""

from collections.abc import Collection, Sequence

from twosigma.domain.actor import Actor, Role, has_role, require_signed_in
from twosigma.domain.catalog import EDITORS, Course, Offering, StaffRole, Visibility
from twosigma.domain.chat import Session
from twosigma.domain.errors import Forbidden, Missing, Unauthenticated
from twosigma.domain.modules import Module, is_live
from twosigma.domain.users import User
from twosigma.ports.store import Read, Write

COURSE_MISSING = "Course not found"
CONTENT_MISSING = "Content not found"
MODULE_MISSING = "Module not found"
OFFERING_MISSING = "Offering not found"
SUBJECT_MISSING = "Subject not found"
USER_MISSING = "User not found"


async def active_user(tx: Read, user_id: int) -> User:
    """The account as it is now; raises Unauthenticated for one that is gone or switched off."""
    return require_active(await tx.accounts.get(user_id))


def require_active(user: User | None) -> User:
    """The account; raises as `active_user`. A write that keeps what somebody says, or names,
    asks this of the held account: one that is being erased gets no more rows."""
    if user is None or not user.is_active:
        raise Unauthenticated("Not authenticated")
    return user


async def hold_subjects(tx: Write, subject_ids: Collection[int]) -> None:
    """Keep these subjects from being removed until the transaction ends; raises Missing."""
    if subject_ids and set(await tx.places.hold_subjects(subject_ids)) != set(subject_ids):
        raise Missing(SUBJECT_MISSING)


async def acting(tx: Read, user_id: int) -> Actor:
    """The account as an actor. Raises as `active_user`."""
    user = await active_user(tx, user_id)
    return Actor(user_id=user.id, role=user.role)


async def staff_role(tx: Read, actor: Actor | None, course_id: int) -> StaffRole | None:
    """The actor's place in the course's staff; a platform admin is as good as its owner."""
    if actor is None:
        return None
    if actor.is_admin:
        return StaffRole.OWNER
    return await tx.catalog.staff_role(course_id, actor.user_id)


async def is_staff(tx: Read, actor: Actor | None, course_id: int) -> bool:
    return await staff_role(tx, actor, course_id) is not None


async def visible_course(tx: Read, actor: Actor | None, course_id: int) -> tuple[Course, bool]:
    """The course and whether the actor is of its staff. A draft is missing for all others."""
    course = await tx.catalog.course(course_id)
    staff = course is not None and await is_staff(tx, actor, course_id)
    if course is None or not (course.is_published or staff):
        raise Missing(COURSE_MISSING)
    return course, staff


async def readable_course(tx: Read, actor: Actor | None, course_id: int) -> tuple[Course, bool]:
    """As `visible_course`, for what lies below a course: a closed one is for its learners."""
    course, staff = await visible_course(tx, actor, course_id)
    if course.is_open or staff:
        return course, staff
    if actor is None:
        raise Unauthenticated("Not authenticated")
    if not await tx.enrollments.is_learner(actor.user_id, course_id):
        raise Forbidden("You are not enrolled in this course")
    return course, staff


async def editable_course(tx: Read, actor: Actor | None, course_id: int) -> Course:
    """The course, for those who may change it: its owner and instructors, and admins."""
    known = require_signed_in(actor)
    course, _ = await visible_course(tx, known, course_id)
    role = await staff_role(tx, known, course_id)
    if role not in EDITORS or not has_role(known, Role.INSTRUCTOR):
        raise Forbidden("You may not change this course")
    return course


async def staffed_course(tx: Read, actor: Actor | None, course_id: int) -> Course:
    """The course, for its staff and admins."""
    course, staff = await visible_course(tx, require_signed_in(actor), course_id)
    if not staff:
        raise Forbidden("You are not of this course's staff")
    return course


async def staffed_offering(
    tx: Read, actor: Actor | None, course_id: int, offering_id: int
) -> tuple[Course, Offering]:
    """The offering of this course, and the course, for its staff and admins."""
    course = await staffed_course(tx, actor, course_id)
    offering = await tx.catalog.offering(offering_id)
    if offering is None or offering.course_id != course_id:
        raise Missing(OFFERING_MISSING)
    return course, offering


async def owned_course(tx: Write, actor: Actor | None, course_id: int) -> Course:
    """The course, locked, for its owners and admins."""
    await tx.catalog.lock_course(course_id)
    course = await editable_course(tx, actor, course_id)
    if await staff_role(tx, actor, course_id) is not StaffRole.OWNER:
        raise Forbidden("Only an owner of the course may do this")
    return course


async def locked_offering(tx: Write, course_id: int, offering_id: int) -> Offering:
    """The offering of this course, locked, its course held before it; for those who may."""
    if await tx.catalog.hold_course(course_id) is None:
        raise Missing(COURSE_MISSING)
    offering = await tx.catalog.lock_offering(offering_id)
    if offering is None or offering.course_id != course_id:
        raise Missing(OFFERING_MISSING)
    return offering


async def visible_offering(tx: Read, actor: Actor | None, offering_id: int) -> Offering:
    """The offering; a private one is missing for those who are not in it nor of the staff."""
    offering = await tx.catalog.offering(offering_id)
    if offering is None:
        raise Missing(OFFERING_MISSING)
    try:
        _, staff = await visible_course(tx, actor, offering.course_id)
    except Missing:
        raise Missing(OFFERING_MISSING) from None
    if offering.visibility is not Visibility.PRIVATE or staff:
        return offering
    if actor is None or await tx.enrollments.find(actor.user_id, offering_id) is None:
        raise Missing(OFFERING_MISSING)
    return offering


async def visible_module(tx: Read, actor: Actor | None, module_id: int) -> tuple[Module, bool]:
    """The module and whether the actor is of the course's staff; Missing if not to be seen."""
    path, staff = await visible_path(tx, actor, module_id)
    return path[-1], staff


async def visible_path(
    tx: Read, actor: Actor | None, module_id: int
) -> tuple[Sequence[Module], bool]:
    """As `visible_module`, with all above it: the way down from the root, itself the last."""
    path = await tx.modules.path(module_id)
    if not path:
        raise Missing(MODULE_MISSING)
    try:
        _, staff = await readable_course(tx, actor, path[-1].course_id)
    except Missing:
        raise Missing(MODULE_MISSING) from None
    if not staff and not is_live(path):
        raise Missing(MODULE_MISSING)
    return path, staff


async def require_learner(tx: Read, actor: Actor, course: Course, *, is_visible: bool) -> bool:
    """Raise unless the actor may talk with the tutor about an item; True for staff.

    `is_visible`: learners see the item. Missing: they do not; Forbidden: not enrolled (or
    dropped).
    """
    if await is_staff(tx, actor, course.id):
        return True
    if not is_visible:
        raise Missing(CONTENT_MISSING)
    if not await tx.enrollments.is_learner(actor.user_id, course.id):
        raise Forbidden("You are not enrolled in this course")
    return False


def owned(session: Session | None, user_id: int) -> Session:
    """The session, if it is this account's; another's is as if it were not there."""
    if session is None or session.user_id != user_id:
        raise Missing("Session not found")
    return session
