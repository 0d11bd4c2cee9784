"""Tokens spent, by day."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from twosigma.adapters.sql.connection import Sql
from twosigma.adapters.sql.schema import tokens_spent
from twosigma.domain.llm import Usage
from twosigma.domain.spending import DaySpent, Purse

_spent = tokens_spent.c
_IS_ITS = (_spent.purse == bindparam("of_purse"), _spent.purse_id == bindparam("of_id"))
_HISTORY = select(_spent.day, _spent.input, _spent.output).where(*_IS_ITS).order_by(_spent.day)
_GET = select(_spent.input, _spent.output).where(*_IS_ITS, _spent.day == bindparam("on_day"))
_ADD = insert(tokens_spent)
# In one statement that reads the row as locked, so that no two lose what the other added.
_ADD = _ADD.on_conflict_do_update(
    index_elements=["purse", "purse_id", "day"],
    set_={
        "input": _spent.input + _ADD.excluded.input,
        "output": _spent.output + _ADD.excluded.output,
    },
)
_REMOVE = delete(tokens_spent).where(*_IS_ITS)
_FORGET = delete(tokens_spent).where(_spent.day < bindparam("before"))


class SqlSpending:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def get(self, purse: Purse, day: date) -> Usage:
        row = await self._sql.first(_GET, **_of(purse), on_day=day)
        return Usage() if row is None else Usage(input=row.input, output=row.output)

    async def history(self, purse: Purse) -> Sequence[DaySpent]:
        return [
            DaySpent(day=row.day, usage=Usage(input=row.input, output=row.output))
            for row in await self._sql.all(_HISTORY, **_of(purse))
        ]

    async def add(self, purse: Purse, day: date, usage: Usage) -> None:
        await self._sql.run(
            _ADD, purse=purse.kind, purse_id=purse.id, day=day, input=usage.input,
            output=usage.output,
        )  # fmt: skip

    async def remove(self, purse: Purse) -> None:
        await self._sql.run(_REMOVE, **_of(purse))

    async def forget(self, before: date) -> None:
        await self._sql.run(_FORGET, before=before)


def _of(purse: Purse) -> dict[str, object]:
    return {"of_purse": purse.kind, "of_id": purse.id}
