"""2Sigma as a library: the ports it needs, and every feature built over them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from msgspec import Struct

from twosigma.app.api_keys import ApiKeys
from twosigma.app.audit_log import AuditLog
from twosigma.app.auth import Auth
from twosigma.app.cache_admin import CacheAdmin
from twosigma.app.catalog import Catalog
from twosigma.app.chat_sessions import ChatSessions
from twosigma.app.chat_turns import ChatTurns
from twosigma.app.content import Content
from twosigma.app.content_types import ContentTypes
from twosigma.app.context import Contexts
from twosigma.app.course_staff import CourseStaff
from twosigma.app.credentials import Credentials
from twosigma.app.enrollments import Enrollments
from twosigma.app.erasure import Erasure
from twosigma.app.exports import Exports
from twosigma.app.feature_requests import FeatureRequests
from twosigma.app.imports import Imports
from twosigma.app.installation import Installation
from twosigma.app.invitations import Invitations
from twosigma.app.limits import Limits
from twosigma.app.modules import Modules
from twosigma.app.once import Once, OnceStore
from twosigma.app.overview import Overview
from twosigma.app.password_resets import PasswordResets
from twosigma.app.places import Places
from twosigma.app.policy import Policy
from twosigma.app.profiles import Profiles
from twosigma.app.progress import Progress
from twosigma.app.prompts_edit import PromptsEdit
from twosigma.app.prompts_port import PromptsPort
from twosigma.app.prompts_read import PromptsRead
from twosigma.app.prompts_remove import PromptsRemove
from twosigma.app.prompts_trail import PromptsTrail
from twosigma.app.standings import Standings
from twosigma.app.turn_tasks import TurnTasks
from twosigma.app.users import Users
from twosigma.domain.prompt_files import PromptFile
from twosigma.ports.bedrock import Bedrock
from twosigma.ports.clock import Clock
from twosigma.ports.flights import Flights
from twosigma.ports.json_schemas import Schemas
from twosigma.ports.limits import RateLimiter
from twosigma.ports.llm import Llm
from twosigma.ports.mail import Mail
from twosigma.ports.secrets import Cipher, PasswordHasher, Random, Tokens
from twosigma.ports.store import Store


class Ports(Struct, frozen=True, kw_only=True):
    """What the use cases need from outside. `tutor_prompts`: the ones that come with 2Sigma."""

    store: Store
    flights: Flights
    clock: Clock
    random: Random
    passwords: PasswordHasher
    tokens: Tokens
    llm: Llm
    schemas: Schemas
    mail: Mail
    limiter: RateLimiter
    cipher: Cipher
    bedrock: Bedrock
    tutor_prompts: Sequence[PromptFile]


class TwoSigma:
    """Every use case, by feature. Turns run only within `running()`."""

    # long: a line a feature
    def __init__(self, ports: Ports, policy: Policy | None = None) -> None:
        rules = policy or Policy()
        clock, random = ports.clock, ports.random
        store = OnceStore(ports.store, clock)
        contexts = Contexts(ports.llm)
        self._tasks = TurnTasks(store, clock, rules, random.uuid())
        self.once = Once(ports.store, clock)
        self.limits = Limits(store, clock, ports.limiter, rules)
        self.auth = Auth(
            store=store,
            clock=clock,
            passwords=ports.passwords,
            tokens=ports.tokens,
            random=random,
            limits=self.limits,
            policy=rules,
        )
        self.password_resets = PasswordResets(
            store=store,
            clock=clock,
            random=random,
            passwords=ports.passwords,
            mail=ports.mail,
            tasks=self._tasks,
            limits=self.limits,
            policy=rules,
        )
        self.api_keys = ApiKeys(store, clock, random, self._tasks)
        self.users = Users(store, clock)
        self.profiles = Profiles(store, clock, rules)
        self.exports = Exports(store, clock)
        self.erasure = Erasure(store, clock, ports.passwords, self._tasks)
        self.places = Places(store, clock)
        self.catalog = Catalog(store, clock, self._tasks)
        self.course_staff = CourseStaff(store, clock)
        self.modules = Modules(store, clock)
        self.content = Content(store, clock, ports.schemas)
        self.content_types = ContentTypes(store, clock, ports.schemas)
        self.enrollments = Enrollments(store, clock)
        self.invitations = Invitations(store, clock)
        self.progress = Progress(store, clock)
        self.standings = Standings(store, clock)
        self.overview = Overview(store, clock)
        self.prompts_read = PromptsRead(store)
        self.prompts_edit = PromptsEdit(store, clock, rules)
        self.prompts_port = PromptsPort(store, clock)
        self.prompts_remove = PromptsRemove(store, clock)
        self.prompts_trail = PromptsTrail(store)
        self.chat_sessions = ChatSessions(
            store=store, clock=clock, random=random, contexts=contexts, tasks=self._tasks
        )
        self.chat_turns = ChatTurns(
            store=store,
            flights=ports.flights,
            llm=ports.llm,
            clock=clock,
            random=random,
            contexts=contexts,
            tasks=self._tasks,
            limits=self.limits,
            policy=rules,
        )
        self.cache_admin = CacheAdmin(store, clock, contexts)
        self.audit_log = AuditLog(store, clock)
        self.feature_requests = FeatureRequests(store, clock)
        self.credentials = Credentials(
            store=store, clock=clock, random=random, cipher=ports.cipher, bedrock=ports.bedrock
        )
        self.imports = Imports(store, clock)
        self.installation = Installation(store, clock, ports.tutor_prompts)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["TwoSigma"]:
        """Run turns within this block; at its end the running ones get their time, then fail."""
        async with self._tasks.running():
            yield self

    async def stop_taking_turns(self) -> None:
        """The process is to stop: no new turns, and those that run get their time to end."""
        await self._tasks.close()

    async def settled(self) -> None:
        """Come back when nothing is left to be done beside the requests, such as mails."""
        await self._tasks.settled()

    async def require_ready(self) -> None:
        """Raise Unavailable unless the store can be used."""
        await self.installation.require_ready()
