"""The same request with an Idempotency-Key, sent many times at once, over every store."""

import asyncio

import pytest

from twosigma.adapters.system.clock import SystemClock
from twosigma.domain.catalog import Page
from twosigma.domain.feature_requests import RequestFields
from twosigma.domain.repeats import Answer, Request
from twosigma.ports.store import Store
from twosigma.testing import in_memory


@pytest.mark.parametrize("callers", [2, 8])
async def test_of_the_same_request_at_once_one_is_done(store: Store, callers: int) -> None:
    async with in_memory(store=store, time=SystemClock()) as world:
        who = await world.user()
        arrived = asyncio.Barrier(callers)

        async def make() -> Answer:
            # All have looked for the key, and found none, before anybody writes.
            async with asyncio.timeout(5):
                await arrived.wait()
            wish = RequestFields(title="Dark mode", description="For the night.")
            view = await world.core.feature_requests.submit(who.actor, wish)
            return Answer(status=201, headers=(), body=str(view.request.id).encode())

        request = Request(user_id=who.id, key="k", digest=b"d" * 32)
        answers = await asyncio.gather(
            *(world.core.once.answer(request, make) for _ in range(callers))
        )
        _, total = await world.core.feature_requests.mine(who.actor, Page())
    assert total == 1
    assert len(set(answers)) == 1
