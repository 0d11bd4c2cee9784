"""Progress: what learners report of their work, and what they have reported."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from twosigma.app.access import (
    CONTENT_MISSING,
    MODULE_MISSING,
    is_staff,
    require_active,
    visible_course,
    visible_offering,
)
from twosigma.domain.activity import ActivityEvent
from twosigma.domain.actor import Actor
from twosigma.domain.catalog import Offering, Page
from twosigma.domain.completeness import path_percents
from twosigma.domain.enrollments import LEARNING, Enrollment
from twosigma.domain.errors import Conflict, Forbidden, Missing
from twosigma.domain.modules import Module
from twosigma.domain.progress import Progress as Row
from twosigma.domain.progress import Report, Target, checked_report, merged
from twosigma.domain.users import User
from twosigma.ports.clock import Clock
from twosigma.ports.content import Content
from twosigma.ports.modules import Modules
from twosigma.ports.store import Store, Write


class Work(Struct, frozen=True, kw_only=True):
    """What a learner says: how far, in which item or module, as a learner of which offering."""

    target: Target
    target_id: int
    course_offering_id: int
    progress_percent: float
    completed_at: datetime | None = None


class Progress:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def report(self, actor: Actor, work: Work) -> Row:
        """Merge what the actor says into what is known, and give that.

        A report of an item raises the modules above it in the same transaction. The database sums
        up each module of the item's path in one walk down from the root, so that what is read and
        written here grows with the item's depth alone. Of two devices the higher value stays.

        Raises Invalid; Missing for what is not to be seen; Forbidden unless the actor is ACTIVE
        in the offering or has COMPLETED it; Conflict for what is of another course.
        """
        now = self._clock.now()
        report = checked_report(work.progress_percent, work.completed_at, now)
        async with self._store.write() as tx:
            user = require_active(await tx.accounts.hold(actor.user_id))
            offering = await _held_offering(tx, actor, work.course_offering_id)
            # What is held is not removed; what is gone is missed below.
            await _targets_of(tx, work.target).hold(work.target_id)
            staff = await is_staff(tx, actor, offering.course_id)
            path = await _visible_path(tx, actor, work, offering, is_staff=staff)
            enrollment = await tx.enrollments.lock(actor.user_id, offering.id)
            if enrollment is None or enrollment.status not in LEARNING:
                raise Forbidden("You are not enrolled in this offering")
            if path[-1].course_id != offering.course_id:
                raise Conflict("This belongs to another course", code="another_course")
            row = await _merge(tx, enrollment, work, report, now)
            if work.target is Target.CONTENT:
                await _raise_modules(tx, enrollment, path, now)
            await tx.activity.append(_event(user, work, offering, now, as_staff=staff))
            return row

    async def mine(
        self, actor: Actor, target: Target, offering_id: int | None, page: Page
    ) -> tuple[Sequence[Row], int]:
        """The actor's own rows, in one offering or all, and how many in all."""
        async with self._store.read() as tx:
            return await tx.progress.of_user(target, actor.user_id, offering_id, page)


def _event(
    user: User, work: Work, offering: Offering, now: datetime, *, as_staff: bool
) -> ActivityEvent:
    is_item = work.target is Target.CONTENT
    return ActivityEvent(
        user_id=user.id,
        occurred_at=now,
        time_zone=user.time_zone,
        kind="progress",
        course_id=offering.course_id,
        module_id=None if is_item else work.target_id,
        content_item_id=work.target_id if is_item else None,
        as_staff=as_staff,
    )


def _targets_of(tx: Write, target: Target) -> Content | Modules:
    return tx.content if target is Target.CONTENT else tx.modules


async def _held_offering(tx: Write, actor: Actor, offering_id: int) -> Offering:
    """The offering, if the actor sees it; nothing of its course that somebody works in is
    removed until the transaction ends."""
    known = await tx.catalog.offering(offering_id)
    if known is not None:
        await tx.catalog.hold_course(known.course_id)
    return await visible_offering(tx, actor, offering_id)


async def _visible_path(
    tx: Write, actor: Actor, work: Work, offering: Offering, *, is_staff: bool
) -> Sequence[Module]:
    """The modules from the root down to the one that the work is in; Missing where the actor
    does not see it. `is_staff`: the actor is of the staff of the offering's course."""
    missing = Missing(CONTENT_MISSING if work.target is Target.CONTENT else MODULE_MISSING)
    module_id, is_archived = work.target_id, False
    if work.target is Target.CONTENT:
        item = await tx.content.get(work.target_id)
        if item is None:
            raise missing
        module_id, is_archived = item.module_id, item.is_archived
    path = await tx.modules.path(module_id)
    if not path:
        raise missing
    staff = is_staff
    if path[-1].course_id != offering.course_id:
        try:
            _, staff = await visible_course(tx, actor, path[-1].course_id)
        except Missing:
            raise missing from None
    if not staff and (is_archived or any(module.is_archived for module in path)):
        raise missing
    return path


async def _merge(
    tx: Write, enrollment: Enrollment, work: Work, report: Report, now: datetime
) -> Row:
    owner = (work.target, enrollment.user_id, enrollment.course_offering_id)
    before = (await tx.progress.of_targets(*owner, [work.target_id])).get(work.target_id)
    after = merged(before, report, enrolled_at=enrollment.enrolled_at, now=now)
    return (await tx.progress.save(*owner, {work.target_id: after}))[work.target_id]


async def _raise_modules(
    tx: Write, enrollment: Enrollment, path: Sequence[Module], now: datetime
) -> None:
    learner = (enrollment.user_id, enrollment.course_offering_id)
    ids = [module.id for module in path]
    percents = path_percents(ids, await tx.progress.shares(*learner, ids))
    before = await tx.progress.of_targets(Target.MODULE, *learner, percents)
    risen = {
        module_id: merged(
            before.get(module_id),
            Report(progress_percent=percent),
            enrolled_at=enrollment.enrolled_at,
            now=now,
        )
        for module_id, percent in percents.items()
        if module_id not in before or percent > before[module_id].progress_percent
    }
    await tx.progress.save(Target.MODULE, *learner, risen)
