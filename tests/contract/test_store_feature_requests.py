"""Feature requests and their trail, the same in every store."""

import asyncio
from datetime import datetime, timedelta

from msgspec import structs

from tests.contract.builders import LATER, NOBODY, NOW, add_user, rolled_back
from twosigma.domain.catalog import Page
from twosigma.domain.feature_requests import (
    FeatureRequest,
    RequestChange,
    RequestFields,
    RequestStatus,
    RequestUpdate,
    changed,
)
from twosigma.domain.users import User
from twosigma.ports.store import Store

WISH = RequestFields(title="Dark mode", description="  «é» 🎉\r\n<script>'; -- ")
PLANNED = RequestUpdate(status=RequestStatus.PLANNED, admin_notes="Ja.\r\n")


async def add(store: Store, user: User, at: datetime = NOW) -> FeatureRequest:
    async with store.write() as tx:
        return await tx.feature_requests.add(user.id, WISH, at)


async def move(store: Store, request: FeatureRequest, update: RequestUpdate) -> RequestChange:
    async with store.write() as tx:
        before = await tx.feature_requests.lock(request.id)
        assert before is not None
        after, step = changed(before, update, request.user_id, LATER)
        assert step is not None
        await tx.feature_requests.save(after)
        await tx.feature_requests.append_change(step)
    return step


async def test_a_request_reads_back_as_it_was_added(store: Store) -> None:
    user = await add_user(store)
    added = await add(store, user)
    assert added == FeatureRequest(
        id=added.id, user_id=user.id, title=WISH.title, description=WISH.description,
        status=RequestStatus.PENDING, admin_notes=None, created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    async with store.write() as tx:
        assert await tx.feature_requests.get(added.id) == added
        assert await tx.feature_requests.lock(added.id) == added
        assert await tx.feature_requests.changes(added.id) in ((), [])


async def test_an_unknown_request_is_none_and_has_no_trail(store: Store) -> None:
    async with store.write() as tx:
        assert await tx.feature_requests.get(NOBODY) is None
        assert await tx.feature_requests.lock(NOBODY) is None
        assert list(await tx.feature_requests.changes(NOBODY)) == []
        await tx.feature_requests.remove(NOBODY)


async def test_lists_are_newest_first_with_their_total(store: Store) -> None:
    one, other = await add_user(store), await add_user(store)
    first = await add(store, one, NOW)
    latest = await add(store, one, NOW + timedelta(microseconds=2))
    between = await add(store, other, NOW + timedelta(microseconds=1))
    same = await add(store, other, NOW)
    async with store.read() as tx:
        part = tx.feature_requests
        assert await part.of_user(one.id, Page()) == ([latest, first], 2)
        assert await part.of_user(NOBODY, Page()) == ([], 0)
        assert await part.all(None, Page()) == ([latest, between, same, first], 4)
        assert await part.all(None, Page(skip=1, limit=2)) == ([between, same], 4)
        assert await part.of_user(one.id, Page(skip=1)) == ([first], 2)
        assert await part.all(None, Page(skip=9)) == ([], 4)


async def test_the_list_of_a_status_has_just_those(store: Store) -> None:
    user = await add_user(store)
    pending, planned = await add(store, user), await add(store, user)
    await move(store, planned, PLANNED)
    async with store.read() as tx:
        part = tx.feature_requests
        assert await part.all(RequestStatus.PENDING, Page()) == ([pending], 1)
        rows, total = await part.all(RequestStatus.PLANNED, Page())
        assert ([row.id for row in rows], total) == ([planned.id], 1)
        assert await part.all(RequestStatus.DECLINED, Page()) == ([], 0)


async def test_saving_changes_what_staff_decide_and_nothing_else(store: Store) -> None:
    user, other = await add_user(store), await add_user(store)
    request, untouched = await add(store, user), await add(store, user)
    decided = structs.replace(
        request, status=RequestStatus.DECLINED, admin_notes="Nein.", updated_at=LATER
    )
    claimed = structs.replace(
        decided, user_id=other.id, title="Mine", description="Mine", created_at=LATER
    )
    async with store.write() as tx:
        await tx.feature_requests.save(claimed)
        await tx.feature_requests.save(structs.replace(claimed, id=NOBODY))
    async with store.read() as tx:
        assert await tx.feature_requests.get(request.id) == decided
        assert await tx.feature_requests.get(untouched.id) == untouched
        assert await tx.feature_requests.get(NOBODY) is None


async def test_a_trail_has_every_step_in_its_order(store: Store) -> None:
    user = await add_user(store)
    request, other = await add(store, user), await add(store, user)
    sent = (PLANNED, RequestUpdate(admin_notes=None), RequestUpdate(status=RequestStatus.PENDING))
    steps = [await move(store, request, update) for update in sent]
    await move(store, other, PLANNED)
    async with store.read() as tx:
        assert list(await tx.feature_requests.changes(request.id)) == steps


async def test_a_trail_outlives_its_request_whose_id_does_not_come_back(store: Store) -> None:
    user = await add_user(store)
    request = await add(store, user)
    step = await move(store, request, PLANNED)
    async with store.write() as tx:
        await tx.feature_requests.remove(request.id)
    again = await add(store, user)
    async with store.read() as tx:
        assert await tx.feature_requests.get(request.id) is None
        assert await tx.feature_requests.of_user(user.id, Page()) == ([again], 1)
        assert list(await tx.feature_requests.changes(request.id)) == [step]
        assert list(await tx.feature_requests.changes(again.id)) == []
    assert again.id > request.id


async def test_a_failed_change_leaves_neither_status_nor_step(store: Store) -> None:
    request = await add(store, await add_user(store))
    async with rolled_back(store) as tx:
        after, step = changed(request, PLANNED, request.user_id, LATER)
        assert step is not None
        await tx.feature_requests.save(after)
        await tx.feature_requests.append_change(step)
    async with store.read() as tx:
        assert await tx.feature_requests.get(request.id) == request
        assert list(await tx.feature_requests.changes(request.id)) == []


async def test_of_changes_at_once_each_begins_where_the_one_before_ended(store: Store) -> None:
    request = await add(store, await add_user(store))
    notes = [RequestUpdate(admin_notes=str(at)) for at in range(6)]
    await asyncio.gather(*(move(store, request, update) for update in notes))
    async with store.read() as tx:
        steps = await tx.feature_requests.changes(request.id)
        last = await tx.feature_requests.get(request.id)
    assert last is not None
    assert {step.to_notes for step in steps} == {str(at) for at in range(6)}
    assert [step.from_notes for step in steps] == [None, *(s.to_notes for s in steps[:-1])]
    assert steps[-1].to_notes == last.admin_notes
