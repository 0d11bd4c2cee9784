"""What an installation has and nobody uses: it may be deleted."""

from msgspec import Struct

from twosigma.domain.actor import Role
from twosigma.domain.api_keys import NewApiKey, digest_of
from twosigma.domain.catalog import Page
from twosigma.domain.content import ContentTypeFields
from twosigma.domain.places import DepartmentFields
from twosigma.testing import Course, World

PAIR = ("pk-lf-spare", "sk-lf-spare")
"""The API key, and its secret."""


class Spare(Struct, frozen=True, kw_only=True):
    """A university, a department of another one, a subject, a content type, an invitation to an
    offering, an API key of an instructor; by their ids. Those that are 0 are not there yet
    (`removable`, `drafts`)."""

    university_id: int
    department_id: int
    subject_id: int
    content_type_id: int
    invitation_id: int
    api_key_id: int
    course_id: int = 0
    offering_id: int = 0
    module_id: int = 0
    items: tuple[int, ...] = ()


async def add_spare(world: World, university_id: int, used: Course) -> Spare:
    """They; the department in this university, the invitation to this course."""
    now = world.clock.now()
    async with world.ports.store.write() as tx:
        university = await tx.places.named_university("Spare University", now)
        department = await tx.places.add_department(
            university_id, DepartmentFields(name="Spare"), now
        )
        subject = await tx.places.add_subject("Spare", "spare")
        kind = await tx.content.add_type(ContentTypeFields(name="spare", label="Spare"))
        await tx.invitations.add_all(used.offering_id, ["spare@example.com"], 1, now)
        (invitation,), _ = await tx.invitations.of_offering(used.offering_id, Page())
    assert department is not None
    assert subject is not None
    assert kind is not None
    return Spare(
        university_id=university.id,
        department_id=department.id,
        subject_id=subject.id,
        content_type_id=kind.id,
        invitation_id=invitation.id,
        api_key_id=await _add_api_key(world),
    )


async def _add_api_key(world: World) -> int:
    """One that was used a moment ago."""
    now = world.clock.now()
    owner = await world.user(Role.INSTRUCTOR)
    public_key, secret = PAIR
    new = NewApiKey(
        user_id=owner.id, name="Spare", public_key=public_key, digest=digest_of(secret),
        created_at=now,
    )  # fmt: skip
    async with world.ports.store.write() as tx:
        key = await tx.api_keys.add(new)
        await tx.api_keys.note_use(key.id, now)
    return key.id
