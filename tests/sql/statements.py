"""How many statements a piece of work needs: a count that does not grow with the rows."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from twosigma.adapters.sql.store import SqlStore


@contextmanager
def counted(store: SqlStore) -> Iterator[list[str]]:
    """The statements that run within this block, those for many rows at once as one."""
    ran: list[str] = []
    known: list[object] = []

    def note(
        _conn: object, _cursor: object, statement: str, _: object, context: object, *_more: object
    ) -> None:
        # PostgreSQL's reader is its writer in other words, which tells of a statement twice.
        if not statement.startswith("BEGIN") and context not in known:
            known.append(context)
            ran.append(" ".join(statement.split()))

    engines = (store._engines.reader.sync_engine, store._engines.writer.sync_engine)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield ran
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
