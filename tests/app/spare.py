"""What an installation has and no course uses: it may be deleted."""

from msgspec import Struct

from twosigma.domain.content import ContentTypeFields
from twosigma.domain.places import DepartmentFields
from twosigma.testing import World


class Spare(Struct, frozen=True, kw_only=True):
    """A university, a department of another one, a subject, a content type; by their ids."""

    university_id: int
    department_id: int
    subject_id: int
    content_type_id: int


async def add_spare(world: World, university_id: int) -> Spare:
    """They, the department in this university."""
    now = world.clock.now()
    async with world.ports.store.write() as tx:
        university = await tx.places.named_university("Spare University", now)
        department = await tx.places.add_department(
            university_id, DepartmentFields(name="Spare"), now
        )
        subject = await tx.places.add_subject("Spare", "spare")
        kind = await tx.content.add_type(ContentTypeFields(name="spare", label="Spare"))
    assert department is not None
    assert subject is not None
    assert kind is not None
    return Spare(
        university_id=university.id,
        department_id=department.id,
        subject_id=subject.id,
        content_type_id=kind.id,
    )
