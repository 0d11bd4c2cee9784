"""Feature requests: asked, decided, taken back."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from msgspec import structs

from tests.app.school import School, build
from twosigma.app.feature_requests import FeatureRequestView
from twosigma.domain.catalog import Page
from twosigma.domain.errors import Conflict, DomainError, Invalid, Missing
from twosigma.domain.feature_requests import (
    RequestChange,
    RequestFields,
    RequestStatus,
    RequestUpdate,
)
from twosigma.testing import in_memory

WISH = RequestFields(title=" Glossary ", description="Words.")


async def update(school: School, who: str, **sent: object) -> FeatureRequestView:
    changes = structs.replace(RequestUpdate(), **sent)
    features = school.core.feature_requests
    return await features.update(school.actor(who), school.feature_request_id, changes)


async def trail(school: School) -> Sequence[RequestChange]:
    async with school.world.ports.store.read() as tx:
        return await tx.feature_requests.changes(school.feature_request_id)


async def test_a_new_request_is_pending_and_its_authors() -> None:
    async with in_memory() as world:
        school = await build(world)
        features = school.core.feature_requests
        made = (await features.submit(school.actor("stranger"), WISH)).request
        assert (made.title, made.description) == ("Glossary", "Words.")
        assert (made.status, made.admin_notes) == (RequestStatus.PENDING, None)
        assert made.user_id == school.user_id("stranger")
        assert made.created_at == made.updated_at == world.clock.now()
        mine, total = await features.mine(school.actor("stranger"), Page())
        assert ([view.request for view in mine], total) == ([made], 1)


async def test_bad_fields_write_nothing() -> None:
    async with in_memory() as world:
        school = await build(world)
        before = school.dump()
        with pytest.raises(Invalid):
            await school.core.feature_requests.submit(
                school.actor("learner"), RequestFields(title=" ", description="")
            )
        with pytest.raises(Invalid):
            await update(school, "admin", admin_notes="x" * 5001)
        assert school.dump() == before


async def test_f51_another_students_request_is_in_no_list_of_theirs() -> None:
    async with in_memory() as world:
        school = await build(world)
        features = school.core.feature_requests
        assert await features.mine(school.actor("stranger"), Page()) == ([], 0)
        for who in ("other", "admin"):
            assert await features.mine(school.actor(who), Page()) == ([], 0)
            views, total = await features.all(school.actor(who), None, Page())
            assert ([view.request.id for view in views], total) == ([school.feature_request_id], 1)


async def test_staff_see_who_asked_and_the_author_does_not_see_the_notes() -> None:
    async with in_memory() as world:
        school = await build(world)
        features, author = school.core.feature_requests, school.people["learner"]
        assert author is not None
        seen = await update(school, "owner", admin_notes="Soon.")
        assert (seen.author, seen.request.admin_notes) == (author.user, "Soon.")
        for who in ("other", "admin"):
            assert await features.get(school.actor(who), school.feature_request_id) == seen
            views, _ = await features.all(school.actor(who), None, Page())
            assert views == [seen]
        own = await features.get(author.actor, school.feature_request_id)
        assert own.author is None
        views, _ = await features.mine(author.actor, Page())
        assert views == [own]


async def test_a_change_is_kept_with_who_made_it_and_when() -> None:
    async with in_memory() as world:
        school = await build(world)
        begun = world.clock.now()
        world.clock.set(begun + timedelta(hours=1))
        await update(school, "owner", status=RequestStatus.PLANNED)
        world.clock.set(begun + timedelta(hours=2))
        view = await update(school, "admin", admin_notes="In May.")
        assert view.request.created_at == begun
        assert view.request.updated_at == begun + timedelta(hours=2)
        first, second = await trail(school)
        assert (first.changed_by, first.changed_at) == (
            school.user_id("owner"), begun + timedelta(hours=1),
        )  # fmt: skip
        assert (first.from_status, first.to_status) == (
            RequestStatus.PENDING, RequestStatus.PLANNED,
        )  # fmt: skip
        assert (first.from_notes, first.to_notes) == (None, None)
        assert second.changed_by == school.user_id("admin")
        assert second.from_status is second.to_status is RequestStatus.PLANNED
        assert (second.from_notes, second.to_notes) == (None, "In May.")


async def test_f05_what_changes_nothing_leaves_the_row_and_the_trail_as_they_were() -> None:
    async with in_memory() as world:
        school = await build(world)
        before = school.dump()
        world.clock.set(world.clock.now() + timedelta(hours=1))
        for sent in ({}, {"status": RequestStatus.PENDING}, {"admin_notes": None}):
            view = await update(school, "admin", **sent)
            assert view.request.updated_at == view.request.created_at
        assert school.dump() == before


async def test_what_was_taken_up_cannot_be_taken_back_until_it_is_pending_again() -> None:
    async with in_memory() as world:
        school = await build(world)
        remove, learner = school.core.feature_requests.remove, school.actor("learner")
        await update(school, "admin", status=RequestStatus.UNDER_REVIEW)
        with pytest.raises(Conflict):
            await remove(learner, school.feature_request_id)
        await update(school, "admin", status=RequestStatus.PENDING)
        await remove(learner, school.feature_request_id)
        with pytest.raises(Missing, match=r"^Feature request not found$"):
            await update(school, "admin", status=RequestStatus.PLANNED)
        assert len(await trail(school)) == 2


async def test_taking_back_and_taking_up_at_once_is_one_of_the_two() -> None:
    async with in_memory() as world:
        school = await build(world)
        features = school.core.feature_requests
        results = await asyncio.gather(
            features.remove(school.actor("learner"), school.feature_request_id),
            update(school, "admin", status=RequestStatus.PLANNED),
            return_exceptions=True,
        )
        assert sum(isinstance(result, DomainError) for result in results) == 1
