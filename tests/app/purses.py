"""Replies that cost something, and what their payers have spent."""

from collections.abc import Sequence
from datetime import date

from twosigma.adapters.memory.llm import Line
from twosigma.app.policy import Policy
from twosigma.domain.actor import Role
from twosigma.domain.catalog import Page
from twosigma.domain.chat import Session
from twosigma.domain.llm import Usage
from twosigma.domain.spending import Budgets, Meter, Payer
from twosigma.testing import Ended, Talk, World

TODAY = date(2026, 1, 5)
COST = Usage(input=70, output=30)


def daily(learner: int | None = None, course: int | None = None) -> Policy:
    return Policy(daily_tokens=Budgets(learner=learner, course=course))


def costing(*said: Line, cost: Usage = COST) -> Sequence[Line]:
    return (*said, Ended("end_turn"), cost)


async def spent(world: World, one: Talk, day: date = TODAY) -> tuple[Usage, Usage]:
    """What the learner of a talk, and its course, spent."""
    payer = Payer(user_id=one.learner.id, course_id=(await one.session()).course_id)
    async with world.ports.store.read() as tx:
        return await tx.spending.get(payer.learner, day), await tx.spending.get(payer.course, day)


def sent_in(world: World, call: int = -1) -> int:
    """How many tokens a call was sent, by estimate."""
    return Meter(world.llm.requests[call]).usage.input


async def audited(world: World, session: Session) -> list[dict[str, object]]:
    """What an admin sees beside the messages."""
    admin = (await world.user(Role.PLATFORM_ADMIN)).actor
    view = await world.core.audit_log.transcript(admin, session.id, "To see", Page())
    return [dict(message.meta) for message in view.messages]
