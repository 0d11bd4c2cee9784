"""Content: the learning materials of a module."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from twosigma.adapters.http.access import Access
from twosigma.adapters.http.etags import matching
from twosigma.adapters.http.kinds import ContentTypeOut, content_kind_out
from twosigma.adapters.http.modules import ModulePath
from twosigma.adapters.http.route import Group
from twosigma.adapters.http.wire import Id, Index, JsonObject, Listed, long, name, order
from twosigma.app.content import ItemView
from twosigma.app.core import TwoSigma
from twosigma.domain.actor import Actor
from twosigma.domain.catalog_rules import sent
from twosigma.domain.content import ItemFields
from twosigma.domain.content_rules import ItemChanges

content = Group("Content", "Learning materials (videos, quizzes, labs)")

Title = Annotated[str, name(200, "Lecture Video")]
Description = Annotated[str, long(10_000, "First lecture")]
Seconds = Annotated[int, Meta(ge=0, le=604_800, examples=[1800])]
PromptName = Annotated[str, name(255, "Video Tutor")]
_DATA = {"video_url": "https://example.com/video.mp4", "duration": 600}


class ContentPath(Struct, frozen=True, kw_only=True):
    content_id: Id


class CreateContentBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Without an index the item comes last in its module."""

    module_id: Id
    content_type_id: Id
    title: Title
    course_id: Id | None = None
    description: Description = ""
    data_json: Annotated[JsonObject, Meta(examples=[_DATA])] = {}
    estimated_duration_seconds: Seconds | None = None
    sequence_index: Index | UnsetType = UNSET
    prompt_name: PromptName | None = None
    is_archived: bool = False


class UpdateContentBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Only what is sent changes. Another `module_id`, of the same course, moves the item."""

    module_id: Id | UnsetType = UNSET
    content_type_id: Id | UnsetType = UNSET
    title: Title | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    data_json: Annotated[JsonObject, Meta(examples=[_DATA])] | UnsetType = UNSET
    sequence_index: Index | UnsetType = UNSET
    estimated_duration_seconds: Seconds | UnsetType | None = UNSET
    prompt_name: PromptName | UnsetType | None = UNSET
    is_archived: bool | UnsetType = UNSET


class ReorderContentBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All items of the module that are not archived, each once."""

    module_id: Id
    content_ids: Annotated[list[Id], order([3, 1, 2])]


class ContentOut(Struct, frozen=True, kw_only=True):
    """`prompt_name`, and the answer keys in `data_json`, are there for the staff only."""

    id: Id
    module_id: Id
    course_id: Id
    title: Title
    content_type_id: Id
    content_type: ContentTypeOut
    description: Description
    data_json: Annotated[Mapping[str, Any], Meta(examples=[_DATA])]
    sequence_index: Index
    estimated_duration_seconds: Seconds | None
    is_archived: bool
    revision: Annotated[int, Meta(examples=[1])]
    created_at: datetime
    updated_at: datetime
    prompt_name: PromptName | UnsetType | None = UNSET


def content_out(view: ItemView) -> ContentOut:
    item, kind = view.item, view.kind
    return ContentOut(
        id=item.id,
        module_id=item.module_id,
        course_id=item.course_id,
        title=item.title,
        content_type_id=item.content_type_id,
        content_type=content_kind_out(kind),
        description=item.description,
        data_json=view.data_json,
        sequence_index=item.sequence_index,
        estimated_duration_seconds=item.estimated_duration_seconds,
        is_archived=item.is_archived,
        revision=item.revision,
        created_at=item.created_at,
        updated_at=item.updated_at,
        prompt_name=item.prompt_name if view.is_staff else UNSET,
    )


@content.route(
    "GET", "/content/modules/{module_id}/content", access=Access.READABLE,
    refuses=(401, 403, 404), has_etag=True,
)  # fmt: skip
async def list_content(core: TwoSigma, actor: Actor | None, path: ModulePath) -> Listed[ContentOut]:
    """Get all content items of a module, in their order."""
    rows = [content_out(view) for view in await core.content.of_module(actor, path.module_id)]
    return Listed(rows, len(rows))


@content.route(
    "GET", "/content/{content_id}", access=Access.READABLE,
    refuses=(401, 403, 404), has_etag=True,
)  # fmt: skip
async def get_content(core: TwoSigma, actor: Actor | None, path: ContentPath) -> ContentOut:
    """Get one content item."""
    return content_out(await core.content.get(actor, path.content_id))


@content.route("POST", "/content/", access=Access.INSTRUCTOR, status=201, refuses=(400, 403, 404))
async def create_content(core: TwoSigma, actor: Actor, body: CreateContentBody) -> ContentOut:
    """Create a content item."""
    fields = ItemFields(
        course_id=body.course_id or 0,  # not read: the module says which course
        module_id=body.module_id,
        content_type_id=body.content_type_id,
        title=body.title,
        description=body.description,
        data_json=body.data_json,
        estimated_duration_seconds=body.estimated_duration_seconds,
        prompt_name=body.prompt_name,
        is_archived=body.is_archived,
    )
    index = None if body.sequence_index is UNSET else body.sequence_index
    return content_out(await core.content.create(actor, fields, body.course_id, index))


@content.route("PUT", "/content/{content_id}", access=Access.INSTRUCTOR, refuses=(400, 403, 404))
async def update_content(
    core: TwoSigma, actor: Actor, path: ContentPath, body: UpdateContentBody, if_match: str | None
) -> ContentOut:
    """Change or move a content item: what is not sent stays."""
    changes = ItemChanges(**sent(body))  # type: ignore[arg-type]  # the same fields
    is_same = matching(if_match, content_out)
    return content_out(await core.content.update(actor, path.content_id, changes, is_same))


@content.route(
    "DELETE", "/content/{content_id}", access=Access.INSTRUCTOR, status=204,
    refuses=(400, 403, 404),
)  # fmt: skip
async def delete_content(core: TwoSigma, actor: Actor, path: ContentPath) -> None:
    """Delete a content item.

    Refused where learners have worked with it: archive it instead.
    """
    await core.content.remove(actor, path.content_id)


@content.route("POST", "/content/reorder", access=Access.INSTRUCTOR, refuses=(400, 403, 404))
async def reorder_content(
    core: TwoSigma, actor: Actor, body: ReorderContentBody
) -> Listed[ContentOut]:
    """Put the items of a module into a new order."""
    views = await core.content.reorder(actor, body.module_id, body.content_ids)
    return Listed([content_out(view) for view in views], len(views))
