"""Copies of a SQLite database, taken and put back while others use it.

PostgreSQL has `pg_dump` and `pg_restore` for this.
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from twosigma.adapters.sql.engine import is_sqlite, normalized, sqlite_path
from twosigma.adapters.sql.failures import told


def back_up(url: str, target: Path) -> None:
    """Write the database as of one moment into `target`, which is replaced in one step.

    Raises ValueError unless the URL is SQLite's, FileNotFoundError without a database.
    """
    source = _file(url)
    if not source.exists():
        raise FileNotFoundError(source)
    unfinished = target.with_name(target.name + ".part")
    unfinished.unlink(missing_ok=True)
    with told():
        _copy(source, unfinished)
    os.replace(unfinished, target)


def restore(source: Path, url: str) -> None:
    """Put a copy back in the place of all that the database holds.

    Raises ValueError unless the URL is SQLite's and the copy is whole.
    """
    target = _file(url)
    _require_whole(source)
    target.parent.mkdir(parents=True, exist_ok=True)
    with told():
        _copy(source, target)


def _file(url: str) -> Path:
    known = normalized(url)
    if not is_sqlite(known):
        raise ValueError("only SQLite is copied here: use pg_dump and pg_restore")
    return Path(sqlite_path(known))


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


def _require_whole(source: Path) -> None:
    if not source.exists():
        raise ValueError(f"{source}: no such file")
    with closing(sqlite3.connect(source)) as copy:
        try:
            (verdict,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
            copy.execute("SELECT version_num FROM alembic_version")
        except sqlite3.DatabaseError as error:
            raise ValueError(f"{source}: not a copy of our database") from error
    if verdict != "ok":
        raise ValueError(f"{source}: damaged: {verdict}")
