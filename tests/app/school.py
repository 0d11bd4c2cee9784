# long: the school, and what each use case needs to have happened there
"""A course with every kind of person in it, and what tests of use cases put into it."""

import copy
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

from msgspec import structs

from tests.app.spare import Spare, add_spare
from twosigma.adapters.memory.store import MemoryStore
from twosigma.app.auth import SignUp
from twosigma.app.core import Ports, TwoSigma
from twosigma.app.demo import Demo
from twosigma.app.progress import Work
from twosigma.domain.actor import Role
from twosigma.domain.catalog import (
    CourseFields,
    Page,
    StaffRole,
)
from twosigma.domain.chat import NewTurn
from twosigma.domain.content import ItemFields
from twosigma.domain.feature_requests import RequestFields
from twosigma.domain.imports import (
    ImportedCourse,
    ImportedItem,
    ImportedModule,
    course_digest,
    item_digest,
    module_digest,
)
from twosigma.domain.progress import Target
from twosigma.domain.tutor_prompts import AUTHOR
from twosigma.ports.store import Store
from twosigma.testing import CountedRandom, Course, Learner, World, question

PEOPLE = ("anonymous", "stranger", "learner", "other", "assistant", "owner", "admin")
"""Nobody; a student of nothing; of the course; an instructor of another course; the course's
assistant (a student by role) and owner (an instructor by role); a platform admin."""
INSTALLED = (
    "Tutor", "Tutor/Lab", "Tutor/Quiz", "Tutor/Shared/Conduct", "Tutor/Shared/Questions",
    "Tutor/Text", "Tutor/Video",
)  # fmt: skip
"""The prompts that come with 2Sigma, by name."""
PASSWORD = "correct horse battery"
DAYS = 40
ADD = question(1, "2 + 2?", ["3", "4"], correct="B")
UNIVERSITY = "Test University"


@dataclass
class School:
    """One course with all kinds of people, as it was when it was built, as often as wanted."""

    world: World
    core: TwoSigma
    demo: Demo
    course: Course
    people: dict[str, Learner | None]
    university_id: int
    kinds: dict[str, int]
    session_id: int
    enrollment_id: int
    tree_id: int
    feature_request_id: int
    token: str
    refresh_token: str
    sign_in_id: str
    access_token: str
    reset_token: str
    spare: Spare
    _tables: Any = None
    _ids: Any = None

    def actor(self, who: str) -> Any:
        """The person as an actor; None for nobody."""
        person = self.people[who]
        return None if person is None else person.actor

    def user_id(self, who: str) -> int:
        person = self.people[who]
        assert person is not None
        return person.id

    def keep(self) -> None:
        """This is the state to come back to."""
        store = self.world.ports.store
        assert isinstance(store, MemoryStore)
        self._tables, self._ids = store._tables, copy.deepcopy(store._ids)

    def restore(self) -> None:
        """As it was at `keep`: rows, counters of ids, and randomness."""
        store, random = self.world.ports.store, self.world.ports.random
        assert isinstance(store, MemoryStore)
        assert isinstance(random, CountedRandom)
        store._tables, store._ids = self._tables, copy.deepcopy(self._ids)
        random._next = count(10_000)
        # Elsewhere time does not go back: what was read under a later stamp is forgotten here.
        self.core.chat_sessions._contexts._prepared.clear()

    def over(self, store: Store) -> TwoSigma:
        """From now on the use cases work over this store; gives the core to run."""
        ports: Ports = structs.replace(self.world.ports, store=store)
        self.core = TwoSigma(ports)
        self.demo = Demo(store, ports.clock)
        return self.core

    def dump(self) -> dict[str, object]:
        """All rows."""
        store = self.world.ports.store
        assert isinstance(store, MemoryStore)
        return {name: dict(table.items()) for name, table in vars(store._tables).items()}


async def build(world: World, **fields: object) -> School:
    """A school; `fields` change its course after the learner has begun a session there."""
    course = await world.course(questions=[ADD], prompt_name="Voice")
    people: dict[str, Learner | None] = {
        "anonymous": None,
        "stranger": await world.user(),
        "learner": await world.learner(course),
        "other": await world.user(Role.INSTRUCTOR),
        "assistant": await world.user(),
        "owner": await world.user(Role.INSTRUCTOR),
        "admin": await world.user(Role.PLATFORM_ADMIN),
    }
    await world.publish("Style", "Be brief.")
    await world.publish(
        "Voice", "Teach {{title}}. @@@langfusePrompt:name=Style|label=production@@@"
    )
    owner, assistant, learner = people["owner"], people["assistant"], people["learner"]
    assert owner is not None
    assert assistant is not None
    assert learner is not None
    async with world.ports.store.write() as tx:
        await tx.catalog.set_staff(course.id, owner.id, StaffRole.OWNER)
        await tx.catalog.set_staff(course.id, assistant.id, StaffRole.ASSISTANT)
        kinds = {kind.name: kind.id for kind in await tx.content.types()}
        university = await tx.places.find_university(UNIVERSITY)
    assert university is not None
    talk = await learner.open(course.items[0])
    await talk.greet()
    token = await world.core.chat_sessions.share(learner.actor, talk.session_id)
    wish = await world.core.feature_requests.submit(
        learner.actor, RequestFields(title="Dark mode", description="For the night.")
    )
    pair = await world.core.auth.login(learner.user.email, PASSWORD)
    sign_ins, _ = await world.core.auth.sign_ins(learner.actor, Page())
    (joined,), _ = await world.core.enrollments.mine(learner.actor, None, Page())
    tree_id = (await talk.session()).position.tree_id
    assert tree_id is not None
    spare = await add_spare(world, university.id, course)
    if fields:
        await world.change_course(course, **fields)
    school = School(
        world=world,
        core=world.core,
        demo=Demo(world.ports.store, world.ports.clock),
        course=course,
        people=people,
        university_id=university.id,
        kinds=kinds,
        session_id=talk.session_id,
        enrollment_id=joined.enrollment.id,
        tree_id=tree_id,
        feature_request_id=wish.request.id,
        token=token,
        refresh_token=pair.refresh_token,
        sign_in_id=sign_ins[0].id,
        access_token=pair.access_token,
        reset_token=await mailed_token(world, learner.user.email),
        spare=spare,
    )
    if isinstance(world.ports.store, MemoryStore):
        school.keep()
    return school


async def mailed_token(world: World, email: str) -> str:
    """The token of a link that is mailed to this address now."""
    await world.core.password_resets.request(email)
    await world.core.settled()
    letter = world.mail.letters[-1]
    assert letter.to == email
    return letter.text.partition("#token=")[2].split()[0]


def imported(
    *,
    modules: tuple[tuple[str, str | None], ...] = (("m1", None), ("m2", "m1")),
    items: tuple[tuple[str, str, dict[str, Any]], ...] = (("i1", "m2", {"body": "One."}),),
    **about: Any,
) -> ImportedCourse:
    """A small course from elsewhere: (id, parent) of modules, (id, module, data) of items."""
    fields: dict[str, Any] = {
        "title": "From elsewhere",
        "code": "X1",
        "description": "",
        "level": "INTRODUCTORY",
        "locales": ("en",),
        "license": "CC BY 4.0",
        "attribution": "Somebody",
        **about,
    }
    return ImportedCourse(
        source="test",
        external_id="course",
        digest=course_digest(**fields),
        modules=tuple(_module(at, *each) for at, each in enumerate(modules)),
        items=tuple(_item(at, *each) for at, each in enumerate(items)),
        skipped=(),
        **fields,
    )


def _module(at: int, external_id: str, parent: str | None) -> ImportedModule:
    fields: dict[str, Any] = {
        "parent_external_id": parent,
        "title": f"Module {external_id}",
        "description": "",
        "module_type": "UNIT",
        "sequence_index": at,
    }
    return ImportedModule(external_id=external_id, digest=module_digest(**fields), **fields)


def _item(at: int, external_id: str, module: str, data: dict[str, Any]) -> ImportedItem:
    fields: dict[str, Any] = {
        "module_external_id": module,
        "title": f"Item {external_id}",
        "description": "",
        "content_type": "text",
        "data": data,
        "sequence_index": at,
        "estimated_duration_seconds": None,
    }
    return ImportedItem(external_id=external_id, digest=item_digest(**fields), **fields)


def sign_up(**fields: Any) -> SignUp:
    known: dict[str, Any] = {
        "email": "new@example.com",
        "password": PASSWORD,
        "full_name": "New Here",
    }
    return SignUp(**{**known, **fields})


def course_fields(school: School, **fields: Any) -> CourseFields:
    known: dict[str, Any] = {
        "title": "Another",
        "code": "NEW1",
        "university_id": school.university_id,
    }
    return CourseFields(**{**known, **fields})


def item_fields(school: School, **fields: Any) -> ItemFields:
    known: dict[str, Any] = {
        "course_id": 0,
        "module_id": school.course.module_id,
        "content_type_id": school.kinds["text"],
        "title": "Another item",
        "data_json": {"body": "More."},
    }
    return ItemFields(**{**known, **fields})


def work(school: School, target: Target, target_id: int, **fields: Any) -> Work:
    """A report of half of an item or module, in the school's offering."""
    known: dict[str, Any] = {
        "course_offering_id": school.course.offering_id,
        "progress_percent": 50,
        **fields,
    }
    return Work(target=target, target_id=target_id, **known)


async def sign_in(school: School) -> None:
    """Everybody who has an account is signed in."""
    for person in school.people.values():
        if person is not None:
            await school.world.core.auth.login(person.user.email, PASSWORD)


async def begin_turn(school: School, session_id: int | None = None) -> None:
    """Another process has begun a turn in the learner's session, or in this one."""
    place = school.session_id if session_id is None else session_id
    turn = NewTurn(
        id="a-turn", content="Why?", key=None, owner="another", lease=30,
        started_at=school.world.clock.now(),
    )  # fmt: skip
    async with school.world.ports.store.write() as tx:
        await tx.chat.lock(place)
        await tx.chat.start_turn(place, turn)


async def retire_tree(school: School) -> None:
    """The tree of the learner's session is one that nobody reaches any more, nor used lately."""
    await school.world.publish("Style", "Be long.")
    clock = school.world.clock
    clock.set(clock.now() + timedelta(days=DAYS))


async def forget_prompts(world: World) -> None:
    """An installation without the prompts that come with it, as if they had never been."""
    async with world.ports.store.write() as tx:
        tables = tx.prompts._tables  # type: ignore[attr-defined]  # the memory adapter's own
        for one in await tx.prompts.all_versions():
            if one.created_by == AUTHOR:
                tables.prompt_versions.pop((one.name, one.version))
                tables.prompt_names.pop(one.name)
                tables.prompt_labels.pop((one.name, "production"))
