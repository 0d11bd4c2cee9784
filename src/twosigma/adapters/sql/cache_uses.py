"""How the tree of cached replies is used: statements that only look."""

from sqlalchemy import ColumnElement, Select, bindparam, func, select, union_all

from twosigma.adapters.sql.schema import (
    IS_HIT,
    IS_MISS,
    activity_events,
    cache_nodes,
    chat_sessions,
)
from twosigma.domain.cache_tree import CacheState

_in_tree = cache_nodes.c.tree_id == bindparam("tree_id")
_in_trees = cache_nodes.c.tree_id.in_(bindparam("tree_ids", expanding=True))

HITS = (
    select(activity_events.c.node_id, func.count().label("times"))
    .join(cache_nodes, cache_nodes.c.id == activity_events.c.node_id)
    .where(_in_tree, IS_HIT)
    .group_by(activity_events.c.node_id)
)
DIVERGENCES = (
    select(chat_sessions.c.cache_node_id.label("node_id"), func.count().label("times"))
    .where(
        chat_sessions.c.tree_id == bindparam("tree_id"),
        chat_sessions.c.cache_state == CacheState.DIVERGED,
        chat_sessions.c.cache_node_id.is_not(None),
    )
    .group_by(chat_sessions.c.cache_node_id)
)


def _events(where: ColumnElement[bool], outcome: ColumnElement[bool]) -> Select[tuple[object, ...]]:
    """The events of one outcome at these nodes; one outcome a statement, for each has an index
    of its own."""
    return (
        select(
            cache_nodes.c.tree_id,
            activity_events.c.node_id,
            activity_events.c.user_id,
            activity_events.c.as_staff,
            activity_events.c.occurred_at.label("at"),
            activity_events.c.outcome,
        )
        .join(cache_nodes, cache_nodes.c.id == activity_events.c.node_id)
        .where(where, outcome)
    )


_shown = union_all(_events(_in_tree, IS_HIT), _events(_in_tree, IS_MISS)).subquery()
LEARNERS = (
    select(_shown.c.node_id, func.count(_shown.c.user_id.distinct()).label("times"))
    .where(_shown.c.as_staff.is_(False))
    .group_by(_shown.c.node_id)
)

SIZES = (
    select(
        cache_nodes.c.tree_id,
        func.count().label("node_count"),
        func.max(cache_nodes.c.depth).label("max_depth"),
        func.max(cache_nodes.c.created_at).label("last_made_at"),
    )
    .where(_in_trees, cache_nodes.c.retired_at.is_(None))
    .group_by(cache_nodes.c.tree_id)
)
_used = union_all(_events(_in_trees, IS_HIT), _events(_in_trees, IS_MISS)).subquery()
USES = select(
    _used.c.tree_id, _used.c.outcome, func.count().label("times"), func.max(_used.c.at).label("at")
).group_by(_used.c.tree_id, _used.c.outcome)

_uses = union_all(
    select(cache_nodes.c.created_at.label("at")).where(_in_tree),
    select(activity_events.c.occurred_at.label("at"))
    .join(cache_nodes, cache_nodes.c.id == activity_events.c.node_id)
    .where(_in_tree, IS_HIT),
).subquery()
LAST_USED = select(func.max(_uses.c.at))
