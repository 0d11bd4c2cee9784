"""Prompts written: new versions, labels, tags, deletions."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from twosigma.adapters.http.access import Access
from twosigma.adapters.http.prompt_wire import (
    DESCRIPTION,
    TAG,
    Body,
    CommitMessage,
    Kind,
    Labels,
    Name,
    NamePath,
    PromptOut,
    Tags,
    VersionPath,
    prompt_out,
)
from twosigma.adapters.http.route import Group
from twosigma.adapters.http.wire import JsonObject
from twosigma.app.core import TwoSigma
from twosigma.app.prompts_edit import PromptDraft
from twosigma.domain.actor import Actor

prompts_edit = Group(TAG, DESCRIPTION)


class LabelPath(VersionPath, frozen=True, kw_only=True):
    label: Annotated[str, Meta(examples=["staging"])]


class CreatePromptBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`prompt`: a text, or for the type chat a list of messages `{role, content}` and of
    placeholders `{type: "placeholder", name}`. Tags left out stay those of the version before;
    given, they become those of all."""

    name: Name
    prompt: Body
    type: Kind = "text"
    config: JsonObject = {}
    labels: Labels = ()
    tags: Tags | None = None
    commit_message: CommitMessage | None = None


class SetLabelsBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Without `labels` nothing changes."""

    labels: Labels | UnsetType = UNSET


class SetTagsBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Without `tags` nothing changes."""

    tags: Tags | UnsetType = UNSET


class SuccessOut(Struct, frozen=True, kw_only=True):
    success: bool


@prompts_edit.route("POST", "/prompts/", access=Access.INSTRUCTOR, status=201, refuses=(400, 403))
async def create_prompt(core: TwoSigma, actor: Actor, body: CreatePromptBody) -> PromptOut:
    """Create the next version of a prompt; `latest` moves to it.

    All versions of a name are of one type.
    """
    draft = PromptDraft(
        name=body.name,
        prompt=body.prompt,
        type=body.type,
        config=body.config,
        labels=body.labels,
        tags=body.tags,
        commit_message=body.commit_message,
    )
    return prompt_out(await core.prompts_edit.create(actor, draft))


@prompts_edit.route(
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


@prompts_edit.route(
    "DELETE", "/prompts/{prompt_name}/versions/{version}/labels/{label}",
    access=Access.INSTRUCTOR, status=204, refuses=(400, 403, 404),
)  # fmt: skip
async def remove_label(core: TwoSigma, actor: Actor, path: LabelPath) -> None:
    """Take one label off a version, unless a prompt depends on it."""
    await core.prompts_edit.take_label(actor, path.prompt_name, path.version, path.label)


@prompts_edit.route(
    "PATCH", "/prompts/{prompt_name}/tags", access=Access.INSTRUCTOR, refuses=(404,)
)
async def set_tags(core: TwoSigma, actor: Actor, path: NamePath, body: SetTagsBody) -> SuccessOut:
    """Replace the tags of all versions of a prompt."""
    tags = None if body.tags is UNSET else body.tags
    await core.prompts_edit.set_tags(actor, path.prompt_name, tags)
    return SuccessOut(success=True)


@prompts_edit.route(
    "DELETE", "/prompts/{prompt_name}", access=Access.ADMIN, status=204, refuses=(400, 404)
)
async def delete_prompt(core: TwoSigma, actor: Actor, path: NamePath) -> None:
    """Delete a prompt with all its versions, unless another prompt depends on it."""
    await core.prompts_remove.remove(actor, path.prompt_name)


@prompts_edit.route(
    "DELETE", "/prompts/{prompt_name}/versions/{version}", access=Access.ADMIN, status=204,
    refuses=(400, 404),
)  # fmt: skip
async def delete_prompt_version(core: TwoSigma, actor: Actor, path: VersionPath) -> None:
    """Delete one version, unless another prompt depends on it; `latest` moves to the highest
    left.

    Numbers are never used again.
    """
    await core.prompts_remove.remove_version(actor, path.prompt_name, path.version)
