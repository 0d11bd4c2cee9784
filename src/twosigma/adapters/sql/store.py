"""The store over SQLite or PostgreSQL."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext

from sqlalchemy import bindparam, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from twosigma.adapters.sql.connection import Sql
from twosigma.adapters.sql.engine import (
    is_sqlite,
    normalized,
    open_engines,
    postgres_dsn,
    sqlite_path,
)
from twosigma.adapters.sql.failures import told
from twosigma.adapters.sql.gate import Gate
from twosigma.adapters.sql.hot import HotPath
from twosigma.adapters.sql.hot_postgres import PostgresHotPath
from twosigma.adapters.sql.hot_sqlite import SqliteHotPath
from twosigma.adapters.sql.migrations import head
from twosigma.adapters.sql.schema import IS_RUNNING, chat_sessions
from twosigma.adapters.sql.transaction import SqlTransaction
from twosigma.adapters.sql.types import DatabaseSeconds
from twosigma.domain.errors import Unavailable
from twosigma.ports.chat import Hit, HitRequest
from twosigma.ports.store import Read, Write

# Locked in the order of ids, as a prune does, so that the two never wait for each other.
_RUNNING = (
    select(chat_sessions.c.id)
    .where(IS_RUNNING, chat_sessions.c.turn_owner == bindparam("owner"))
    .order_by(chat_sessions.c.id)
    .with_for_update()
)
_RENEW = (
    update(chat_sessions)
    .where(chat_sessions.c.id.in_(_RUNNING), IS_RUNNING)
    .values(turn_lease=DatabaseSeconds() + bindparam("lease"))
    .returning(chat_sessions.c.turn_id)
)
_VERSION = text("SELECT version_num FROM alembic_version")


class SqlStore:
    """A database by its URL (`sqlite:///PATH` or `postgresql://…`); connects at first use.

    `synchronous`: SQLite's own setting. `pool_size`: connections kept for readers (PostgreSQL:
    for all), at least 1. Raises ValueError for another URL. Belongs to one event loop; `dispose`
    ends it.
    """

    def __init__(self, url: str, *, synchronous: str = "NORMAL", pool_size: int = 8) -> None:
        known = normalized(url)
        self._engines = open_engines(known, synchronous=synchronous, pool_size=pool_size)
        self._gate: Gate | None = None
        self._hot: HotPath
        if is_sqlite(known):
            self._gate = Gate()
            self._hot = SqliteHotPath(sqlite_path(known), synchronous, self._gate)
        else:
            self._hot = PostgresHotPath(postgres_dsn(known))

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Read]:
        async with _transaction(self._engines.reader) as sql:
            yield SqlTransaction(sql)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Write]:
        async with self._writing() as sql:
            yield SqlTransaction(sql)

    async def advance(self, hit: HitRequest) -> Hit | None:
        return await self._hot.advance(hit)

    async def renew(self, owner: str, lease: float) -> frozenset[str]:
        async with self._writing() as sql:
            rows = await sql.all(_RENEW, owner=owner, lease=lease)
        return frozenset(row.turn_id for row in rows)

    async def require_ready(self) -> None:
        async with _transaction(self._engines.reader) as sql:
            try:
                version = await sql.scalar(_VERSION)
            except DBAPIError:
                version = None
        if version != head():
            raise Unavailable("The database is not set up for this version", retry_after=5)

    async def dispose(self) -> None:
        """Close every connection."""
        await self._hot.close()
        await self._engines.reader.dispose()
        await self._engines.writer.dispose()

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[Sql]:
        place = self._gate.turn() if self._gate is not None else nullcontext()
        async with place, _transaction(self._engines.writer) as sql:
            yield sql


@asynccontextmanager
async def _transaction(engine: AsyncEngine) -> AsyncIterator[Sql]:
    """A connection in a transaction that is committed where the block ends well."""
    async with AsyncExitStack() as stack:
        with told():
            connection = await stack.enter_async_context(engine.connect())
            await connection.begin()
        yield Sql(connection)
        with told():
            await connection.commit()
