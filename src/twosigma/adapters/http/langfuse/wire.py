"""What prompts look like to Langfuse's SDKs."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

from twosigma.adapters.http.prompt_wire import (
    Author,
    Body,
    CommitMessage,
    GraphNodeOut,
    Kind,
    Label,
    Labels,
    Name,
    Number,
    PageNumber,
    PageSize,
    Tags,
    prompt_out,
)
from twosigma.adapters.http.wire import Instant, JsonObject, checked, long
from twosigma.app.prompt_graph import PromptView
from twosigma.app.prompts_read import GroupView
from twosigma.domain.errors import Loc, invalid
from twosigma.domain.prompts import CHAT, PRODUCTION

PROJECT = "2sigma"
"""The one project there is."""


def _unsupported(_: str, loc: Loc) -> None:
    raise invalid(loc, "Not supported: use name, version, label and tag")


Key = Annotated[str, Meta(examples=["7"])]
Filter = Annotated[str, checked(_unsupported, "[]")]


class PublicPromptQuery(Struct, frozen=True, kw_only=True):
    """`resolve`: whether the text comes with its dependencies in their places."""

    version: Number | None = None
    label: Label | None = None
    resolve: bool = True


class PublicRemovalQuery(Struct, frozen=True, kw_only=True):
    """Without either, all versions."""

    version: Number | None = None
    label: Label | None = None


class PublicPromptsQuery(Struct, frozen=True, kw_only=True, rename="camel"):
    """The filters look at versions: a row tells of those that fit. `name` is the whole name."""

    name: Annotated[str, long(255, "Video Tutor")] | None = None
    version: Number | None = None
    label: Label | None = None
    tag: Annotated[str, long(255, "math")] | None = None
    from_updated_at: Instant | None = None
    to_updated_at: Instant | None = None
    filter: Filter | None = None
    page: PageNumber = 1
    limit: PageSize = 10


class CreatePublicPromptBody(Struct, frozen=True, kw_only=True, rename="camel"):
    """As the SDKs send it: what is null is as if it were left out, unknown keys are ignored."""

    name: Name
    prompt: Body
    type: Kind | None = None
    config: JsonObject | None = None
    labels: Labels | None = None
    tags: Tags | None = None
    commit_message: CommitMessage | None = None


class AddLabelsBody(Struct, frozen=True, kw_only=True, rename="camel"):
    new_labels: Labels


class PublicNodeOut(Struct, frozen=True, kw_only=True):
    name: Name
    version: Number
    id: Key


class PublicGraphOut(Struct, frozen=True, kw_only=True):
    """`dependencies`: for each prompt's id, the versions that it names."""

    root: PublicNodeOut
    dependencies: Mapping[str, list[PublicNodeOut]]


class PublicPromptOut(Struct, frozen=True, kw_only=True, rename="camel"):
    """`isActive`: it is labeled `production`."""

    id: Key
    name: Name
    version: Number
    type: Kind
    prompt: Body
    config: Mapping[str, Any]
    labels: Labels
    tags: Tags
    commit_message: CommitMessage | None
    resolution_graph: PublicGraphOut | None
    is_active: bool
    created_at: datetime
    updated_at: datetime
    created_by: Author
    project_id: Annotated[str, Meta(examples=[PROJECT])]


class PublicGroupOut(Struct, frozen=True, kw_only=True, rename="camel"):
    name: Name
    type: Kind
    versions: list[Number]
    labels: Labels
    tags: Tags
    last_updated_at: datetime
    last_config: Mapping[str, Any]


class PageOut(Struct, frozen=True, kw_only=True, rename="camel"):
    page: PageNumber
    limit: PageSize
    total_items: Annotated[int, Meta(ge=0, examples=[1])]
    total_pages: Annotated[int, Meta(ge=0, examples=[1])]


class PublicPromptsOut(Struct, frozen=True, kw_only=True):
    """`pagination` says the same as `meta`."""

    data: list[PublicGroupOut]
    meta: PageOut
    pagination: PageOut


class OrganizationOut(Struct, frozen=True, kw_only=True):
    id: Annotated[str, Meta(examples=[PROJECT])]
    name: Annotated[str, Meta(examples=["2Sigma"])]


class ProjectOut(Struct, frozen=True, kw_only=True):
    id: Annotated[str, Meta(examples=[PROJECT])]
    name: Annotated[str, Meta(examples=["2Sigma"])]
    organization: OrganizationOut
    metadata: Mapping[str, Any]


class ProjectsOut(Struct, frozen=True, kw_only=True):
    data: list[ProjectOut]


def public_prompt_out(view: PromptView, *, is_resolved: bool = False) -> PublicPromptOut:
    """A version as it is stored, or as it resolves."""
    shown = prompt_out(view)
    return PublicPromptOut(
        id=str(shown.id),
        name=shown.name,
        version=shown.version,
        type=shown.type,
        prompt=shown.resolved_prompt if is_resolved else shown.prompt,
        config=shown.config,
        labels=shown.labels,
        tags=shown.tags,
        commit_message=shown.commit_message,
        resolution_graph=_graph_out(view) if is_resolved and view.dependencies else None,
        is_active=PRODUCTION in shown.labels,
        created_at=shown.created_at,
        updated_at=shown.updated_at,
        created_by=shown.created_by,
        project_id=PROJECT,
    )


def _graph_out(view: PromptView) -> PublicGraphOut:
    graph = prompt_out(view).resolution_graph
    return PublicGraphOut(
        root=_node_out(graph.root),
        dependencies={
            parent: [_node_out(child) for child in children]
            for parent, children in graph.dependencies.items()
        },
    )


def _node_out(node: GraphNodeOut) -> PublicNodeOut:
    return PublicNodeOut(name=node.name, version=node.version, id=str(node.id))


def public_group_out(view: GroupView) -> PublicGroupOut:
    group = view.group
    return PublicGroupOut(
        name=group.name,
        type="chat" if group.type == CHAT else "text",
        versions=list(group.versions),
        labels=group.labels,
        tags=group.tags,
        last_updated_at=group.last_updated_at,
        last_config=view.config,
    )
