"""Prompts: versions and labels, as Langfuse has them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from twosigma.adapters.http.access import Access
from twosigma.adapters.http.route import Group
from twosigma.adapters.http.wire import Id, JsonObject, checked, long
from twosigma.app.core import TwoSigma
from twosigma.app.prompts_edit import PromptDraft, PromptView
from twosigma.domain.actor import Actor
from twosigma.domain.errors import Invalid, Loc
from twosigma.domain.prompts import PromptVersion, label_faults, name_faults, tag_faults

prompts = Group("Prompts", "Langfuse-style prompt management")


def _name(text: str, loc: Loc) -> None:
    found = name_faults(text.strip(), loc)
    if found:
        raise Invalid(found)


def _labels(words: list[str], loc: Loc) -> None:
    found = label_faults(words, loc)
    if found:
        raise Invalid(found)


def _tags(words: list[str], loc: Loc) -> None:
    found = tag_faults(words, loc)
    if found:
        raise Invalid(found)


Name = Annotated[str, checked(_name, "Video Tutor", maxLength=255)]
Text = Annotated[str, long(100_000, "You are a helpful tutor for {{title}}...", 1)]
Labels = Annotated[tuple[str, ...], checked(_labels, ["production"], maxItems=20)]
Tags = Annotated[tuple[str, ...], checked(_tags, ["tutor", "video"], maxItems=20)]
CommitMessage = Annotated[str, long(500, "Initial version")]
Number = Annotated[int, Meta(ge=1, le=2**31 - 1, examples=[3])]


class VersionPath(Struct, frozen=True, kw_only=True):
    prompt_name: Annotated[str, Meta(examples=["Video Tutor"])]
    version: Number


class CreatePromptBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Tags left out stay those of the version before; given, they become those of all."""

    name: Name
    prompt: Text
    type: Literal["text"] = "text"
    config: JsonObject = {}
    labels: Labels = ()
    tags: Tags | None = None
    commit_message: CommitMessage | None = None


class SetLabelsBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Without `labels` nothing changes."""

    labels: Labels | UnsetType = UNSET


class DependencyOut(Struct, frozen=True, kw_only=True):
    child_name: Annotated[str, Meta(examples=["General Protocol"])]
    child_version: Number | None
    child_label: Annotated[str, Meta(examples=["production"])] | None


class GraphNodeOut(Struct, frozen=True, kw_only=True):
    name: Name
    version: Number
    id: Id


class GraphOut(Struct, frozen=True, kw_only=True):
    """`dependencies`: for each prompt's id, the versions that it names."""

    root: GraphNodeOut
    dependencies: Mapping[str, list[GraphNodeOut]]


class PromptOut(Struct, frozen=True, kw_only=True):
    id: Id
    name: Name
    version: Number
    type: Annotated[str, Meta(examples=["text"])]
    prompt: Text
    config: Mapping[str, Any]
    labels: Labels
    tags: Tags
    commit_message: CommitMessage | None
    created_by: Annotated[str, Meta(examples=["42"])]
    created_at: datetime
    updated_at: datetime
    dependencies: list[DependencyOut]
    resolved_prompt: Text
    resolution_graph: GraphOut


def _node(prompt: PromptVersion) -> GraphNodeOut:
    return GraphNodeOut(name=prompt.name, version=prompt.version, id=prompt.id)


def prompt_out(view: PromptView) -> PromptOut:
    prompt = view.prompt
    graph = {
        str(parent): [_node(child) for child in children]
        for parent, children in view.resolved.graph.items()
    }
    return PromptOut(
        id=prompt.id,
        name=prompt.name,
        version=prompt.version,
        type=prompt.type,
        prompt=prompt.prompt,
        config=prompt.config,
        labels=prompt.labels,
        tags=prompt.tags,
        commit_message=prompt.commit_message,
        created_by=prompt.created_by,
        created_at=prompt.created_at,
        updated_at=prompt.updated_at,
        dependencies=[
            DependencyOut(child_name=ref.name, child_version=ref.version, child_label=ref.label)
            for ref in view.dependencies
        ],
        resolved_prompt=view.resolved.text,
        resolution_graph=GraphOut(root=_node(prompt), dependencies=graph),
    )


@prompts.route("POST", "/prompts/", access=Access.INSTRUCTOR, status=201, refuses=(400, 403))
async def create_prompt(core: TwoSigma, actor: Actor, body: CreatePromptBody) -> PromptOut:
    """Create the next version of a prompt; `latest` moves to it."""
    draft = PromptDraft(
        name=body.name,
        prompt=body.prompt,
        config=body.config,
        labels=body.labels,
        tags=body.tags,
        commit_message=body.commit_message,
    )
    return prompt_out(await core.prompts_edit.create(actor, draft))


@prompts.route(
    "PATCH", "/prompts/{prompt_name}/versions/{version}/labels", access=Access.INSTRUCTOR,
    refuses=(400, 403, 404),
)  # fmt: skip
async def set_labels(
    core: TwoSigma, actor: Actor, path: VersionPath, body: SetLabelsBody
) -> PromptOut:
    """Replace a version's labels. A label is on one version; `latest` cannot be set."""
    labels = None if body.labels is UNSET else body.labels
    view = await core.prompts_edit.set_labels(actor, path.prompt_name, path.version, labels)
    return prompt_out(view)
