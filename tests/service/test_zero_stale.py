"""What is published through one process is in the next turn of every process, and in what is read.

The first service writes; the second, and then both, are asked. Every session that was there before
a change goes on after it, and new ones begin.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest
import pytest_asyncio
from msgspec import Struct

from tests import databases
from tests.cli.running import command
from tests.service.echo import STYLE, WITH_STYLE, Pair, greeted, pair_over, said
from tests.service.lecture import Seat, lecture_over
from tests.service.storm import storm

Change = Callable[[Pair], Awaitable[None]]
ANSWER = {"questionId": 1, "answer": "B"}


class Step(Struct, frozen=True, kw_only=True):
    """A change, what every turn says after it, and the prompt and label that are read."""

    name: str
    change: Change
    says: str
    read: tuple[str, str] = ("Tutor", "production")


async def _import(pair: Pair) -> None:
    """By a third process."""
    folder = pair.lecture.folder / "prompts"
    folder.mkdir()
    header = f'---\n{{"name": "{STYLE}", "labels": ["live"]}}\n---\n'
    (folder / "4.md").write_text(f"{header}[[from a file]]", "utf-8")
    settings = {"VAR_DIR": str(pair.lecture.folder / "var"), "DATABASE_URL": pair.lecture.url}
    done = await asyncio.to_thread(command, settings, "prompts", "import", str(folder))
    assert (done.code, done.out) == (
        0, "4.md: Style version 4, new\nAdded 1 versions; 0 were here already.\n",
    )  # fmt: skip


async def _name_by_type(pair: Pair, prompt: str | None) -> None:
    types = (await pair.here.get("/api/v1/content-types/")).json()
    quiz = next(one["id"] for one in types if one["name"] == "quiz")
    await pair.write("PUT", f"/api/v1/content-types/{quiz}", {"prompt_name": prompt})


def _public(method: str, path: str, **body: object) -> Change:
    return lambda pair: pair.write(method, f"/api/public/v2/prompts{path}", body)


def _course(**fields: object) -> Change:
    return lambda pair: pair.write("PUT", f"/api/v1/courses/{pair.lecture.course.id}", fields)


def _item(**fields: object) -> Change:
    return lambda pair: pair.write("PUT", f"/api/v1/content/{pair.lecture.course.items[0]}", fields)


STEPS = (
    Step(
        name="a new version",
        change=lambda pair: pair.publish(f"[[second]] {WITH_STYLE}"), says="second plain",
    ),
    Step(
        name="a label moved on what it refers to",
        change=lambda pair: pair.label(2), says="second terse",
    ),
    Step(name="and moved back", change=lambda pair: pair.label(1), says="second plain"),
    Step(
        name="a version of what it refers to, through Langfuse's API",
        change=_public("POST", "", name=STYLE, prompt="[[warm]]", labels=["live"]),
        says="second warm",
    ),
    Step(
        name="a label moved, through Langfuse's API",
        change=_public("PATCH", f"/{STYLE}/versions/2", newLabels=["live"]), says="second terse",
    ),
    Step(name="a file, imported by a third process", change=_import, says="second from a file"),
    Step(
        name="another prompt for the content type",
        change=lambda pair: _name_by_type(pair, "Quizzes"),
        says="quizzes", read=("Quizzes", "production"),
    ),
    Step(
        name="another label for the course",
        change=_course(prompt_label="tried"), says="quizzes tried", read=("Quizzes", "tried"),
    ),
    Step(
        name="another prompt for the course",
        change=_course(prompt_name="Courses"), says="courses", read=("Courses", "tried"),
    ),
    Step(
        name="another prompt for the item",
        change=_item(prompt_name="Items"), says="items", read=("Items", "tried"),
    ),
    Step(
        name="the label taken by another version",
        change=lambda pair: pair.publish("[[items again]]", "Items", "tried"),
        says="items again", read=("Items", "tried"),
    ),
)  # fmt: skip


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A migrated database for all tests here: services take a while to start."""
    if request.param == "sqlite":
        template = request.getfixturevalue("sqlite_template")
        yield databases.copied_sqlite(template, tmp_path_factory.mktemp("sqlite"))
        return
    with databases.postgres_database(request.getfixturevalue("postgres_template")) as name:
        yield databases.url_of(name)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pair(url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pair]:
    folder = tmp_path_factory.mktemp("pair")
    async with lecture_over(url, folder) as lecture, pair_over(lecture) as pair:
        yield pair


@pytest.mark.timeout(180)
@pytest.mark.asyncio(loop_scope="module")
async def test_a_change_through_one_process_is_in_the_next_turn_of_every_process(
    pair: Pair,
) -> None:
    await _write_prompts(pair)
    seats, greetings = await greeted(pair, range(3))
    assert greetings == ["first"] * 3
    old = seats[2]
    assert await said(old, "Why?") == "first"
    for step in STEPS:
        seats = await _holds_after(pair, step, seats[:2], old)


@pytest.mark.timeout(180)
@pytest.mark.asyncio(loop_scope="module")
async def test_no_turn_is_taught_by_what_an_answered_write_has_replaced(pair: Pair) -> None:
    writes, turns, reads = await storm(pair, 20, 4)
    assert (turns.faults(writes), reads.faults(writes)) == ([], [])
    assert len({mark for _, _, mark in turns}) > 2, "turns went on while it changed"


@pytest.mark.chaos
@pytest.mark.timeout(1800)
@pytest.mark.asyncio(loop_scope="module")
async def test_no_turn_of_a_long_storm_is_taught_by_what_was_replaced(pair: Pair) -> None:
    writes, turns, reads = await storm(pair, 600, 12)
    assert (turns.faults(writes), reads.faults(writes)) == ([], [])


async def _write_prompts(pair: Pair) -> None:
    """All there will be, but for what the steps add; the lesson names none of them yet."""
    await _name_by_type(pair, None)
    await pair.publish("[[plain]]", STYLE, "live")
    await pair.publish("[[terse]]", STYLE, "later")
    await pair.publish("[[first]]")
    await pair.publish("[[quizzes]]", "Quizzes")
    await pair.publish("[[quizzes tried]]", "Quizzes", "tried")
    await pair.publish("[[courses]]", "Courses", "tried")
    await pair.publish("[[items]]", "Items", "tried")


async def _holds_after(pair: Pair, step: Step, begun: list[Seat], old: Seat) -> list[Seat]:
    """Sessions in the tree and out of it, and new ones, have the change; so have the readers.
    Gives the new sessions."""
    await step.change(pair)
    # The very next request is the other process's, in a session that follows the tree.
    following = [await said(seat, ANSWER) for seat in begun]
    assert following == [step.says] * 2, step.name
    assert await pair.reads(*step.read) == {step.says}, step.name
    assert await said(old, "Why?") == step.says, step.name
    seats, greetings = await greeted(pair, range(3))
    assert greetings == [step.says] * 3, step.name
    # The cache is used all along: two of the three are of one process.
    sources = [(await seat.sources())[0] for seat in seats]
    assert "cache" in sources, step.name
    return seats
