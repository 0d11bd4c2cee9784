"""The in-memory harness: every use case over memory adapters, a clock to set, a scripted model.

async with in_memory() as world:
    course = await world.course(questions=[question(1, "2 + 2?", ["3", "4"], correct="B")])
    ada, bob = await world.learner(course), await world.learner(course)
    world.llm.say("Welcome! What is 2 + 2?")
    first = await (await ada.open(course.items[0])).greet()
    second = await (await bob.open(course.items[0])).greet()
    assert (first.source, second.source) == ("llm", "cache")
    assert first.text == second.text and len(world.llm.requests) == 1
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

import msgspec

from twosigma.adapters.memory.bedrock import ScriptedBedrock
from twosigma.adapters.memory.clock import FixedClock
from twosigma.adapters.memory.flights import MemoryFlights
from twosigma.adapters.memory.limits import MemoryRateLimiter
from twosigma.adapters.memory.llm import Broken, Cut, Ended, Pause, Refused, ScriptedLlm
from twosigma.adapters.memory.mail import MemoryMail
from twosigma.adapters.memory.secrets import CountedRandom, NamedCipher, QuickHasher
from twosigma.adapters.memory.store import MemoryStore
from twosigma.adapters.schemas.validator import RustSchemas
from twosigma.adapters.security.tokens import JwtTokens
from twosigma.adapters.tutor_prompts.shipped import tutor_prompts
from twosigma.app.auth import SignUp
from twosigma.app.core import Ports, TwoSigma
from twosigma.app.live_turns import TurnStream
from twosigma.app.policy import Policy
from twosigma.app.prompts_edit import PromptDraft
from twosigma.domain.actor import Actor, Role
from twosigma.domain.catalog import CourseFields, OfferingFields
from twosigma.domain.catalog_rules import CourseChanges
from twosigma.domain.chat import Message, Session
from twosigma.domain.content import ItemFields
from twosigma.domain.enrollments import EnrollmentStatus
from twosigma.domain.modules import Module, ModuleFields, ModuleType
from twosigma.domain.users import User
from twosigma.ports.clock import Clock
from twosigma.ports.llm import Llm
from twosigma.ports.secrets import PasswordHasher
from twosigma.ports.store import Store
from twosigma.testing.answers import Answer, Course, events_of, question, read

__all__ = [
    "Answer",
    "Broken",
    "CountedRandom",
    "Course",
    "Cut",
    "Ended",
    "FixedClock",
    "Learner",
    "MemoryMail",
    "NamedCipher",
    "Pause",
    "QuickHasher",
    "Refused",
    "ScriptedBedrock",
    "ScriptedLlm",
    "Talk",
    "World",
    "events_of",
    "in_memory",
    "question",
    "read",
]

PASSWORD = "correct horse battery"  # noqa: S105 -- of accounts that live in memory


@dataclass
class Talk:
    """A learner's session."""

    world: "World"
    learner: "Learner"
    session_id: int

    async def greet(self, key: str | None = None) -> Answer:
        turns = self.world.core.chat_turns
        return await self._answer(await turns.greet(self.learner.id, self.session_id, key))

    async def send(self, content: object, key: str | None = None) -> Answer:
        turns = self.world.core.chat_turns
        return await self._answer(await turns.send(self.learner.id, self.session_id, content, key))

    async def answer(self, question_id: int | str, answer: object) -> Answer:
        return await self.send({"questionId": question_id, "answer": answer})

    async def session(self) -> Session:
        view = await self.world.core.chat_sessions.get(self.learner.actor, self.session_id)
        return view.session

    async def messages(self) -> Sequence[Message]:
        view = await self.world.core.chat_sessions.get(self.learner.actor, self.session_id)
        return view.messages

    async def _answer(self, stream: TurnStream) -> Answer:
        events = events_of(await read(stream))
        last = events[-1]
        message_id = last.get("message_id")
        meta = {message.id: message.meta for message in await self.messages()}
        kept = meta.get(message_id, {}) if isinstance(message_id, int) else {}
        chunks = [str(event["content"]) for event in events[:-1]]
        return Answer(
            turn_id=stream.turn_id,
            text="".join(chunks),
            chunks=chunks,
            message_id=message_id if isinstance(message_id, int) else None,
            detail=str(last["detail"]) if "detail" in last else None,
            source=str(kept["source"]) if "source" in kept else None,
            node_id=msgspec.convert(kept.get("cache_node_id"), int | None),
        )


@dataclass
class Learner:
    """An account."""

    world: "World"
    user: User

    @property
    def id(self) -> int:
        return self.user.id

    @property
    def actor(self) -> Actor:
        return Actor(user_id=self.user.id, role=self.user.role)

    async def open(self, item_id: int) -> Talk:
        """A new session about an item."""
        session = await self.world.core.chat_sessions.create(self.actor, item_id)
        return Talk(self.world, self, session.id)

    async def enroll(self, course: Course) -> None:
        await self.world.core.enrollments.enroll(self.actor, course.offering_id)


@dataclass
class World:
    """An installation in memory."""

    core: TwoSigma
    ports: Ports
    clock: FixedClock
    llm: ScriptedLlm
    mail: MemoryMail
    _number: "count[int]" = field(default_factory=lambda: count(1))

    async def user(
        self, role: Role = Role.STUDENT, *, locale: str = "en", time_zone: str = "UTC"
    ) -> Learner:
        """A new account, enrolled nowhere."""
        number = next(self._number)
        form = SignUp(
            email=f"user{number}@example.com",
            password=PASSWORD,
            full_name=f"User {number}",
            locale=locale,
            time_zone=time_zone,
        )
        return Learner(self, await self.core.auth.create_user(form, role))

    async def learner(self, course: Course, **about: str) -> Learner:
        """A new student of this course."""
        learner = await self.user(Role.STUDENT, **about)
        await learner.enroll(course)
        return learner

    async def course(
        self,
        *,
        questions: Sequence[dict[str, object]] = (),
        items: int = 1,
        body: str = "What this lesson is about.",
        **fields: object,
    ) -> Course:
        """A published course with one offering, one module, and items with these questions."""
        admin = (await self.user(Role.PLATFORM_ADMIN)).actor
        number = next(self._number)
        about: dict[str, object] = {
            "title": f"Course {number}", "code": f"C{number}", "is_published": True,
            "university_id": await self._university(), **fields,
        }  # fmt: skip
        course = (await self.core.catalog.create_course(admin, CourseFields(**about))).course  # type: ignore[arg-type]  # the caller's fields
        offering = await self.core.catalog.create_offering(
            admin, course.id, OfferingFields(term_name="Now")
        )
        module = await self.core.modules.create(
            admin,
            ModuleFields(course_id=course.id, title="Unit", module_type=ModuleType.UNIT),
            None,
        )
        data: dict[str, object] = {"body": body}
        if questions:
            data["questions"] = list(questions)
        made = [await self._item(admin, module, f"Item {at + 1}", data) for at in range(items)]
        return Course(course.id, offering.id, module.id, made)

    async def _university(self) -> int:
        async with self.ports.store.write() as tx:
            university = await tx.places.named_university("Test University", self.ports.clock.now())
        return university.id

    async def _item(self, admin: Actor, module: Module, title: str, data: dict[str, object]) -> int:
        async with self.ports.store.read() as tx:
            kinds = {kind.name: kind.id for kind in await tx.content.types()}
        fields = ItemFields(
            course_id=module.course_id,
            module_id=module.id,
            content_type_id=kinds["quiz" if "questions" in data else "text"],
            title=title,
            data_json=data,
        )
        return (await self.core.content.create(admin, fields, None, None)).item.id

    async def publish(self, name: str, text: str) -> None:
        """A new production version of a prompt, as an admin."""
        admin = (await self.user(Role.PLATFORM_ADMIN)).actor
        draft = PromptDraft(name=name, prompt=text, labels=("production",))
        await self.core.prompts_edit.create(admin, draft)

    async def drop(self, learner: Learner, course: Course) -> None:
        """The learner leaves the course."""
        async with self.ports.store.write() as tx:
            row = await tx.enrollments.find(learner.id, course.offering_id)
            if row is not None:
                await tx.enrollments.save(
                    msgspec.structs.replace(row, status=EnrollmentStatus.DROPPED)
                )

    async def change_course(self, course: Course, **changes: object) -> None:
        """Change fields of a course, as an admin."""
        admin = (await self.user(Role.PLATFORM_ADMIN)).actor
        await self.core.catalog.update_course(
            admin, course.id, msgspec.convert(changes, CourseChanges)
        )


@asynccontextmanager
async def in_memory(
    *,
    llm: Llm | None = None,
    policy: Policy | None = None,
    store: Store | None = None,
    time: Clock | None = None,
    passwords: PasswordHasher | None = None,
    running: bool = True,
) -> AsyncIterator[World]:
    """A whole installation. `llm` instead of the scripted one, `store` instead of memory,
    `time` instead of the clock that stands still (`world.clock` then moves nothing), `passwords`
    instead of the quick hasher (for a store that is served by another process later); `running`
    False: its turns are run by somebody else (an HTTP application's lifespan)."""
    manual, scripted, mail = FixedClock(), ScriptedLlm(), MemoryMail()
    clock = time or manual
    scripted.clock = clock
    ports = Ports(
        store=store or MemoryStore(clock),
        flights=MemoryFlights(),
        clock=clock,
        random=CountedRandom(),
        passwords=passwords or QuickHasher(),
        tokens=JwtTokens(b"a key of an installation in memory"),
        llm=llm or scripted,
        schemas=RustSchemas(),
        mail=mail,
        limiter=MemoryRateLimiter(clock),
        cipher=NamedCipher(),
        bedrock=ScriptedBedrock(),
        tutor_prompts=tutor_prompts(),
    )
    core = TwoSigma(ports, policy)
    await core.installation.install()
    world = World(core, ports, manual, scripted, mail)
    if not running:
        yield world
        return
    async with core.running():
        yield world
