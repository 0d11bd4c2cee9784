"""What only an operator can do so far, in the tables themselves: no port writes these."""

from msgspec import structs
from sqlalchemy import Executable, update

from twosigma.adapters.memory.store import MemoryStore
from twosigma.adapters.sql.schema import users
from twosigma.adapters.sql.store import SqlStore
from twosigma.ports.store import Store


async def switch_off(store: Store, user_id: int) -> None:
    """Set `is_active` to false."""
    if isinstance(store, MemoryStore):
        async with store._transaction() as tx:
            user = tx.tables.users[user_id]
            tx.tables.users.put(user_id, structs.replace(user, is_active=False))
        return
    await _run(store, update(users).where(users.c.id == user_id).values(is_active=False))


async def _run(store: Store, statement: Executable) -> None:
    assert isinstance(store, SqlStore)
    async with store._writing() as sql:
        await sql.run(statement)
