"""What accounts say about themselves."""

from collections.abc import Sequence

import msgspec
from msgspec import structs
from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from twosigma.adapters.sql.connection import Sql
from twosigma.adapters.sql.schema import subject_preferences, user_profiles
from twosigma.domain.profiles import Profile

_GET = select(user_profiles).where(user_profiles.c.user_id == bindparam("of"))
_PUT = upsert(user_profiles)
_PUT = _PUT.on_conflict_do_update(
    index_elements=["user_id"],
    set_={name: _PUT.excluded[name] for name in Profile.__struct_fields__},
)
_REMOVE = delete(user_profiles).where(user_profiles.c.user_id == bindparam("of"))
_PREFERENCES = (
    select(subject_preferences.c.subject_id)
    .where(subject_preferences.c.user_id == bindparam("of"))
    .order_by(subject_preferences.c.priority)
)
_ADD_PREFERENCES = insert(subject_preferences)
_REMOVE_PREFERENCES = delete(subject_preferences).where(
    subject_preferences.c.user_id == bindparam("of")
)


class SqlProfiles:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def get(self, user_id: int) -> Profile:
        row = await self._sql.first(_GET, of=user_id)
        return Profile() if row is None else msgspec.convert(row, Profile, from_attributes=True)

    async def subject_preferences(self, user_id: int) -> Sequence[int]:
        return [row.subject_id for row in await self._sql.all(_PREFERENCES, of=user_id)]

    async def save(self, user_id: int, profile: Profile) -> None:
        await self._sql.run(_PUT, user_id=user_id, **structs.asdict(profile))

    async def set_subject_preferences(self, user_id: int, subject_ids: Sequence[int]) -> None:
        await self._sql.run(_REMOVE_PREFERENCES, of=user_id)
        rows = [
            {"user_id": user_id, "subject_id": subject_id, "priority": priority}
            for priority, subject_id in enumerate(subject_ids)
        ]
        if rows:
            await self._sql.run(_ADD_PREFERENCES.values(rows))

    async def remove(self, user_id: int) -> None:
        await self._sql.run(_REMOVE_PREFERENCES, of=user_id)
        await self._sql.run(_REMOVE, of=user_id)
