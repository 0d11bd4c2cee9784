"""A connection inside a transaction: statements in, rows out, its failures in our words."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Executable, Row
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from twosigma.adapters.sql.failures import told

PART = 500
"""How many rows are there at once where each is made into something else."""

Made = TypeVar("Made")


class Sql:
    """Runs statements; their values are given by name."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    @property
    def is_postgres(self) -> bool:
        return self._connection.dialect.name == "postgresql"

    async def all(self, statement: Executable, /, **values: Any) -> Sequence[Row[Any]]:
        with told():
            return (await self._connection.execute(statement, values)).all()

    async def made(
        self, make: Callable[[Row[Any]], Made], statement: Executable, /, **values: Any
    ) -> list[Made]:
        """What `make` makes of each row, one after the other: for a hundred thousand rows, each
        of which the garbage collector would look at while all of them are there. Others have
        their turn in between."""
        found: list[Made] = []
        with told():
            result = await self._connection.execute(statement, values)
            for part in result.partitions(PART):
                found += [make(row) for row in part]
                await asyncio.sleep(0)
        return found

    async def first(self, statement: Executable, /, **values: Any) -> Row[Any] | None:
        with told():
            return (await self._connection.execute(statement, values)).first()

    async def one(self, statement: Executable, /, **values: Any) -> Row[Any]:
        """The one row there must be."""
        with told():
            return (await self._connection.execute(statement, values)).one()

    async def scalar(self, statement: Executable, /, **values: Any) -> Any:
        """The first column of the first row; None without a row."""
        with told():
            return await self._connection.scalar(statement, values)

    async def run(self, statement: Executable, /, **values: Any) -> int:
        """Run a statement that gives no rows: how many it changed."""
        with told():
            return (await self._connection.execute(statement, values)).rowcount

    async def run_each(self, statement: Executable, rows: Sequence[Mapping[str, Any]], /) -> None:
        """Run a statement once for each of these values, sent together; for none, nothing."""
        if rows:
            with told():
                await self._connection.execute(statement, rows)

    async def all_of_each(
        self, statement: Executable, rows: Sequence[Mapping[str, Any]], /
    ) -> Sequence[Row[Any]]:
        """What an insertion of these rows gives, in no order; for none, nothing."""
        if not rows:
            return []
        with told():
            return (await self._connection.execute(statement, rows)).all()

    async def run_unless_taken(self, statement: Executable, column: str, /, **values: Any) -> bool:
        """Run a write; False, and nothing written, where a unique key with `column` has its
        value already."""
        with told():
            savepoint = await self._connection.begin_nested()
        try:
            await self.run(statement, **values)
        except IntegrityError as error:
            await savepoint.rollback()
            # Both databases name the key's columns: one in the constraint's name, one outright.
            if "unique" in str(error.orig).lower() and column in str(error.orig):
                return False
            raise
        with told():
            await savepoint.commit()
        return True
