"""Turns while prompts change, through two processes: none is taught by what an answered write has
replaced."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from time import monotonic

from tests.app.lessons import ADD, SUB
from tests.service.echo import Pair, said
from tests.service.lecture import Seat
from twosigma.domain.prompt_refs import Ref, tag_of

NAME, VOICE = "Choir", "Voice"
KEPT = 5
"""How many versions there are to move the label between."""
ANSWERS: tuple[object, ...] = (
    {"questionId": 1, "answer": "B"}, {"questionId": 2, "answer": "A"}, "Why?",
)  # fmt: skip


@dataclass
class Writes:
    """What was published, in its order: the mark, when its write began and was answered."""

    marks: list[str] = field(default_factory=list)
    begun: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)

    @contextmanager
    def noted(self, mark: str) -> Iterator[None]:
        self.marks.append(mark)
        self.begun.append(monotonic())
        yield
        self.answered.append(monotonic())

    def fit(self, start: float, end: float) -> list[str]:
        """What may be read between these moments: what was answered last before the start, and
        all whose write began before the end."""
        first = max(at for at, when in enumerate(self.answered) if when <= start)
        return [self.marks[at] for at, when in enumerate(self.begun) if at >= first and when <= end]


class Seen(list[tuple[float, float, str]]):
    """What was read: from when to when, and the mark that was there."""

    def faults(self, writes: Writes) -> list[str]:
        return [
            f"{mark!r} at {start:.3f}-{end:.3f}, not of {writes.fit(start, end)}"
            for start, end, mark in self
            if mark not in writes.fit(start, end)
        ]


async def _publish(pair: Pair, writes: Writes, at: int) -> None:
    """A new version or, where there are enough, the label on an old one: the trees that were
    made under it are current once more."""
    if at < KEPT or at % 3 == 0:
        with writes.noted(f"voice {at}"):
            await pair.publish(f"[[voice {at}]]", VOICE, "live")
        return
    version = at % KEPT + 1
    # `voice 0` is version 1.
    with writes.noted(f"voice {version - 1}"):
        await pair.label(version, VOICE)


async def _taught(pair: Pair, number: int, writing: asyncio.Event, seen: Seen) -> None:
    """A learner who walks down one new session after another, through one process."""
    client = (pair.here, pair.there)[number % 2]
    while not writing.is_set():
        seat = await pair.lecture.seat(client, pair.lecture.learners[number])
        for content in (None, *ANSWERS):
            await _turn(seat, content, seen)


async def _turn(seat: Seat, content: object, seen: Seen) -> None:
    start = monotonic()
    mark = await said(seat, content)
    seen.append((start, monotonic(), mark))


async def _read(pair: Pair, writing: asyncio.Event, seen: Seen) -> None:
    while not writing.is_set():
        start = monotonic()
        found = await pair.reads(NAME, "production")
        seen += [(start, monotonic(), mark) for mark in found]


async def storm(pair: Pair, changes: int, learners: int) -> tuple[Writes, Seen, Seen]:
    """So many changes of what a course's prompt refers to, while so many learn it: what was
    written, what turns said, and what was read."""
    course = await pair.lecture.world.course(questions=[ADD, SUB], prompt_name=NAME)
    enrolled = [await pair.lecture.world.learner(course) for _ in range(learners)]
    lecture = replace(pair.lecture, course=course, learners=enrolled)
    pair = replace(pair, lecture=lecture)
    writes, turns, reads, written = Writes(), Seen(), Seen(), asyncio.Event()
    await _publish(pair, writes, 0)
    await pair.publish(tag_of(Ref(name=VOICE, label="live")), NAME)
    async with asyncio.TaskGroup() as tasks:
        for number in range(learners):
            tasks.create_task(_taught(pair, number, written, turns))
        tasks.create_task(_read(pair, written, reads))
        for at in range(1, changes):
            await _publish(pair, writes, at)
            # Time for turns that begin and end under it.
            await asyncio.sleep(0.05 * (at % 3))
        written.set()
    return writes, turns, reads
