"""How many statements a piece of work needs: a count that does not grow with the rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from twosigma.adapters.sql.store import SqlStore


@contextmanager
def counted(store: SqlStore) -> Iterator[list[str]]:
    """The statements that run within this block, those for many rows at once as one."""
    ran: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            ran.append(" ".join(statement.split()))

    engines = (store._engines.reader.sync_engine, store._engines.writer.sync_engine)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield ran
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
