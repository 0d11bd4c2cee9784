"""The hit path on PostgreSQL: one statement, which is its own transaction, for all that wait.

A session's row is locked first (or skipped, where another holds it) and read as it then is; what
the other tables say is of the moment the statement began, so a publish that commits meanwhile
counts as after this turn. Ordinals come from the locked row. The parts join on keys only: with
hash joins off, one part joined to another would cost the square of the batch.
"""

import asyncio
from collections import deque
from typing import Any

import asyncpg

from twosigma.adapters.sql.engine import CLIENT_TIMEOUT, SERVER_SETTINGS, WAIT_SECONDS
from twosigma.adapters.sql.failures import told
from twosigma.adapters.sql.types import POSTGRES_SECONDS
from twosigma.domain.errors import Unavailable
from twosigma.ports.chat import Hit, HitRequest

CONNECTIONS = 2
BATCH = 64
"""The most turns in one statement."""
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
WITH asks AS (
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[],
        $6::text[], $7::bytea[], $8::boolean[], $9::text[], $10::text[], $11::text[],
        $12::timestamptz[])
    AS a (session_id, user_id, turn_id, key, content, canonical, digest, is_greeting, settings,
        question_id, answer, now)
), held AS (
    SELECT a.*, s.course_id, s.content_item_id, s.tree_id, s.message_count,
        CASE WHEN a.is_greeting THEN 0 ELSE s.cache_node_id END AS parent_id,
        u.time_zone, (u.role = 'PLATFORM_ADMIN' OR f.user_id IS NOT NULL) AS as_staff
    FROM asks a CROSS JOIN LATERAL (
        SELECT * FROM chat_sessions WHERE id = a.session_id FOR UPDATE SKIP LOCKED
    ) s
    JOIN users u ON u.id = s.user_id
    JOIN epochs p ON p.course_id = 0
    LEFT JOIN epochs c ON c.course_id = s.course_id
    LEFT JOIN course_staff f ON f.course_id = s.course_id AND f.user_id = s.user_id
    WHERE s.user_id = a.user_id AND s.cache_state = 'TRACKING'
        AND (s.turn_status IS DISTINCT FROM 'running' OR s.turn_lease <= {POSTGRES_SECONDS})
        AND s.stamp_platform = p.n AND s.stamp_course = coalesce(c.n, 0)
        AND s.stamp_settings = a.settings
        AND CASE WHEN a.is_greeting THEN s.message_count = 0 ELSE s.cache_node_id IS NOT NULL END
        AND u.is_active
        AND (u.role = 'PLATFORM_ADMIN' OR f.user_id IS NOT NULL OR EXISTS (
            SELECT FROM enrollments e WHERE e.user_id = s.user_id
                AND e.course_id = s.course_id AND e.status IN ('ACTIVE', 'COMPLETED')))
), node AS (
    SELECT held.*, n.id AS node_id, n.graded, n.reply_id, r.body,
        nextval('chat_messages_id_seq') AS asked_id, nextval('chat_messages_id_seq') AS message_id
    FROM held CROSS JOIN LATERAL (
        -- The limit keeps the planner from looking for the digest alone, through every tree.
        SELECT e.id, e.graded, e.reply_id FROM cache_nodes e
        WHERE e.tree_id = held.tree_id AND e.parent_id = held.parent_id
            AND e.digest = held.digest AND e.retired_at IS NULL
        LIMIT 1
    ) n
    JOIN replies r ON r.id = n.reply_id
), asked AS (
    INSERT INTO chat_messages (id, session_id, ordinal, role, content, canonical, meta, turn_id,
        idempotency_key, created_at)
    SELECT asked_id, session_id, message_count, 'user', content, canonical,
        CASE WHEN graded IS NULL THEN '{{}}'::json ELSE json_build_object('graded', graded) END,
        turn_id, key, now
    FROM node
), answered AS (
    INSERT INTO chat_messages (id, session_id, ordinal, role, reply_id, meta, turn_id, created_at)
    SELECT message_id, session_id, message_count + 1, 'assistant', reply_id,
        json_build_object('source', 'cache', 'cache_node_id', node_id), turn_id, now
    FROM node
), moved AS (
    UPDATE chat_sessions s SET cache_node_id = node.node_id,
        message_count = node.message_count + 2,
        greeting_id = CASE WHEN node.is_greeting THEN node.message_id ELSE s.greeting_id END,
        turn_id = node.turn_id, turn_status = 'completed', turn_content = node.content,
        turn_key = node.key, turn_started_at = node.now, turn_lease = NULL,
        turn_owner = NULL, turn_detail = NULL, updated_at = node.now
    FROM node
    WHERE s.id = node.session_id
), told AS (
    INSERT INTO activity_events (user_id, occurred_at, time_zone, kind, course_id,
        content_item_id, as_staff, session_id, turn_id, outcome, node_id, question_id, answer,
        correct)
    SELECT user_id, now, time_zone, 'chat_turn', course_id, content_item_id, as_staff,
        session_id, turn_id, 'hit', node_id, question_id, answer,
        (graded ->> 'correct')::boolean
    FROM node
)
SELECT session_id, message_id, node_id, body FROM node
"""  # noqa: S608 -- only a constant of ours is put in
_FIELDS = (
    "session_id", "user_id", "turn_id", "key", "content", "canonical", "digest", "is_greeting",
    "settings", "question_id", "answer", "now",
)  # fmt: skip

Waiting = tuple[HitRequest, "asyncio.Future[Hit | None]"]


async def _leave_as_is(_connection: object) -> None:
    """Nothing of a connection's state is changed here: asyncpg's reset would be a round trip."""


class PostgresHotPath:
    """Turns queue while the connections are busy; the next statement takes all that wait."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._pool: Any = None
        self._opening = asyncio.Lock()
        self._queue: deque[Waiting] = deque()
        self._flushers: set[asyncio.Task[None]] = set()

    async def advance(self, hit: HitRequest) -> Hit | None:
        answer: asyncio.Future[Hit | None] = asyncio.get_running_loop().create_future()
        self._queue.append((hit, answer))
        self._wake()
        return await answer

    async def close(self) -> None:
        while self._flushers:
            await asyncio.wait(self._flushers)
        if self._pool is not None:
            await self._pool.close()
            self._pool = None

    def _wake(self) -> None:
        if self._queue and len(self._flushers) < CONNECTIONS:
            # A turn's caller may go away in mid-statement, which others share: so a task.
            flusher = asyncio.create_task(self._flush())  # noqa: TID251 -- close() waits for it
            self._flushers.add(flusher)
            flusher.add_done_callback(self._ended)

    def _ended(self, flusher: "asyncio.Task[None]") -> None:
        self._flushers.discard(flusher)
        # A turn that came while the connection was given back found all flushers there still.
        self._wake()

    async def _flush(self) -> None:
        """Write what is queued, over one connection, until nothing is."""
        try:
            with told():
                pool = self._pool or await self._open()
                async with asyncio.timeout(WAIT_SECONDS):
                    connection = await pool.acquire()
        except Exception as error:
            while self._queue:
                _tell(self._queue.popleft()[1], error)
            return
        try:
            while self._queue and not connection.is_closed():
                await self._write(connection, self._take())
        finally:
            await pool.release(connection)

    def _take(self) -> list[Waiting]:
        """As many as one statement takes, each session once."""
        taken: dict[int, Waiting] = {}
        left: list[Waiting] = []
        while self._queue and len(taken) < BATCH:
            entry = self._queue.popleft()
            if entry[1].done():
                continue
            if entry[0].session_id in taken:
                left.append(entry)
            else:
                taken[entry[0].session_id] = entry
        self._queue.extendleft(reversed(left))
        return list(taken.values())

    async def _write(self, connection: Any, batch: list[Waiting]) -> None:
        hits = [hit for hit, _ in batch]
        columns = [[getattr(hit, name) for hit in hits] for name in _FIELDS]
        try:
            with told():
                rows = await connection.fetch(ADVANCE, *columns)
        except Exception as error:
            await self._write_apart(connection, batch, error)
            return
        found = {row[0]: row for row in rows}
        for hit, answer in batch:
            if not answer.done():
                answer.set_result(_hit(hit, found.get(hit.session_id)))

    async def _write_apart(self, connection: Any, batch: list[Waiting], error: Exception) -> None:
        """One of these failed the statement, which wrote nothing: each alone, then."""
        if len(batch) > 1 and not isinstance(error, Unavailable):
            for entry in batch:
                await self._write(connection, [entry])
            return
        for _, answer in batch:
            if isinstance(error, asyncpg.UniqueViolationError):
                if not answer.done():
                    answer.set_result(None)
            else:
                _tell(answer, error)

    async def _open(self) -> Any:
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    self._dsn, min_size=1, max_size=CONNECTIONS, reset=_leave_as_is,
                    timeout=WAIT_SECONDS, command_timeout=CLIENT_TIMEOUT,
                    server_settings=HOT_SETTINGS,
                )  # fmt: skip
            return self._pool


def _tell(answer: "asyncio.Future[Hit | None]", error: Exception) -> None:
    if not answer.done():
        answer.set_exception(
            Unavailable(error.detail, retry_after=error.retry_after)
            if isinstance(error, Unavailable)
            else error
        )


def _hit(hit: HitRequest, row: Any) -> Hit | None:
    if row is None:
        return None
    _, message_id, node_id, body = row
    return Hit(turn_id=hit.turn_id, message_id=message_id, node_id=node_id, body=body)
