"""What the database's errors mean to us: away or busy is `Unavailable`, the rest is a defect."""

from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import Error as SqliteError

from asyncpg.exceptions import InterfaceError, PostgresError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from twosigma.domain.errors import Unavailable

RETRY_AFTER = 1
DETAIL = "The database is not available now. Please try again in a moment."

# By PostgreSQL's appendix A: no connection, no resources, not started or shutting down, no such
# database, refused sign-in, read-only since a failover; cancelled by its time limit, lock not
# available, serialization failure, deadlock, a transaction left idle.
_CLASSES = ("08", "53", "57P", "28")
_STATES = frozenset({"3D000", "25006", "57014", "55P03", "40001", "40P01", "25P03"})
_SQLITE = ("BUSY", "LOCKED", "FULL", "CANTOPEN", "READONLY", "IOERR")


def unavailable(error: BaseException) -> Unavailable | None:
    """The error to raise instead if the database was away or busy; None for any other."""
    return Unavailable(DETAIL, retry_after=RETRY_AFTER) if _is_passing(error) else None


def _is_passing(error: BaseException) -> bool:
    if isinstance(error, DBAPIError):
        if error.connection_invalidated:
            return True
        return error.orig is not None and _is_passing(error.orig)
    if isinstance(error, SqliteError):
        name = str(getattr(error, "sqlite_errorname", ""))
        return name.removeprefix("SQLITE_").startswith(_SQLITE)
    state = getattr(error, "sqlstate", None)
    if isinstance(state, str):
        return state in _STATES or state.startswith(_CLASSES)
    if isinstance(error, InterfaceError):
        # asyncpg's own word for a closed connection; its bad arguments are ValueErrors too.
        return not isinstance(error, ValueError)
    return isinstance(error, OSError | TimeoutError | PoolTimeout)


@contextmanager
def told() -> Iterator[None]:
    """Raise `Unavailable` in the place of what a database that is away or busy raises."""
    try:
        yield
    except (DBAPIError, SqliteError, PostgresError, InterfaceError, PoolTimeout, OSError) as error:
        known = unavailable(error)
        if known is None:
            raise
        raise known from error
