"""A course and an offering that nobody ever enrolled in, with what may be in one."""

from msgspec import structs

from tests.app.school import ADD, School, begin_turn
from twosigma.domain.catalog import OfferingFields, StaffRole


async def add_course(school: School) -> None:
    """A published course of the owner's, in which the owner and the assistant tried the tutor; a
    turn of the owner's runs there, and somebody is invited."""
    world = school.world
    course = await world.course(questions=[ADD])
    async with world.ports.store.write() as tx:
        await tx.catalog.set_staff(course.id, school.user_id("owner"), StaffRole.OWNER)
        await tx.catalog.set_staff(course.id, school.user_id("assistant"), StaffRole.ASSISTANT)
        await tx.invitations.add_all(course.offering_id, ["late@example.com"], 1, world.clock.now())
    for who in ("assistant", "owner"):
        person = school.people[who]
        assert person is not None
        talk = await person.open(course.items[0])
        await talk.greet()
    await begin_turn(school, talk.session_id)
    school.spare = structs.replace(school.spare, course_id=course.id)


async def add_offering(school: School) -> None:
    """One more of the school's course."""
    async with school.world.ports.store.write() as tx:
        added = await tx.catalog.add_offering(
            school.course.id, OfferingFields(term_name="Spare"), school.world.clock.now()
        )
        await tx.invitations.add_all(added.id, ["late@example.com"], 1, added.created_at)
    school.spare = structs.replace(school.spare, offering_id=added.id)
