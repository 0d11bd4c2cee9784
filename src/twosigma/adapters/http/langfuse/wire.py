"""What prompts look like to Langfuse's SDKs."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

from twosigma.adapters.http.prompt_wire import (
    Author,
    Body,
    CommitMessage,
    Kind,
    Label,
    Labels,
    Name,
    Number,
    PageNumber,
    PageSize,
    Tags,
    body_of,
)
from twosigma.adapters.http.wire import Instant, JsonObject, checked, long
from twosigma.app.prompts_read import GroupView
from twosigma.domain.errors import Loc, invalid
from twosigma.domain.prompt_resolution import Resolved
from twosigma.domain.prompts import CHAT, PRODUCTION, PromptHead, PromptVersion

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


def public_prompt_out(prompt: PromptVersion, resolved: Resolved | None = None) -> PublicPromptOut:
    """A version as it is stored, or as it resolves."""
    shown = prompt if resolved is None else resolved
    text = prompt.prompt if resolved is None else resolved.text
    return PublicPromptOut(
        id=str(prompt.id),
        name=prompt.name,
        version=prompt.version,
        type="chat" if prompt.type == CHAT else "text",
        prompt=body_of(prompt, text, shown.messages),
        config=prompt.config,
        labels=prompt.labels,
        tags=prompt.tags,
        commit_message=prompt.commit_message,
        resolution_graph=None if resolved is None else _graph_out(prompt, resolved),
        is_active=PRODUCTION in prompt.labels,
        created_at=prompt.created_at,
        updated_at=prompt.updated_at,
        created_by=prompt.created_by,
        project_id=PROJECT,
    )


def _graph_out(root: PromptVersion, resolved: Resolved) -> PublicGraphOut | None:
    """What refers to what; None where nothing does."""
    if not resolved.graph:
        return None
    return PublicGraphOut(
        root=_node_out(root),
        dependencies={
            str(parent): [_node_out(child) for child in children]
            for parent, children in resolved.graph.items()
        },
    )


def _node_out(prompt: PromptHead) -> PublicNodeOut:
    return PublicNodeOut(name=prompt.name, version=prompt.version, id=str(prompt.id))


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
