"""What a course is made of, counted in the tables themselves."""

from twosigma.adapters.memory.store import MemoryStore
from twosigma.adapters.sql.schema import metadata
from twosigma.adapters.sql.store import SqlStore
from twosigma.ports.store import Store

IN_MEMORY = (
    "courses", "course_by_code", "course_by_origin", "staff", "offerings", "invitations",
    "enrollments", "modules", "items", "sessions", "session_by_share", "leases", "lines", "keys",
    "replies", "reply_uses", "trees", "tree_by_fingerprint", "nodes", "node_at", "children",
    "offerings_of_course", "modules_of_course", "items_of_course", "nodes_of_tree",
)  # fmt: skip
IN_SQL = (
    "courses", "course_staff", "offerings", "invitations", "enrollments", "modules",
    "content_items", "chat_sessions", "chat_messages", "replies", "cache_trees", "cache_nodes",
)  # fmt: skip


async def rows(store: Store) -> dict[str, int]:
    """How many rows there are of each thing that a course is made of."""
    if isinstance(store, MemoryStore):
        tables = vars(store._tables)
        return {name: len(list(tables[name].items())) for name in IN_MEMORY}
    assert isinstance(store, SqlStore)
    async with store._writing() as sql:
        return {name: len(await sql.all(metadata.tables[name].select())) for name in IN_SQL}
