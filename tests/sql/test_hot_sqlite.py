"""The writer thread's batches: one turn that fails fails alone."""

import sqlite3

from tests.sql.lesson import add_session, add_user, greet, make_lesson
from twosigma.adapters.sql.hot_sqlite import HotWriter
from twosigma.adapters.sql.store import SqlStore
from twosigma.ports.chat import Hit

REFUSAL = """
CREATE TRIGGER refuse BEFORE INSERT ON activity_events WHEN new.turn_id = 'bad'
BEGIN SELECT RAISE(ABORT, 'refused'); END
"""


async def test_a_turn_of_a_batch_that_fails_after_a_write_fails_alone(sqlite_url: str) -> None:
    store = SqlStore(sqlite_url)
    lesson = await make_lesson(store)
    async with store.write() as tx:
        others = [
            await add_session(tx, lesson.user_id, lesson.course.id, lesson.item_id, lesson.tree.id)
            for _ in range(2)
        ]
        stranger = await add_user(tx, "bob@example.org")
    path = sqlite_url.removeprefix("sqlite:///")
    connection = sqlite3.connect(path)
    connection.execute(REFUSAL)
    writer = HotWriter(path, "NORMAL")
    good, bad, strange, last = writer.write(
        [
            greet(lesson, "good"),
            greet(lesson, "bad", session_id=others[0].id),
            greet(lesson, "strange", user_id=stranger),
            greet(lesson, "last", session_id=others[1].id),
        ]
    )
    writer.close()
    kept = connection.execute("SELECT DISTINCT turn_id FROM chat_messages ORDER BY id").fetchall()
    connection.close()
    await store.dispose()
    assert isinstance(good, Hit)
    assert isinstance(last, Hit)
    assert isinstance(bad, sqlite3.IntegrityError)
    assert strange is None
    assert kept == [("good",), ("last",)]
