"""What a hit could write, to be compared before and after."""

from collections.abc import Mapping, Sequence

from msgspec import structs

from tests.contract.builders import (
    NOW,
    Path,
    make_path,
)
from twosigma.domain.activity import Active, ActivityEvent
from twosigma.domain.cache_tree import Position
from twosigma.domain.catalog import Page
from twosigma.domain.chat import Message, Session
from twosigma.domain.context import Stamp
from twosigma.domain.enrollments import EnrollmentStatus
from twosigma.ports.chat import HitRequest
from twosigma.ports.store import Store

State = tuple[Session, Sequence[Message], Sequence[ActivityEvent], Mapping[int, Sequence[Active]]]


async def state_of(store: Store, path: Path) -> State:
    """All that a hit could write."""
    async with store.read() as tx:
        session = await tx.chat.get(path.session.id)
        assert session is not None
        return (
            session,
            list(await tx.chat.messages(path.session.id, Page())),
            list(await tx.activity.of_session(path.session.id)),
            await tx.activity.hours_of([path.user.id]),
        )


async def assert_no_hit(store: Store, path: Path, hit: HitRequest) -> None:
    """The request gives None and writes nothing."""
    before = await state_of(store, path)
    assert await store.advance(hit) is None
    assert await state_of(store, path) == before


async def move(store: Store, path: Path, position: Position, stamp: Stamp | None) -> None:
    async with store.write() as tx:
        await tx.chat.lock(path.session.id)
        await tx.chat.move(path.session.id, position, stamp, NOW)


async def dropped_path(store: Store, **changes: object) -> Path:
    path = await make_path(store, **changes)
    dropped = structs.replace(path.enrollment, status=EnrollmentStatus.DROPPED)
    async with store.write() as tx:
        await tx.enrollments.save(dropped)
    return path
