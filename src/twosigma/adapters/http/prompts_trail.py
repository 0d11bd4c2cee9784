"""What a prompt is tied to: differences between versions, dependents, history."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Struct, field

from twosigma.adapters.http.access import Access
from twosigma.adapters.http.prompt_wire import (
    DESCRIPTION,
    TAG,
    Labels,
    Name,
    NamePath,
    Number,
)
from twosigma.adapters.http.route import Group
from twosigma.adapters.http.wire import Id, Limit, Listed, Skip, name
from twosigma.app.core import TwoSigma
from twosigma.app.prompts_trail import Act, Dependents
from twosigma.domain.actor import Actor
from twosigma.domain.audit import Action
from twosigma.domain.catalog import Page
from twosigma.ports.prompts import Use

prompts_trail = Group(TAG, DESCRIPTION)

Title = Annotated[str, name(200, "Algebra")]


class DiffQuery(Struct, frozen=True, kw_only=True):
    before: Number = field(name="from")
    after: Number = field(name="to")


class DiffPartOut(Struct, frozen=True, kw_only=True):
    """Lines that stay (`equal`), go or come. Joined by line feeds, those that stay and go are the
    one text, those that stay and come the other."""

    op: Literal["equal", "delete", "insert"]
    lines: list[str]


class ConfigChangeOut(Struct, frozen=True, kw_only=True):
    """A key of the config that differs; null where it is not there."""

    key: str
    before: Any
    after: Any


class DiffOut(Struct, frozen=True, kw_only=True):
    name: Name
    from_version: Number
    to_version: Number
    text: list[DiffPartOut]
    config: list[ConfigChangeOut]


class DependentPromptOut(Struct, frozen=True, kw_only=True):
    id: Id
    name: Name
    version: Number
    labels: Labels


class UseOut(Struct, frozen=True, kw_only=True):
    """`course_id` is null for a content type, which is of no course."""

    id: Id
    title: Title
    course_id: Id | None


class DependentsOut(Struct, frozen=True, kw_only=True):
    """`hidden`: how many are left out, as they are of courses whose staff the asker is not in;
    `is_fallback`: lessons for which nobody has named a prompt are taught with this."""

    prompts: list[DependentPromptOut]
    courses: list[UseOut]
    content_items: list[UseOut]
    content_types: list[UseOut]
    cache_trees: list[UseOut]
    hidden: int
    is_fallback: bool


class PromptActOut(Struct, frozen=True, kw_only=True):
    """`actor_id` is null for the operator's command line."""

    occurred_at: datetime
    actor_id: Id | None
    actor: Annotated[str, name(200, "Jane Doe")] | None
    action: Action
    details: Mapping[str, Any]


class HistoryQuery(Struct, frozen=True, kw_only=True):
    skip: Skip = 0
    limit: Limit = 100


@prompts_trail.route("GET", "/prompts/{prompt_name}/diff", access=Access.INSTRUCTOR, refuses=(404,))
async def diff_prompt_versions(
    core: TwoSigma, actor: Actor, path: NamePath, query: DiffQuery
) -> DiffOut:
    """Show what one version changes of another, in text and config."""
    found = await core.prompts_read.diff(actor, path.prompt_name, query.before, query.after)
    return DiffOut(
        name=path.prompt_name,
        from_version=query.before,
        to_version=query.after,
        text=[DiffPartOut(op=part.op, lines=list(part.lines)) for part in found.text],
        config=[
            ConfigChangeOut(key=one.key, before=one.before, after=one.after) for one in found.config
        ],
    )


@prompts_trail.route(
    "GET", "/prompts/{prompt_name}/dependents", access=Access.INSTRUCTOR, refuses=(404,)
)
async def list_prompt_dependents(core: TwoSigma, actor: Actor, path: NamePath) -> DependentsOut:
    """Show what a change of this prompt would reach: prompts, courses, content types, caches."""
    return _dependents_out(await core.prompts_trail.dependents(actor, path.prompt_name))


def _dependents_out(found: Dependents) -> DependentsOut:
    def of(kind: str) -> list[UseOut]:
        return [_use_out(use) for use in found.uses if use.kind == kind]

    return DependentsOut(
        prompts=[
            DependentPromptOut(id=one.id, name=one.name, version=one.version, labels=one.labels)
            for one in found.prompts
        ],
        courses=of("course"),
        content_items=of("content_item"),
        content_types=of("content_type"),
        cache_trees=of("cache_tree"),
        hidden=found.hidden,
        is_fallback=found.is_fallback,
    )


def _use_out(use: Use) -> UseOut:
    return UseOut(id=use.id, title=use.title, course_id=use.course_id)


@prompts_trail.route(
    "GET", "/prompts/{prompt_name}/history", access=Access.INSTRUCTOR, refuses=(404,)
)
async def list_prompt_history(
    core: TwoSigma, actor: Actor, path: NamePath, query: HistoryQuery
) -> Listed[PromptActOut]:
    """List who created, labeled, tagged and deleted what of a prompt, newest first."""
    page = Page(skip=query.skip, limit=query.limit)
    acts, total = await core.prompts_trail.history(actor, path.prompt_name, page)
    return Listed([_act_out(act) for act in acts], total)


def _act_out(act: Act) -> PromptActOut:
    entry = act.entry
    return PromptActOut(
        occurred_at=entry.occurred_at,
        actor_id=entry.actor_id,
        actor=act.actor,
        action=entry.action,
        details=entry.details,
    )
