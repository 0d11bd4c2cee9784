"""A lesson with two questions, and learners who talk about it."""

from twosigma.testing import Course, Talk, World, question

ADD = question(1, "2 + 2?", ["3", "4"], correct="B", explanation="Count on from 2.")
SUB = question(2, "5 - 3?", ["2", "3"], correct="A", explanation="Count back from 5.")


async def lesson(world: World, **fields: object) -> Course:
    return await world.course(questions=[ADD, SUB], **fields)  # type: ignore[arg-type]  # course fields


async def talk(world: World, course: Course) -> Talk:
    learner = await world.learner(course)
    return await learner.open(course.items[0])


async def outcomes(world: World, session_id: int) -> list[tuple[str, str | None]]:
    async with world.ports.store.read() as tx:
        events = await tx.activity.of_session(session_id)
    return [(str(event.outcome), event.reason) for event in events]
