"""The tree of cached replies, for a course's staff and platform admins."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from twosigma.adapters.http.access import Access
from twosigma.adapters.http.admin import admin
from twosigma.adapters.http.route import Group
from twosigma.adapters.http.wire import Id, Limit, Listed, Skip
from twosigma.app.cache_admin import DAYS, NodeView, TreeSummary
from twosigma.app.core import TwoSigma
from twosigma.domain.activity import ActivityEvent, Outcome
from twosigma.domain.actor import Actor
from twosigma.domain.catalog import Page

cache = Group(admin.tag, admin.description)

Days = Annotated[int, Meta(ge=1, le=36_500, examples=[DAYS])]


class TreesQuery(Struct, frozen=True, kw_only=True):
    content_item_id: Id | None = None
    course_id: Id | None = None
    skip: Skip = 0
    limit: Limit = 100


class TreePath(Struct, frozen=True, kw_only=True):
    tree_id: Id


class ExplainQuery(Struct, frozen=True, kw_only=True):
    session_id: Id
    skip: Skip = 0
    limit: Limit = 100


class CleanCacheBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`unused_days`: for how long nobody used what is to go."""

    unused_days: Days = DAYS


class TreeOut(Struct, frozen=True, kw_only=True):
    """`prompt_name` and `prompt_version` are null once that version is deleted."""

    id: Id
    content_item_id: Id
    content_title: str
    prompt_name: Annotated[str, Meta(examples=["Tutor"])] | None
    prompt_version: Annotated[int, Meta(examples=[3])] | None
    model: Annotated[str, Meta(examples=["offline/1"])]
    locale: str
    is_current: bool
    node_count: int
    max_depth: int | None
    hits: int
    misses: int
    last_used_at: datetime | None
    created_at: datetime


class NodeOut(Struct, frozen=True, kw_only=True):
    """`parent_id` is null for the greeting; `message` is null while fewer than 5 learners said
    it, unless it is made of listed choices."""

    id: Id
    parent_id: Id | None
    depth: int
    message: Annotated[str, Meta(examples=["Start."])] | None
    reply: Annotated[str, Meta(examples=["Welcome! What is 2 + 2?"])]
    hits: int
    divergences: int
    created_at: datetime


class TreeDetailOut(TreeOut, frozen=True, kw_only=True):
    nodes: list[NodeOut]


class ExplainedTurnOut(Struct, frozen=True, kw_only=True):
    """`reason`: why a turn that was no hit cost a call of the model."""

    turn_id: Annotated[str, Meta(examples=["5f0c2d9e"])]
    outcome: Outcome
    reason: Annotated[str, Meta(examples=["first on this path"])] | None
    created_at: datetime


class CleanedOut(Struct, frozen=True, kw_only=True):
    trees: int
    nodes: int


def _fields_of(view: TreeSummary) -> dict[str, object]:
    tree, use = view.tree, view.use
    name, version = view.prompt or (None, None)
    return {
        "id": tree.id,
        "content_item_id": tree.content_item_id,
        "content_title": view.content_title,
        "prompt_name": name,
        "prompt_version": version,
        "model": tree.model,
        "locale": tree.locale,
        "is_current": view.is_current,
        "node_count": use.node_count,
        "max_depth": use.max_depth,
        "hits": use.hits,
        "misses": use.misses,
        "last_used_at": use.last_used_at,
        "created_at": tree.created_at,
    }


def node_out(view: NodeView) -> NodeOut:
    node = view.node
    return NodeOut(
        id=node.id,
        parent_id=node.parent_id or None,
        depth=node.depth,
        message=view.message,
        reply=node.text,
        hits=view.hits,
        divergences=view.divergences,
        created_at=node.created_at,
    )


def explained_out(event: ActivityEvent) -> ExplainedTurnOut:
    return ExplainedTurnOut(
        turn_id=event.turn_id,  # type: ignore[arg-type]  # a chat turn has one
        outcome=event.outcome,  # type: ignore[arg-type]  # and the other
        reason=event.reason,
        created_at=event.occurred_at,
    )


@cache.route("GET", "/admin/cache/trees", access=Access.USER, refuses=(403, 404))
async def list_cache_trees(core: TwoSigma, actor: Actor, query: TreesQuery) -> Listed[TreeOut]:
    """List the trees of a content item or of a course, or all for platform admins."""
    page = Page(skip=query.skip, limit=query.limit)
    views, total = await core.cache_admin.trees(actor, query.content_item_id, query.course_id, page)
    return Listed([TreeOut(**_fields_of(view)) for view in views], total)  # type: ignore[arg-type]  # the fields above


@cache.route("GET", "/admin/cache/trees/{tree_id}", access=Access.USER, refuses=(404,))
async def get_cache_tree(core: TwoSigma, actor: Actor, path: TreePath) -> TreeDetailOut:
    """Get a tree with its nodes: what was asked and replied, how often, and who left where."""
    view = await core.cache_admin.tree(actor, path.tree_id)
    nodes = [node_out(one) for one in view.nodes]
    return TreeDetailOut(**_fields_of(view), nodes=nodes)  # type: ignore[arg-type]  # the fields above


@cache.route("GET", "/admin/cache/explain", access=Access.USER, refuses=(404,))
async def explain_session(
    core: TwoSigma, actor: Actor, query: ExplainQuery
) -> Listed[ExplainedTurnOut]:
    """Explain, turn by turn, why a session's answers cost a call of the model or did not."""
    events = await core.cache_admin.explain(actor, query.session_id)
    shown = events[query.skip : query.skip + query.limit]
    return Listed([explained_out(event) for event in shown], len(events))


@cache.route("POST", "/admin/jobs/cache-cleanup", access=Access.ADMIN, may_be_empty=True)
async def clean_cache(core: TwoSigma, actor: Actor, body: CleanCacheBody) -> CleanedOut:
    """Delete trees that no lesson can reach any more and nobody used for so many days."""
    trees, nodes = await core.cache_admin.clean(actor, body.unused_days)
    return CleanedOut(trees=trees, nodes=nodes)
