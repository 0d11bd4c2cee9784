"""Prompts read: lists, one as it resolves, and a text as it would be."""

from datetime import datetime
from typing import Annotated

from msgspec import Struct

from twosigma.adapters.http.access import Access
from twosigma.adapters.http.prompt_wire import (
    DESCRIPTION,
    TAG,
    Author,
    CommitMessage,
    DependencyOut,
    Kind,
    Label,
    Labels,
    Name,
    NamePath,
    Number,
    PageNumber,
    PageSize,
    PromptOut,
    Tags,
    Text,
    dependencies_out,
    prompt_out,
)
from twosigma.adapters.http.route import Group
from twosigma.adapters.http.wire import Counted, Envelope, Id, Listed, checked, fits, long
from twosigma.adapters.http.wire import name as named
from twosigma.app.core import TwoSigma
from twosigma.app.prompts_read import VersionView
from twosigma.domain.actor import Actor
from twosigma.domain.prompt_lists import Numbered, PromptFilter, PromptGroup

prompts = Group(TAG, DESCRIPTION)

Variables = Annotated[dict[str, str | int | float | bool], checked(fits, {"title": "Math 101"})]


class PromptsQuery(Struct, frozen=True, kw_only=True):
    """The filters look at versions: a group tells of those that fit."""

    name: Annotated[str, long(255, "tutor")] | None = None
    label: Label | None = None
    tag: Annotated[str, long(255, "math")] | None = None
    page: PageNumber = 1
    page_size: PageSize = 20


class PromptQuery(Struct, frozen=True, kw_only=True):
    version: Number | None = None
    label: Label | None = None


class VersionsQuery(Struct, frozen=True, kw_only=True):
    page: PageNumber = 1
    page_size: PageSize = 20


class PromptGroupOut(Struct, frozen=True, kw_only=True):
    name: Name
    type: Kind
    versions: list[Number]
    labels: Labels
    tags: Tags
    last_updated_at: datetime


class PromptGroupsOut(Envelope[PromptGroupOut], frozen=True):
    """A page of names, and how many there are in all."""

    page: PageNumber
    page_size: PageSize


class PromptVersionOut(Struct, frozen=True, kw_only=True):
    """`creator`: the full name of the account that made it; null where it is of none."""

    id: Id
    name: Name
    version: Number
    labels: Labels
    commit_message: CommitMessage | None
    created_by: Author
    creator: Annotated[str, named(200, "Jane Doe")] | None
    created_at: datetime


class PromptVersionsOut(Counted, frozen=True, kw_only=True):
    versions: list[PromptVersionOut]


class PromptNameOut(Struct, frozen=True, kw_only=True):
    """`id`: of the latest version."""

    name: Name
    id: Id


class LinkOptionOut(Struct, frozen=True, kw_only=True):
    name: Name
    versions: list[Number]
    labels: Labels


class PreviewBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    prompt_text: Text
    variables: Variables = {}


class PreviewOut(Struct, frozen=True, kw_only=True):
    """`variables_used`: all that the resolved text names; of these `variables_missing` were given
    no value; `variables_unused` were given, and it does not name them."""

    rendered_prompt: str
    variables_used: list[str]
    variables_missing: list[str]
    variables_unused: list[str]
    dependencies_found: list[DependencyOut]


def _group_out(group: PromptGroup) -> PromptGroupOut:
    return PromptGroupOut(
        name=group.name,
        type="chat" if group.type == "chat" else "text",
        versions=list(group.versions),
        labels=group.labels,
        tags=group.tags,
        last_updated_at=group.last_updated_at,
    )


def _version_out(view: VersionView) -> PromptVersionOut:
    head = view.head
    return PromptVersionOut(
        id=head.id,
        name=head.name,
        version=head.version,
        labels=head.labels,
        commit_message=head.commit_message,
        created_by=head.created_by,
        creator=view.creator,
        created_at=head.created_at,
    )


@prompts.route("GET", "/prompts/", access=Access.INSTRUCTOR)
async def list_prompts(core: TwoSigma, actor: Actor, query: PromptsQuery) -> PromptGroupsOut:
    """List prompts by name, with their versions, labels and tags."""
    wanted = PromptFilter(name=query.name, label=query.label, tag=query.tag)
    page = Numbered(page=query.page, size=query.page_size)
    groups, total = await core.prompts_read.list(actor, wanted, page)
    return PromptGroupsOut(
        [_group_out(group) for group in groups], total, query.page, query.page_size
    )


@prompts.route("GET", "/prompts/labels", access=Access.INSTRUCTOR)
async def list_prompt_labels(core: TwoSigma, actor: Actor) -> Listed[str]:
    """List every label in use, `latest` last."""
    labels = await core.prompts_read.labels(actor)
    return Listed(list(labels), len(labels))


@prompts.route("GET", "/prompts/names", access=Access.INSTRUCTOR)
async def list_prompt_names(core: TwoSigma, actor: Actor) -> Listed[PromptNameOut]:
    """List every name, with the id of its latest version."""
    groups = await core.prompts_read.groups(actor)
    rows = [PromptNameOut(name=group.name, id=group.newest_id) for group in groups]
    return Listed(rows, len(rows))


@prompts.route("GET", "/prompts/link-options", access=Access.INSTRUCTOR)
async def list_link_options(core: TwoSigma, actor: Actor) -> Listed[LinkOptionOut]:
    """List what a reference can name: every prompt with its versions and labels."""
    groups = await core.prompts_read.groups(actor)
    rows = [
        LinkOptionOut(name=group.name, versions=list(group.versions), labels=group.labels)
        for group in groups
    ]
    return Listed(rows, len(rows))


@prompts.route("POST", "/prompts/preview", access=Access.INSTRUCTOR, refuses=(400,))
async def preview_prompt(core: TwoSigma, actor: Actor, body: PreviewBody) -> PreviewOut:
    """Show what a text would become with these variables; nothing is stored."""
    view = await core.prompts_read.preview(actor, body.prompt_text, body.variables)
    return PreviewOut(
        rendered_prompt=view.preview.text,
        variables_used=list(view.preview.used),
        variables_missing=list(view.preview.missing),
        variables_unused=list(view.preview.unused),
        dependencies_found=dependencies_out(view.dependencies),
    )


@prompts.route("GET", "/prompts/{prompt_name}", access=Access.INSTRUCTOR, refuses=(400, 404))
async def get_prompt(core: TwoSigma, actor: Actor, path: NamePath, query: PromptQuery) -> PromptOut:
    """Get a version, raw and with its dependencies inlined.

    By number or by label; without either the one labeled `production`.
    """
    view = await core.prompts_read.get(actor, path.prompt_name, query.version, query.label)
    return prompt_out(view)


@prompts.route("GET", "/prompts/{prompt_name}/versions", access=Access.INSTRUCTOR, refuses=(404,))
async def list_prompt_versions(
    core: TwoSigma, actor: Actor, path: NamePath, query: VersionsQuery
) -> PromptVersionsOut:
    """List a prompt's versions, newest first."""
    page = Numbered(page=query.page, size=query.page_size)
    views, total = await core.prompts_read.versions(actor, path.prompt_name, page)
    return PromptVersionsOut(versions=[_version_out(view) for view in views], total=total)
