"""AWS credentials: stored, shown without their secrets, tried, erased."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from twosigma.adapters.http.access import Access
from twosigma.adapters.http.admin import admin
from twosigma.adapters.http.route import Group
from twosigma.adapters.http.wire import Id, checked
from twosigma.app.core import TwoSigma
from twosigma.domain import credentials as rules
from twosigma.domain.actor import Actor
from twosigma.domain.credentials import DEFAULT_REGION, AwsKeys, Source

credentials = Group(admin.tag, admin.description)

AccessKeyId = Annotated[
    str,
    checked(
        rules.access_key_id, "AKIAIOSFODNN7EXAMPLE", pattern="^[A-Z0-9]{16,128}$",
        format="password",
    ),
]  # fmt: skip
SecretAccessKey = Annotated[
    str,
    checked(
        rules.secret_access_key, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        minLength=16, maxLength=256, format="password",
    ),
]  # fmt: skip
SessionToken = Annotated[
    str,
    checked(
        rules.session_token, "optional", maxLength=rules.MAX_SESSION_TOKEN, format="password"
    ),
]  # fmt: skip
Region = Annotated[str, checked(rules.aws_region, DEFAULT_REGION)]
Last4 = Annotated[str, Meta(examples=["MPLE"])]
Milliseconds = Annotated[int, Meta(ge=0, examples=[412])]


class UpdateAwsCredentialsBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    aws_access_key_id: AccessKeyId
    aws_secret_access_key: SecretAccessKey
    aws_session_token: SessionToken | None = None
    aws_region: Region = DEFAULT_REGION

    def __repr__(self) -> str:
        return "UpdateAwsCredentialsBody(…)"


class AwsCredentialsStoredOut(Struct, frozen=True, kw_only=True):
    message: Annotated[str, Meta(examples=["AWS credentials stored"])]
    access_key_last4: Last4
    updated_at: datetime


class AwsConnectionTestOut(Struct, frozen=True, kw_only=True):
    """`message` names the class of the error where AWS or the network refused."""

    success: bool
    message: Annotated[str, Meta(examples=["Bedrock answered"])]
    region: Region
    latency_ms: Milliseconds


class LastTestOut(AwsConnectionTestOut, frozen=True, kw_only=True):
    tested_at: datetime
    tested_by: Id


class AwsCredentialsStatusOut(Struct, frozen=True, kw_only=True):
    """`error` is "unreadable" where what is stored cannot be decrypted; `source` says where the
    credentials in use come from; `last_test` is of these credentials."""

    configured: bool
    error: Annotated[str, Meta(examples=["unreadable"])] | None
    source: Source
    access_key_last4: Last4 | None
    has_session_token: bool
    aws_region: Region
    updated_at: datetime | None
    updated_by: Id | None
    last_test: LastTestOut | None


@credentials.route("POST", "/admin/aws-credentials", access=Access.ADMIN, has_secret=True)
async def update_aws_credentials(
    core: TwoSigma, actor: Actor, body: UpdateAwsCredentialsBody
) -> AwsCredentialsStoredOut:
    """Store AWS credentials, encrypted, in the place of any that are there."""
    keys = AwsKeys(
        access_key_id=body.aws_access_key_id,
        secret_access_key=body.aws_secret_access_key,
        session_token=body.aws_session_token,
        region=body.aws_region,
    )
    stored = await core.credentials.store(actor, keys)
    return AwsCredentialsStoredOut(
        message="AWS credentials stored",
        access_key_last4=stored.access_key_last4,
        updated_at=stored.updated_at,
    )


@credentials.route("GET", "/admin/aws-credentials/status", access=Access.ADMIN)
async def get_aws_credentials_status(core: TwoSigma, actor: Actor) -> AwsCredentialsStatusOut:
    """Say which AWS credentials are in use, without showing them."""
    status = await core.credentials.status(actor)
    return msgspec.convert(status, AwsCredentialsStatusOut, from_attributes=True)


@credentials.route(
    "POST", "/admin/aws-credentials/test", access=Access.ADMIN, refuses=(400,), has_secret=True
)
async def check_aws_connection(core: TwoSigma, actor: Actor) -> AwsConnectionTestOut:
    """Call Bedrock once with the credentials in use; 200 also where it refuses."""
    test = await core.credentials.test(actor)
    return msgspec.convert(test, AwsConnectionTestOut, from_attributes=True)


@credentials.route("DELETE", "/admin/aws-credentials", access=Access.ADMIN, status=204)
async def delete_aws_credentials(core: TwoSigma, actor: Actor) -> None:
    """Erase the stored AWS credentials, if there are any."""
    await core.credentials.remove(actor)
