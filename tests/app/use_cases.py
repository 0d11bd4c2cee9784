# long: a line a use case
"""Every use case as a call, in a school where each kind of person is to be found.

Tests that look at all use cases (who may, what a write raises, what a fault leaves) go over
`CALLS`; a public method of a feature that is not in it fails the test of this list.
"""

import inspect
from collections.abc import Awaitable, Callable

from tests.app import progress_calls, removable
from tests.app.course_calls import COURSE_CALLS, Call
from tests.app.drafts import draft
from tests.app.people_calls import PEOPLE_BEFORE, PEOPLE_CALLS, PEOPLE_READS
from tests.app.prompt_calls import PROMPT_BEFORE, PROMPT_CALLS, PROMPT_READS
from tests.app.school import (
    PASSWORD,
    UNIVERSITY,
    School,
    begin_turn,
    course_fields,
    forget_prompts,
    imported,
    retire_tree,
    sign_in,
    sign_up,
)
from tests.app.stored_keys import KEY_CALLS, KEY_READS, add_a_key, store_credentials
from tests.credentials import AWS
from twosigma.app.core import TwoSigma
from twosigma.app.demo import Demo
from twosigma.domain.actor import Actor, Role
from twosigma.domain.audit import EntryFilter
from twosigma.domain.catalog import CourseFilter, OfferingFields, Page, StaffRole
from twosigma.domain.catalog_rules import CourseChanges, OfferingChanges
from twosigma.domain.feature_requests import RequestFields, RequestStatus, RequestUpdate
from twosigma.domain.places import (
    DepartmentChanges,
    DepartmentFields,
    SubjectChanges,
    SubjectFields,
    UniversityChanges,
    UniversityFields,
)
from twosigma.domain.users import UserChanges, UserFilter
from twosigma.testing import read


async def _turn(school: School, who: str, content: object) -> None:
    turns = school.core.chat_turns
    await read(await turns.send(school.user_id(who), school.session_id, content))


async def _greet(school: School, who: str) -> None:
    await read(await school.core.chat_turns.greet(school.user_id(who), school.session_id))


async def _seat(school: School) -> None:
    stranger, owner = school.people["stranger"], school.people["owner"]
    assert stranger is not None
    assert owner is not None
    await school.demo.seat(
        school.course.id,
        learners=[stranger.user.email],
        staff={owner.user.email: StaffRole.INSTRUCTOR},
    )


async def _enrollment(school: School, who: str) -> object:
    """The learner's."""
    learner_id, offering_id = school.user_id("learner"), school.course.offering_id
    async with school.world.ports.store.read() as tx:
        row = await tx.enrollments.find(learner_id, offering_id)
    assert row is not None
    return await school.core.enrollments.get(school.actor(who), row.id)


async def _enroll_class(school: School, who: str) -> object:
    stranger = school.people["stranger"]
    assert stranger is not None
    return await school.core.invitations.enroll_class(
        school.actor(who), school.course.id, school.course.offering_id,
        f"{stranger.user.email}\nnobody@example.com\nnonsense",
    )  # fmt: skip


async def _user_id_of(school: School, _: str) -> object:
    return school.core.auth.user_id_of(school.access_token)


PAGE = Page()


CALLS: dict[str, Call] = {
    **PEOPLE_CALLS,
    "auth.check_email": lambda s, _: s.core.auth.check_email("free@example.com"),
    "auth.register": lambda s, _: s.core.auth.register(sign_up()),
    "auth.create_user": lambda s, _: s.core.auth.create_user(sign_up(), Role.INSTRUCTOR),
    "auth.login": lambda s, _: s.core.auth.login("user3@example.com", PASSWORD),
    "auth.refresh": lambda s, _: s.core.auth.refresh(s.refresh_token),
    "auth.logout": lambda s, _: s.core.auth.logout(s.refresh_token),
    "auth.logout_all": lambda s, who: s.core.auth.logout_all(s.actor(who)),
    "auth.change_password": lambda s, who: s.core.auth.change_password(
        s.actor(who), PASSWORD, "another horse battery"
    ),
    "auth.sign_ins": lambda s, who: s.core.auth.sign_ins(s.actor(who), PAGE),
    "auth.end_sign_in": lambda s, who: s.core.auth.end_sign_in(s.actor(who), s.sign_in_id),
    "auth.user_id_of": _user_id_of,
    "auth.actor": lambda s, _: s.core.auth.actor(s.access_token),
    "users.me": lambda s, who: s.core.users.me(s.actor(who)),
    "users.get": lambda s, who: s.core.users.get(s.actor(who), s.user_id("learner")),
    "users.list": lambda s, who: s.core.users.list(s.actor(who), UserFilter(), PAGE),
    "users.update_me": lambda s, who: s.core.users.update_me(
        s.actor(who), UserChanges(full_name="Renamed", locale="es", time_zone="Asia/Tokyo")
    ),
    "users.set_role": lambda s, who: s.core.users.set_role(
        s.actor(who), s.user_id("stranger"), Role.INSTRUCTOR
    ),
    "users.set_status": lambda s, who: s.core.users.set_status(
        s.actor(who), s.user_id("stranger"), is_active=False
    ),
    "places.universities": lambda s, _: s.core.places.universities(PAGE),
    "places.university": lambda s, _: s.core.places.university(s.university_id),
    "places.create_university": lambda s, who: s.core.places.create_university(
        s.actor(who), UniversityFields(name="Another")
    ),
    "places.update_university": lambda s, who: s.core.places.update_university(
        s.actor(who), s.university_id, UniversityChanges(name="Renamed")
    ),
    "places.remove_university": lambda s, who: s.core.places.remove_university(
        s.actor(who), s.spare.university_id
    ),
    "places.departments": lambda s, _: s.core.places.departments(s.university_id, PAGE),
    "places.department": lambda s, _: s.core.places.department(s.spare.department_id),
    "places.create_department": lambda s, who: s.core.places.create_department(
        s.actor(who), s.university_id, DepartmentFields(name="Another")
    ),
    "places.update_department": lambda s, who: s.core.places.update_department(
        s.actor(who), s.spare.department_id, DepartmentChanges(name="Renamed")
    ),
    "places.remove_department": lambda s, who: s.core.places.remove_department(
        s.actor(who), s.spare.department_id
    ),
    "places.subjects": lambda s, _: s.core.places.subjects(PAGE),
    "places.subject": lambda s, _: s.core.places.subject(s.spare.subject_id),
    "places.create_subject": lambda s, who: s.core.places.create_subject(
        s.actor(who), SubjectFields(name="Another")
    ),
    "places.update_subject": lambda s, who: s.core.places.update_subject(
        s.actor(who), s.spare.subject_id, SubjectChanges(name="Renamed")
    ),
    "places.remove_subject": lambda s, who: s.core.places.remove_subject(
        s.actor(who), s.spare.subject_id
    ),
    "catalog.courses": lambda s, who: s.core.catalog.courses(s.actor(who), CourseFilter(), PAGE),
    "catalog.course": lambda s, who: s.core.catalog.course(s.actor(who), s.course.id),
    "catalog.create_course": lambda s, who: s.core.catalog.create_course(
        s.actor(who), course_fields(s)
    ),
    "catalog.update_course": lambda s, who: s.core.catalog.update_course(
        s.actor(who), s.course.id, CourseChanges(title="Renamed")
    ),
    "catalog.remove_course": lambda s, who: s.core.catalog.remove_course(
        s.actor(who), s.spare.course_id
    ),
    "catalog.offerings": lambda s, who: s.core.catalog.offerings(s.actor(who), s.course.id),
    "catalog.create_offering": lambda s, who: s.core.catalog.create_offering(
        s.actor(who), s.course.id, OfferingFields(term_name="Next")
    ),
    "catalog.offering": lambda s, who: s.core.catalog.offering(
        s.actor(who), s.course.id, s.course.offering_id
    ),
    "catalog.update_offering": lambda s, who: s.core.catalog.update_offering(
        s.actor(who), s.course.id, s.course.offering_id, OfferingChanges(term_name="Then")
    ),
    "catalog.remove_offering": lambda s, who: s.core.catalog.remove_offering(
        s.actor(who), s.course.id, s.spare.offering_id
    ),
    "course_staff.list": lambda s, who: s.core.course_staff.list(s.actor(who), s.course.id),
    "course_staff.put": lambda s, who: s.core.course_staff.put(
        s.actor(who), s.course.id, s.user_id("other"), StaffRole.INSTRUCTOR
    ),
    "course_staff.remove": lambda s, who: s.core.course_staff.remove(
        s.actor(who), s.course.id, s.user_id("assistant")
    ),
    **COURSE_CALLS,
    "enrollments.mine": lambda s, who: s.core.enrollments.mine(s.actor(who), None, PAGE),
    "enrollments.enroll": lambda s, who: s.core.enrollments.enroll(
        s.actor(who), s.course.offering_id
    ),
    "enrollments.enroll [another]": lambda s, who: s.core.enrollments.enroll(
        s.actor(who), s.course.offering_id, s.user_id("stranger")
    ),
    "enrollments.get": _enrollment,
    "enrollments.roster": lambda s, who: s.core.enrollments.roster(
        s.actor(who), s.course.id, s.course.offering_id, None, PAGE
    ),
    "invitations.enroll_class": _enroll_class,
    "invitations.list": lambda s, who: s.core.invitations.list(
        s.actor(who), s.course.id, s.course.offering_id, PAGE
    ),
    "invitations.remove": lambda s, who: s.core.invitations.remove(
        s.actor(who), s.course.id, s.course.offering_id, s.spare.invitation_id
    ),
    **progress_calls.CALLS,
    **PROMPT_CALLS,
    "chat_sessions.create": lambda s, who: s.core.chat_sessions.create(
        s.actor(who), s.course.items[0]
    ),
    "chat_sessions.list": lambda s, who: s.core.chat_sessions.list(s.actor(who), None, PAGE),
    "chat_sessions.get": lambda s, who: s.core.chat_sessions.get(s.actor(who), s.session_id),
    "chat_sessions.messages": lambda s, who: s.core.chat_sessions.messages(
        s.actor(who), s.session_id, PAGE
    ),
    "chat_sessions.remove": lambda s, who: s.core.chat_sessions.remove(s.actor(who), s.session_id),
    "chat_sessions.share": lambda s, who: s.core.chat_sessions.share(
        s.actor(who), s.session_id, 30
    ),
    "chat_sessions.revoke_share": lambda s, who: s.core.chat_sessions.revoke_share(
        s.actor(who), s.session_id
    ),
    "chat_sessions.shared": lambda s, _: s.core.chat_sessions.shared(s.token),
    "chat_turns.send": lambda s, who: _turn(s, who, {"questionId": 1, "answer": "B"}),
    "chat_turns.greet": _greet,
    "chat_turns.stop": lambda s, who: s.core.chat_turns.stop(s.user_id(who), s.session_id),
    "chat_turns.stream": lambda s, who: s.core.chat_turns.stream(
        s.user_id(who), s.session_id, None, 0
    ),
    "feature_requests.submit": lambda s, who: s.core.feature_requests.submit(
        s.actor(who), RequestFields(title="Glossary", description="Words, and what they mean.")
    ),
    "feature_requests.mine": lambda s, who: s.core.feature_requests.mine(s.actor(who), PAGE),
    "feature_requests.all": lambda s, who: s.core.feature_requests.all(s.actor(who), None, PAGE),
    "feature_requests.get": lambda s, who: s.core.feature_requests.get(
        s.actor(who), s.feature_request_id
    ),
    "feature_requests.update": lambda s, who: s.core.feature_requests.update(
        s.actor(who), s.feature_request_id, RequestUpdate(status=RequestStatus.PLANNED)
    ),
    "feature_requests.remove": lambda s, who: s.core.feature_requests.remove(
        s.actor(who), s.feature_request_id
    ),
    "audit_log.entries": lambda s, who: s.core.audit_log.entries(s.actor(who), EntryFilter(), PAGE),
    "audit_log.transcript": lambda s, who: s.core.audit_log.transcript(
        s.actor(who), s.session_id, "Ticket 7", PAGE
    ),
    "credentials.store": lambda s, who: s.core.credentials.store(s.actor(who), AWS),
    "credentials.status": lambda s, who: s.core.credentials.status(s.actor(who)),
    "credentials.test": lambda s, who: s.core.credentials.test(s.actor(who)),
    "credentials.remove": lambda s, who: s.core.credentials.remove(s.actor(who)),
    "credentials.rotate": lambda s, _: s.core.credentials.rotate(),
    **KEY_CALLS,
    "cache_admin.trees": lambda s, who: s.core.cache_admin.trees(
        s.actor(who), s.course.items[0], None, PAGE
    ),
    "cache_admin.trees [all]": lambda s, who: s.core.cache_admin.trees(
        s.actor(who), None, None, PAGE
    ),
    "cache_admin.tree": lambda s, who: s.core.cache_admin.tree(s.actor(who), s.tree_id),
    "cache_admin.explain": lambda s, who: s.core.cache_admin.explain(s.actor(who), s.session_id),
    "cache_admin.clean": lambda s, who: s.core.cache_admin.clean(s.actor(who), 30),
    "cache_admin.show": lambda s, _: s.core.cache_admin.show(s.course.items[0]),
    "cache_admin.prune": lambda s, _: s.core.cache_admin.prune(30),
    "imports.run": lambda s, _: s.core.imports.run(imported(), UNIVERSITY),
    "installation.install": lambda s, _: s.core.installation.install(),
    "installation.require_ready": lambda s, _: s.core.installation.require_ready(),
    "demo.state": lambda s, _: s.demo.state(UNIVERSITY),
    "demo.seat": lambda s, _: _seat(s),
}

BEFORE: dict[str, Callable[[School], Awaitable[None]]] = {
    "catalog.remove_course": removable.add_course,
    "catalog.remove_offering": removable.add_offering,
    **PEOPLE_BEFORE,
    **PROMPT_BEFORE,
    "auth.logout_all": sign_in,
    "chat_turns.stop": begin_turn,
    "modules.remove": draft,
    "modules.reorder": draft,
    "content.remove": draft,
    "content.reorder": draft,
    "cache_admin.prune": retire_tree,
    "credentials.test": store_credentials,
    "credentials.remove": store_credentials,
    "credentials.rotate": add_a_key,
    "cache_admin.clean": retire_tree,
    "installation.install": lambda s: forget_prompts(s.world),
}
"""What must have happened for the call to do something."""

READS = PEOPLE_READS | KEY_READS | PROMPT_READS | frozenset(
    {
        "auth.check_email", "auth.user_id_of", "auth.actor", "auth.sign_ins", "users.me",
        "users.get", "users.list", "catalog.courses", "catalog.course", "catalog.offerings",
        "catalog.offering", "course_staff.list", "enrollments.get", "enrollments.roster",
        "invitations.list",
        "places.universities", "places.university", "places.departments", "places.department",
        "places.subjects", "places.subject",
        "modules.of_course", "modules.roots", "modules.tree",
        "modules.get", "modules.children", "content.of_module", "content.get",
        "content_types.list", "content_types.get",
        "enrollments.mine", *progress_calls.READS,
        "chat_sessions.list", "chat_sessions.get", "chat_sessions.messages",
        "chat_sessions.shared", "chat_turns.stream", "feature_requests.mine",
        "feature_requests.all", "feature_requests.get", "audit_log.entries",
        "credentials.status", "cache_admin.show",
        "cache_admin.trees", "cache_admin.trees [all]", "cache_admin.tree",
        "cache_admin.explain",
        "installation.require_ready", "demo.state",
    }
)  # fmt: skip
WRITES = tuple(name for name in CALLS if name not in READS)


def method_of(name: str) -> str:
    """The use case of a call, without its variant."""
    return name.split(" ", maxsplit=1)[0]


MACHINERY = frozenset({"once", "limits"})
"""What requests pass on their way to a use case; tests of their own look at it."""


def use_cases(core: TwoSigma) -> dict[str, inspect.Signature]:
    """Every public method of every feature, with its signature."""
    features = {
        name: type(each)
        for name, each in vars(core).items()
        if not name.startswith("_") and name not in MACHINERY
    }
    features["demo"] = Demo
    return {
        f"{feature}.{name}": inspect.signature(method)
        for feature, cls in features.items()
        for name, method in inspect.getmembers(cls, inspect.isfunction)
        if not name.startswith("_")
    }


def takes_account(signature: inspect.Signature) -> bool:
    """Whether a use case asks who acts."""
    return any(
        parameter.annotation in (Actor, Actor | None) or name == "user_id"
        for name, parameter in signature.parameters.items()
    )
