"""Content types."""

from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType, structs

from twosigma.adapters.http.access import Access
from twosigma.adapters.http.route import Group
from twosigma.adapters.http.universities import PageQuery
from twosigma.adapters.http.wire import Id, JsonObject, Listed, checked, long, name
from twosigma.app.content_types import TypeView
from twosigma.app.core import TwoSigma
from twosigma.domain import content_type_rules
from twosigma.domain.actor import Actor
from twosigma.domain.catalog import Page
from twosigma.domain.catalog_rules import sent
from twosigma.domain.content import ContentType, ContentTypeFields
from twosigma.domain.content_type_rules import ContentTypeChanges

content_types = Group("Content Types", "Admin content type management")

TypeName = Annotated[
    str, checked(content_type_rules.type_name, "essay", pattern=f"^{content_type_rules.NAME}$")
]
Label = Annotated[str, name(100, "Essay")]
Description = Annotated[
    str, long(content_type_rules.MAX_DESCRIPTION, "A text that a learner writes")
]
PromptName = Annotated[str, name(255, "Essay Tutor")]


JsonSchema = Annotated[JsonObject, Meta(examples=[{"type": "object", "required": ["body"]}])]


class ContentTypePath(Struct, frozen=True, kw_only=True):
    content_type_id: Id


class CreateContentTypeBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`json_schema` (2020-12, complete in itself): what `data_json` of items must fit."""

    name: TypeName
    label: Label
    description: Description = ""
    is_gradable: bool = False
    prompt_name: PromptName | None = None
    json_schema: JsonSchema | None = None


class UpdateContentTypeBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Only what is sent changes. A system type keeps its name and whether it is graded."""

    name: TypeName | UnsetType = UNSET
    label: Label | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    is_gradable: bool | UnsetType = UNSET
    prompt_name: PromptName | UnsetType | None = UNSET
    json_schema: JsonSchema | UnsetType | None = UNSET


class ContentTypeOut(Struct, frozen=True, kw_only=True):
    """`prompt_name` is told to instructors and admins only, and null to others."""

    id: Id
    name: TypeName
    label: Label
    description: Description
    is_gradable: bool
    prompt_name: PromptName | None
    is_system: bool
    json_schema: Mapping[str, Any] | None


def content_type_out(kind: ContentType) -> ContentTypeOut:
    return ContentTypeOut(**structs.asdict(kind))


def _seen(view: TypeView) -> ContentTypeOut:
    shown = content_type_out(view.kind)
    return shown if view.is_staff else structs.replace(shown, prompt_name=None)


@content_types.route("GET", "/content-types/", access=Access.READABLE, has_etag=True)
async def list_content_types(
    core: TwoSigma, actor: Actor | None, query: PageQuery
) -> Listed[ContentTypeOut]:
    """List the content types."""
    page = Page(skip=query.skip, limit=query.limit)
    views, total = await core.content_types.list(actor, page)
    return Listed([_seen(view) for view in views], total)


@content_types.route("POST", "/content-types/", access=Access.ADMIN, status=201, refuses=(400,))
async def create_content_type(
    core: TwoSigma, actor: Actor, body: CreateContentTypeBody
) -> ContentTypeOut:
    """Create a content type."""
    fields = ContentTypeFields(**structs.asdict(body))
    return content_type_out(await core.content_types.create(actor, fields))


@content_types.route(
    "GET", "/content-types/{content_type_id}", access=Access.READABLE, refuses=(404,),
    has_etag=True,
)  # fmt: skip
async def get_content_type(
    core: TwoSigma, actor: Actor | None, path: ContentTypePath
) -> ContentTypeOut:
    """Get a content type."""
    return _seen(await core.content_types.get(actor, path.content_type_id))


@content_types.route(
    "PUT", "/content-types/{content_type_id}", access=Access.ADMIN, refuses=(400, 404)
)
async def update_content_type(
    core: TwoSigma, actor: Actor, path: ContentTypePath, body: UpdateContentTypeBody
) -> ContentTypeOut:
    """Change a content type: what is not sent stays."""
    changes = ContentTypeChanges(**sent(body))  # type: ignore[arg-type]  # the same fields
    return content_type_out(await core.content_types.update(actor, path.content_type_id, changes))


@content_types.route(
    "DELETE", "/content-types/{content_type_id}", access=Access.ADMIN, status=204,
    refuses=(400, 404),
)  # fmt: skip
async def delete_content_type(core: TwoSigma, actor: Actor, path: ContentTypePath) -> None:
    """Delete a content type that is no system type and has no content."""
    await core.content_types.remove(actor, path.content_type_id)
