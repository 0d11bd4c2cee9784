"""Random writes to prompts, on every store: what stands there, and what is refused, is what a
plain model of the rules says."""

import asyncio
import copy
from contextlib import AsyncExitStack
from itertools import count

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from twosigma.adapters.memory.store import MemoryStore
from twosigma.adapters.sql.store import SqlStore
from twosigma.adapters.system.clock import SystemClock
from twosigma.app.prompts_edit import PromptDraft
from twosigma.domain.actor import Actor, Role
from twosigma.domain.errors import Conflict, DomainError, Missing
from twosigma.domain.prompt_refs import Ref, tag_of
from twosigma.testing import in_memory

ADMIN = Actor(user_id=1, role=Role.PLATFORM_ADMIN)
NAMES = st.sampled_from("ABCD")
LABELS = st.frozensets(st.sampled_from(["x", "y"]))
TAGS = st.sampled_from([None, (), ("t",), ("u", "t")])
NUMBERS = st.integers(1, 4)
REFS = st.lists(
    st.tuples(NAMES, st.one_of(NUMBERS, st.sampled_from(["x", "y", "latest"]))), max_size=2
)
_rounds = count()


class Name:
    """A name in the model: its next number, its tags, what each version names, who bears what."""

    def __init__(self) -> None:
        self.next = 1
        self.tags: tuple[str, ...] = ()
        self.versions: dict[int, list[tuple[str, int | str]]] = {}
        self.labels: dict[str, int] = {}

    def number(self, by: int | str) -> int | None:
        if isinstance(by, int):
            return by if by in self.versions else None
        return max(self.versions, default=None) if by == "latest" else self.labels.get(by)

    def label(self, number: int, labels: frozenset[str]) -> None:
        self.labels = {each: at for each, at in self.labels.items() if at != number}
        self.labels |= dict.fromkeys(labels, number)


Model = dict[str, Name]


def resolves(model: Model, path: list[tuple[str, int]]) -> bool:
    """Whether the last version on this path has all it names, in no circle, at most 5 deep."""
    if len(path) > 5:
        return False
    name, number = path[-1]
    for child, by in model[name].versions[number]:
        at = model[child].number(by)
        if at is None or child == path[0][0] or (child, at) in path:
            return False
        if not resolves(model, [*path, (child, at)]):
            return False
    return True


def is_whole(model: Model) -> bool:
    return all(
        resolves(model, [(name, number)]) for name, one in model.items() for number in one.versions
    )


class Prompts(RuleBasedStateMachine):
    url: str | None

    @initialize()
    def open(self) -> None:
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        # A prefix of its own for each example: they share a store.
        self.prefix = f"{next(_rounds)}/"
        self.model: Model = {name: Name() for name in "ABCD"}

        async def start() -> None:
            if self.url is None:
                self.store: MemoryStore | SqlStore = MemoryStore(SystemClock())
            else:
                self.store = SqlStore(self.url)
                self.stack.push_async_callback(self.store.dispose)
            world = in_memory(store=self.store, time=SystemClock(), running=False)
            self.core = (await self.stack.enter_async_context(world)).core

        self.runner.run(start())

    def text(self, refs: list[tuple[str, int | str]]) -> str:
        found = [
            Ref(name=self.prefix + name, version=by)
            if isinstance(by, int)
            else Ref(name=self.prefix + name, label=by)
            for name, by in refs
        ]
        return "text " + " ".join(map(tag_of, found))

    def act(self, awaitable: object, after: Model, missing: bool = False) -> None:
        """Do it: Missing, refused where the model would not be whole, else as the model says."""

        async def run() -> object:
            try:
                return await awaitable  # type: ignore[misc]  # a use case's
            except DomainError as refused:
                return type(refused)

        end = self.runner.run(run())
        if missing:
            assert end is Missing
        elif is_whole(after):
            assert not isinstance(end, type), end
            self.model = after
        else:
            assert isinstance(end, type), "it should have been refused"
            assert issubclass(end, Conflict)

    @rule(name=NAMES, refs=REFS, labels=LABELS, tags=TAGS)
    def create(
        self, name: str, refs: list[tuple[str, int | str]], labels: frozenset[str],
        tags: tuple[str, ...] | None,
    ) -> None:  # fmt: skip
        draft = PromptDraft(
            name=self.prefix + name, prompt=self.text(refs), labels=tuple(labels), tags=tags
        )
        after = copy.deepcopy(self.model)
        one = after[name]
        one.versions[one.next] = refs
        one.labels |= dict.fromkeys(labels, one.next)
        one.tags = one.tags if tags is None else tags
        one.next += 1
        self.act(self.core.prompts_edit.create(ADMIN, draft), after)

    @rule(name=NAMES, number=NUMBERS, labels=LABELS)
    def label(self, name: str, number: int, labels: frozenset[str]) -> None:
        after = copy.deepcopy(self.model)
        after[name].label(number, labels)
        call = self.core.prompts_edit.set_labels(ADMIN, self.prefix + name, number, tuple(labels))
        self.act(call, after, missing=number not in self.model[name].versions)

    @rule(name=NAMES, number=NUMBERS, label=st.sampled_from(["x", "y"]))
    def take_label(self, name: str, number: int, label: str) -> None:
        after = copy.deepcopy(self.model)
        is_missing = after[name].labels.get(label) != number
        if not is_missing:
            del after[name].labels[label]
        call = self.core.prompts_edit.take_label(ADMIN, self.prefix + name, number, label)
        self.act(call, after, missing=is_missing)

    @rule(name=NAMES, tags=TAGS.filter(lambda tags: tags is not None))
    def tag(self, name: str, tags: tuple[str, ...]) -> None:
        after = copy.deepcopy(self.model)
        after[name].tags = tags
        call = self.core.prompts_edit.set_tags(ADMIN, self.prefix + name, tags)
        self.act(call, after, missing=not self.model[name].versions)

    def removed(self, name: str, numbers: list[int]) -> Model:
        after = copy.deepcopy(self.model)
        for number in numbers:
            after[name].versions.pop(number, None)
            after[name].label(number, frozenset())
        if not after[name].versions:
            after[name].tags = ()
        return after

    @rule(name=NAMES, number=NUMBERS)
    def remove_version(self, name: str, number: int) -> None:
        call = self.core.prompts_remove.remove_version(ADMIN, self.prefix + name, number)
        is_missing = number not in self.model[name].versions
        self.act(call, self.removed(name, [number]), missing=is_missing)

    @rule(name=NAMES)
    def remove(self, name: str) -> None:
        call = self.core.prompts_remove.remove(ADMIN, self.prefix + name)
        versions = list(self.model[name].versions)
        self.act(call, self.removed(name, versions), missing=not versions)

    @invariant()
    def the_store_is_the_model(self) -> None:
        if not hasattr(self, "core"):
            return

        async def stored() -> dict[tuple[str, int], object]:
            async with self.store.read() as tx:
                return {
                    (one.name, one.version): (one.prompt, set(one.labels), one.tags)
                    for one in await tx.prompts.all_versions()
                    if one.name.startswith(self.prefix)
                }

        expected = {}
        for name, one in self.model.items():
            for number, refs in one.versions.items():
                labels = {each for each, at in one.labels.items() if at == number}
                labels |= {"latest"} if number == max(one.versions) else set()
                expected[self.prefix + name, number] = (self.text(refs), labels, one.tags)
        assert self.runner.run(stored()) == expected

    def teardown(self) -> None:
        if hasattr(self, "runner"):
            self.runner.run(self.stack.aclose())
            self.runner.close()


def test_every_write_ends_as_the_rules_say(store_url: str | None) -> None:
    class Machine(Prompts):
        url = store_url

    run_state_machine_as_test(Machine, settings=settings(max_examples=20, stateful_step_count=25))
