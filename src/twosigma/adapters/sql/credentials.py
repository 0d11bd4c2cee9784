"""The installation's AWS credentials."""

from typing import Any

import msgspec
from msgspec import structs
from sqlalchemy import Row, Table, delete, select
from sqlalchemy.dialects.postgresql import Insert, insert

from twosigma.adapters.sql.connection import Sql
from twosigma.adapters.sql.schema import aws_credentials, aws_credentials_tests
from twosigma.domain.credentials import CredentialsTest, SealedKeys, StoredCredentials

SLOT = 1
"""The key of the one row there may be."""


def _upsert(table: Table) -> Insert:
    # Both databases know this form, and of two first stores at once the later one stays.
    new = insert(table)
    changes = {name: new.excluded[name] for name in table.columns.keys() if name != "slot"}  # noqa: SIM118 -- a collection of columns, not a dict
    return new.on_conflict_do_update(index_elements=["slot"], set_=changes)


_GET = select(aws_credentials)
_LOCK = _GET.with_for_update()
_PUT = _upsert(aws_credentials)
_REMOVE = delete(aws_credentials)
_LAST_TEST = select(aws_credentials_tests)
_PUT_TEST = _upsert(aws_credentials_tests)


class SqlCredentials:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def get(self) -> StoredCredentials | None:
        return _stored(await self._sql.first(_GET))

    async def last_test(self) -> CredentialsTest | None:
        row = await self._sql.first(_LAST_TEST)
        return row and msgspec.convert(row, CredentialsTest, from_attributes=True)

    async def lock(self) -> StoredCredentials | None:
        return _stored(await self._sql.first(_LOCK))

    async def put(self, credentials: StoredCredentials) -> None:
        values = structs.asdict(credentials)
        sealed = values.pop("sealed")
        await self._sql.run(_PUT, slot=SLOT, **values, **structs.asdict(sealed))

    async def put_test(self, test: CredentialsTest) -> None:
        await self._sql.run(_PUT_TEST, slot=SLOT, **structs.asdict(test))

    async def remove(self) -> None:
        await self._sql.run(_REMOVE)


def _stored(row: Row[Any] | None) -> StoredCredentials | None:
    if row is None:
        return None
    sealed = msgspec.convert(row, SealedKeys, from_attributes=True)
    return StoredCredentials(
        id=row.id,
        sealed=sealed,
        access_key_last4=row.access_key_last4,
        aws_region=row.aws_region,
        updated_at=row.updated_at,
        updated_by=row.updated_by,
    )
