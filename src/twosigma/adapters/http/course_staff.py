"""Course staff."""

from typing import Annotated

from msgspec import Meta, Struct

from twosigma.adapters.http.access import Access
from twosigma.adapters.http.courses import CoursePath
from twosigma.adapters.http.route import Group
from twosigma.adapters.http.wire import Id, Listed, Put
from twosigma.app.core import TwoSigma
from twosigma.app.course_staff import StaffView
from twosigma.domain.actor import Actor
from twosigma.domain.catalog import StaffRole

course_staff = Group("Courses", "Course definitions and offerings")


class StaffPath(Struct, frozen=True, kw_only=True):
    course_id: Id
    user_id: Id


class PutStaffBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    user_id: Id
    role: StaffRole


class StaffOut(Struct, frozen=True, kw_only=True):
    user_id: Id
    full_name: Annotated[str, Meta(examples=["John Doe"])]
    email: Annotated[str, Meta(examples=["user@example.com"])]
    role: StaffRole


def staff_out(view: StaffView) -> StaffOut:
    user = view.user
    return StaffOut(user_id=user.id, full_name=user.full_name, email=user.email, role=view.role)


@course_staff.route("GET", "/courses/{course_id}/staff", access=Access.USER, refuses=(403, 404))
async def list_course_staff(core: TwoSigma, actor: Actor, path: CoursePath) -> Listed[StaffOut]:
    """List the staff of a course; for its staff."""
    rows = [staff_out(view) for view in await core.course_staff.list(actor, path.course_id)]
    return Listed(rows, len(rows))


@course_staff.route(
    "POST", "/courses/{course_id}/staff", access=Access.INSTRUCTOR, status=201,
    refuses=(400, 403, 404),
)  # fmt: skip
async def put_course_staff(
    core: TwoSigma, actor: Actor, path: CoursePath, body: PutStaffBody
) -> Put[StaffOut]:
    """Give an account a place in the staff of a course; another one to somebody who has one.

    For the course's owners. OWNER and INSTRUCTOR need the global role INSTRUCTOR or more.
    """
    view, is_new = await core.course_staff.put(actor, path.course_id, body.user_id, body.role)
    return Put(staff_out(view), is_new)


@course_staff.route(
    "DELETE", "/courses/{course_id}/staff/{user_id}", access=Access.INSTRUCTOR, status=204,
    refuses=(400, 403, 404),
)  # fmt: skip
async def remove_course_staff(core: TwoSigma, actor: Actor, path: StaffPath) -> None:
    """Take somebody out of the staff of a course; the last owner stays."""
    await core.course_staff.remove(actor, path.course_id, path.user_id)
