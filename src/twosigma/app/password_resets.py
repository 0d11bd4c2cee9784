"""Forgotten passwords: a link by mail, and with it another password.

What is asked for an address is answered before anybody has looked whether it is known: the rest
is an errand beside the requests, so that neither answer nor time tells who has an account.
"""

import asyncio
import logging

from twosigma.app.limits import Limits
from twosigma.app.policy import Policy
from twosigma.app.turn_tasks import TurnTasks
from twosigma.domain import values
from twosigma.domain.mail import Letter, password_reset
from twosigma.domain.password_resets import (
    LIFE,
    WINDOW,
    PasswordReset,
    digest_of,
    link_to,
    may_mail,
    require_live,
)
from twosigma.ports.clock import Clock
from twosigma.ports.mail import Mail
from twosigma.ports.secrets import PasswordHasher, Random
from twosigma.ports.store import Store

AT_ONCE = 4
"""How many errands are at work at once; the others wait."""
_NEW: tuple[str, str] = ("body", "new_password")

_log = logging.getLogger(__name__)


class PasswordResets:
    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        random: Random,
        passwords: PasswordHasher,
        mail: Mail,
        tasks: TurnTasks,
        limits: Limits,
        policy: Policy,
    ) -> None:
        self._store = store
        self._clock = clock
        self._random = random
        self._passwords = passwords
        self._mail = mail
        self._tasks = tasks
        self._limits = limits
        self._policy = policy
        self._places = asyncio.Semaphore(AT_ONCE)

    async def request(self, email: str, client: str = "") -> None:
        """Mail a link to the address, if an active account has it and was not mailed too often;
        nobody is told. Raises Invalid for what is no address, TooMany."""
        self._limits.sign_up(client)
        address = values.email(email)
        self._tasks.errand(lambda: self._send(address))

    async def _send(self, address: str) -> None:
        try:
            async with self._places:
                letter = await self._prepared(address)
                if letter is not None:
                    await self._mail.send(letter)
        except Exception as error:
            # By its kind alone: the texts of such errors hold addresses and what was sent.
            _log.warning("a mail could not be sent: %s", type(error).__name__)

    async def _prepared(self, address: str) -> Letter | None:
        """The letter to this address with a new token, which ends those before it; None where
        none is to be sent."""
        token = self._random.token()
        async with self._store.write() as tx:
            known = await tx.accounts.find_by_email(address)
            user = await tx.accounts.lock(known.id) if known is not None else None
            if user is None or not user.is_active:
                return None
            now = self._clock.now()
            if not may_mail(await tx.password_resets.of_user(user.id), now):
                return None
            await tx.password_resets.remove(user.id, before=now - WINDOW)
            await tx.password_resets.end_all(user.id, now)
            reset = PasswordReset(user_id=user.id, digest=digest_of(token), created_at=now)
            await tx.password_resets.add(reset)
        minutes = int(LIFE.total_seconds()) // 60
        return password_reset(user.email, link_to(self._policy.public_url, token), minutes)

    async def confirm(self, token: str, new_password: str, client: str = "") -> None:
        """Set another password and end every sign-in. Raises Invalid for what cannot be a
        password, Conflict for a token that is no good (one answer, whatever the reason),
        TooMany."""
        self._limits.sign_up(client)
        values.password(new_password, "", _NEW)
        digest = digest_of(token)
        async with self._store.read() as tx:
            reset = require_live(await tx.password_resets.find(digest), self._clock.now())
            user = await tx.accounts.get(reset.user_id)
        email = user.email if user is not None else ""
        hashed = await self._passwords.hash(values.password(new_password, email, _NEW))
        async with self._store.write() as tx:
            held = await tx.accounts.lock(reset.user_id)
            now = self._clock.now()
            found = await tx.password_resets.find(digest)  # used since, or replaced
            is_usable = held is not None and held.is_active
            live = require_live(found if is_usable else None, now)
            await tx.accounts.set_password(live.user_id, hashed)
            await tx.password_resets.end_all(live.user_id, now)
            await tx.refresh_tokens.revoke_all(live.user_id, now)

    async def forget(self) -> None:
        """Forget the links that count no more; for the daily upkeep."""
        async with self._store.write() as tx:
            await tx.password_resets.forget(self._clock.now() - WINDOW)
