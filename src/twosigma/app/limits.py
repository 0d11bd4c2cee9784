"""How often an account or a client may ask; where limits are off, as often as they like."""

from hashlib import sha256
from math import ceil

from twosigma.app.policy import Policy
from twosigma.domain.errors import TooMany
from twosigma.domain.rate_limits import (
    LOGIN_FAILURES,
    MODEL_TURNS,
    REQUESTS,
    SIGN_UPS,
    Limit,
    taken,
)
from twosigma.ports.clock import Clock
from twosigma.ports.limits import RateLimiter
from twosigma.ports.store import Store, Write


class Limits:
    """Each raises TooMany where a limit is used up, and says when to come back."""

    def __init__(self, store: Store, clock: Clock, limiter: RateLimiter, policy: Policy) -> None:
        self._store = store
        self._clock = clock
        self._limiter = limiter
        self._is_on = policy.rate_limits

    def request(self, account_id: int) -> None:
        """A signed-in account asks for something."""
        self._take(f"request {account_id}", REQUESTS)

    def sign_up(self, client: str) -> None:
        """A client (by its network address) registers, asks whether an address is free, or resets
        a password."""
        self._take(f"sign-up {client}", SIGN_UPS)

    def model_turn(self, account_id: int) -> None:
        """An account's turn needs the model."""
        self._take(f"turn {account_id}", MODEL_TURNS)

    def _take(self, key: str, limit: Limit) -> None:
        wait = self._limiter.take(key, limit) if self._is_on else 0.0
        if wait > 0:
            raise TooMany("Too many requests. Please wait a moment.", retry_after=ceil(wait))

    async def sign_in(self, email: str, client: str) -> None:
        """A client tries to sign in to a (folded) address; counted as failed until
        `signed_in`, so that many tries at once are no way around. Counted in the store, for
        all processes together."""
        if not self._is_on:
            return
        now = self._clock.now().timestamp()
        async with self._store.write() as tx:
            key = _key(email, client)
            times, wait = taken(await tx.sign_in_failures.lock(key), now, LOGIN_FAILURES)
            if wait > 0:
                text = "Too many failed sign-ins. Please wait before you try again."
                raise TooMany(text, retry_after=ceil(wait))
            await tx.sign_in_failures.save(key, times)

    async def signed_in(self, tx: Write, email: str, client: str) -> None:
        """It went well: what failed before is forgotten."""
        if self._is_on:
            await tx.sign_in_failures.remove(_key(email, client))

    async def forget(self) -> None:
        """Forget the failed sign-ins that count no more; for the daily upkeep."""
        async with self._store.write() as tx:
            now = self._clock.now().timestamp()
            await tx.sign_in_failures.forget(now - LOGIN_FAILURES.seconds)


def _key(email: str, client: str) -> str:
    """Address and client as one key, from which neither can be read."""
    return sha256(f"{client}\n{email}".encode("utf-8", "surrogatepass")).hexdigest()
