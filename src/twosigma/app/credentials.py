"""AWS credentials: stored encrypted, tried, and told of without showing them.

For platform admins; `rotate` is the operator's. All but that raise Unauthenticated, Forbidden.
"""

from msgspec import structs

from twosigma.app.audit_trail import record
from twosigma.domain.actor import Actor, Role, require
from twosigma.domain.audit import Action
from twosigma.domain.credentials import (
    NO_CREDENTIALS,
    AwsKeys,
    CredentialsStatus,
    CredentialsTest,
    SealedKeys,
    StoredCredentials,
    checked_keys,
    place_of,
    secrets_of,
    status_of,
    trial_of,
)
from twosigma.domain.errors import Conflict
from twosigma.domain.sealing import Rotation, Unreadable
from twosigma.ports.bedrock import Bedrock
from twosigma.ports.clock import Clock
from twosigma.ports.secrets import Cipher, Random
from twosigma.ports.store import Store


async def stored_keys(store: Store, cipher: Cipher) -> AwsKeys | None:
    """The stored credentials, to call AWS with; None where none are stored.

    Raises Unreadable, Unavailable.
    """
    async with store.read() as tx:
        stored = await tx.credentials.get()
    return None if stored is None else _opened(stored, cipher)


class Credentials:
    def __init__(
        self, *, store: Store, clock: Clock, random: Random, cipher: Cipher, bedrock: Bedrock
    ) -> None:
        self._store = store
        self._clock = clock
        self._random = random
        self._cipher = cipher
        self._bedrock = bedrock

    async def store(self, actor: Actor | None, keys: AwsKeys) -> StoredCredentials:
        """Encrypt and store, in the place of any that are there; the next call of the model
        uses them. Raises Invalid; Unavailable without an encryption key."""
        known = require(actor, Role.PLATFORM_ADMIN)
        checked = checked_keys(keys)
        credentials_id = self._random.uuid()
        stored = StoredCredentials(
            id=credentials_id,
            sealed=_sealed(checked, credentials_id, self._cipher),
            access_key_last4=checked.last4,
            aws_region=checked.region,
            updated_at=self._clock.now(),
            updated_by=known.user_id,
        )
        async with self._store.write() as tx:
            await tx.credentials.put(stored)
            await record(
                tx, known, Action.CREDENTIALS_STORED, credentials_id, stored.updated_at,
                access_key_last4=stored.access_key_last4, aws_region=stored.aws_region,
            )  # fmt: skip
        return stored

    async def status(self, actor: Actor | None) -> CredentialsStatus:
        """Which credentials are in use, and how the last trial with them went."""
        require(actor, Role.PLATFORM_ADMIN)
        async with self._store.read() as tx:
            stored = await tx.credentials.get()
            last_test = await tx.credentials.last_test()
        ambient = await self._bedrock.ambient() if stored is None else None
        return status_of(
            stored,
            ambient,
            last_test,
            is_readable=stored is not None and _is_readable(stored, self._cipher),
            region=self._bedrock.region,
        )

    async def test(self, actor: Actor | None) -> CredentialsTest:
        """Make a trial call with the credentials in use, and remember how it went.

        Raises Conflict where there are none, or where the stored ones cannot be read.
        """
        known = require(actor, Role.PLATFORM_ADMIN)
        async with self._store.read() as tx:
            stored = await tx.credentials.get()
        keys = None if stored is None else _readable(stored, self._cipher)
        probe = await self._bedrock.probe(keys)
        if probe.failure == NO_CREDENTIALS:
            raise Conflict("No AWS credentials are configured", code="no_credentials")
        credentials_id = None if stored is None else stored.id
        test = trial_of(probe, credentials_id, self._clock.now(), known.user_id)
        async with self._store.write() as tx:
            await tx.credentials.put_test(test)
            await record(
                tx, known, Action.CREDENTIALS_TESTED, credentials_id, test.tested_at,
                success=test.success, message=test.message, region=test.region,
            )  # fmt: skip
        return test

    async def remove(self, actor: Actor | None) -> None:
        """Erase the stored credentials, if any are."""
        known = require(actor, Role.PLATFORM_ADMIN)
        async with self._store.write() as tx:
            stored = await tx.credentials.lock()
            if stored is not None:
                await tx.credentials.remove()
                await record(
                    tx, known, Action.CREDENTIALS_DELETED, stored.id, self._clock.now(),
                    access_key_last4=stored.access_key_last4,
                )  # fmt: skip

    async def rotate(self) -> Rotation:
        """Seal under the first key whatever another one sealed; what cannot be opened stays."""
        async with self._store.write() as tx:
            stored = await tx.credentials.lock()
            if stored is None:
                return Rotation(resealed=0, current=0, unreadable=())
            after, rotation = _resealed(stored, self._cipher)
            if after != stored:
                await tx.credentials.put(after)
                await record(
                    tx, None, Action.KEYS_ROTATED, stored.id, self._clock.now(),
                    resealed=rotation.resealed, unreadable=list(rotation.unreadable),
                )  # fmt: skip
        return rotation


def _sealed(keys: AwsKeys, credentials_id: str, cipher: Cipher) -> SealedKeys:
    sealed = {
        name: cipher.seal(text, place_of(credentials_id, name))
        for name, text in secrets_of(keys).items()
    }
    return SealedKeys(**sealed)


def _opened(stored: StoredCredentials, cipher: Cipher) -> AwsKeys:
    """Raises Unreadable."""
    opened = {
        name: cipher.open(sealed, place_of(stored.id, name))
        for name, sealed in secrets_of(stored.sealed).items()
    }
    return AwsKeys(region=stored.aws_region, **opened)


def _is_readable(stored: StoredCredentials, cipher: Cipher) -> bool:
    try:
        _opened(stored, cipher)
    except Unreadable:
        return False
    return True


def _readable(stored: StoredCredentials, cipher: Cipher) -> AwsKeys:
    try:
        return _opened(stored, cipher)
    except Unreadable:
        detail = "The stored AWS credentials cannot be read; store them again"
        raise Conflict(detail, code="credentials_unreadable") from None


def _resealed(stored: StoredCredentials, cipher: Cipher) -> tuple[StoredCredentials, Rotation]:
    """The same secrets under the first key, and what that took."""
    kept = secrets_of(stored.sealed)
    current, unreadable = 0, []
    for name, sealed in secrets_of(stored.sealed).items():
        place = place_of(stored.id, name)
        try:
            text = cipher.open(sealed, place)
        except Unreadable:
            unreadable.append(f"{place.table}.{name}")
            continue
        if cipher.is_current(sealed):
            current += 1
        else:
            kept[name] = cipher.seal(text, place)
    rotation = Rotation(
        resealed=len(kept) - current - len(unreadable),
        current=current,
        unreadable=tuple(unreadable),
    )
    return structs.replace(stored, sealed=SealedKeys(**kept)), rotation
