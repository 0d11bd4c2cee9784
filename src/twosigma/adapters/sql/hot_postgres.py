"""The hit path on PostgreSQL: one statement, which is its own transaction.

The session's row is locked first (or skipped, where another holds it) and read again as it then
is; what the other tables say is of the moment the statement began, so a publish that commits
meanwhile counts as after this turn. Ordinals come from the locked row.
"""

import asyncio
from typing import Any

import asyncpg

from twosigma.adapters.sql.engine import CLIENT_TIMEOUT, SERVER_SETTINGS, WAIT_SECONDS
from twosigma.adapters.sql.failures import told
from twosigma.adapters.sql.types import POSTGRES_SECONDS
from twosigma.ports.chat import Hit, HitRequest

CONNECTIONS = 2
# A statement planned while its tables are empty would read them whole for ever after.
HOT_SETTINGS = {
    **SERVER_SETTINGS,
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "plan_cache_mode": "force_generic_plan",
    "jit": "off",
}

ADVANCE = f"""
WITH held AS (
    SELECT s.id, s.user_id, s.course_id, s.content_item_id, s.tree_id, s.message_count,
        CASE WHEN $8::boolean THEN 0 ELSE s.cache_node_id END AS parent_id,
        u.time_zone, (u.role = 'PLATFORM_ADMIN' OR f.user_id IS NOT NULL) AS as_staff
    FROM chat_sessions s
    JOIN users u ON u.id = s.user_id
    JOIN epochs p ON p.course_id = 0
    LEFT JOIN epochs c ON c.course_id = s.course_id
    LEFT JOIN course_staff f ON f.course_id = s.course_id AND f.user_id = s.user_id
    WHERE s.id = $1::bigint AND s.user_id = $2::bigint AND s.cache_state = 'TRACKING'
        AND (s.turn_status IS DISTINCT FROM 'running' OR s.turn_lease <= {POSTGRES_SECONDS})
        AND s.stamp_platform = p.n AND s.stamp_course = coalesce(c.n, 0)
        AND s.stamp_settings = $9::text
        AND CASE WHEN $8::boolean THEN s.message_count = 0 ELSE s.cache_node_id IS NOT NULL END
        AND u.is_active
        AND (u.role = 'PLATFORM_ADMIN' OR f.user_id IS NOT NULL OR EXISTS (
            SELECT FROM enrollments e WHERE e.user_id = s.user_id
                AND e.course_id = s.course_id AND e.status IN ('ACTIVE', 'COMPLETED')))
    FOR UPDATE OF s SKIP LOCKED
), node AS (
    SELECT held.*, n.id AS node_id, n.graded, n.reply_id, r.body
    FROM held CROSS JOIN LATERAL (
        -- The limit keeps the planner from looking for the digest alone, through every tree.
        SELECT e.id, e.graded, e.reply_id FROM cache_nodes e
        WHERE e.tree_id = held.tree_id AND e.parent_id = held.parent_id
            AND e.digest = $7::bytea AND e.retired_at IS NULL
        LIMIT 1
    ) n
    JOIN replies r ON r.id = n.reply_id
), asked AS (
    INSERT INTO chat_messages (session_id, ordinal, role, content, canonical, meta, turn_id,
        idempotency_key, created_at)
    SELECT id, message_count, 'user', $5::text, $6::text,
        CASE WHEN graded IS NULL THEN '{{}}'::json ELSE json_build_object('graded', graded) END,
        $3::text, $4::text, $12::timestamptz
    FROM node
    RETURNING session_id
), answered AS (
    INSERT INTO chat_messages (session_id, ordinal, role, reply_id, meta, turn_id, created_at)
    SELECT id, message_count + 1, 'assistant', reply_id,
        json_build_object('source', 'cache', 'cache_node_id', node_id), $3::text, $12::timestamptz
    FROM node JOIN asked ON asked.session_id = node.id
    RETURNING id
), moved AS (
    UPDATE chat_sessions s SET cache_node_id = node.node_id,
        message_count = node.message_count + 2,
        greeting_id = CASE WHEN $8::boolean THEN answered.id ELSE s.greeting_id END,
        turn_id = $3::text, turn_status = 'completed', turn_content = $5::text,
        turn_key = $4::text, turn_started_at = $12::timestamptz, turn_lease = NULL,
        turn_owner = NULL, turn_detail = NULL, updated_at = $12::timestamptz
    FROM node, answered
    WHERE s.id = node.id
), told AS (
    INSERT INTO activity_events (user_id, occurred_at, time_zone, kind, course_id,
        content_item_id, as_staff, session_id, turn_id, outcome, node_id, question_id, answer,
        correct)
    SELECT user_id, $12::timestamptz, time_zone, 'chat_turn', course_id, content_item_id,
        as_staff, id, $3::text, 'hit', node_id, $10::text, $11::text,
        (graded ->> 'correct')::boolean
    FROM node
)
SELECT answered.id AS message_id, node.node_id, node.body FROM node, answered
"""  # noqa: S608 -- only a constant of ours is put in


async def _leave_as_is(_connection: object) -> None:
    """Nothing of a connection's state is changed here: asyncpg's reset would be a round trip."""


class PostgresHotPath:
    """Two connections serve a process: a statement takes a fraction of a millisecond."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._pool: Any = None
        self._opening = asyncio.Lock()

    async def advance(self, hit: HitRequest) -> Hit | None:
        with told():
            pool = self._pool or await self._open()
            async with asyncio.timeout(WAIT_SECONDS):
                connection = await pool.acquire()
            try:
                row = await connection.fetchrow(
                    ADVANCE, hit.session_id, hit.user_id, hit.turn_id, hit.key, hit.content,
                    hit.canonical, hit.digest, hit.is_greeting, hit.settings, hit.question_id,
                    hit.answer, hit.now,
                )  # fmt: skip
            except asyncpg.UniqueViolationError:
                return None
            finally:
                await pool.release(connection)
        if row is None:
            return None
        message_id, node_id, body = row
        return Hit(turn_id=hit.turn_id, message_id=message_id, node_id=node_id, body=body)

    async def _open(self) -> Any:
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    self._dsn, min_size=1, max_size=CONNECTIONS, reset=_leave_as_is,
                    timeout=WAIT_SECONDS, command_timeout=CLIENT_TIMEOUT,
                    server_settings=HOT_SETTINGS,
                )  # fmt: skip
            return self._pool

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.close()
            self._pool = None
