"""Langfuse's public API: prompts read, written, labeled and deleted by its SDKs."""

from datetime import datetime

from twosigma.adapters.http.access import Access
from twosigma.adapters.http.langfuse.errors import PREFIX
from twosigma.adapters.http.langfuse.wire import (
    PROJECT,
    AddLabelsBody,
    CreatePublicPromptBody,
    OrganizationOut,
    PageOut,
    ProjectOut,
    ProjectsOut,
    PublicPromptOut,
    PublicPromptQuery,
    PublicPromptsOut,
    PublicPromptsQuery,
    PublicRemovalQuery,
    public_group_out,
    public_prompt_out,
)
from twosigma.adapters.http.prompt_wire import NamePath, VersionPath
from twosigma.adapters.http.route import Group
from twosigma.adapters.http.wire import in_utc
from twosigma.app.core import TwoSigma
from twosigma.app.prompts_edit import PromptDraft
from twosigma.domain.actor import Actor
from twosigma.domain.prompt_lists import Numbered, PromptFilter

public = Group("Langfuse", "Langfuse's public API for prompts, for its SDKs", prefix=PREFIX)


@public.route("GET", "/projects", access=Access.KEY)
async def list_public_projects(core: TwoSigma) -> ProjectsOut:  # noqa: ARG001 -- it is always the same
    """List what the API key opens: the one project there is."""
    organization = OrganizationOut(id=PROJECT, name="2Sigma")
    return ProjectsOut(
        data=[ProjectOut(id=PROJECT, name="2Sigma", organization=organization, metadata={})]
    )


@public.route("GET", "/v2/prompts", access=Access.KEY)
async def list_public_prompts(
    core: TwoSigma, actor: Actor, query: PublicPromptsQuery
) -> PublicPromptsOut:
    """List prompts by name, with the versions that fit the filters."""
    wanted = PromptFilter(
        exact=query.name,
        version=query.version,
        label=query.label,
        tag=query.tag,
        updated_from=_instant(query.from_updated_at),
        updated_before=_instant(query.to_updated_at),
    )
    page = Numbered(page=query.page, size=query.limit)
    views, total = await core.prompts_read.list_with_configs(actor, wanted, page)
    meta = PageOut(
        page=query.page, limit=query.limit, total_items=total,
        total_pages=-(-total // query.limit),
    )  # fmt: skip
    return PublicPromptsOut(data=[*map(public_group_out, views)], meta=meta, pagination=meta)


def _instant(given: datetime | None) -> datetime | None:
    return None if given is None else in_utc(given)


@public.route("GET", "/v2/prompts/{prompt_name}", access=Access.KEY, refuses=(404,))
async def get_public_prompt(
    core: TwoSigma, actor: Actor, path: NamePath, query: PublicPromptQuery
) -> PublicPromptOut:
    """Get a version by number or by label; without either the one labeled `production`."""
    wanted = (path.prompt_name, query.version, query.label)
    if not query.resolve:
        return public_prompt_out(await core.prompts_read.raw(actor, *wanted))
    view = await core.prompts_read.get(actor, *wanted)
    return public_prompt_out(view.prompt, view.resolved)


@public.route("POST", "/v2/prompts", access=Access.KEY, status=201)
async def create_public_prompt(
    core: TwoSigma, actor: Actor, body: CreatePublicPromptBody
) -> PublicPromptOut:
    """Create the next version of a prompt; `latest` moves to it."""
    draft = PromptDraft(
        name=body.name,
        prompt=body.prompt,
        type=body.type or "text",
        config=body.config or {},
        labels=body.labels or (),
        tags=body.tags,
        commit_message=body.commit_message,
    )
    return public_prompt_out((await core.prompts_edit.create(actor, draft)).prompt)


@public.route(
    "PATCH", "/v2/prompts/{prompt_name}/versions/{version}", access=Access.KEY, refuses=(404,)
)
async def label_public_prompt(
    core: TwoSigma, actor: Actor, path: VersionPath, body: AddLabelsBody
) -> PublicPromptOut:
    """Put labels on a version, beside those it bears; they leave other versions."""
    view = await core.prompts_edit.add_labels(
        actor, path.prompt_name, path.version, body.new_labels
    )
    return public_prompt_out(view.prompt)


@public.route("DELETE", "/v2/prompts/{prompt_name}", access=Access.KEY, status=204, refuses=(404,))
async def delete_public_prompt(
    core: TwoSigma, actor: Actor, path: NamePath, query: PublicRemovalQuery
) -> None:
    """Delete a prompt: one version, the one with a label, or all of them.

    What another prompt depends on stays.
    """
    await core.prompts_remove.remove_chosen(actor, path.prompt_name, query.version, query.label)
