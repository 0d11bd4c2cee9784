"""A school in which there is more of everything."""

from tests.app.school import ADD, PASSWORD, School, item_fields, work
from twosigma.domain.actor import Actor, Role
from twosigma.domain.catalog import OfferingFields, StaffRole
from twosigma.domain.content import ContentTypeFields
from twosigma.domain.feature_requests import RequestFields
from twosigma.domain.module_rules import ModuleChanges
from twosigma.domain.modules import ModuleFields
from twosigma.domain.places import (
    DepartmentFields,
    SubjectFields,
    UniversityFields,
)
from twosigma.domain.progress import Target
from twosigma.testing import Course, Learner


async def grow(school: School, size: int) -> None:
    """So many more of whatever a use case may find: of each kind of thing, and of what each
    person has."""
    admin = school.actor("admin")
    for number in range(size):
        await _place(school, admin, number)
        course = await school.world.course(questions=[ADD], prompt_name="Voice")
        await _join(school, course)
        await _widen(school, admin)
        await _attend(school)


async def _place(school: School, admin: Actor, number: int) -> None:
    places = school.core.places
    await places.create_university(admin, UniversityFields(name=f"University {number}"))
    fields = DepartmentFields(name=f"Department {number}")
    await places.create_department(admin, school.university_id, fields)
    subject = await places.create_subject(admin, SubjectFields(name=f"Subject {number}"))
    async with school.world.ports.store.write() as tx:
        known = await tx.profiles.subject_preferences(school.user_id("learner"))
        await tx.profiles.set_subject_preferences(school.user_id("learner"), [*known, subject.id])
    kind = ContentTypeFields(name=f"kind{number}", label="Kind")
    await school.core.content_types.create(admin, kind)
    await school.world.publish(f"Prompt {number}", "Be {{title}}.")


async def _join(school: School, course: Course) -> None:
    """Everybody has to do with one more course."""
    learner = _person(school, "learner")
    await learner.enroll(course)
    talk = await learner.open(course.items[0])
    await talk.greet()
    await talk.answer(1, "B")
    async with school.world.ports.store.write() as tx:
        for who, role in (("owner", StaffRole.OWNER), ("assistant", StaffRole.ASSISTANT)):
            await tx.catalog.set_staff(course.id, school.user_id(who), role)


async def _widen(school: School, admin: Actor) -> None:
    """The school's course has one more of each of its parts."""
    core, course = school.core, school.course
    await core.catalog.create_offering(admin, course.id, OfferingFields(term_name="More"))
    fields = ModuleFields(course_id=course.id, parent_module_id=course.module_id, title="Below")
    below = await core.modules.create(admin, fields, None)
    # Archived: a new order of the rest names none of these.
    beside = await core.modules.create(
        admin, ModuleFields(course_id=course.id, title="Beside"), None
    )
    await core.modules.update(admin, beside.id, ModuleChanges(is_archived=True))
    learner = _person(school, "learner")
    for module_id in (below.id, course.module_id):
        new = item_fields(school, module_id=module_id)
        item = (await core.content.create(admin, new, None, None)).item
        talk = await learner.open(item.id)
        await talk.greet()
        await core.chat_sessions.share(learner.actor, talk.session_id, 30)
        await core.progress.report(learner.actor, work(school, Target.CONTENT, item.id))
    teacher = await school.world.user(Role.INSTRUCTOR)
    await core.course_staff.put(admin, course.id, teacher.id, StaffRole.INSTRUCTOR)


async def _attend(school: School) -> None:
    """One more learner, invitation, wish, device, message, and question about somebody's text."""
    core, admin = school.core, school.actor("admin")
    learner, newcomer = _person(school, "learner"), await school.world.learner(school.course)
    talk = await newcomer.open(school.course.items[0])
    await talk.greet()
    await talk.answer(1, "A")
    report = work(school, Target.CONTENT, school.course.items[0])
    await core.progress.report(newcomer.actor, report)
    await core.invitations.enroll_class(
        admin, school.course.id, school.course.offering_id, f"late{newcomer.id}@example.com"
    )
    wish = RequestFields(title="Another wish", description="For the day.")
    await core.feature_requests.submit(learner.actor, wish)
    for person in school.people.values():
        if person is not None:
            await core.auth.login(person.user.email, PASSWORD)
    await school.world.core.chat_sessions.get(learner.actor, school.session_id)
    await core.credentials.status(admin)


def _person(school: School, who: str) -> Learner:
    person = school.people[who]
    assert person is not None
    return person
