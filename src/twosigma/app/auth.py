"""Sign up, sign in, stay signed in."""

from collections.abc import Sequence
from datetime import datetime
from unicodedata import normalize

from msgspec import Struct

from twosigma.app.access import acting, active_user, hold_subjects
from twosigma.app.limits import Limits
from twosigma.app.policy import Policy
from twosigma.domain import values
from twosigma.domain.actor import Actor, Role
from twosigma.domain.catalog import Page
from twosigma.domain.checks import Checks
from twosigma.domain.errors import Conflict, Forbidden, Missing, Unauthenticated
from twosigma.domain.profiles import Onboarding, Profile, birthday, preferences
from twosigma.domain.streaks import local_date
from twosigma.domain.tokens import Pair, Repeat, Revoke, Rotate, SignIn, mint, rotation
from twosigma.domain.users import NewUser, User
from twosigma.ports.clock import Clock
from twosigma.ports.secrets import PasswordHasher, Random, Tokens
from twosigma.ports.store import Store, Write

_NOTHING = Onboarding()


class SignUp(Struct, frozen=True, kw_only=True):
    """What somebody registers with."""

    email: str
    password: str
    full_name: str
    locale: str = "en"
    time_zone: str = "UTC"

    def __repr__(self) -> str:
        return "SignUp(…)"


class TokenPair(Struct, frozen=True, kw_only=True):
    """A signed pair."""

    access_token: str
    refresh_token: str

    def __repr__(self) -> str:
        return "TokenPair(…)"


class Auth:
    """Accounts and tokens. Roles are read on each request, never from a token."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        passwords: PasswordHasher,
        tokens: Tokens,
        random: Random,
        limits: Limits,
        policy: Policy,
    ) -> None:
        self._store = store
        self._clock = clock
        self._passwords = passwords
        self._tokens = tokens
        self._random = random
        self._limits = limits
        self._policy = policy

    async def check_email(self, email: str, client: str = "") -> bool:
        """Whether an address is free; raises Invalid for what is none, TooMany."""
        self._limits.sign_up(client)
        address = values.email(email)
        async with self._store.read() as tx:
            return await tx.accounts.find_by_email(address) is None

    async def register(self, form: SignUp, client: str = "") -> TokenPair:
        """A new STUDENT, signed in; raises Invalid, Conflict for a taken address, TooMany."""
        return await self.onboard(form, _NOTHING, client)

    async def onboard(self, form: SignUp, about: Onboarding, client: str = "") -> TokenPair:
        """`register`, with what the learner says about itself, all or nothing. Raises Missing for
        an unknown subject too."""
        self._limits.sign_up(client)
        user, pair = await self._create(form, Role.STUDENT, about)
        assert pair is not None and user.id  # noqa: S101, PT018 -- a sign-up always signs in
        return self._signed(pair)

    async def create_user(self, form: SignUp, role: Role) -> User:
        """A new account of any role, not signed in: for the operator's command line."""
        user, _ = await self._create(form, role, sign_in=False)
        return user

    async def login(self, email: str, password: str, client: str = "") -> TokenPair:
        """A new family; raises Unauthenticated with one text for all that does not fit,
        Forbidden to the right password of an account that is switched off, and TooMany where
        this client (by its network address) failed too often with this address."""
        address = values.fold_email(email)
        await self._limits.sign_in(address, client)
        async with self._store.read() as tx:
            known = await tx.accounts.find_credentials(address)
        hashed = known.password_hash if known is not None else None
        if not await self._passwords.verify(normalize("NFC", password), hashed) or known is None:
            raise _unknown()
        if not known.is_active:
            raise _switched_off()
        async with self._store.write() as tx:
            now = await tx.accounts.lock_credentials(known.user_id)
            if now is None or now.password_hash != known.password_hash:  # erased, or changed since
                raise _unknown()
            if not now.is_active:  # switched off since the password was looked at
                raise _switched_off()
            await self._limits.signed_in(tx, address, client)
            pair = await self._start_family(tx, known.user_id)
        return self._signed(pair)

    async def refresh(self, token: str) -> TokenPair:
        """The successor of a refresh token. A reused one revokes its family, but for the first
        seconds, in which it gives the same successor again."""
        now = self._clock.now()
        claims = self._tokens.verify(token, "refresh", now)
        async with self._store.write() as tx:
            await acting(tx, claims.user_id)
            stored = await tx.refresh_tokens.lock(claims.jti)
            step = rotation(stored, now)
            if stored is not None and isinstance(step, Rotate):
                pair = self._minted(claims.user_id, now)
                await tx.refresh_tokens.rotate(stored, pair, now)
                step = Repeat(pair)
            elif stored is not None and isinstance(step, Revoke):
                await tx.refresh_tokens.revoke_family(stored.family_id, now)
        # The revocation is committed first: an error inside the block would undo it.
        if not isinstance(step, Repeat):
            raise _dead_token()
        return self._signed(step.pair)

    async def logout(self, token: str) -> None:
        """End the sign-in of a refresh token, even a used one; to end it again changes nothing.
        Raises Unauthenticated for a token that is none of ours."""
        now = self._clock.now()
        claims = self._tokens.verify(token, "refresh", now)
        async with self._store.write() as tx:
            stored = await tx.refresh_tokens.lock(claims.jti)
            if stored is None:
                raise _dead_token()
            await tx.refresh_tokens.revoke_family(stored.family_id, now)

    async def logout_all(self, actor: Actor) -> None:
        """End every sign-in of the actor; access tokens live on until they expire."""
        async with self._store.write() as tx:
            await tx.refresh_tokens.revoke_all(actor.user_id, self._clock.now())

    async def change_password(self, actor: Actor, current: str, new: str) -> None:
        """Set another password and end every sign-in (an access token does not say which one
        is its own). Raises Invalid for a new password that cannot be one, Conflict for a wrong
        current one."""
        async with self._store.read() as tx:
            user = await active_user(tx, actor.user_id)
            known = await tx.accounts.find_credentials(user.email)
        clean = values.password(new, user.email, ("body", "new_password"))
        before = known.password_hash if known is not None else None
        if not await self._passwords.verify(normalize("NFC", current), before):
            raise _wrong_password()
        hashed = await self._passwords.hash(clean)
        async with self._store.write() as tx:
            held = await tx.accounts.lock_credentials(user.id)
            if held is None or held.password_hash != before:  # changed since
                raise _wrong_password()
            await tx.accounts.set_password(user.id, hashed)
            await tx.password_resets.end_all(user.id, self._clock.now())
            await tx.refresh_tokens.revoke_all(user.id, self._clock.now())

    async def sign_ins(self, actor: Actor, page: Page) -> tuple[Sequence[SignIn], int]:
        """Where the actor is signed in, oldest first, and how many in all."""
        async with self._store.read() as tx:
            return await tx.refresh_tokens.sign_ins(actor.user_id, self._clock.now(), page)

    async def end_sign_in(self, actor: Actor, sign_in_id: str) -> None:
        """End one of the actor's sign-ins; another's is Missing, as one that is not there."""
        async with self._store.write() as tx:
            if not await tx.refresh_tokens.revoke_own(actor.user_id, sign_in_id, self._clock.now()):
                raise Missing("Session not found")

    def user_id_of(self, token: str) -> int:
        """Whose access token this is; raises Unauthenticated for any that is none of ours."""
        return self._tokens.verify(token, "access", self._clock.now()).user_id

    async def actor(self, token: str) -> Actor:
        """Who acts with this access token, as the account is now."""
        user_id = self.user_id_of(token)
        async with self._store.read() as tx:
            return await acting(tx, user_id)

    async def _create(
        self, form: SignUp, role: Role, about: Onboarding = _NOTHING, *, sign_in: bool = True
    ) -> tuple[User, Pair | None]:
        clean, wanted = self._checked(form, about)
        hashed = await self._passwords.hash(clean.password)
        async with self._store.write() as tx:
            await tx.invitations.hold()
            await hold_subjects(tx, wanted)
            user = await tx.accounts.add(
                NewUser(
                    email=clean.email,
                    full_name=clean.full_name,
                    password_hash=hashed,
                    role=role,
                    locale=clean.locale,
                    time_zone=clean.time_zone,
                    created_at=self._clock.now(),
                )
            )
            if user is None:
                raise Conflict("Email already registered", code="email_taken")
            await tx.invitations.take_up(user.id, user.email, user.created_at)
            if about.profile != Profile():
                await tx.profiles.save(user.id, about.profile)
            if wanted:
                await tx.profiles.set_subject_preferences(user.id, wanted)
            return user, await self._start_family(tx, user.id) if sign_in else None

    def _checked(self, form: SignUp, about: Onboarding) -> tuple[SignUp, tuple[int, ...]]:
        """The form and the preferred subjects, normalised; raises Invalid with all faults."""
        checks = Checks()
        clean = SignUp(
            email=checks.take(form.email, values.email),
            password=checks.take(form.password, lambda text: values.password(text, form.email)),
            full_name=checks.take(
                form.full_name, lambda text: values.title(text, ("body", "full_name"), 200)
            ),
            locale=checks.take(form.locale, values.locale),
            time_zone=checks.take(form.time_zone, values.time_zone),
        )
        today, minimum = local_date(self._clock.now(), form.time_zone), self._policy.minimum_age
        loc = ("body", "profile", "date_of_birth")
        checks.maybe(about.profile.date_of_birth, lambda born: birthday(born, today, minimum, loc))
        wanted = checks.take(
            about.subject_preferences, lambda ids: preferences(ids, ("body", "subject_preferences"))
        )
        checks.done()
        return clean, wanted

    async def _start_family(self, tx: Write, user_id: int) -> Pair:
        pair = self._minted(user_id, self._clock.now())
        await tx.refresh_tokens.start_family(self._random.uuid(), user_id, pair)
        return pair

    def _minted(self, user_id: int, now: datetime) -> Pair:
        jtis = (self._random.uuid(), self._random.uuid())
        return mint(user_id, jtis, now, (self._policy.access_life, self._policy.refresh_life))

    def _signed(self, pair: Pair) -> TokenPair:
        return TokenPair(
            access_token=self._tokens.sign(pair.access),
            refresh_token=self._tokens.sign(pair.refresh),
        )


def _unknown() -> Unauthenticated:
    return Unauthenticated("Incorrect email or password")


def _dead_token() -> Unauthenticated:
    return Unauthenticated("This token is no longer valid")


def _wrong_password() -> Conflict:
    return Conflict("The current password is incorrect", code="wrong_password")


def _switched_off() -> Forbidden:
    return Forbidden("Account is inactive", code="account_inactive")
