"""A prompt that refers to others, five deep: what it costs to resolve and fill it, against the
Langfuse SDK's own `compile` of the text that came out, and to read it, against one row read bare.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from time import perf_counter, process_time

import asyncpg
from langfuse.api.prompts.types import Prompt_Text
from langfuse.model import TextPromptClient
from msgspec import Struct
from tests.sql.statements import counted

from bench.processes import middle
from twosigma.adapters.offline.llm import OfflineLlm
from twosigma.adapters.sql.engine import normalized, postgres_dsn, sqlite_path, sqlite_pragmas
from twosigma.adapters.sql.store import SqlStore
from twosigma.app.access import active_user
from twosigma.app.context import Contexts, ItemKey
from twosigma.app.prompt_graph import read_graph
from twosigma.app.prompts_edit import PromptDraft
from twosigma.domain.actor import Actor, Role
from twosigma.domain.prompt_refs import Ref, tag_of
from twosigma.domain.prompt_resolution import MAX_CHAIN, resolve
from twosigma.domain.prompt_template import fill, variables_of
from twosigma.domain.prompts import PromptVersion
from twosigma.testing import World, in_memory

_VARIABLES = (
    "title", "description", "content_type", "course_title", "module_title", "module_path",
    "locale", "questions",
)  # fmt: skip
VALUES = {name: f"what stands here for the {name} of a lesson" for name in _VARIABLES}
FAN_OUT = 3
CALLS = 100
"""In a round, of what is read; of what is computed twice as many."""
_ROW = "SELECT id, version, prompt FROM prompt_versions WHERE id = "


class Shape(Struct, frozen=True, kw_only=True):
    """A root of so many levels, each prompt of which names `width` others below it and says so
    many paragraphs itself."""

    name: str
    levels: int
    width: int
    paragraphs: int


ALONE = Shape(name="alone", levels=1, width=0, paragraphs=12)
CHAIN = Shape(name="five deep", levels=MAX_CHAIN, width=1, paragraphs=12)
WIDE = Shape(name="five deep, 3 wide", levels=MAX_CHAIN, width=FAN_OUT, paragraphs=2)
SHAPES = (ALONE, CHAIN, WIDE)


class Case(Struct, frozen=True, kw_only=True):
    """A root with all below it, and the SDK's prompt with the text that it resolves to."""

    prompt: PromptVersion
    found: Mapping[Ref, PromptVersion]
    sdk: TextPromptClient


class Read(Struct, frozen=True, kw_only=True):
    """What reading takes: statements, and of each round seconds a call and those of the bare
    row beside it; `cpu` is this process's."""

    statements: int
    seconds: list[float]
    cpu: list[float]
    bare: list[float]
    bare_cpu: list[float]


class Computed(Struct, frozen=True, kw_only=True):
    """Seconds a call in each round: `resolve` and `fill`, `fill` alone, the SDK's `compile`."""

    size: int
    prompts: int
    whole: list[float]
    fill: list[float]
    sdk: list[float]


Call = Callable[[], Awaitable[object]]


def _paragraph(shape: Shape, level: int, at: int) -> str:
    names = [_VARIABLES[(level + at + more) % len(VALUES)] for more in (0, 3)]
    return (
        f"At level {level} of {shape.name}, rule {at}: ask before you tell, and let the learner"
        f" say first what {{{{{names[0]}}}}} means to them; then go on with {{{{ {names[1]} }}}},"
        " one idea at a time, in plain words.\n"
    )


async def make(world: World, admin: Actor, shape: Shape) -> None:
    """Its prompts, the lowest first; references are by number and by label in turn."""
    for level in reversed(range(shape.levels)):
        below = shape.width ** (level + 1) if level + 1 < shape.levels else 0
        for at in range(shape.width**level):
            children = range(at * shape.width, (at + 1) * shape.width) if below else ()
            said = [_paragraph(shape, level, number) for number in range(shape.paragraphs)]
            draft = PromptDraft(
                name=_name(shape, level, at), labels=("production",),
                prompt="".join([*said, *(_tag(shape, level + 1, child) for child in children)]),
            )  # fmt: skip
            await world.core.prompts_edit.create(admin, draft)


def _name(shape: Shape, level: int, at: int) -> str:
    return f"{shape.name}/{level}/{at}"


def root_of(shape: Shape) -> str:
    return _name(shape, 0, 0)


def _tag(shape: Shape, level: int, at: int) -> str:
    name = _name(shape, level, at)
    return tag_of(Ref(name=name, version=1) if at % 2 else Ref(name=name, label="production"))


async def case_of(world: World, admin: Actor, shape: Shape) -> Case:
    """As the service reads it, and as an SDK would have fetched it."""
    view = await world.core.prompts_read.get(admin, root_of(shape), None, None)
    async with world.ports.store.read() as tx:
        found = await read_graph(tx.prompts, [view.prompt])
    fetched = Prompt_Text(
        name=view.prompt.name, version=view.prompt.version, prompt=view.resolved.text, config={},
        labels=list(view.prompt.labels), tags=[],
    )  # fmt: skip
    return Case(prompt=view.prompt, found=found, sdk=TextPromptClient(fetched))


def computed(case: Case, rounds: int, calls: int) -> Computed:
    """The three beside one another in each round; they give the same text."""
    text = resolve(case.prompt, case.found).text
    assert variables_of(text)
    works: tuple[Callable[[], str], ...] = (
        lambda: fill(resolve(case.prompt, case.found).text, VALUES),
        lambda: fill(text, VALUES),
        lambda: case.sdk.compile(**VALUES),
    )
    assert len({work() for work in works}) == 1
    taken: tuple[list[float], ...] = ([], [], [])
    for _ in range(rounds):
        for work, seconds in zip(works, taken, strict=True):
            began = process_time()
            for _ in range(calls):
                work()
            seconds.append((process_time() - began) / calls)
    return Computed(
        size=len(text), prompts=1 + len(case.found),
        whole=taken[0], fill=taken[1], sdk=taken[2],
    )  # fmt: skip


async def measure(
    database: str, store: SqlStore, rounds: int
) -> tuple[dict[str, Case], dict[str, Read]]:
    """What there is to compute, by shape, and what reading takes."""
    async with in_memory(store=store) as world, _bare(database) as bare:
        admin = (await world.user(Role.PLATFORM_ADMIN)).actor
        work, cases = dict[str, Call](), dict[str, Case]()
        for shape in SHAPES:
            await make(world, admin, shape)
            cases[shape.name] = await case_of(world, admin, shape)
            work[shape.name] = _reading(world, admin, shape)
        work |= await _contexts(world, store)
        read = {}
        for name, call in work.items():
            read[name] = await _against(call, bare, await _statements(store, call), rounds)
        return cases, read


def _reading(world: World, admin: Actor, shape: Shape) -> Call:
    return lambda: world.core.prompts_read.get(admin, root_of(shape), None, None)


async def _contexts(world: World, store: SqlStore) -> dict[str, Call]:
    """A turn's context with the chain as its prompt: new to a process, and remembered."""
    course = await world.course(prompt_name=root_of(CHAIN))
    learner = await world.learner(course)
    key = ItemKey(item_id=course.items[0], course_id=course.id)
    known = Contexts(OfflineLlm())

    async def scene(contexts: Contexts) -> object:
        async with store.read() as tx:
            return await contexts.scene(tx, await active_user(tx, learner.id), key, "en")

    await scene(known)
    return {
        "context, new": lambda: scene(Contexts(OfflineLlm())),
        "context, remembered": lambda: scene(known),
    }


async def _statements(store: SqlStore, call: Call) -> int:
    with counted(store) as ran:
        await call()
    return len(ran)


async def _against(call: Call, bare: Call, statements: int, rounds: int) -> Read:
    """A call and the bare row in turn; the first round is not counted."""
    read = Read(statements=statements, seconds=[], cpu=[], bare=[], bare_cpu=[])
    for number in range(-1, rounds):
        whole, row = await _timed(call), await _timed(bare)
        if number >= 0:
            read.seconds.append(whole[0])
            read.cpu.append(whole[1])
            read.bare.append(row[0])
            read.bare_cpu.append(row[1])
    return read


async def _timed(call: Call) -> tuple[float, float]:
    began, spent = perf_counter(), process_time()
    for _ in range(CALLS):
        await call()
    return (perf_counter() - began) / CALLS, (process_time() - spent) / CALLS


@asynccontextmanager
async def _bare(database: str) -> AsyncIterator[Call]:
    """One row by its key in a transaction of the service's kind, by the plain driver: asyncpg, or
    sqlite3 in a thread."""
    url = normalized(database)
    if url.get_backend_name() == "sqlite":
        with ThreadPoolExecutor(1) as thread:
            loop = asyncio.get_running_loop()
            connection = await loop.run_in_executor(thread, _connected, sqlite_path(url))
            yield lambda: loop.run_in_executor(thread, _row, connection)
            await loop.run_in_executor(thread, connection.close)
        return
    server = await asyncpg.connect(postgres_dsn(url))

    async def row() -> object:
        async with server.transaction(isolation="repeatable_read", readonly=True):
            return await server.fetchrow(_ROW + "$1", 1)

    yield row
    await server.close()


def _connected(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in sqlite_pragmas(["query_only=ON"]):
        connection.execute(pragma)
    return connection


def _row(connection: sqlite3.Connection) -> object:
    connection.execute("BEGIN")
    found = connection.execute(_ROW + "?", (1,)).fetchone()
    connection.execute("COMMIT")
    return found


def _ratio(some: Sequence[float], others: Sequence[float]) -> str:
    ratios = [one / other for one, other in zip(some, others, strict=True)]
    digits = 2 if middle(ratios) < 10 else 0
    low, high = (f"{end(ratios):.{digits}f}" for end in (min, max))
    return f"{middle(ratios):.{digits}f}x ({low}-{high})"


def computed_lines(cases: dict[str, Case], rounds: int) -> list[str]:
    """The table of what is computed: the same, whatever the database."""
    found = {name: computed(case, rounds, CALLS * 2) for name, case in cases.items()}
    shown = [
        "A prompt resolved and filled, against the Langfuse SDK's compile of what it resolves to",
        "  prompt               prompts   chars     ours, us   by the SDK's           SDK, us"
        "   fill alone, by the SDK's",
    ]
    for name, one in found.items():
        shown.append(
            f"  {name:<20} {one.prompts:>7}  {one.size:>6}   {middle(one.whole) * 1e6:>10.0f}"
            f"   {_ratio(one.whole, one.sdk):<20} {middle(one.sdk) * 1e6:>9.0f}"
            f"   {_ratio(one.fill, one.sdk)}"
        )
    return shown


def lines(database: str, found: dict[str, Read]) -> list[str]:
    """The table of one database."""
    shown = [
        f"{database}: a prompt read as it resolves, against one row read bare",
        "  what                statements    ms, bare ms    by the bare row's"
        "          CPU us, bare us   by the bare row's",
    ]
    for name, one in found.items():
        shown.append(
            f"  {name:<20}{one.statements:>10}"
            f"    {middle(one.seconds) * 1e3:>5.2f}, {middle(one.bare) * 1e3:<5.2f}"
            f"    {_ratio(one.seconds, one.bare):<24}"
            f"   {middle(one.cpu) * 1e6:>5.0f}, {middle(one.bare_cpu) * 1e6:<5.0f}"
            f"      {_ratio(one.cpu, one.bare_cpu)}"
        )
    return shown
