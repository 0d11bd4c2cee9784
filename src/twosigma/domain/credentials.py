"""AWS credentials: what they look like, how they are kept, what may be told of them."""

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from twosigma.domain.checks import Checks
from twosigma.domain.errors import Loc, invalid
from twosigma.domain.sealing import Place
from twosigma.domain.values import MAX_LENGTH, MIN_LENGTH

DEFAULT_REGION = "us-east-1"
MAX_SESSION_TOKEN = 4_096
UNREADABLE = "unreadable"
NO_CREDENTIALS = "NoCredentialsError"
"""The failure of a trial that had nothing to be made with."""

_REGEX = "value_error.str.regex"
_ACCESS_KEY = re.compile(r"[A-Z0-9]{16,128}")
_VISIBLE = re.compile(r"[!-~]*")
_REGION = re.compile(r"(?=.{5,32}\Z)[a-z]{2,6}(?:-[a-z]{2,16}){1,3}-[0-9]{1,2}")


class AwsKeys(Struct, frozen=True, kw_only=True):
    """Credentials as AWS knows them. Never shown, never logged."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None
    region: str = DEFAULT_REGION

    def __repr__(self) -> str:
        return "AwsKeys(…)"

    @property
    def last4(self) -> str:
        """What may be shown of the access key, to tell it from another."""
        return self.access_key_id[-4:]


def access_key_id(text: str, loc: Loc) -> str:
    """An access key's id."""
    if not _ACCESS_KEY.fullmatch(text):
        raise invalid(loc, "Must be 16 to 128 capital letters and digits", _REGEX)
    return text


def secret_access_key(text: str, loc: Loc) -> str:
    """A secret key: 16 to 256 visible ASCII characters."""
    return _visible(text, loc, 16, 256)


def session_token(text: str, loc: Loc) -> str:
    """A session token: up to 4,096 visible ASCII characters (it goes into a header)."""
    return _visible(text, loc, 0, MAX_SESSION_TOKEN)


def aws_region(text: str, loc: Loc) -> str:
    """The name of a region (it becomes part of a host's name)."""
    if not _REGION.fullmatch(text):
        raise invalid(loc, "Must be the name of an AWS region, such as us-east-1", _REGEX)
    return text


def _visible(text: str, loc: Loc, minimum: int, maximum: int) -> str:
    if len(text) < minimum:
        raise invalid(loc, f"Must have at least {minimum} characters", MIN_LENGTH)
    if len(text) > maximum:
        raise invalid(loc, f"Must have at most {maximum} characters", MAX_LENGTH)
    if not _VISIBLE.fullmatch(text):
        raise invalid(loc, "Must be visible ASCII characters, without spaces", _REGEX)
    return text


def checked_keys(keys: AwsKeys) -> AwsKeys:
    """The keys, where an empty session token is none; raises Invalid with all faults."""
    checks = Checks()
    checks.take(keys.access_key_id, lambda text: access_key_id(text, ("body", "aws_access_key_id")))
    checks.take(
        keys.secret_access_key,
        lambda text: secret_access_key(text, ("body", "aws_secret_access_key")),
    )
    token = checks.maybe(
        keys.session_token, lambda text: session_token(text, ("body", "aws_session_token"))
    )
    checks.take(keys.region, lambda text: aws_region(text, ("body", "aws_region")))
    checks.done()
    return AwsKeys(
        access_key_id=keys.access_key_id,
        secret_access_key=keys.secret_access_key,
        session_token=token or None,
        region=keys.region,
    )


class SealedKeys(Struct, frozen=True, kw_only=True):
    """The secrets of stored credentials, each sealed at its own place."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None


def secrets_of(keys: AwsKeys | SealedKeys) -> dict[str, str]:
    """The secrets that are there, by the name of their field, sealed or not."""
    found = {name: getattr(keys, name) for name in SealedKeys.__struct_fields__}
    return {name: text for name, text in found.items() if text is not None}


class StoredCredentials(Struct, frozen=True, kw_only=True):
    """What is kept. `id` is new with each store, so that an older row's secrets do not fit."""

    id: str
    sealed: SealedKeys
    access_key_last4: str
    aws_region: str
    updated_at: datetime
    updated_by: int

    @property
    def has_session_token(self) -> bool:
        return self.sealed.session_token is not None


def place_of(credentials_id: str, column: str) -> Place:
    """Where a secret of these credentials belongs."""
    return Place("aws_credentials", column, credentials_id)


class Ambient(Struct, frozen=True, kw_only=True):
    """Credentials that the process finds around it (AWS's own variables, files and roles)."""

    access_key_last4: str
    has_session_token: bool


class Probe(Struct, frozen=True, kw_only=True):
    """How a trial call of the model's service went. `failure`: the class of its error, as the
    service or the connection names it; None: it answered."""

    failure: str | None
    region: str
    latency_ms: int


class CredentialsTest(Struct, frozen=True, kw_only=True):
    """A trial call as it is remembered; `credentials_id` None: with what the process found."""

    credentials_id: str | None
    success: bool
    message: str
    region: str
    latency_ms: int
    tested_at: datetime
    tested_by: int


_REASONS: Mapping[str, str] = {
    "AccessDeniedException": "these credentials may not call the model",
    "ExpiredTokenException": "the session token has expired",
    "InvalidSignatureException": "the secret key does not belong to the access key",
    "ResourceNotFoundException": "the model is not known in this region",
    "ThrottlingException": "too many requests",
    "UnrecognizedClientException": "AWS does not know the access key or session token",
    "ValidationException": "AWS refuses the request; is the model's id right?",
}


def trial_of(
    probe: Probe, credentials_id: str | None, now: datetime, tested_by: int
) -> CredentialsTest:
    """A trial call, with a message that names the class of its error and nothing of the keys."""
    message = "Bedrock answered"
    if probe.failure is not None:
        reason = _REASONS.get(probe.failure)
        message = f"{probe.failure}: {reason}" if reason else probe.failure
    return CredentialsTest(
        credentials_id=credentials_id,
        success=probe.failure is None,
        message=message,
        region=probe.region,
        latency_ms=probe.latency_ms,
        tested_at=now,
        tested_by=tested_by,
    )


class Source(StrEnum):
    """Where the credentials in use come from."""

    DATABASE = "database"
    ENVIRONMENT = "environment"
    NONE = "none"


class CredentialsStatus(Struct, frozen=True, kw_only=True):
    """What may be told of the credentials in use."""

    configured: bool
    error: str | None
    source: Source
    access_key_last4: str | None
    has_session_token: bool
    aws_region: str
    updated_at: datetime | None
    updated_by: int | None
    last_test: CredentialsTest | None


def status_of(
    stored: StoredCredentials | None,
    ambient: Ambient | None,
    last_test: CredentialsTest | None,
    *,
    is_readable: bool,
    region: str,
) -> CredentialsStatus:
    """The status. What is stored goes before what the process finds, also where it cannot be
    read; a test counts for the credentials that it was made with. `region` is the setting's."""
    credentials_id = None if stored is None else stored.id
    known = last_test if last_test and last_test.credentials_id == credentials_id else None
    if stored is not None:
        return CredentialsStatus(
            configured=is_readable,
            error=None if is_readable else UNREADABLE,
            source=Source.DATABASE,
            access_key_last4=stored.access_key_last4,
            has_session_token=stored.has_session_token,
            aws_region=stored.aws_region,
            updated_at=stored.updated_at,
            updated_by=stored.updated_by,
            last_test=known,
        )
    return CredentialsStatus(
        configured=ambient is not None,
        error=None,
        source=Source.NONE if ambient is None else Source.ENVIRONMENT,
        access_key_last4=None if ambient is None else ambient.access_key_last4,
        has_session_token=ambient is not None and ambient.has_session_token,
        aws_region=region,
        updated_at=None,
        updated_by=None,
        last_test=known,
    )
