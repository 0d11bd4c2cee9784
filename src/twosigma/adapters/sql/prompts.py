"""Prompts: names with their tags and counters, versions, labels."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Row,
    Select,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from twosigma.adapters.sql.connection import Sql
from twosigma.adapters.sql.schema import prompt_labels, prompt_names, prompt_versions
from twosigma.domain.prompt_refs import Ref
from twosigma.domain.prompts import LATEST, NewPromptVersion, PromptVersion

_LOCK = text("SELECT pg_advisory_xact_lock(7361002)")
_sibling = prompt_versions.alias("sibling")
_newest = (
    select(func.max(_sibling.c.version))
    .where(_sibling.c.name_id == prompt_versions.c.name_id)
    .scalar_subquery()
)
_VERSIONS = select(
    prompt_versions,
    prompt_names.c.name,
    prompt_names.c.tags,
    (prompt_versions.c.version == _newest).label("is_latest"),
).join_from(prompt_versions, prompt_names)
_LABELS = select(prompt_labels.c.version_id, prompt_labels.c.label).join_from(
    prompt_labels, prompt_names
)

_is_named = prompt_names.c.name == bindparam("of_name")
_OF_NAME = _VERSIONS.where(_is_named).order_by(prompt_versions.c.version.desc())
_LABELS_OF_NAME = _LABELS.where(_is_named)
_ONE = _VERSIONS.where(_is_named, prompt_versions.c.version == bindparam("version"))
_LATEST = _VERSIONS.where(_is_named, prompt_versions.c.version == _newest)
_LABELED = (
    _VERSIONS.join(prompt_labels, prompt_labels.c.version_id == prompt_versions.c.id)
    .where(_is_named, prompt_labels.c.label == bindparam("label"))
)  # fmt: skip
# More than is asked for, where one name's number or label is another's too.
_FOUND = _VERSIONS.where(
    prompt_names.c.name.in_(bindparam("names", expanding=True)),
    or_(
        prompt_versions.c.version.in_(bindparam("numbers", expanding=True)),
        prompt_versions.c.version == _newest,
        exists().where(
            prompt_labels.c.version_id == prompt_versions.c.id,
            prompt_labels.c.label.in_(bindparam("labels", expanding=True)),
        ),
    ),
)
_LABELS_OF_NAMES = _LABELS.where(prompt_names.c.name.in_(bindparam("names", expanding=True)))
_NAMED = (
    select(prompt_versions.c.id, prompt_versions.c.version, prompt_names.c.name)
    .join_from(prompt_versions, prompt_names)
    .where(prompt_versions.c.id.in_(bindparam("version_ids", expanding=True)))
)
_ALL = _VERSIONS.order_by(prompt_names.c.name, prompt_versions.c.version)

_ADD_NAME = upsert(prompt_names).on_conflict_do_nothing(index_elements=["name"])
_COUNT_UP = (
    update(prompt_names)
    .where(_is_named)
    .values(next_version=prompt_names.c.next_version + 1)
    .returning(prompt_names.c.id, prompt_names.c.next_version)
)
_SET_TAGS = update(prompt_names).where(_is_named).values(tags=bindparam("new_tags"))
_ADD_VERSION = insert(prompt_versions).returning(prompt_versions.c.id)
_PUT_LABEL = upsert(prompt_labels)
_PUT_LABEL = _PUT_LABEL.on_conflict_do_update(
    index_elements=["name_id", "label"], set_={"version_id": _PUT_LABEL.excluded.version_id}
)
_TAKE_LABELS = delete(prompt_labels).where(prompt_labels.c.version_id == bindparam("version_id"))
_TOUCH = (
    update(prompt_versions)
    .where(prompt_versions.c.id == bindparam("version_id"))
    .values(updated_at=bindparam("now"))
)


def _entities(rows: Iterable[Row[Any]], labels: Iterable[Row[Any]]) -> list[PromptVersion]:
    by_version: dict[int, list[str]] = defaultdict(list)
    for row in labels:
        by_version[row.version_id].append(row.label)
    return [_entity(row, sorted(by_version[row.id])) for row in rows]


def _entity(row: Row[Any], labels: list[str]) -> PromptVersion:
    return PromptVersion(
        id=row.id, name=row.name, version=row.version, type=row.type, prompt=row.prompt,
        config=row.config, labels=(*labels, LATEST) if row.is_latest else tuple(labels),
        tags=tuple(row.tags), commit_message=row.commit_message, created_by=row.created_by,
        created_at=row.created_at, updated_at=row.updated_at,
    )  # fmt: skip


class SqlPrompts:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def version(self, name: str, version: int) -> PromptVersion | None:
        return await self._first(_ONE, of_name=name, version=version)

    async def labeled(self, name: str, label: str) -> PromptVersion | None:
        if label == LATEST:
            return await self._first(_LATEST, of_name=name)
        return await self._first(_LABELED, of_name=name, label=label)

    async def find(self, refs: Collection[Ref]) -> Mapping[Ref, PromptVersion]:
        names = list({ref.name for ref in refs})
        numbers = {ref.version for ref in refs if ref.version is not None}
        labels = {ref.label for ref in refs if ref.label is not None}
        rows = await self._sql.all(_FOUND, names=names, numbers=list(numbers), labels=list(labels))
        known: dict[Ref, PromptVersion] = {}
        for each in _entities(rows, await self._sql.all(_LABELS_OF_NAMES, names=names)):
            known[Ref(name=each.name, version=each.version)] = each
            known |= {Ref(name=each.name, label=label): each for label in each.labels}
        return {ref: known[ref] for ref in refs if ref in known}

    async def versions(self, name: str) -> Sequence[PromptVersion]:
        rows = await self._sql.all(_OF_NAME, of_name=name)
        return _entities(rows, await self._sql.all(_LABELS_OF_NAME, of_name=name))

    async def named(self, version_ids: Collection[int]) -> Mapping[int, tuple[str, int]]:
        rows = await self._sql.all(_NAMED, version_ids=list(version_ids))
        return {row.id: (row.name, row.version) for row in rows}

    async def all_versions(self) -> Sequence[PromptVersion]:
        found = _entities(await self._sql.all(_ALL), await self._sql.all(_LABELS))
        # Databases sort text by their locale; everybody else by code points.
        return sorted(found, key=lambda each: (each.name, each.version))

    async def lock(self) -> None:
        """On SQLite a write is alone already."""
        if self._sql.is_postgres:
            await self._sql.all(_LOCK)

    async def add(self, prompt: NewPromptVersion) -> PromptVersion:
        await self._sql.run(_ADD_NAME, name=prompt.name, next_version=1, tags=[])
        counted = await self._sql.one(_COUNT_UP, of_name=prompt.name)
        version = counted.next_version - 1
        version_id = await self._sql.scalar(
            _ADD_VERSION, name_id=counted.id, version=version, type="text", prompt=prompt.prompt,
            config=dict(prompt.config), commit_message=prompt.commit_message,
            created_by=prompt.created_by, created_at=prompt.created_at,
            updated_at=prompt.created_at,
        )  # fmt: skip
        if prompt.tags is not None:
            await self._sql.run(_SET_TAGS, of_name=prompt.name, new_tags=list(prompt.tags))
        await self._put(counted.id, version_id, prompt.labels)
        return await self._existing(prompt.name, version)

    async def set_labels(
        self, name: str, version: int, labels: Sequence[str], now: datetime
    ) -> PromptVersion:
        row = await self._sql.one(_ONE, of_name=name, version=version)
        await self._sql.run(_TAKE_LABELS, version_id=row.id)
        await self._put(row.name_id, row.id, labels)
        await self._sql.run(_TOUCH, version_id=row.id, now=now)
        return await self._existing(name, version)

    async def _put(self, name_id: int, version_id: int, labels: Sequence[str]) -> None:
        borne = sorted(set(labels) - {LATEST})
        rows = [{"name_id": name_id, "label": each, "version_id": version_id} for each in borne]
        await self._sql.run_each(_PUT_LABEL, rows)

    async def _existing(self, name: str, version: int) -> PromptVersion:
        labels = await self._sql.all(_LABELS_OF_NAME, of_name=name)
        return _entities([await self._sql.one(_ONE, of_name=name, version=version)], labels)[0]

    async def _first(self, statement: Select[Any], **values: Any) -> PromptVersion | None:
        row = await self._sql.first(statement, **values)
        if row is None:
            return None
        return _entities([row], await self._sql.all(_LABELS_OF_NAME, of_name=row.name))[0]
