"""The audit log."""

from collections.abc import Sequence

import msgspec
from msgspec import structs
from sqlalchemy import func, insert, select

from twosigma.adapters.sql.connection import Sql
from twosigma.adapters.sql.schema import audit_log
from twosigma.domain.audit import Entry, EntryFilter, NewEntry
from twosigma.domain.catalog import Page

_APPEND = insert(audit_log)


class SqlAudit:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def entries(self, wanted: EntryFilter, page: Page) -> tuple[Sequence[Entry], int]:
        asked = {name: value for name, value in structs.asdict(wanted).items() if value is not None}
        actions = asked.pop("actions", None)
        fit = select(audit_log).where(*(audit_log.c[name] == asked[name] for name in asked))
        if actions is not None:
            fit = fit.where(audit_log.c.action.in_(sorted(actions)))
        newest = fit.order_by(audit_log.c.id.desc()).offset(page.skip).limit(page.limit)
        rows = await self._sql.all(newest)
        total = await self._sql.scalar(select(func.count()).select_from(fit.subquery()))
        return [msgspec.convert(row, Entry, from_attributes=True) for row in rows], total

    async def append(self, *entries: NewEntry) -> None:
        await self._sql.run_each(_APPEND, [structs.asdict(entry) for entry in entries])
