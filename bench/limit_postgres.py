"""The limit on PostgreSQL: asyncpg alone, natural group commit over two connections.

Turns queue; while a connection is busy the queue grows, and its next statement takes all. No
timer, so that a lone turn waits for nothing.
"""

import asyncio
from collections import deque
from datetime import UTC, datetime
from typing import Any

import asyncpg

from bench.limit import Answer, Turn, run

CONNECTIONS = 2
BATCH = 64
NAME = "twosigma-limit"
"""By which its connections are known in the database."""
# Planned over empty tables, a statement would scan them for ever after.
SETTINGS = {
    "application_name": NAME,
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "plan_cache_mode": "force_generic_plan",
    "jit": "off",
}
STATEMENT = """
WITH asks AS (
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::bytea[],
        $6::boolean[], $7::text[], $8::text[])
    AS a (session_id, user_id, turn_id, content, digest, is_greeting, question_id, answer)
), node AS (
    SELECT a.*, s.course_id, s.content_item_id, s.message_count, u.time_zone, n.id AS node_id,
        n.graded, n.reply_id, r.body,
        nextval('chat_messages_id_seq') AS asked_id, nextval('chat_messages_id_seq') AS message_id
    FROM asks a
    CROSS JOIN LATERAL (
        SELECT * FROM chat_sessions WHERE id = a.session_id FOR UPDATE SKIP LOCKED
    ) s
    JOIN users u ON u.id = s.user_id AND u.is_active
    JOIN epochs p ON p.course_id = 0 AND p.n = s.stamp_platform
    LEFT JOIN epochs c ON c.course_id = s.course_id
    CROSS JOIN LATERAL (
        SELECT e.id, e.graded, e.reply_id FROM cache_nodes e
        WHERE e.tree_id = s.tree_id AND e.digest = a.digest AND e.retired_at IS NULL
            AND e.parent_id = CASE WHEN a.is_greeting THEN 0 ELSE s.cache_node_id END
        LIMIT 1
    ) n
    JOIN replies r ON r.id = n.reply_id
    -- Not EXISTS: the planner would make a join of it that reads all enrollments.
    CROSS JOIN LATERAL (
        SELECT FROM enrollments e WHERE e.user_id = s.user_id AND e.course_id = s.course_id
            AND e.status IN ('ACTIVE', 'COMPLETED')
        LIMIT 1
    ) enrolled
    WHERE s.user_id = a.user_id AND s.cache_state = 'TRACKING'
        AND s.turn_status IS DISTINCT FROM 'running'
        AND s.stamp_course = coalesce(c.n, 0) AND s.stamp_settings = $9
        AND (NOT a.is_greeting OR s.message_count = 0)
), said AS (
    INSERT INTO chat_messages (id, session_id, ordinal, role, content, reply_id, meta, turn_id,
        created_at)
    SELECT asked_id, session_id, message_count, 'user', content, NULL,
        CASE WHEN graded IS NULL THEN '{}'::json ELSE json_build_object('graded', graded) END,
        turn_id, $10::timestamptz FROM node
    UNION ALL
    SELECT message_id, session_id, message_count + 1, 'assistant', NULL, reply_id,
        json_build_object('source', 'cache', 'cache_node_id', node_id), turn_id,
        $10::timestamptz FROM node
), moved AS (
    UPDATE chat_sessions s SET cache_node_id = node.node_id,
        message_count = node.message_count + 2,
        greeting_id = CASE WHEN node.is_greeting THEN node.message_id ELSE s.greeting_id END,
        turn_id = node.turn_id, turn_status = 'completed', turn_content = node.content,
        turn_started_at = $10, updated_at = $10
    FROM node WHERE s.id = node.session_id
), told AS (
    INSERT INTO activity_events (user_id, occurred_at, time_zone, kind, course_id,
        content_item_id, as_staff, session_id, turn_id, outcome, node_id, question_id, answer,
        correct)
    SELECT user_id, $10, time_zone, 'chat_turn', course_id, content_item_id, false, session_id,
        turn_id, 'hit', node_id, question_id, answer, (graded ->> 'correct')::boolean FROM node
)
SELECT session_id, message_id, body FROM node
"""


class PostgresHits:
    def __init__(self, database: str, settings: str) -> None:
        self._database = database
        self._settings = settings
        self._queue: deque[tuple[Turn, asyncio.Future[Answer]]] = deque()
        self._idle: list[Any] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        for _ in range(CONNECTIONS):
            connection = await asyncpg.connect(self._database, server_settings=SETTINGS)
            self._idle.append(await connection.prepare(STATEMENT))

    def advance(self, turn: Turn) -> "asyncio.Future[Answer]":
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._queue.append((turn, answer))
        if self._idle:
            task = asyncio.create_task(self._flush(self._idle.pop()))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return answer

    async def _flush(self, statement: Any) -> None:
        while self._queue:
            batch: dict[int, tuple[Turn, asyncio.Future[Answer]]] = {}
            while self._queue and len(batch) < BATCH and self._queue[0][0].session_id not in batch:
                entry = self._queue.popleft()
                batch[entry[0].session_id] = entry
            await self._write(statement, batch)
        # No await since the last look at the queue: a turn that came now would wait for ever.
        self._idle.append(statement)

    async def _write(
        self, statement: Any, batch: dict[int, tuple[Turn, "asyncio.Future[Answer]"]]
    ) -> None:
        turns = [turn for turn, _ in batch.values()]
        columns = [[getattr(turn, name) for turn in turns] for name in Turn.__struct_fields__]
        try:
            rows = await statement.fetch(*columns, self._settings, datetime.now(UTC))
        except Exception as error:  # whoever asked is told
            for _, answer in batch.values():
                answer.set_exception(error)
            return
        found = {row[0]: (row[1], row[2]) for row in rows}
        for session_id, (_, answer) in batch.items():
            answer.set_result(found.get(session_id))


if __name__ == "__main__":
    run(PostgresHits)
