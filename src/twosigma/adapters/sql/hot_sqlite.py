"""The hit path on SQLite: a writer thread with a connection of its own.

Turns queue; whatever is queued when the thread is free goes into one transaction. Where one turn
fails it, nothing of it is kept and each is tried in a transaction of its own: dearer than a
savepoint for every turn, but only then. No timer: a lone turn waits for nothing. The `Gate` keeps
the thread and this process's other writers from polling for the same lock.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from twosigma.adapters.sql.engine import WAIT_SECONDS, sqlite_pragmas
from twosigma.adapters.sql.failures import DETAIL, RETRY_AFTER, unavailable
from twosigma.adapters.sql.gate import QUEUE_SECONDS, Gate
from twosigma.adapters.sql.types import SQLITE_SECONDS, sqlite_instant
from twosigma.domain.errors import Unavailable
from twosigma.ports.chat import Hit, HitRequest

BATCH = 64
"""The most turns in one transaction, so that other writers need not wait long."""

FIND = f"""
SELECT s.course_id, s.content_item_id, s.message_count, u.time_zone,
    (u.role = 'PLATFORM_ADMIN' OR f.user_id IS NOT NULL), n.id, n.reply_id, n.graded,
    json_extract(n.graded, '$.correct'), r.body
FROM chat_sessions s
JOIN users u ON u.id = s.user_id AND u.is_active
JOIN epochs p ON p.course_id = 0 AND p.n = s.stamp_platform
LEFT JOIN epochs c ON c.course_id = s.course_id
LEFT JOIN course_staff f ON f.course_id = s.course_id AND f.user_id = s.user_id
JOIN cache_nodes n ON n.tree_id = s.tree_id AND n.digest = :digest AND n.retired_at IS NULL
    AND n.parent_id = CASE WHEN :is_greeting THEN 0 ELSE s.cache_node_id END
JOIN replies r ON r.id = n.reply_id
WHERE s.id = :session_id AND s.user_id = :user_id AND s.cache_state = 'TRACKING'
    AND (s.turn_status IS NOT 'running' OR s.turn_lease <= {SQLITE_SECONDS})
    AND s.stamp_course = coalesce(c.n, 0) AND s.stamp_settings = :settings
    AND CASE WHEN :is_greeting THEN s.message_count = 0 ELSE s.cache_node_id IS NOT NULL END
    AND (u.role = 'PLATFORM_ADMIN' OR f.user_id IS NOT NULL OR EXISTS (
        SELECT 1 FROM enrollments e WHERE e.user_id = s.user_id
            AND e.course_id = s.course_id AND e.status IN ('ACTIVE', 'COMPLETED')))
    AND (:key IS NULL OR NOT EXISTS (SELECT 1 FROM chat_messages m
        WHERE m.session_id = s.id AND m.idempotency_key = :key))
"""  # noqa: S608 -- only a constant of ours is put in
SAY = """
INSERT INTO chat_messages (session_id, ordinal, role, content, canonical, reply_id, meta, turn_id,
    idempotency_key, created_at)
VALUES
    (:session_id, :ordinal, 'user', :content, :canonical, NULL, :user_meta, :turn_id, :key, :now),
    (:session_id, :ordinal + 1, 'assistant', NULL, NULL, :reply_id, :reply_meta, :turn_id, NULL,
        :now)
"""
MOVE = """
UPDATE chat_sessions SET cache_node_id = :node_id, message_count = :ordinal + 2,
    greeting_id = CASE WHEN :is_greeting THEN :message_id ELSE greeting_id END,
    turn_id = :turn_id, turn_status = 'completed', turn_content = :content, turn_key = :key,
    turn_started_at = :now, turn_lease = NULL, turn_owner = NULL, turn_detail = NULL,
    updated_at = :now
WHERE id = :session_id
"""
TELL = """
INSERT INTO activity_events (user_id, occurred_at, time_zone, kind, course_id, content_item_id,
    as_staff, session_id, turn_id, outcome, node_id, question_id, answer, correct)
VALUES (:user_id, :now, :time_zone, 'chat_turn', :course_id, :content_item_id, :as_staff,
    :session_id, :turn_id, 'hit', :node_id, :question_id, :answer, :correct)
"""
NAMES = (
    "course_id", "content_item_id", "ordinal", "time_zone", "as_staff", "node_id", "reply_id",
    "graded", "correct", "body",
)  # fmt: skip

Outcome = Hit | BaseException | None
Waiting = tuple[HitRequest, "asyncio.Future[Hit | None]"]


class HotWriter:
    """The thread's side: one connection, whole batches."""

    def __init__(self, path: str, synchronous: str) -> None:
        self._path = path
        self._synchronous = synchronous
        self._connection: sqlite3.Connection | None = None

    def write(self, hits: Sequence[HitRequest]) -> list[Outcome]:
        """Answer each of these: its hit, None, or what it failed with."""
        try:
            return self._write_together(hits)
        except Exception as error:
            away = unavailable(error)
            if away is not None or len(hits) == 1:
                return [away or error for _ in hits]
        return [outcome for hit in hits for outcome in self.write([hit])]

    def _write_together(self, hits: Sequence[HitRequest]) -> list[Outcome]:
        connection = self._connection or self._open()
        connection.execute("BEGIN IMMEDIATE")
        try:
            outcomes: list[Outcome] = [_try(connection, hit) for hit in hits]
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        return outcomes

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, isolation_level=None, timeout=WAIT_SECONDS, check_same_thread=False
        )
        for pragma in sqlite_pragmas([f"synchronous={self._synchronous}"]):
            connection.execute(pragma)
        self._connection = connection
        return connection


def _try(connection: sqlite3.Connection, hit: HitRequest) -> Hit | None:
    values = _values(hit)
    found = connection.execute(FIND, values).fetchone()
    if found is None:
        return None
    values.update(zip(NAMES, found, strict=True))
    return _advance(connection, hit, values)


def _values(hit: HitRequest) -> dict[str, Any]:
    return {
        "session_id": hit.session_id, "user_id": hit.user_id, "turn_id": hit.turn_id,
        "key": hit.key, "content": hit.content, "canonical": hit.canonical, "digest": hit.digest,
        "is_greeting": hit.is_greeting, "question_id": hit.question_id, "answer": hit.answer,
        "settings": hit.settings, "now": sqlite_instant(hit.now),
    }  # fmt: skip


def _advance(connection: sqlite3.Connection, hit: HitRequest, values: dict[str, Any]) -> Hit:
    graded, node_id = values["graded"], values["node_id"]
    values["user_meta"] = "{}" if graded is None else f'{{"graded":{graded}}}'
    values["reply_meta"] = f'{{"source":"cache","cache_node_id":{node_id}}}'
    message_id = connection.execute(SAY, values).lastrowid
    assert message_id is not None  # noqa: S101 -- of two rows the last one's, the reply's
    values["message_id"] = message_id
    connection.execute(MOVE, values)
    connection.execute(TELL, values)
    return Hit(turn_id=hit.turn_id, message_id=message_id, node_id=node_id, body=values["body"])


class SqliteHotPath:
    """The event loop's side: the queue, and its place in the writers' line."""

    def __init__(self, path: str, synchronous: str, gate: Gate) -> None:
        self._writer = HotWriter(path, synchronous)
        self._gate = gate
        self._queue: deque[Waiting] = deque()
        self._is_in_line = False
        self._patience: asyncio.TimerHandle | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="twosigma-hot")

    async def advance(self, hit: HitRequest) -> Hit | None:
        answer: asyncio.Future[Hit | None] = asyncio.get_running_loop().create_future()
        self._queue.append((hit, answer))
        if not self._is_in_line:
            self._get_in_line()
        return await answer

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._writer.close)
        self._thread.shutdown()

    def _get_in_line(self) -> None:
        self._is_in_line = True
        loop = asyncio.get_running_loop()
        self._patience = loop.call_later(QUEUE_SECONDS, self._give_up)
        self._gate.request(self._flush)

    def _give_up(self) -> None:
        """Another holds the gate too long: those who wait are told so."""
        for _, answer in self._queue:
            if not answer.done():
                answer.set_exception(Unavailable(DETAIL, retry_after=RETRY_AFTER))
        self._queue.clear()

    def _flush(self) -> None:
        """The gate is ours: write what is queued."""
        if self._patience is not None:
            self._patience.cancel()
        taken = [self._queue.popleft() for _ in range(min(BATCH, len(self._queue)))]
        batch = [entry for entry in taken if not entry[1].done()]
        loop = asyncio.get_running_loop()
        written = self._thread.submit(self._writer.write, [hit for hit, _ in batch])
        written.add_done_callback(lambda done: loop.call_soon_threadsafe(self._answer, batch, done))

    def _answer(self, batch: list[Waiting], written: "Future[list[Outcome]]") -> None:
        failure = written.exception()
        outcomes = [failure] * len(batch) if failure is not None else written.result()
        for (_, answer), outcome in zip(batch, outcomes, strict=True):
            if answer.done():
                continue
            if isinstance(outcome, BaseException):
                answer.set_exception(outcome)
            else:
                answer.set_result(outcome)
        # To the end of the line, if there is more; and with no await between look and leave.
        self._is_in_line = False
        if self._queue:
            self._get_in_line()
        self._gate.release()
