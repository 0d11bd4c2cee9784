"""The limit on SQLite: one writer thread with sqlite3; what is queued goes into one transaction."""

import asyncio
import sqlite3
import threading
from datetime import UTC, datetime
from queue import Empty, SimpleQueue

from bench.limit import Answer, Turn, run

BATCH = 64
FIND = """
SELECT s.course_id, s.content_item_id, s.message_count, u.time_zone, n.id, n.reply_id, n.graded,
    json_extract(n.graded, '$.correct'), r.body
FROM chat_sessions s
JOIN users u ON u.id = s.user_id AND u.is_active
JOIN epochs p ON p.course_id = 0 AND p.n = s.stamp_platform
LEFT JOIN epochs c ON c.course_id = s.course_id
JOIN cache_nodes n ON n.tree_id = s.tree_id AND n.digest = ?1 AND n.retired_at IS NULL
    AND n.parent_id = CASE WHEN ?2 THEN 0 ELSE s.cache_node_id END
JOIN replies r ON r.id = n.reply_id
WHERE s.id = ?3 AND s.user_id = ?4 AND s.cache_state = 'TRACKING'
    AND s.turn_status IS NOT 'running' AND s.stamp_course = coalesce(c.n, 0)
    AND s.stamp_settings = ?5 AND (NOT ?2 OR s.message_count = 0)
    AND EXISTS (SELECT 1 FROM enrollments e WHERE e.user_id = s.user_id
        AND e.course_id = s.course_id AND e.status IN ('ACTIVE', 'COMPLETED'))
"""
SAY = """
INSERT INTO chat_messages (session_id, ordinal, role, content, reply_id, meta, turn_id, created_at)
VALUES (?1, ?2, 'user', ?3, NULL, ?4, ?5, ?6), (?1, ?2 + 1, 'assistant', NULL, ?7, ?8, ?5, ?6)
"""
MOVE = """
UPDATE chat_sessions SET cache_node_id = ?1, message_count = ?2 + 2,
    greeting_id = CASE WHEN ?3 THEN ?4 ELSE greeting_id END, turn_id = ?5,
    turn_status = 'completed', turn_content = ?6, turn_started_at = ?7, updated_at = ?7
WHERE id = ?8
"""
TELL = """
INSERT INTO activity_events (user_id, occurred_at, time_zone, kind, course_id, content_item_id,
    as_staff, session_id, turn_id, outcome, node_id, question_id, answer, correct)
VALUES (?, ?, ?, 'chat_turn', ?, ?, 0, ?, ?, 'hit', ?, ?, ?, ?)
"""

Waiting = tuple[Turn, "asyncio.Future[Answer]"]


class SqliteHits:
    def __init__(self, database: str, settings: str) -> None:
        self._path = database.removeprefix("sqlite:///")
        self._settings = settings
        self._queue: SimpleQueue[Waiting] = SimpleQueue()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def open(self) -> None:
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._write_forever, daemon=True).start()

    def advance(self, turn: Turn) -> "asyncio.Future[Answer]":
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._queue.put((turn, answer))
        return answer

    def _write_forever(self) -> None:
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=5)
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        assert self._loop is not None
        while True:
            batch = self._take()
            connection.execute("BEGIN IMMEDIATE")
            now = datetime.now(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
            answers = [self._advance(connection, turn, now) for turn, _ in batch]
            connection.execute("COMMIT")
            self._loop.call_soon_threadsafe(_answer, batch, answers)

    def _take(self) -> list[Waiting]:
        batch = [self._queue.get()]
        try:
            while len(batch) < BATCH:
                batch.append(self._queue.get_nowait())
        except Empty:
            pass
        return batch

    def _advance(self, connection: sqlite3.Connection, turn: Turn, now: str) -> Answer:
        where = (turn.digest, turn.is_greeting, turn.session_id, turn.user_id, self._settings)
        found = connection.execute(FIND, where).fetchone()
        if found is None:
            return None
        course_id, item_id, ordinal, zone, node_id, reply_id, graded, correct, body = found
        asked = "{}" if graded is None else f'{{"graded":{graded}}}'
        given = f'{{"source":"cache","cache_node_id":{node_id}}}'
        message_id = connection.execute(
            SAY,
            (turn.session_id, ordinal, turn.content, asked, turn.turn_id, now, reply_id, given),
        ).lastrowid
        assert message_id is not None
        connection.execute(
            MOVE,
            (
                node_id, ordinal, turn.is_greeting, message_id, turn.turn_id, turn.content, now,
                turn.session_id,
            ),
        )  # fmt: skip
        connection.execute(
            TELL,
            (
                turn.user_id, now, zone, course_id, item_id, turn.session_id, turn.turn_id,
                node_id, turn.question_id, turn.answer, correct,
            ),
        )  # fmt: skip
        return message_id, body


def _answer(batch: list[Waiting], answers: list[Answer]) -> None:
    for (_, waiting), answer in zip(batch, answers, strict=True):
        waiting.set_result(answer)


if __name__ == "__main__":
    run(SqliteHits)
