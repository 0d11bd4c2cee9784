"""API keys: made for programs, listed without their secrets, ended."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from twosigma.adapters.http.access import Access
from twosigma.adapters.http.admin import admin
from twosigma.adapters.http.route import Group
from twosigma.adapters.http.wire import Id, Limit, Listed, Skip, checked
from twosigma.app.core import TwoSigma
from twosigma.domain import api_keys as rules
from twosigma.domain.actor import Actor
from twosigma.domain.api_keys import ApiKey
from twosigma.domain.catalog import Page

api_keys = Group(admin.tag, admin.description)

KeyName = Annotated[
    str, checked(rules.checked_name, "Prompt editor", minLength=1, maxLength=rules.MAX_NAME)
]
PublicKey = Annotated[str, Meta(examples=["pk-lf-00000000-0000-4000-8000-000000000001"])]
SecretKey = Annotated[
    str, Meta(examples=["sk-lf-shown-this-once"], extra_json_schema={"format": "password"})
]


class CreateApiKeyBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`user_id`: for whom programs act with it; left out: for oneself."""

    name: KeyName
    user_id: Id | None = None


class ApiKeyPath(Struct, frozen=True, kw_only=True):
    key_id: Id


class ApiKeysQuery(Struct, frozen=True, kw_only=True):
    skip: Skip = 0
    limit: Limit = 100


class ApiKeyOut(Struct, frozen=True, kw_only=True):
    """`last_used_at`: to the hour; null: never."""

    id: Id
    name: KeyName
    user_id: Id
    public_key: PublicKey
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class IssuedApiKeyOut(ApiKeyOut, frozen=True, kw_only=True):
    """A key with its secret, which is never shown again."""

    secret_key: SecretKey

    def __repr__(self) -> str:
        return f"IssuedApiKeyOut(public_key={self.public_key!r})"


def _shown(key: ApiKey) -> dict[str, object]:
    return {name: getattr(key, name) for name in ApiKeyOut.__struct_fields__}


@api_keys.route("GET", "/admin/api-keys", access=Access.ADMIN)
async def list_api_keys(core: TwoSigma, actor: Actor, query: ApiKeysQuery) -> Listed[ApiKeyOut]:
    """List API keys, the revoked ones too, without their secrets."""
    rows, total = await core.api_keys.list(actor, Page(skip=query.skip, limit=query.limit))
    return Listed([ApiKeyOut(**_shown(row)) for row in rows], total)  # type: ignore[arg-type]  # by name


@api_keys.route(
    "POST", "/admin/api-keys", access=Access.ADMIN, status=201, refuses=(400, 404), has_secret=True
)
async def create_api_key(core: TwoSigma, actor: Actor, body: CreateApiKeyBody) -> IssuedApiKeyOut:
    """Make an API key for a program, which acts for its owner: an instructor or platform admin.

    The answer shows the secret, and nothing does after it.
    """
    made = await core.api_keys.create(actor, body.name, body.user_id)
    return IssuedApiKeyOut(**_shown(made.key), secret_key=made.secret_key)  # type: ignore[arg-type]  # by name


@api_keys.route(
    "DELETE", "/admin/api-keys/{key_id}", access=Access.ADMIN, status=204, refuses=(404,)
)
async def revoke_api_key(core: TwoSigma, actor: Actor, path: ApiKeyPath) -> None:
    """End an API key at once; it stays in the list."""
    await core.api_keys.revoke(actor, path.key_id)
