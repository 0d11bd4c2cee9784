"""What prompts look like on the wire."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, to_builtins

from twosigma.adapters.http.wire import Id, checked, long
from twosigma.app.prompt_graph import PromptView
from twosigma.domain.chat_prompts import Part
from twosigma.domain.errors import Invalid, Loc
from twosigma.domain.prompt_refs import Ref
from twosigma.domain.prompts import (
    TEXT,
    PromptHead,
    PromptVersion,
    label_faults,
    name_faults,
    tag_faults,
)

TAG = "Prompts"
DESCRIPTION = "Langfuse-style prompt management"


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
Kind = Annotated[Literal["text", "chat"], Meta(examples=["text"])]
Body = Text | list[dict[str, Any]]
Label = Annotated[str, long(255, "production")]
Labels = Annotated[tuple[str, ...], checked(_labels, ["production"], maxItems=20)]
Tags = Annotated[tuple[str, ...], checked(_tags, ["tutor", "video"], maxItems=20)]
CommitMessage = Annotated[str, long(500, "Initial version")]
Number = Annotated[int, Meta(ge=1, le=2**31 - 1, examples=[3])]
PageNumber = Annotated[int, Meta(ge=1, le=2**31 - 1, examples=[1])]
PageSize = Annotated[int, Meta(ge=1, le=100, examples=[20])]
Author = Annotated[str, Meta(examples=["42"])]


class NamePath(Struct, frozen=True, kw_only=True):
    prompt_name: Annotated[str, Meta(examples=["Video Tutor"])]


class VersionPath(NamePath, frozen=True, kw_only=True):
    version: Number


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
    """`prompt` and `resolved_prompt` are texts, or lists of messages where `type` is chat."""

    id: Id
    name: Name
    version: Number
    type: Kind
    prompt: Body
    config: Mapping[str, Any]
    labels: Labels
    tags: Tags
    commit_message: CommitMessage | None
    created_by: Author
    created_at: datetime
    updated_at: datetime
    dependencies: list[DependencyOut]
    resolved_prompt: Body
    resolution_graph: GraphOut


def node_out(prompt: PromptHead) -> GraphNodeOut:
    return GraphNodeOut(name=prompt.name, version=prompt.version, id=prompt.id)


def dependencies_out(refs: tuple[Ref, ...]) -> list[DependencyOut]:
    return [
        DependencyOut(child_name=ref.name, child_version=ref.version, child_label=ref.label)
        for ref in refs
    ]


def prompt_out(view: PromptView) -> PromptOut:
    prompt, resolved = view.prompt, view.resolved
    graph = {
        str(parent): [node_out(child) for child in children]
        for parent, children in resolved.graph.items()
    }
    return PromptOut(
        id=prompt.id,
        name=prompt.name,
        version=prompt.version,
        type="text" if prompt.type == TEXT else "chat",
        prompt=body_of(prompt, prompt.prompt, prompt.messages),
        config=prompt.config,
        labels=prompt.labels,
        tags=prompt.tags,
        commit_message=prompt.commit_message,
        created_by=prompt.created_by,
        created_at=prompt.created_at,
        updated_at=prompt.updated_at,
        dependencies=dependencies_out(view.dependencies),
        resolved_prompt=body_of(prompt, resolved.text, resolved.messages),
        resolution_graph=GraphOut(root=node_out(prompt), dependencies=graph),
    )


def body_of(prompt: PromptVersion, text: str, messages: tuple[Part, ...]) -> Body:
    return text if prompt.type == TEXT else list(to_builtins(messages))
