"""What models cost: who may have another call, and what each call took."""

import logging

from twosigma.app.policy import Policy
from twosigma.domain.errors import TooMany, Unavailable
from twosigma.domain.llm import Usage
from twosigma.domain.spending import (
    Meter,
    Payer,
    day_of,
    kept_since,
    may_spend,
    until_next_day,
)
from twosigma.ports.clock import Clock
from twosigma.ports.llm import Llm
from twosigma.ports.store import Read, Store

_log = logging.getLogger(__name__)


class Spending:
    def __init__(self, store: Store, clock: Clock, llm: Llm, policy: Policy) -> None:
        self._store = store
        self._clock = clock
        self._is_metered = llm.is_metered
        self._budgets = policy.daily_tokens

    async def require(self, tx: Read, payer: Payer) -> None:
        """Raise TooMany where the account's or the course's tokens of today are spent. Calls
        under way are not counted yet: a brake, not a bill."""
        if not self._is_metered:
            return
        now = self._clock.now()
        for purse, budget in (
            (payer.learner, self._budgets.learner),
            (payer.course, self._budgets.course),
        ):
            if budget is None:
                continue
            if not may_spend(await tx.spending.get(purse, day_of(now)), budget):
                raise TooMany(
                    "Daily AI limit reached", code="daily_limit_reached",
                    retry_after=until_next_day(now),
                )  # fmt: skip

    async def charge(self, payer: Payer, meter: Meter) -> Usage:
        """Add what a call took to the day's tokens, and say what it was. Never raises for a
        store that is away: the reply is worth more than its count."""
        usage = meter.usage if self._is_metered else Usage()
        if not usage.total:
            return usage
        day = day_of(self._clock.now())
        try:
            async with self._store.write() as tx:
                user = await tx.accounts.hold(payer.user_id)
                if user is not None and user.erased_at is None:
                    await tx.spending.add(payer.learner, day, usage)
                await tx.spending.add(payer.course, day, usage)
        except Unavailable:
            _log.warning("the tokens of a call could not be counted: %d", usage.total)
        return usage

    async def forget(self) -> None:
        """Forget the days that are kept no longer; for the daily upkeep."""
        async with self._store.write() as tx:
            await tx.spending.forget(kept_since(self._clock.now()))
